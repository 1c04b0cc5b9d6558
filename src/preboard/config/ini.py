"""Read config.ini: the reference's file as it is, and our own keys beside (spec/framework.md 4).

In: the directory of a project. Out: `Settings`. A value that can't be is refused with its section
and key; sections and keys that are not known are kept as text, and told in the log. Keys are
lower-case, however they are written.
"""

from __future__ import annotations

import configparser
import json
import logging
import os
import re
from dataclasses import replace
from fnmatch import fnmatchcase
from itertools import combinations
from pathlib import Path
from types import MappingProxyType
from typing import TYPE_CHECKING, Any, Literal, cast, get_args

from preboard.config.credentials import credential_values
from preboard.config.environment import environment
from preboard.config.keys import EVENT, unknown_keys
from preboard.config.locations import location
from preboard.config.names import shown
from preboard.config.settings import InputSettings, LogLevel, LogSettings, Settings
from preboard.config.substitution import Variables, substituted
from preboard.errors import ConfigError

if TYPE_CHECKING:
    from collections.abc import Iterable, Mapping

CONFIG_FILE = "config/config.ini"
MOST_HOPS = 6
MOST_BYTES = 1 << 20

POLICIES = ("raise", "quiet", "collect", "stop", "fail", "print")
SMALLEST_LOG = 1_000
MOST_LOGS = 1_000
"""Older files of a log: each is moved on when it is begun anew."""
_MOST_DIGITS = 15
_LONGEST_TOLD = 300
"""Characters: the parser tells of every line that it does not understand."""
_CONTROL = re.compile(r"[\x00-\x1f\x7f]")
_PATTERN = ("errors", "pattern")
_TRUE = frozenset({"true", "yes", "on"})
_FALSE = frozenset({"false", "no", "off", ""})
_DEFAULT_ALLOWED = ("PREBOARD_*", "CSVPATH_*")

Sections = dict[str, dict[str, str]]

log = logging.getLogger("preboard.config")


def read_settings(root: Path) -> Settings:
    """Read the settings of the project in a directory.

    Raises:
        ConfigError: there is no config.ini, it can't be read, or a value in it can't be.
    """
    return settings_of(root, _followed(root, root / CONFIG_FILE))


def settings_of(
    root: Path, sections: Sections, *, env: Mapping[str, str] | None = None
) -> Settings:
    """Return what the sections of a config.ini come to in the project of a directory.

    Args:
        root: the directory.
        sections: what the config.ini says.
        env: what is to be in the file that it names as the source of variables; None: what is.

    Raises:
        ConfigError: a value can't be.
    """
    sections = at_home(sections)
    config = sections.get("config", {})
    if _flag(config.get("allow_var_sub", ""), "config", "allow_var_sub"):
        variables = _variables(root, config, env)
        sections = {
            name: {
                # What stands in braces there is for the message, and no variable.
                key: value if (name, key) == _PATTERN else _filled(name, key, value, variables)
                for key, value in section.items()
            }
            for name, section in sections.items()
        }
    settings = replace(_Values(sections).settings(), env=_visible(root, sections, env))
    if settings.inputs.remote_locations:
        settings = replace(settings, credentials=_credentials(root, sections, env))
    _check_apart(root, settings)
    return settings


def tell_unknown(settings: Settings) -> None:
    """Put what nobody reads into the log: a key that is misspelt does nothing."""
    for key in unknown_keys(settings.sections):
        log.warning("%s of config.ini is not known", key)


def at_home(sections: Sections) -> Sections:
    """Put the listeners that the reference's file has in [openlineage] where they belong."""
    strayed = {
        key: value for key, value in sections.get("openlineage", {}).items() if EVENT.fullmatch(key)
    }
    if not strayed:
        return sections
    lineage = {key: value for key, value in sections["openlineage"].items() if key not in strayed}
    listeners = {**strayed, **sections.get("listeners", {})}
    return {**sections, "openlineage": lineage, "listeners": listeners}


