"""What came of runs: by reference as v1 asks, or by group and run directory as v2 does.

A run directory is exact: one that there is not is not found, and never another one (weakness B9 of
the reference). Runs that go on, or that died, are not seen.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

import msgspec

from preboard.archive import reading
from preboard.archive.files import DATA, ERRORS, META, PRINTOUTS, UNMATCHED, VARS
from preboard.catalog.directories import MANIFEST
from preboard.catalog.span import Span
from preboard.config.names import checked_name, shown
from preboard.errors import InputError, NotFound, Refused
from preboard.references.resolve import Resolver
from preboard.references.syntax import is_reference, parse_reference
from preboard.runs.result import run_of
from preboard.server.services.accepting import checked_text
from preboard.storage.local import confined

if TYPE_CHECKING:
    from collections.abc import Sequence
    from pathlib import Path

    from preboard.catalog.runs import RunRow
    from preboard.project.project import Project
    from preboard.references.resolve import Result
    from preboard.runs.result import Instance, Run

MOST_IN_JSON = 64 << 20
"""Bytes of files that one answer tells as JSON: they are in memory, twice."""
DEFAULT_PRINTER = "default"
FILES = {
    "data": DATA, "unmatched": UNMATCHED, "meta": META, "vars": VARS, "errors": ERRORS,
    "printouts": PRINTOUTS, "manifest": MANIFEST,
}  # fmt: skip
"""What the words at the end of a reference mean."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Meant:
    """A run and those of its instances that are meant: all, or the one that was named.

    `file` is the name of the file that the reference ends in, such as unmatched.csv.
    """

    run: Run
    instances: tuple[Instance, ...]
    is_instance: bool = False
    file: str | None = None

    @property
    def home(self) -> Path:
        """Return the directory of the run, or of the instance that was named."""
        return self.instances[0].home if self.is_instance else self.run.home


def meant_by(project: Project, reference: str) -> Meant:
    """Return the one run, or the one instance, that a reference means.

    Raises:
        BadReference: the text is no reference to results.
        NotFound: there is none.
        InputError: there are several.
    """
    found = _results(project, reference)
    if not found:
        raise _no_results(project, reference)
    if len(found) > 1:
        raise InputError(
            f"Reference must point to 1 and only 1 run results. {shown(reference, 200)} points to "
            f"{len(found)}.",
            hint="such as :last, or the directory of the run",
        )
    return _meant(project, found[0])


def first_meant_by(project: Project, reference: str) -> Meant:
    """Return the first run that a reference means, or its instance that is named.

    Raises:
        BadReference: the text is no reference to results.
        NotFound: there is none.
    """
    found = _results(project, reference)
    if not found:
        raise _no_results(project, reference)
    return _meant(project, found[0])


def completed_runs(project: Project, reference: str) -> list[Path]:
    """Return the directories of the runs that a reference means, oldest first.

    Only such that came to their end: one that failed half way is not completed.

    Raises:
        BadReference: the text is no reference to results.
    """
    parse_reference(checked_text(reference))  # a plain name would mean the last run
    archive = project.place.path(project.place.archive)
    rows = {each.run.id: each.run for each in _results(project, reference)}
    return [archive / run.home for run in rows.values() if run.state == "complete"]


def run_in(project: Project, group: str, directory: str) -> Run:
    """Return the run of a group with just this directory, or this path to it.

    Raises:
        NotFound: there is none.
        InputError: several runs have a directory of this name, under different templates.
    """
    row = project.catalog.runs.named(checked_text(group), checked_text(directory))
    if row is None:
        raise NotFound(f"there is no run {shown(directory, 200)} of {shown(group)}")
    if "/" not in directory and "/" in row.home.partition("/")[2]:
        same = project.catalog.runs.select(group, Span(), directory=row.directory)
        homes = [each.home.partition("/")[2] for each in same if each.directory == row.directory]
        if len(homes) > 1:
            raise InputError(
                f"{len(homes)} runs of {shown(group)} have a directory {shown(directory, 200)}",
                hint="give the path to it: " + ", ".join(homes[:5]),
            )
    return _run(project, row)


def errors_of(instances: Sequence[Instance]) -> list[dict[str, Any]]:
    """Return the errors of instances, in their order.

    Raises:
        Refused: they are too many for one answer.
    """
    _check_size(instances, ERRORS)
    return [msgspec.to_builtins(error) for each in instances for error in each.errors()]


def variables_of(instances: Sequence[Instance]) -> dict[str, Any]:
    """Return the variables of instances together; of equal names the last one counts.

    Raises:
        Refused: they are too large for one answer.
    """
    _check_size(instances, VARS)
    found: dict[str, Any] = {}
    for each in instances:
        found |= each.variables
    return found


def metadata_of(instances: Sequence[Instance]) -> dict[str, dict[str, Any]]:
    """Return metadata, manifest and runtime data by identity, all as they were recorded.

    The runtime data are those of the end of the run (weakness B10 of the reference).
    """
    _check_size(instances, META)
    documents = {each.identity: reading.document(each.home, META) for each in instances}
    return {
        "metadata": {key: found.get("metadata") or {} for key, found in documents.items()},
        "manifest": {each.identity: msgspec.to_builtins(each.manifest) for each in instances},
        "runtime": {key: found.get("runtime_data") or {} for key, found in documents.items()},
    }


