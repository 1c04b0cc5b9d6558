"""What the settings of a project come to: checked values of config.ini (spec/framework.md 4)."""

from __future__ import annotations

from dataclasses import dataclass, field
from types import MappingProxyType
from typing import TYPE_CHECKING, Literal

if TYPE_CHECKING:
    from collections.abc import Mapping

    from preboard.config.locations import Location

LogLevel = Literal["debug", "info", "warn", "error"]
Policy = tuple[str, ...]


@dataclass(frozen=True, slots=True, kw_only=True)
class LogSettings:
    """Where the log goes and how much of it there is."""

    csvpath: LogLevel = "info"
    csvpaths: LogLevel = "info"
    file: str = "logs/csvpath.log"
    files_to_keep: int = 10
    file_bytes: int = 12_800_000
    rotates: bool = True


@dataclass(frozen=True, slots=True, kw_only=True)
class InputSettings:
    """Where files and groups lie and what may be registered."""

    files: str = "inputs/named_files"
    groups: str = "inputs/named_paths"
    halts_on_changed_bytes: bool = True
    allows_local: bool = False
    allows_http: bool = False
    http_hosts: tuple[str, ...] = ()
    remote_locations: tuple[Location, ...] = ()
    """Where files may be fetched from; over HTTP also from `http_hosts`."""
    private_hosts: tuple[str, ...] = ()
    """Hosts of private networks that may be asked, unless a server says which."""
    most_bytes: int | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class Settings:
    """The settings of a project. `sections` holds every value as text, for who needs others."""

    data_extensions: tuple[str, ...] = (
        "csv", "tsv", "dat", "tab", "psv", "ssv", "xlsx", "jsonl", "json", "xml",
    )  # fmt: skip
    statement_extensions: tuple[str, ...] = ("csvpath", "csvpaths")
    csvpath_policy: Policy = ("collect", "fail")
    csvpaths_policy: Policy = ("raise", "collect")
    error_format: Literal["full", "bare"] = "full"
    error_pattern: str = "{time}:{file}:{line}:{paths}:{instance}:{chain}:  {message}"
    log: LogSettings = field(default_factory=LogSettings)
    inputs: InputSettings = field(default_factory=InputSettings)
    archive: str = "archive"
    transfers: str = "transfers"
    parquet_batch: int = 100_000
    function_sources: tuple[str, ...] = ()
    """Modules, and files below the project, with functions of users; `*`: what is installed."""
    env: Mapping[str, str] = field(default_factory=lambda: MappingProxyType({}), repr=False)
    """What env() sees, by name."""
    credentials: Mapping[str, str] = field(default_factory=lambda: MappingProxyType({}), repr=False)
    """What `config.credentials` reads: those of stores and servers that files are fetched from."""
    connections: Mapping[str, str] = field(default_factory=lambda: MappingProxyType({}), repr=False)
    """SQLAlchemy URLs by the names, in lower case, that select() and sql_in() use."""
    catalog_url: str | None = None
    """SQLAlchemy URL; None is a database of the project's own."""
    sections: Mapping[str, Mapping[str, str]] = field(
        default_factory=lambda: MappingProxyType({}), repr=False
    )

    @property
    def message_pattern(self) -> str:
        """Return the pattern of the messages in errors.json, as use_format wants it."""
        return self.error_pattern if self.error_format == "full" else "{message}"
