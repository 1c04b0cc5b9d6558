"""From names and references to plans: one for each file that is to be read."""

from __future__ import annotations

from dataclasses import dataclass, replace
from pathlib import PurePosixPath
from typing import TYPE_CHECKING

from preboard.archive.reading import how_written
from preboard.config.names import shown
from preboard.errors import InputError, NotFound
from preboard.language.modes import ErrorPolicy
from preboard.readers.declared import Declared
from preboard.references.resolve import Resolver, Result
from preboard.references.syntax import is_reference, parse_reference
from preboard.runs.imports import Importer
from preboard.runs.method import Method
from preboard.runs.plan import Plan, Reads
from preboard.staging.sources import path_parts

if TYPE_CHECKING:
    from collections.abc import Sequence

    from preboard.catalog.catalog import Catalog
    from preboard.catalog.versions import Version
    from preboard.groups.loading import Groups
    from preboard.readers.dialect import Dialect
    from preboard.storage.place import Place


@dataclass(frozen=True, slots=True, kw_only=True)
class Wish:
    """What is to be run over what, as the caller said it. `template` None: that of the group.

    `version` is the id of the very version of `file` that is to be read.
    """

    file: str
    group: str
    version: str | None = None
    method: Method = Method.COLLECT_PATHS
    template: str | None = None
    delimiter: str | None = None
    quotechar: str | None = None
    on_error: Sequence[str] = ()


def plans_of(wish: Wish, catalog: Catalog, groups: Groups, place: Place) -> list[Plan]:
    """Return a plan for each file that a wish means.

    Raises:
        NotFound: there is no such named-file, version, group or result.
        BadReference: a reference is none.
        BrokenGroup: the group was edited by hand, and is wrong now; or what it imports is.
        InputError: the file is a run, not a file of one of its statements; or its run failed.
    """
    resolver = Resolver(catalog)
    name = group_name(wish.group)
    load = groups.current(name)
    group = groups.group(load)
    members = resolver.members(wish.group, group)
    prepared = Importer(groups, group, load).prepare(members)
    settings = groups.settings(name)
    template = wish.template
    if template is None:
        template = settings.get("template") or ""
    return [
        Plan(
            group=group,
            load=load,
            members=prepared,
            paths_name=wish.group,
            reads=reads,
            method=wish.method,
            template=template,
            transfers=settings.get("transfers") or {},
            delimiter=wish.delimiter,
            quotechar=wish.quotechar,
            policy=ErrorPolicy.of(wish.on_error),
        )
        for reads in _reads(wish, resolver, place)
    ]


def group_name(text: str) -> str:
    """Return the name of the group that a name, `name#one` or a csvpaths reference is about."""
    if is_reference(text):
        return parse_reference(text).name
    return text.partition("#")[0]


def _reads(wish: Wish, resolver: Resolver, place: Place) -> list[Reads]:
    text = wish.file
    if wish.version is not None:
        version = resolver.catalog.versions.by_id(wish.version)
        found = (
            []
            if version is None
            else [_of_version(text, _of_sheet(text, version, resolver), place)]
        )
    elif is_reference(text) and parse_reference(text).kind == "results":
        found = [_of_result(text, each, place) for each in resolver.results(text)]
    else:
        found = [_of_version(text, each, place) for each in resolver.versions(text)]
    if not found:
        raise NotFound(f"there is no file {shown(text, 200)}")
    return found


def _of_sheet(text: str, version: Version, resolver: Resolver) -> Version:
    """Return the version with the worksheet that the text names, if it names one."""
    named = resolver.versions(text) if "#" in text else []
    return replace(version, mark=named[-1].mark) if named else version


def _of_version(text: str, version: Version, place: Place) -> Reads:
    return Reads(
        name=text,
        path=place.path(version.entry.file),
        shown=version.entry.file,
        fingerprint=version.fingerprint,
        sheet=version.mark,
        version=version,
        parts=path_parts(version.origin.partition("#")[0]),
    )


def _of_result(text: str, result: Result, place: Place) -> Reads:
    if result.instance is None:
        raise InputError(
            f"{shown(text, 200)} is a run, not a file",
            hint="name a statement of it: its data.csv is read, with :unmatched the other",
        )
    if result.file not in (None, "data", "unmatched"):
        raise InputError(f"{shown(text, 200)} holds no lines", hint=":data or :unmatched")
    run, instance = result.run, result.instance
    if run.state != "complete":
        raise InputError(
            f"the run {shown(run.directory)} failed: what it left is not whole",
            hint="name a run that is complete",
        )
    if instance.manifest.reason:
        raise InputError(
            f"{shown(text, 200)} is not whole: {instance.manifest.reason}",
            hint="name a run that read its file to the end",
        )
    name = f"{result.file or 'data'}.csv"
    fingerprint = (instance.manifest.file_fingerprints or {}).get(name)
    if fingerprint is None:
        raise NotFound(f"the run {shown(run.directory)} left no {name}")
    home = PurePosixPath(place.archive, run.home, instance.identity)
    return Reads(
        name=text,
        path=place.path(str(home / name)),
        shown=str(home / name),
        fingerprint=fingerprint,
        parts=(home / name).parts,
        written=_as_written(how_written(place.path(str(home)))),
    )


def _as_written(dialect: Dialect) -> Declared:
    return Declared(
        delimiter=dialect.delimiter, quotechar=dialect.quotechar, encoding="utf-8", format="csv"
    )
