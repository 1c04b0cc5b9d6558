"""The settings of a server: `PREBOARD_*` over `server.toml` of its home over what stands here.

What a command line gives goes before all of them.
"""

from __future__ import annotations

import os
import re
from ipaddress import ip_network
from pathlib import Path
from typing import TYPE_CHECKING, Annotated, Any, Literal

from pydantic import BeforeValidator, Field, ValidationError, field_validator, model_validator
from pydantic_settings import (
    BaseSettings,
    NoDecode,
    PydanticBaseSettingsSource,
    SettingsConfigDict,
    SettingsError,
    TomlConfigSettingsSource,
)

from preboard.catalog.database import sqlite_url, with_driver
from preboard.config.environment import environment, host_name
from preboard.config.names import did_you_mean, shown
from preboard.errors import ConfigError

if TYPE_CHECKING:
    from collections.abc import Mapping

Role = Literal["api", "worker"]
Version = Literal["v1", "v2"]

SETTINGS_FILE = "server.toml"
PREFIX = "PREBOARD_"
DATABASE_FILE = "preboard.db"
_OPTIONS = {"roles": "--role"}
"""What is called otherwise on the command line."""
_NAME = re.compile(r"[A-Za-z][A-Za-z0-9_-]*")
_PRIVATE = 0o700
_PRIVATE_FILE = 0o600
KIB = 1024
MIB = 1024 * KIB
GIB = 1024 * MIB


def _items(given: object) -> object:
    """Take a list as the environment gives one: separated by commas."""
    if isinstance(given, str):
        return tuple(part.strip() for part in given.split(",") if part.strip())
    return given


Texts = Annotated[tuple[str, ...], NoDecode, BeforeValidator(_items)]
Paths = Annotated[tuple[Path, ...], NoDecode, BeforeValidator(_items)]
Bytes = Annotated[int, Field(ge=1)]
Seconds = Annotated[float, Field(gt=0, allow_inf_nan=False)]