def _filled(section: str, key: str, value: str, variables: Variables) -> str:
    try:
        return substituted(value, variables)
    except ConfigError as error:
        raise ConfigError(f"[{section}] {key}: {error.message}", hint=error.hint) from error


def _visible(root: Path, sections: Sections, env: Mapping[str, str] | None) -> Mapping[str, str]:
    """Return what env() sees: of the source of variables the names that [functions] env lists."""
    patterns = _words(sections.get("functions", {}).get("env", ""))
    values = _variables(root, sections.get("config", {}), env).values if patterns else {}
    return MappingProxyType(
        {
            name: value
            for name, value in values.items()
            if any(fnmatchcase(name, pattern) for pattern in patterns)
        }
    )


def _credentials(
    root: Path, sections: Sections, env: Mapping[str, str] | None
) -> Mapping[str, str]:
    """Return with what files are fetched: of the project's own, never of the environment."""
    config = sections.get("config", {})
    is_own = (config.get("var_sub_source", "").strip() or "env") != "env"
    variables = _variables(root, config, env).values if is_own else {}
    return MappingProxyType(credential_values(sections, variables))


def _followed(root: Path, path: Path) -> Sections:
    """Read a file, or the one that its `[config] path` points to, and so on."""
    for _ in range(MOST_HOPS + 1):
        sections = _parsed(path)
        told = sections.get("config", {}).get("path", "")
        if not told or "\0" in told:
            return sections
        following = root / told
        if following.resolve() == path.resolve():
            return sections
        if not following.is_file():
            raise ConfigError(
                f"[config] path leads to {shown(told, 200)}, which is no file",
                hint="take it out when the project was moved",
            )
        path = following
    raise ConfigError(
        f"[config] path leads on more than {MOST_HOPS} times, the last to {shown(str(path), 200)}"
    )


def _parsed(path: Path) -> Sections:
    try:
        if path.stat().st_size > MOST_BYTES:
            raise ConfigError(f"{path.name} is larger than {MOST_BYTES:,} bytes")
        return parsed(path.read_text(encoding="utf-8-sig"), path.name)
    except FileNotFoundError as error:
        raise ConfigError(
            f"there is no {CONFIG_FILE} here", hint="preboard init DIR makes a project"
        ) from error
    except (OSError, UnicodeDecodeError) as error:
        raise ConfigError(f"{path.name} can't be read: {error}") from error


def parsed(text: str, name: str) -> Sections:
    """Return the sections of an INI text; `name` is what it is called in messages.

    Raises:
        ConfigError: it is none.
    """
    parser = configparser.RawConfigParser(delimiters=("=", ":"), inline_comment_prefixes=None)
    try:
        parser.read_string(text, source=name)
    except configparser.Error as error:
        raise ConfigError(f"{name} is no INI file: {_wrong_in(error)}") from error
    return {name: dict(parser.items(name)) for name in parser.sections()}


def _wrong_in(error: configparser.Error) -> str:
    """Return what is wrong in a text, with the numbers of lines in place of the lines.

    What stands in them may be a password.
    """
    if isinstance(error, configparser.MissingSectionHeaderError):
        return f"line {error.lineno} stands before any [section]"
    if isinstance(error, configparser.ParsingError):
        places = ", ".join(str(number) for number, _ in error.errors)
        return f"there is no = or : in line {places}"[:_LONGEST_TOLD]
    return " ".join(error.message.split())[:_LONGEST_TOLD]