def meta_of(instance: Instance) -> dict[str, Any]:
    """Return the whole meta.json of an instance."""
    _check_size([instance], META)
    return reading.document(instance.home, META)


def printouts_of(instances: Sequence[Instance], stream: str | None = None) -> list[str]:
    """Return what was printed to a stream, line by line; None is the default one.

    Raises:
        Refused: it is too much for one answer.
    """
    _check_size(instances, PRINTOUTS)
    wanted = stream or DEFAULT_PRINTER
    return [line for each in instances for line in each.printouts.get(wanted, ())]


def data_paths(meant: Meant) -> list[Path]:
    """Return where the lines of the instances are, whether they kept any or not."""
    return [each.home / (meant.file or DATA) for each in meant.instances]


def data_text(meant: Meant) -> str:
    """Return the text of data.csv, or of the file that was named, of the one instance.

    Raises:
        InputError: several instances are meant.
        NotFound: it kept none.
        Refused: it is too large for one answer.
    """
    if len(meant.instances) != 1:
        raise InputError(
            "Reference must point to 1 csvpath instance from a run",
            hint="the run has " + ", ".join(each.identity for each in meant.instances[:20]),
        )
    instance, name = meant.instances[0], meant.file or DATA
    return small_content(file_in(instance, name)).decode(errors="replace")


def file_in(instance: Instance, path: str) -> Path:
    """Return where a file of an instance lies, by its path below the directory of it.

    Raises:
        NotFound: there is no such file there.
        NameRefused: the path leads out of the directory (weakness A4 of the reference).
    """
    found = confined(instance.home, checked_text(path))
    if not found.is_file() or found.is_symlink():
        raise NotFound(f"{shown(path, 200)} not found for this run")
    return found


def small_content(path: Path) -> bytes:
    """Return the bytes of a file that fits into one answer.

    Raises:
        NotFound: it can't be read.
        Refused: it is too large.
    """
    try:
        with path.open("rb") as file:
            content = file.read(MOST_IN_JSON + 1)
    except OSError as error:
        raise NotFound(f"{shown(path.name, 200)} can't be read: {error.strerror}") from error
    if len(content) > MOST_IN_JSON:
        raise _too_large(path.name)
    return content


def version_paths(project: Project, reference: str) -> list[Path]:
    """Return where the versions are that a name or a reference means, oldest first.

    Raises:
        BadReference: the text is no reference to files.
        NotFound: there is no such named-file.
    """
    found = Resolver(project.catalog).versions(checked_text(reference))
    return [project.place.path(version.entry.file) for version in found]


def version_content(project: Project, reference: str) -> bytes:
    """Return the bytes of the one version that a name or a reference means.

    Raises:
        BadReference: the text is no reference to files.
        NotFound: there is none.
        InputError: there are several.
        Refused: it is too large for one answer.
    """
    found = version_paths(project, reference)
    if not found:
        raise NotFound("No file found", hint=f"{shown(reference, 200)} leads to no version")
    if len(found) > 1:
        raise InputError(
            "Reference must point to 1 file",
            hint=f"{shown(reference, 200)} points to {len(found)}",
        )
    return small_content(found[0])


def _results(project: Project, reference: str) -> list[Result]:
    text = checked_text(reference)
    if not is_reference(text):  # a plain name is looked up in the catalog as it is
        checked_name(text, "named-paths group")
    return Resolver(project.catalog).results(text)


def _meant(project: Project, result: Result) -> Meant:
    run, named = _run(project, result.run), result.instance
    instances = run.instances
    if named is not None:
        instances = (run.instance(named.identity),)
    return Meant(
        run=run,
        instances=instances,
        is_instance=named is not None,
        file=FILES.get(result.file or ""),
    )


def _run(project: Project, row: RunRow) -> Run:
    return run_of(row, project.catalog.runs.instances(row.id), project.place)


def _no_results(project: Project, reference: str) -> NotFound:
    """Return the error of a reference that leads nowhere: which part of it does not?"""
    if is_reference(reference):
        parsed = parse_reference(reference)
        if parsed.two is not None:
            whole = reference[: parsed.two.at - 1]
            if Resolver(project.catalog).results(whole):
                return NotFound(
                    f"No results found for {shown(reference, 200)}",
                    hint=f"the run has no csvpath {shown(parsed.two.path)}",
                )
    return NotFound(
        f"No results found for {shown(reference, 200)}",
        hint="find_completed_runs lists the runs of a group",
    )


def _check_size(instances: Sequence[Instance], name: str) -> None:
    """Refuse files that would fill the memory: their size is looked at before they are read."""
    size = 0
    for each in instances:
        try:
            size += (each.home / name).stat().st_size
        except OSError:  # it has none, or reading it tells more
            continue
    if size > MOST_IN_JSON:
        raise _too_large(name)


def _too_large(name: str) -> Refused:
    return Refused(
        f"{shown(name, 200)} is larger than {MOST_IN_JSON:,} bytes",
        hint="such files are streamed by the archive operations of /v2, with raw",
    )
