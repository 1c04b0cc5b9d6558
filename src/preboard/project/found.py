"""What a reference leads to: versions, statements, runs and their files, with where they lie."""

from __future__ import annotations

from dataclasses import dataclass
from pathlib import Path, PurePosixPath
from typing import TYPE_CHECKING, Any

from preboard.config.names import did_you_mean, shown
from preboard.errors import NotFound
from preboard.references.resolve import Resolver, Result
from preboard.references.syntax import is_reference, parse_reference
from preboard.runs.planning import group_name

if TYPE_CHECKING:
    from collections.abc import Iterator

    from preboard.catalog.catalog import Catalog
    from preboard.catalog.versions import Version
    from preboard.groups.loading import Groups
    from preboard.storage.place import Place

_BLOCK = 1 << 20
_FILES = {
    "data": "data.csv", "unmatched": "unmatched.csv", "meta": "meta.json", "vars": "vars.json",
    "errors": "errors.json", "printouts": "printouts.txt", "manifest": "manifest.json",
}  # fmt: skip


@dataclass(frozen=True, slots=True, kw_only=True)
class Found:
    """One thing that a reference leads to; `path` is a file, or the directory of a run.

    `text` is that of a statement, which is no file of its own.
    """

    kind: str
    """version, statement, run, instance or file"""
    reference: str
    path: Path
    shown: str
    id: str
    time: str
    text: str | None = None
    fingerprint: str | None = None

    def to_json(self) -> dict[str, Any]:
        """Return it as a JSON object."""
        fields = {"kind": self.kind, "reference": self.reference, "path": self.shown,
                  "uuid": self.id, "time": self.time, "fingerprint": self.fingerprint,
                  "text": self.text}  # fmt: skip
        return {key: value for key, value in fields.items() if value is not None}


def found_by(text: str, catalog: Catalog, groups: Groups, place: Place) -> list[Found]:
    """Return what a name or a reference leads to, in order; a name is that of a named-file.

    Raises:
        BadReference: the text is no reference.
        NotFound: there is no such named-file or group.
    """
    resolver = Resolver(catalog)
    kind = parse_reference(text).kind if is_reference(text) else "files"
    match kind:
        case "files":
            _check_not_group(text, catalog)
            return [_version(each, place) for each in resolver.versions(text)]
        case "csvpaths":
            load = groups.current(group_name(text))
            members = resolver.members(text, groups.group(load))
            path = place.path(load.entry.file)
            return [
                Found(
                    kind="statement",
                    reference=f"${load.name}.csvpaths.{member.identity}",
                    path=path,
                    shown=load.entry.file,
                    id=load.id,
                    time=load.time,
                    text=member.statement.text,
                )
                for member in members
            ]
        case _:
            found = [_result(each, place) for each in resolver.results(text)]
            if not found:
                _check_group(parse_reference(text).name, catalog)
            return [each for each in found if each.kind != "file" or each.path.is_file()]


def content(found: Found) -> Iterator[bytes]:
    """Give the bytes that a thing holds, block by block: a statement its text, a run its manifest.

    Raises:
        NotFound: the file is gone.
    """
    if found.text is not None:
        yield found.text.encode() + b"\n"
        return
    path = found.path / "manifest.json" if found.path.is_dir() else found.path
    try:
        with path.open("rb") as file:
            while block := file.read(_BLOCK):
                yield block
    except OSError as error:
        raise NotFound(f"{shown(found.shown, 200)} can't be read: {error.strerror}") from error


def _check_not_group(text: str, catalog: Catalog) -> None:
    """Tell a plain name that is one of a group only what the group's references are."""
    if not is_reference(text) and not catalog.files.exists(text) and catalog.groups.exists(text):
        raise NotFound(
            f"there is no named-file {shown(text)}, but a group",
            hint=f"its statements are ${text}.csvpaths.:all, its runs ${text}.results.:all",
        )


def _check_group(name: str, catalog: Catalog) -> None:
    """Tell a group that there is not from one whose runs are not the wanted ones."""
    if not catalog.groups.exists(name) and next(catalog.runs.each(name), None) is None:
        raise NotFound(
            f"there is no group {shown(name)}", hint=did_you_mean(name, catalog.groups.all())
        )


def _version(version: Version, place: Place) -> Found:
    return Found(
        kind="version",
        reference=version.reference,
        path=place.path(version.entry.file),
        shown=version.entry.file,
        id=version.id,
        time=version.time,
        fingerprint=version.fingerprint,
    )


def _result(result: Result, place: Place) -> Found:
    run, instance = result.run, result.instance
    reference = run.reference
    where = PurePosixPath(place.archive, run.home)
    prints: dict[str, str] = {}
    if instance is not None:
        where /= instance.identity
        reference += f".{instance.identity}"
        prints = instance.manifest.file_fingerprints or {}
    name = _FILES[result.file] if result.file else None
    if name is not None:
        where /= name
        reference += f":{result.file}"
    return Found(
        kind="file" if name else "run" if instance is None else "instance",
        reference=reference,
        path=place.path(str(where)),
        shown=str(where),
        id=run.id if instance is None else instance.id,
        time=run.time,
        fingerprint=prints.get(name) if name else None,
    )