def _variables(root: Path, config: Mapping[str, str], env: Mapping[str, str] | None) -> Variables:
    source = config.get("var_sub_source", "env").strip() or "env"
    if source == "env":
        allowed = tuple(_words(config.get("var_sub_allow", ""))) or _DEFAULT_ALLOWED
        return Variables(environment(), allowed)
    if env is not None:
        return Variables(env)
    try:
        with (root / source).open("rb") as file:
            content = file.read(MOST_BYTES + 1)
        found = json.loads(content[:MOST_BYTES])
    except (OSError, ValueError, RecursionError) as error:
        raise ConfigError(
            f"[config] var_sub_source: {shown(source, 200)} can't be read: {error}",
            hint="env, or the path of a flat JSON file",
        ) from error
    if not isinstance(found, dict) or not all(isinstance(v, str | int) for v in found.values()):
        raise ConfigError(
            f"[config] var_sub_source: {shown(source, 200)} is no flat JSON object",
            hint='{"NAME": "value"}',
        )
    return Variables({key: str(value) for key, value in found.items()})


class _Values:
    """The sections of a file, read value by value."""

    def __init__(self, sections: Sections) -> None:
        self.sections = sections

    def settings(self) -> Settings:
        """Return the settings; what is not said has its default."""
        plain = Settings()
        return Settings(
            data_extensions=self.words("extensions", "csv_files", plain.data_extensions),
            statement_extensions=self.words(
                "extensions", "csvpath_files", plain.statement_extensions
            ),
            csvpath_policy=self.policy("csvpath", plain.csvpath_policy),
            csvpaths_policy=self.policy("csvpaths", plain.csvpaths_policy),
            error_format=cast(
                'Literal["full", "bare"]',
                self.one_of("errors", "use_format", ("full", "bare"), plain.error_format),
            ),
            error_pattern=self.text("errors", "pattern", plain.error_pattern),
            log=self.log(),
            inputs=self.inputs(),
            archive=self.directory("results", "archive", plain.archive),
            transfers=self.directory("results", "transfers", plain.transfers),
            parquet_batch=self.number("parquet", "batch_size", plain.parquet_batch, least=1),
            function_sources=self.words("functions", "imports", ()),
            connections=self.connections(),
            catalog_url=self.text("catalog", "url", "") or None,
            sections=MappingProxyType(
                {name: MappingProxyType(section) for name, section in self.sections.items()}
            ),
        )

    def log(self) -> LogSettings:
        """Return the settings of the log."""
        plain = LogSettings()
        levels = get_args(LogLevel)
        return LogSettings(
            csvpath=cast("LogLevel", self.one_of("logging", "csvpath", levels, plain.csvpath)),
            csvpaths=cast("LogLevel", self.one_of("logging", "csvpaths", levels, plain.csvpaths)),
            file=self.directory("logging", "log_file", plain.file),
            files_to_keep=self.number(
                "logging", "log_files_to_keep", plain.files_to_keep, most=MOST_LOGS
            ),
            file_bytes=self.number(
                "logging", "log_file_size", plain.file_bytes, least=SMALLEST_LOG
            ),
            rotates=self.one_of("logging", "handler", ("file", "rotating"), "rotating")
            == "rotating",
        )

    def inputs(self) -> InputSettings:
        """Return the settings of what comes in."""
        plain = InputSettings()
        return InputSettings(
            files=self.directory("inputs", "files", plain.files),
            groups=self.directory("inputs", "csvpaths", plain.groups),
            halts_on_changed_bytes=self.one_of(
                "inputs", "on_unmatched_file_fingerprints", ("halt", "continue"), "halt"
            )
            == "halt",
            allows_local=self.flag("inputs", "allow_local_files"),
            allows_http=self.flag("inputs", "allow_http_files"),
            http_hosts=self.words("inputs", "http_hosts", ()),
            remote_locations=tuple(
                location(one) for one in self.words("inputs", "remote_locations", ())
            ),
            private_hosts=self.words("inputs", "private_hosts", ()),
            most_bytes=self.number("inputs", "max_file_bytes", 0) or None,
        )

    def connections(self) -> Mapping[str, str]:
        """Return the connections to databases that statements may name."""
        found = self.sections.get("connections", {})
        for name, url in found.items():
            if "://" not in url:
                raise ConfigError(
                    f"[connections] {name} is no URL of a database",
                    hint="such as postgresql+psycopg://user@host/name, sqlite:////data/partners.db",
                )
        return MappingProxyType({name: url.strip() for name, url in found.items()})

    def text(self, section: str, key: str, default: str) -> str:
        """Return a value as it is written."""
        return self.sections.get(section, {}).get(key, default).strip() or default

    def words(self, section: str, key: str, default: tuple[str, ...]) -> tuple[str, ...]:
        """Return the words between commas."""
        return tuple(_words(self.text(section, key, ""))) or default

    def one_of(self, section: str, key: str, values: Iterable[str], default: str) -> str:
        """Return a value that is one of some words."""
        said = self.text(section, key, default).lower()
        if said not in values:
            raise _refused(section, key, said, values)
        return said

    def policy(self, key: str, default: tuple[str, ...]) -> tuple[str, ...]:
        """Return what an error does."""
        said = tuple(word.lower() for word in self.words("errors", key, default))
        odd = next((word for word in said if word not in POLICIES), None)
        if odd is not None:
            raise _refused("errors", key, odd, POLICIES)
        return said

    def number(
        self, section: str, key: str, default: int, *, least: int = 0, most: int | None = None
    ) -> int:
        """Return a whole number that is not too small, and not too large."""
        said = self.text(section, key, str(default)).replace("_", "")
        if not (said.isascii() and said.isdigit() and len(said) <= _MOST_DIGITS):
            raise ConfigError(f"[{section}] {key} is {shown(said)}, which is no number")
        if int(said) < least:
            raise ConfigError(f"[{section}] {key} is {said}", hint=f"{least:,} is the least")
        if most is not None and int(said) > most:
            raise ConfigError(f"[{section}] {key} is {said}", hint=f"{most:,} is the most")
        return int(said)

    def flag(self, section: str, key: str) -> bool:
        """Return a switch; one that is missing is off."""
        return _flag(self.sections.get(section, {}).get(key, ""), section, key)

    def directory(self, section: str, key: str, default: str) -> str:
        """Return a directory: below the project, or absolute."""
        said = self.text(section, key, default).rstrip("/")
        if "://" in said:
            raise ConfigError(
                f"[{section}] {key} is {shown(said, 200)}",
                hint="the spaces of a project are directories",
            )
        if not said or ".." in Path(said).parts or _CONTROL.search(said):
            raise ConfigError(
                f"[{section}] {key} leads out of the project: {shown(said, 200)}",
                hint="give a path below it, or an absolute one",
            )
        return said


