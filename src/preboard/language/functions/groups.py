"""What needs the other statements and results of a project: spec/functions-b.md sections 5, 6."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from preboard.diagnostics import Diagnostic
from preboard.language import nodes as n
from preboard.language.functions.registry import function
from preboard.language.functions.signature import Anything, Text, many
from preboard.language.functions.tables import RUNTIME_FIELDS
from preboard.language.values import Value, cell

if TYPE_CHECKING:
    from collections.abc import Mapping

    from preboard.language.functions.call import Call


def _check_import(node: n.Call) -> list[Diagnostic]:
    """Refuse an import that was not resolved: a project puts the components in its place."""
    if len(node.args) != 1 or not isinstance(node.args[0], n.Term | n.Reference):
        return []
    message = "import() takes its components from another statement, which needs a project"
    return [Diagnostic("needs-project", message, node.span, hint="write them here")]


@function(
    "import",
    group="import",
    gives="nothing",
    args=[Anything.on("TR").called("statement")],
    reads_run=False,
    fails=False,
    check=_check_import,
)
def import_(_call: Call, _statement: Value) -> None:
    """Stands for the components of another statement of the project: "group#identity".

    Its scan part, comment and modes are left out. "group" takes the statements of the whole group.
    """


@function(
    "jinja",
    group="printing",
    gives="nothing",
    args=[
        Text.called("template"),
        Text.called("output"),
        many(Text.called("results")),
    ],
    acts=True,
    needs_totals=True,
)
def jinja(call: Call, template: str, output: str, *groups: str) -> None:
    """Fills in a Jinja template of the project and writes it to a file, on each line it is reached.

    The template sees this run as `local`, with variables, headers, metadata and csvpath, and the
    latest results of each further name under that name.
    """
    services = call.run.services
    values: dict[str, Mapping[str, Value]] = {name: services.results(name) for name in groups}
    services.render(template, output, {"local": _local(call), **values})


def _local(call: Call) -> dict[str, Any]:
    run = call.run
    fields = {}
    for field in RUNTIME_FIELDS:
        try:
            fields[field] = run.runtime(field)
        except KeyError:
            continue
    cells = {name: cell(run.row, index) for index, name in enumerate(run.line_headers)}
    return {
        "variables": run.variables,
        "headers": {name: "" if value is None else value for name, value in cells.items()},
        "metadata": run.metadata,
        "csvpath": fields,
    }
