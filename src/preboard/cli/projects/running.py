"""`preboard run`: a group over a named-file."""

from enum import StrEnum
from itertools import islice
from typing import TYPE_CHECKING, Annotated, Any

import typer

from preboard.cli import options
from preboard.cli import parameters as general
from preboard.cli.exit import Exit
from preboard.cli.formats.json_document import dumps
from preboard.cli.grouping import example
from preboard.cli.output import Page, answer, has_colours, tell_error
from preboard.cli.progress import Meter
from preboard.cli.projects import parameters as p
from preboard.cli.shown import many
from preboard.cli.visible import visible
from preboard.errors import DataError

if TYPE_CHECKING:
    from preboard.runs.result import Instance, Run


_MOST_LINES = 20
_MOST_PRINTED = 100_000
_HARMLESS = "\t\xa0"


class Way(StrEnum):
    """The ways to run a group, as the reference names them."""

    COLLECT_PATHS = "collect_paths"
    FAST_FORWARD_PATHS = "fast_forward_paths"
    COLLECT_BY_LINE = "collect_by_line"
    FAST_FORWARD_BY_LINE = "fast_forward_by_line"


Method = Annotated[
    Way,
    typer.Option(
        "--method",
        metavar="METHOD",
        help="collect_paths, fast_forward_paths, collect_by_line or fast_forward_by_line: whether "
        "lines are kept in data.csv, and whether each line goes through all statements before the "
        "next is read.",
    ),
]
Template = Annotated[
    str | None,
    typer.Option(
        "--template",
        metavar="TEMPLATE",
        help="Directories between the group and the run, such as :1/:run_dir.",
    ),
]
MaxErrors = Annotated[
    int,
    typer.Option(
        "--max-errors", metavar="N", min=0, help="How many errors of a statement are shown."
    ),
]
Each = Annotated[
    bool,
    typer.Option("--each", help="Make a run for each of the files that FILE means."),
]


def run_command(  # noqa: PLR0913 - what can be said of a run
    file: p.NamedFile,
    group: p.GroupName,
    *,
    method: Method = Way.COLLECT_PATHS,
    each: Each = False,
    template: Template = None,
    delimiter: general.Delimiter = None,
    quotechar: general.Quotechar = None,
    max_errors: MaxErrors = 3,
    timeout: general.Timeout = None,
    no_progress: general.NoProgress = False,
    project: p.ProjectDirectory = None,
    as_json: p.AsJson = False,
) -> int:
    """Run a group over a named-file, and keep what comes out in the archive.

    Exits with 0 when the data is valid, 1 when it is not, 3 when the run could not be made. With
    --each the worst of the runs counts.
    """
    p.need_word(file, "the name of a file")
    p.need_word(group, "the name of a group")
    told: dict[str, Any] = {
        "method": method.value,
        "template": template,
        "timeout_s": options.seconds(timeout),
        **options.dialect(delimiter, quotechar),
    }
    shown: list[bool] = []

    def show(run: "Run") -> None:
        shown.append(run.valid)
        with answer() as out:
            if as_json:
                out.write(dumps(_document(run)) + "\n")
            else:
                _write(Page(out, colours=has_colours(out)), run, max_errors)

    with p.opened(project) as opened, Meter(file, wanted=not no_progress) as meter:
        try:
            if each:
                opened.run_each(file, group, progress=meter.watch, ended=show, **told)
            else:
                show(opened.run(file, group, progress=meter.watch, **told))
        except DataError as error:
            tell_error(error)
            return Exit.INVALID
    return Exit.VALID if all(shown) else Exit.INVALID


def _write(page: Page, run: "Run", most: int) -> None:
    page.line(p.told(run.reference), ": ", _word(valid=run.valid))
    widest = max((len(p.told(each.identity)) for each in run.instances), default=0)
    for each in run.instances:
        errors = f", {many(each.error_count, 'error')}" if each.error_count else ""
        read = "" if each.completed else ", not read to its end"
        page.line(f"  {p.told(each.identity):<{widest}}  ", _word(valid=each.valid), errors, read)
        _write_errors(page, each, most)
        _write_printouts(page, each)
    page.line(f"  {p.place_of(run.home)}")


def _write_errors(page: Page, instance: "Instance", most: int) -> None:
    """Write the first errors, and how to get all of them."""
    from preboard.engine.report import LineError  # noqa: PLC0415 - only when there are errors

    if not instance.error_count or not most:
        return
    for entry in islice(instance.errors(), most):
        error = LineError(
            entry.line_count,
            entry.text_line,
            entry.message,
            column=entry.column,
            value=entry.value,
            expected=entry.expected,
        )
        page.line(f"    {example(error)}")
    if instance.error_count > most:
        more = f"{instance.error_count - most:,} more"
        page.line((f"    {more}: preboard get '{p.told(instance.reference)}:errors'", "dim"))


def _write_printouts(page: Page, instance: "Instance") -> None:
    """Write what was printed, if it is not much."""
    path = instance.file("printouts.txt")
    if path is None:
        return
    printed = instance.printouts if path.stat().st_size <= _MOST_PRINTED else {}
    lines = [line for texts in printed.values() for line in texts]
    for line in lines[:_MOST_LINES]:
        page.line(f"    | {visible(line, keep=_HARMLESS)}")
    if not lines or len(lines) > _MOST_LINES:
        page.line((f"    printed: preboard get '{p.told(instance.reference)}:printouts'", "dim"))


def _word(*, valid: bool) -> tuple[str, str]:
    return ("valid", "green") if valid else ("INVALID", "bold red")


def _document(run: "Run") -> dict[str, Any]:
    return {
        "reference": run.reference,
        "uuid": run.id,
        "state": run.state,
        "valid": run.valid,
        "completed": run.completed,
        "error_count": run.error_count,
        "run_home": run.manifest.run_home,
        "instances": [_instance(each) for each in run.instances],
    }


def _instance(each: "Instance") -> dict[str, Any]:
    return {
        "identity": each.identity,
        "reference": each.reference,
        "valid": each.valid,
        "completed": each.completed,
        "error_count": each.error_count,
        "files": sorted(each.manifest.file_fingerprints or {}),
    }
