"""Registering several files at once: those of a directory, those that a mapping names.

In: a directory or a JSON object. Out: what `Staging.register` is to be asked for. All are tried; of
those that were refused an error tells, and those that were made stay.
"""

from __future__ import annotations

import json
import os
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING, Any

from preboard.config.names import shown
from preboard.errors import (
    ConfigError,
    InputError,
    NotFound,
    PartlyRegistered,
    PreboardError,
    Refused,
)
from preboard.language.functions.call import Fault
from preboard.language.functions.patterns import SECONDS_PER_SEARCH, compile_pattern
from preboard.staging.registrations import Registration
from preboard.staging.sources import is_url
from preboard.storage.local import as_given

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator, Mapping, Sequence

    from preboard.catalog.versions import Version
    from preboard.staging.registrations import Staging

CONFIG = "_config"
MOST_BYTES = 10_000_000
_COMPRESSED = frozenset({".gz", ".bz2", ".xz", ".zst", ".zip"})


@dataclass(frozen=True, slots=True, kw_only=True)
class Selection:
    """Which files of a directory are wanted.

    `pattern` is a regular expression that is searched for in the whole path, as it is given;
    without `extensions` all files are. A compressed file has the extension of what is in it.
    """

    extensions: tuple[str, ...] = ()
    recurse: bool = True
    pattern: str | None = None


def files_in(base: Path, directory: Path, selection: Selection) -> list[Path]:
    """Return the wanted files of a directory in the order of their paths, as `directory` is given.

    Hidden files are none. A link that leads out of the directory is given like a file; `leads_out`
    tells it from one.

    Raises:
        NotFound: there is no such directory.
        InputError: it is none, a part of it can't be read, or the pattern is wrong.
    """
    root = base / directory
    if not root.exists():
        raise NotFound(f"there is no directory {shown(str(directory), 200)}")
    if not root.is_dir():
        raise InputError(f"{shown(str(directory), 200)} is no directory")
    endings = {f".{word.lower().lstrip('.')}" for word in selection.extensions}
    found = [
        directory / path.relative_to(root)
        for path in _walked(root, recurse=selection.recurse)
        if not endings or _plain(path).suffix.lower() in endings
    ]
    return sorted(_matching(found, selection.pattern))


def leads_out(path: Path, directory: Path) -> bool:
    """Say whether a path leads out of a directory, by a symbolic link."""
    return not path.resolve().is_relative_to(directory.resolve())


def register_files(
    staging: Staging, directory: Path, selection: Selection, plain: Registration, base: Path
) -> list[Version]:
    """Register the wanted files of a directory; returns a version for each, in order.

    Args:
        staging: where to.
        directory: which; relative ones are looked for below `base`.
        selection: which of its files.
        plain: what holds for each. Without a name each file goes under its own stem.
        base: the working directory.

    Raises:
        Refused: the project takes no local files.
        NotFound, InputError: as `files_in`.
        PartlyRegistered: some of the files were refused.
    """
    if not staging.rules.local:
        raise Refused(
            f"{shown(str(directory))} can't be registered: loading local files is not allowed",
            hint="allow_local_files in [inputs] of config.ini",
        )
    if staging.rules.roots is not None:
        staging.rules.roots.real(base / directory, directory)
    wanted = (_for_file(plain, file) for file in files_in(base, directory, selection))
    return _register_all(staging, ((what, base) for what in wanted), within=base / directory)


def register_mapping(
    staging: Staging, source: Mapping[str, Any], bases: Sequence[Path]
) -> list[Version]:
    """Register what a mapping of names to paths says; returns the versions, in order.

    `{"orders": "in/orders.csv", "_config": {"orders": {"template": ":1/:filename"}}}`: beside the
    names there may be their definitions. A path to a directory means the files right in it. Paths
    are looked for below the first of `bases` that has them.

    Raises:
        ConfigError: the mapping has not the form of one, or a definition can't be.
        PartlyRegistered: some of the files were refused.
    """
    configs = source.get(CONFIG, {})
    if not isinstance(configs, dict):
        raise ConfigError(f"{CONFIG} is no JSON object", hint='{"name": {"template": "..."}}')
    named = {name: path for name, path in source.items() if name != CONFIG}
    for name, path in named.items():
        if not isinstance(path, str):
            raise ConfigError(f"{shown(name)} has no path", hint='{"name": "path"}')
    for name, definition in configs.items():
        staging.definitions.set(name, definition)
    wanted = (
        (Registration(name=name, source=file), base)
        for name, path in named.items()
        for file, base in _meant(path, bases)
    )
    return _register_all(staging, wanted)