class ServerSettings(BaseSettings):
    """What a server is told at its start. All paths are absolute."""

    model_config = SettingsConfigDict(env_prefix=PREFIX, frozen=True, extra="forbid")

    home: Path
    host: str = "127.0.0.1"
    port: Annotated[int, Field(ge=0, le=65535)] = 8000
    database_url: Annotated[str | None, Field(repr=False)] = None
    """May hold a password; None is SQLite in the home."""
    workers: Annotated[int, Field(ge=1, le=256)] | None = None
    roles: Annotated[tuple[Role, ...], NoDecode, BeforeValidator(_items)] = ("api", "worker")
    host_name: Annotated[str, Field(pattern=r"^[A-Za-z0-9][A-Za-z0-9._-]{0,62}$")] | None = None
    """What the workers of this machine are called; it stays the same from start to start."""

    enabled_versions: Annotated[tuple[Version, ...], NoDecode, BeforeValidator(_items)] = (
        "v1",
        "v2",
    )
    deprecated_docs: bool = False
    """Whether the OpenAPI document tells of v1."""

    public_docs: bool = True
    """Whether /docs and /openapi.json are shown to whoever has no key."""

    local_files: bool = False
    """What the switch for local files is before an administrator touches it."""
    local_roots: Paths = ()
    private_hosts: Texts = ()
    integrations: Texts = ()

    most_upload_bytes: Bytes = 5 * GIB
    most_body_bytes: Bytes = 2 * MIB
    """Of what is no upload; a project file of the largest size fits in, as base64 in JSON."""
    most_file_bytes: Bytes = MIB
    """Of a project file."""

    requests_per_s: Annotated[float, Field(gt=0, allow_inf_nan=False)] = 200.0
    """Of one key, in the long run."""
    request_burst: Annotated[int, Field(ge=1)] = 1000
    refusals_per_minute: Annotated[float, Field(gt=0, allow_inf_nan=False)] = 30.0
    """Requests of one address without a good key that are still told what is wrong."""

    run_timeout_s: Seconds = 3600.0
    run_memory_mb: Annotated[int, Field(ge=64)] = 2048
    answer_wait_s: Seconds = 3600.0
    """How long a request of v1 waits for the end of the run that it asked for."""
    running_per_project: Annotated[int, Field(ge=1)] = 4
    running_per_worker: Annotated[int, Field(ge=1, le=64)] = 8
    runs_per_process: Annotated[int, Field(ge=1)] = 100
    """How many runs of one project a process carries out, one after the other."""
    shutdown_s: Annotated[float, Field(ge=0, allow_inf_nan=False)] = 60.0

    tls_cert: Path | None = None
    tls_key: Path | None = None
    tls_key_password: Annotated[str | None, Field(repr=False)] = None
    trusted_proxies: Texts = ()
    """Addresses whose X-Forwarded-For and X-Forwarded-Proto are believed."""
    keep_alive_s: Seconds = 30.0
    """How long a connection may be idle between two requests."""
    head_s: Seconds = 20.0
    """How long the head of a request may take."""
    body_s: Seconds = 60.0
    """How long a body may take that is no file; a file may, as long as it goes on coming."""
    most_connections: Annotated[int, Field(ge=1)] = 1000
    metrics_on_loopback: bool = False
    """Whether /metrics asks no key of who comes from this machine; not behind a proxy on it."""
    least_free_mb: Annotated[int, Field(ge=0)] = 200
    """With less space on the disk of the home the server is not ready."""
    log_level: Literal["debug", "info", "warning", "error"] = "info"

    @classmethod
    def settings_customise_sources(
        cls,
        settings_cls: type[BaseSettings],
        init_settings: PydanticBaseSettingsSource,
        env_settings: PydanticBaseSettingsSource,
        dotenv_settings: PydanticBaseSettingsSource,  # noqa: ARG003 - not a source of ours
        file_secret_settings: PydanticBaseSettingsSource,  # noqa: ARG003 - nor is this
    ) -> tuple[PydanticBaseSettingsSource, ...]:
        """Say which source goes before which: what was given, the environment, the file."""
        home = init_settings()["home"]
        file = TomlConfigSettingsSource(settings_cls, Path(home) / SETTINGS_FILE)
        if "home" in file():  # which would be passed over
            raise ConfigError(
                f"{SETTINGS_FILE}: home can't be set in the home itself",
                hint=f"--home DIR and {PREFIX}HOME say where it is",
            )
        return init_settings, env_settings, file

    @field_validator("home", "tls_cert", "tls_key", mode="after")
    @classmethod
    def _absolute(cls, path: Path | None) -> Path | None:
        return None if path is None else Path(os.path.abspath(path.expanduser()))  # noqa: PTH100

    @field_validator("database_url", mode="after")
    @classmethod
    def _known_database(cls, url: str | None) -> str | None:
        return with_driver(url) if url else None  # an empty variable of the environment is none

    @field_validator("local_roots", mode="after")
    @classmethod
    def _absolute_roots(cls, roots: tuple[Path, ...]) -> tuple[Path, ...]:
        for root in roots:
            if not root.expanduser().is_absolute():
                raise ValueError("a local root is an absolute path")
        return tuple(root.expanduser() for root in roots)

    @field_validator("trusted_proxies", mode="after")
    @classmethod
    def _addresses(cls, given: tuple[str, ...]) -> tuple[str, ...]:
        for each in given:
            if each == "*":
                continue
            try:
                ip_network(each)
            except ValueError as error:
                raise ValueError(
                    f"{shown(each)} is no address: 192.0.2.7, 192.0.2.0/24, or * for all"
                ) from error
        return given

    @field_validator("integrations", mode="after")
    @classmethod
    def _names(cls, given: tuple[str, ...]) -> tuple[str, ...]:
        for each in given:
            if not _NAME.fullmatch(each):
                raise ValueError(f"{shown(each)} is no name of an integration")
        return given

    @field_validator("roles", "enabled_versions", mode="after")
    @classmethod
    def _some(cls, given: tuple[str, ...]) -> tuple[str, ...]:
        if not given:
            raise ValueError("at least one is needed")
        return tuple(dict.fromkeys(given))

    @model_validator(mode="after")
    def _consistent(self) -> ServerSettings:
        if (self.tls_cert is None) != (self.tls_key is None):
            raise ValueError("tls_cert and tls_key are given together")
        if self.local_files and not self.local_roots:
            raise ValueError("local_files needs local_roots, the directories that may be read")
        return self

    @property
    def worker_count(self) -> int:
        """Return how many workers there are: one core is left for the API."""
        return self.workers or max(1, (os.cpu_count() or 1) - 1)

    @property
    def worker_host(self) -> str:
        """Return what this host's workers are called: in a database of its own it needs no name."""
        if self.host_name is not None:
            return self.host_name
        return "local" if self.database_url is None else _plain(host_name())

    @property
    def projects(self) -> Path:
        """Return the directory of the projects, each called after its id."""
        return self.home / "projects"

    @property
    def logs(self) -> Path:
        """Return the directory of the server's logs."""
        return self.home / "logs"

    @property
    def catalog_url(self) -> str:
        """Return the URL of the database; a password stays in it."""
        own = sqlite_url(self.home / DATABASE_FILE)
        return self.database_url or own.render_as_string(hide_password=False)


