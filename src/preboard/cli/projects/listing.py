"""`preboard list` and `config`: what a project holds, and how it is set."""

from collections.abc import Callable, Iterator, Sequence
from enum import StrEnum
from functools import partial
from typing import TYPE_CHECKING, Annotated, Any

import typer

from preboard.cli.exit import Exit
from preboard.cli.formats.json_document import dumps
from preboard.cli.options import UsageError
from preboard.cli.output import answer, tell
from preboard.cli.projects import parameters as p
from preboard.cli.projects.columns import moment, write_columns

if TYPE_CHECKING:
    from preboard.project.project import Project

Row = dict[str, Any]


class Kind(StrEnum):
    """What can be listed."""

    FILES = "files"
    GROUPS = "groups"
    RUNS = "runs"


class Asked(StrEnum):
    """What can be asked of the settings."""

    SHOW = "show"


class RunState(StrEnum):
    """How far a run is."""

    RUNNING = "running"
    COMPLETE = "complete"
    FAILED = "failed"
    ABORTED = "aborted"


_ENDED = (RunState.COMPLETE, RunState.FAILED)
"""The states of runs that came to their end: those that references lead to."""

States = Annotated[
    list[RunState] | None,
    typer.Option(
        "--state",
        metavar="STATE",
        help="Only runs in this state: running, complete, failed, or aborted, whose process died; "
        "may be repeated. Without it those that came to their end: complete and failed.",
    ),
]
AllStates = Annotated[bool, typer.Option("--all", "-a", help="Runs in every state.")]


def list_command(
    kind: Annotated[Kind, typer.Argument(metavar="files|groups|runs", help="What is listed.")],
    *,
    state: States = None,
    all_states: AllStates = False,
    project: p.ProjectDirectory = None,
    as_json: p.AsJson = False,
) -> int:
    """List the named-files, the groups or the runs of a project. Times are UTC.

    Exits with 0, also when there is none; 3 when the project cannot be opened.
    """
    if kind is not Kind.RUNS and (state or all_states):
        raise UsageError(f"{kind} have no state: --state and --all are for runs")
    if state and all_states:
        raise UsageError("--state and --all exclude each other")
    rows, titles, words = _LISTS[kind]
    if kind is Kind.RUNS:
        rows = partial(_runs, states=tuple(RunState) if all_states else tuple(state or _ENDED))
    with p.opened(project) as opened, answer() as out:
        if as_json:
            for row in rows(opened):
                out.write(dumps(row) + "\n")
            return Exit.VALID
        listed = [words(row) for row in rows(opened)]
        write_columns(out, titles, listed)
    if not listed:
        tell(f"there are no such {kind}" if state else f"there are no {kind} yet")
    return Exit.VALID


def config_command(
    asked: Annotated[Asked, typer.Argument(metavar="show", help="What is asked of the settings.")],
    *,
    project: p.ProjectDirectory = None,
    as_json: p.AsJson = False,
) -> int:
    """Show the settings of a project: config.ini with its variables filled in, secrets masked.

    Exits with 0, 2 when config.ini is wrong, 3 when the project cannot be opened.
    """
    from preboard.config.masking import shown_sections  # noqa: PLC0415 - only when used

    assert asked is Asked.SHOW  # noqa: S101 - there is nothing else
    with p.opened(project) as opened:
        sections = shown_sections(opened.settings)
    with answer() as out:
        if as_json:
            out.write(dumps(sections) + "\n")
            return Exit.VALID
        for name, values in sections.items():
            out.write(f"[{p.told(name)}]\n")
            for key, value in values.items():
                out.write(f"{p.told(key)} = {p.told(value)}\n")
    return Exit.VALID


def _files(project: "Project") -> Iterator[Row]:
    from preboard.catalog.span import Span  # noqa: PLC0415 - only when used

    for name in project.catalog.files.all():
        last = project.catalog.versions.pick(name, Span(), -1)
        if last is not None:
            yield {
                "name": name,
                "versions": project.catalog.versions.count(name),
                "last": last.time,
                "reference": last.reference,
                "file": last.entry.file,
                "file_name": last.entry.file_name,
                "size": last.size,
            }


def _file_words(row: Row) -> Sequence[object]:
    return [row["name"], row["versions"], moment(row["last"]), row["size"], row["file_name"]]


def _groups(project: "Project") -> Iterator[Row]:
    for name in project.catalog.groups.all():
        load = project.catalog.loads.latest(name)
        if load is not None:
            yield {
                "name": name,
                "statements": load.entry.named_paths_count,
                "loaded": load.time,
                "identities": load.entry.named_paths_identities,
            }


def _group_words(row: Row) -> Sequence[object]:
    identities = ", ".join(row["identities"])
    return [row["name"], row["statements"], moment(row["loaded"]), identities]


def _runs(project: "Project", states: Sequence[RunState] = _ENDED) -> Iterator[Row]:
    for run in project.catalog.runs.each(states=[each.value for each in states]):
        yield {
            "reference": run.reference,
            "uuid": run.id,
            "state": run.state,
            "valid": run.valid,
            "completed": run.completed,
            "error_count": run.errors or 0,
            "file": run.manifest.named_file_name,
            "group": run.manifest.named_paths_name,
            "time": run.time,
            "reason": run.reason,
        }


def _run_words(row: Row) -> Sequence[object]:
    outcome = "valid" if row["valid"] else "INVALID"
    if row["state"] != "complete":
        outcome = row["state"]
    return [row["reference"], outcome, row["error_count"], row["file"], moment(row["time"])]


_LISTS: dict[
    Kind,
    tuple[Callable[["Project"], Iterator[Row]], list[str], Callable[[Row], Sequence[object]]],
] = {
    Kind.FILES: (_files, ["name", "versions", "last", "bytes", "file"], _file_words),
    Kind.GROUPS: (_groups, ["name", "statements", "loaded", "identities"], _group_words),
    Kind.RUNS: (_runs, ["reference", "outcome", "errors", "file", "time"], _run_words),
}
