"""Handing results on: copies below the directory of transfers (spec/framework.md 5.4).

A statement asks for it in its transfer-mode, a group in its definition.json, there on occasions:
all, valid, invalid, error. The target is the value of a variable of the statement. It is done when
all statements of a run are finished and before it is published, so that the manifests tell of it; a
run that fails hands nothing on. What can't be handed on is told in the log and in the manifest, and
the run goes on.
"""

from __future__ import annotations

import logging
from dataclasses import dataclass
from pathlib import PurePosixPath
from typing import TYPE_CHECKING, Any

from msgspec import UNSET
from msgspec.structs import replace

from preboard.archive.runs import MANIFEST
from preboard.config.names import shown
from preboard.errors import ConfigError, InputError, NameRefused, NotFound, PreboardError
from preboard.language.modes import is_transferable
from preboard.runs.expected import BY_WORD
from preboard.storage.copying import append_file, copy_file
from preboard.storage.local import confined

if TYPE_CHECKING:
    from collections.abc import Iterator, Mapping
    from pathlib import Path

    from preboard.groups.members import Member
    from preboard.language.values import Value
    from preboard.manifests.archive import InstanceManifest

_PATHS = "path_transfers"

log = logging.getLogger("preboard.runs")


@dataclass(frozen=True, slots=True)
class Transfer:
    """A file that is to be handed on, to where a variable says; `mode` is `w` or `a`."""

    file: str
    variable: str
    mode: str = "w"

    @property
    def is_manifest(self) -> bool:
        """Whether it is the instance's manifest, which is to tell of the others."""
        return self.file in ("manifest", MANIFEST)

    @classmethod
    def of(cls, file: str, variable: str) -> Transfer:
        """Return the transfer of the two sides of `file > variable`; a `+` behind it appends."""
        name = variable.removesuffix("+").strip()
        return cls(file, name, "a" if variable.endswith("+") else "w")


@dataclass(frozen=True, slots=True)
class Source:
    """Where what is handed on lies: an instance's directory, and the file that it read."""

    home: Path
    shown_home: str
    read: Path
    shown_read: str

    def file(self, word: str) -> tuple[Path, str]:
        """Return the path of a file and the path as documents write it.

        Raises:
            NotFound: the instance left no such file.
            ConfigError: the word names none that can be.
        """
        if word == "source":
            return self.read, self.shown_read
        if not is_transferable(word):
            raise ConfigError(f"{shown(word)} is no file that can be handed on")
        name = MANIFEST if word == "manifest" else BY_WORD.get(word, word)
        path = self.home / name
        if not path.is_file():
            raise NotFound(f"the statement left no {shown(name)}")
        return path, f"{self.shown_home}/{name}"


@dataclass(frozen=True, slots=True)
class Target:
    """The directory below which everything is handed on."""

    root: Path
    shown_root: str

    def path(self, variable: str, variables: Mapping[str, Value]) -> tuple[Path, str]:
        """Return where the value of a variable leads, and the path as documents write it.

        Raises:
            NotFound: there is no such variable.
            InputError: its value is no text.
            NameRefused: the value is no path below the directory.
        """
        if variable not in variables:
            raise NotFound(f"there is no variable {shown(variable)}")
        value = variables[variable]
        if not isinstance(value, str):
            raise InputError(f"the variable {shown(variable)} holds no path: {shown(str(value))}")
        if "://" in value:
            raise NameRefused(f"{shown(value)} is no path below {self.shown_root}")
        relative = PurePosixPath(value)
        if not relative.name:
            raise NameRefused(f"{shown(value)} names no file")
        return confined(self.root, value), f"{self.shown_root}/{relative}"


def asked_for(
    member: Member, definition: Mapping[str, Any], *, valid: bool, errors: int
) -> list[Transfer]:
    """Return what is to be handed on for a statement that came to this, in order.

    Raises:
        ConfigError: the definition of the group has not the form of one.
    """
    found = [Transfer.of(*each) for each in member.statement.modes.transfers]
    occasions = ["on_complete_all", "on_complete_valid" if valid else "on_complete_invalid"]
    if errors:
        occasions.append("on_complete_error")
    paths = definition.get(_PATHS, definition)
    said = _object(paths).get(member.identity, _object(paths).get(str(member.place)))
    for occasion in occasions:
        for each in _list(_object(said or {}).get(occasion) or []):
            found.extend(_said(_object(each)))
    return found


def _said(item: Mapping[str, Any]) -> Iterator[Transfer]:
    """Give the transfers of `{"file": ..., "transfer_to": ...}` or of `{"data": variable}`."""
    pairs = [(item.get("file"), item["transfer_to"])] if "transfer_to" in item else item.items()
    for file, variable in pairs:
        if not isinstance(file, str) or not isinstance(variable, str):
            raise ConfigError(
                "a transfer of the group's definition is not understood",
                hint='{"file": "data", "transfer_to": "variable"}',
            )
        yield Transfer.of(file, variable)


def _object(value: Any) -> Mapping[str, Any]:
    if isinstance(value, dict):
        return value
    raise ConfigError("the transfers of the group's definition are no JSON object")


def _list(value: Any) -> list[Any]:
    if isinstance(value, list):
        return value
    raise ConfigError("an occasion of the group's transfers is no JSON list")


def hand_on(
    transfer: Transfer,
    source: Source,
    target: Target,
    variables: Mapping[str, Value],
    manifest: InstanceManifest,
) -> InstanceManifest:
    """Hand a file on; returns the manifest with what came of it."""
    try:
        path, from_path = source.file(transfer.file)
        to, to_path = target.path(transfer.variable, variables)
        if transfer.mode == "a":
            append_file(path, to)
        else:
            copy_file(path, to)
    except PreboardError as error:
        return _failed(transfer, str(error), manifest)
    except (OSError, ValueError) as error:
        return _failed(transfer, getattr(error, "strerror", None) or str(error), manifest)
    name = from_path.rpartition("/")[2]
    done = (name, transfer.variable, from_path, to_path, transfer.mode)
    before = [] if manifest.transfers is UNSET else manifest.transfers
    return replace(manifest, transfers=[*before, done])


def not_understood(error: ConfigError, manifest: InstanceManifest) -> InstanceManifest:
    """Return the manifest of an instance whose transfers can't be read."""
    return _failed(Transfer("", ""), str(error), manifest)


def _failed(transfer: Transfer, reason: str, manifest: InstanceManifest) -> InstanceManifest:
    log.warning(
        "%s: %s could not be handed on to where the variable %s says: %s",
        manifest.instance_home,
        shown(transfer.file),
        shown(transfer.variable),
        reason,
    )
    before = [] if manifest.failed_transfers is UNSET else manifest.failed_transfers
    return replace(manifest, failed_transfers=[*before, (transfer.file, transfer.variable, reason)])