def _plain(name: str) -> str:
    """Return a host's name with signs that a file name may have.

    >>> _plain("büro-1.example")
    'b-ro-1.example'
    """
    return re.sub(r"[^A-Za-z0-9._-]", "-", name)[:63] or "host"


def read_settings(home: str | Path | None = None, **given: Any) -> ServerSettings:
    """Return the settings of a server.

    Args:
        home: its directory; without one `PREBOARD_HOME`, or `preboard` in the user's home.
        given: what a command line says; None is not said.

    Raises:
        ConfigError: a setting has no such value, or there is none of that name.
    """
    place = home or environment().get(f"{PREFIX}HOME") or Path.home() / "preboard"
    said = {name: value for name, value in given.items() if value is not None}
    try:
        return ServerSettings(home=Path(place), **said)
    except ValidationError as error:
        raise _wrong(error, said) from error
    except (SettingsError, OSError, ValueError) as error:  # a file that is no TOML, or unreadable
        raise ConfigError(f"{SETTINGS_FILE} can't be read: {error}") from error


def _wrong(error: ValidationError, said: Mapping[str, object]) -> ConfigError:
    """Return what is wrong with a setting, with the place where it was given."""
    first = error.errors(include_input=False, include_url=False, include_context=False)[0]
    told = first["msg"].removeprefix("Value error, ")
    hint = f"settings come from options, {PREFIX}* variables and {SETTINGS_FILE}"
    if not first["loc"]:  # it is about several
        return ConfigError(f"the settings of the server: {told}", hint=hint)
    name, *item = (str(part) for part in first["loc"])
    if first["type"] == "extra_forbidden":
        near = did_you_mean(name, tuple(ServerSettings.model_fields))
        return ConfigError(f"{SETTINGS_FILE}: there is no setting {shown(name)}", hint=near or hint)
    if name in said:
        place = _OPTIONS.get(name, f"--{name.replace('_', '-')}")
    elif (variable := f"{PREFIX}{name.upper()}") in environment():
        place = variable
    else:
        place = f"{SETTINGS_FILE}: {name}"
    which = f", item {int(item[0]) + 1}" if item and item[0].isdecimal() else ""
    return ConfigError(f"{place}{which}: {told}", hint=hint)


def unknown_variables() -> list[str]:
    """Return what is to be said of variables that look like settings of a server and are none."""
    told = []
    names = tuple(ServerSettings.model_fields)
    for variable in sorted(each for each in environment() if each.startswith(PREFIX)):
        name = variable.removeprefix(PREFIX).lower()
        near = None if name in names else did_you_mean(name, names)
        if near is not None:  # others are for whoever set them to know
            told.append(f"{variable} is no setting: {near}")
    return told


def make_home(settings: ServerSettings) -> None:
    """Make the directories of a server, which are for its own user alone."""
    for directory in (settings.home, settings.projects, settings.logs):
        directory.mkdir(mode=_PRIVATE, parents=True, exist_ok=True)
        directory.chmod(_PRIVATE)
    if settings.database_url is None:  # what SQLite puts beside it has the same mode
        database = settings.home / DATABASE_FILE
        database.touch(mode=_PRIVATE_FILE)
        database.chmod(_PRIVATE_FILE)


class _Handed(ServerSettings):
    """Settings that another process has read: the environment and the file are not asked again."""

    @classmethod
    def settings_customise_sources(
        cls,
        settings_cls: type[BaseSettings],  # noqa: ARG003 - of no use here, as the others
        init_settings: PydanticBaseSettingsSource,
        env_settings: PydanticBaseSettingsSource,  # noqa: ARG003
        dotenv_settings: PydanticBaseSettingsSource,  # noqa: ARG003
        file_secret_settings: PydanticBaseSettingsSource,  # noqa: ARG003
    ) -> tuple[PydanticBaseSettingsSource, ...]:
        return (init_settings,)


def handed_settings(text: bytes) -> ServerSettings:
    """Return the settings that another process hands on as JSON."""
    return _Handed.model_validate_json(text)