def _check_apart(root: Path, settings: Settings) -> None:
    """See that no space lies in another: what one holds would be taken for the other's."""
    spaces = {
        "[inputs] files": settings.inputs.files,
        "[inputs] csvpaths": settings.inputs.groups,
        "[results] archive": settings.archive,
        "[results] transfers": settings.transfers,
        "the program's own": ".preboard",
        "the settings'": str(Path(CONFIG_FILE).parent),
    }
    paths = {name: Path(os.path.normpath(root / said)) for name, said in spaces.items()}
    for (one, first), (other, second) in combinations(paths.items(), 2):
        if first.is_relative_to(second) or second.is_relative_to(first):
            raise ConfigError(
                f"the directories {one} and {other} lie in one another: "
                f"{shown(spaces[one], 200)}, {shown(spaces[other], 200)}",
                hint="each needs one of its own",
            )


def _flag(text: str, section: str, key: str) -> bool:
    said = text.strip().lower()
    if said not in _TRUE | _FALSE:
        raise _refused(section, key, said, ("true", "false"))
    return said in _TRUE


def _words(text: str) -> list[str]:
    return [word.strip() for word in text.split(",") if word.strip()]


def _refused(section: str, key: str, said: str, values: Iterable[Any]) -> ConfigError:
    return ConfigError(
        f"[{section}] {key} can't be {shown(said)}", hint="one of " + ", ".join(values)
    )