def read_mapping(path: Path, given: str | Path) -> dict[str, Any]:
    """Read a mapping from a JSON file; `given` is the path as the caller wrote it.

    Raises:
        NotFound: there is no such file.
        InputError: it can't be read, is too large, or holds no JSON object.
    """
    try:
        if path.stat().st_size > MOST_BYTES:
            raise InputError(f"{path.name} is larger than {MOST_BYTES:,} bytes")
        found = json.loads(path.read_bytes())
    except FileNotFoundError as error:
        raise NotFound(f"there is no file {shown(as_given(path, given), 200)}") from error
    except (OSError, ValueError, RecursionError) as error:
        told = shown(as_given(path, given), 200)
        why = (error.strerror if isinstance(error, OSError) else None) or error
        raise InputError(f"{told} can't be read as JSON: {why}") from error
    if not isinstance(found, dict):
        raise InputError(f"{path.name} holds no JSON object", hint='{"name": "path"}')
    return found


def _register_all(
    staging: Staging, wanted: Iterable[tuple[Registration, Path]], within: Path | None = None
) -> list[Version]:
    """Try all registrations; what a link brings in from outside of `within` is refused."""
    versions: list[Version] = []
    failures: list[tuple[str, PreboardError]] = []
    for what, base in wanted:
        try:
            if within is not None and leads_out(base / str(what.source), within):
                raise Refused(
                    f"{shown(str(what.source), 200)} leads out of the directory",
                    hint="a symbolic link is registered by itself, or not at all",
                )
            versions.append(staging.register(what, base))
        except PreboardError as error:
            failures.append((str(what.source), error))
    if failures:
        raise PartlyRegistered(versions, failures)
    return versions


def _for_file(plain: Registration, file: Path) -> Registration:
    return Registration(
        name=plain.name or _plain(file).stem,
        source=file,
        template=plain.template,
        provenance=plain.provenance,
    )


def _plain(path: Path) -> Path:
    """Return the path of a compressed file as that of what is in it."""
    return path.with_suffix("") if path.suffix.lower() in _COMPRESSED else path


def _meant(path: str, bases: Sequence[Path]) -> list[tuple[str, Path]]:
    """Return the files that a path of a mapping means, each with the directory it lies below."""
    if is_url(path) or not path.isprintable():
        return [(path, bases[-1])]
    base = next((base for base in bases if (base / path).exists()), bases[-1])
    if not (base / path).is_dir():
        return [(path, base)]
    return [(str(file), base) for file in files_in(base, Path(path), Selection(recurse=False))]


def _walked(directory: Path, *, recurse: bool) -> Iterator[Path]:
    def stop(error: OSError) -> None:
        raise InputError(
            f"{shown(str(error.filename), 200)} can't be read: {error.strerror}"
        ) from error

    for where, directories, files in os.walk(directory, onerror=stop):
        directories[:] = [name for name in directories if recurse and not name.startswith(".")]
        yield from (Path(where, name) for name in files if not name.startswith("."))


def _matching(files: list[Path], pattern: str | None) -> list[Path]:
    if pattern is None:
        return files
    try:
        compiled = compile_pattern(f"/{pattern}/")
        return [
            path for path in files if compiled.search(path.as_posix(), timeout=SECONDS_PER_SEARCH)
        ]
    except Fault as error:
        raise InputError(f"the pattern {shown(pattern)}: {error}") from error
    except TimeoutError as error:
        raise InputError(
            f"the pattern {shown(pattern)} takes longer than {SECONDS_PER_SEARCH:g} s on one path"
        ) from error
