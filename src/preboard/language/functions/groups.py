"""What needs the other statements and results of a project: spec/functions-b.md sections 5, 6."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from preboard.diagnostics import Diagnostic
from preboard.language import nodes as n
from preboard.language.functions.call import Fault
from preboard.language.functions.extras import missing_extra
from preboard.language.functions.registry import function
from preboard.language.functions.signature import Anything, Text, many
from preboard.language.functions.tables import RUNTIME_FIELDS
from preboard.language.values import Value, cell

if TYPE_CHECKING:
    from preboard.language.functions.call import Call
    from preboard.language.functions.services import Results


def imported_name(node: n.Call) -> tuple[str, str | None] | None:
    """Return the group and the identity, None for all of it, that an import() means.

    None is an import that names nothing.
    """
    match node.args[0]:
        case n.Reference(root=root, kind="csvpaths", item=item, tracking=None):
            return root, item
        case n.Term(value=str() as text):
            group, mark, identity = (part.strip() for part in text.partition("#"))
            return (group, identity or None) if group and bool(mark) == bool(identity) else None
        case _:
            return None


def _check_import(node: n.Call) -> list[Diagnostic]:
    """Refuse an import that says nothing, or, without a project, any."""
    if len(node.args) != 1 or not isinstance(node.args[0], n.Term | n.Regex | n.Reference):
        return []
    if imported_name(node) is None:
        message = 'import() takes "group#identity", "group" or $group.csvpaths.identity'
        return [Diagnostic("bad-import", message, node.args[0].span)]
    message = "import() takes its components from another statement, which needs a project"
    return [Diagnostic("needs-project", message, node.span, hint="write them here")]


@function(
    "import",
    group="import",
    gives="nothing",
    args=[Anything.on("TR").called("statement")],
    reads_run=False,
    component_only=True,
    check=_check_import,
)
def import_(_call: Call, _statement: Value) -> None:
    """Stands for the components of another statement of the project: "group#identity".

    Its scan part, comment and modes are left out. "group" takes the statements of the whole group.

    Example::

        $[1*][ import("orders#basic") ]
    """
    raise Fault("import() stands in a statement that no project prepared")


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
    check=lambda node: missing_extra(node, "jinja2", "jinja"),
)
def jinja(call: Call, template: str, output: str, *groups: str) -> None:
    """Fills in a Jinja template of the group and writes it to a file, on each line it is reached.

    The template is a file beside group.csvpaths, the output one beside the results.
    The template sees this run as `local`, with variables, headers, metadata and csvpath, and the
    latest results of each further name under that name.

    Example::

        $[1*][ last() -> jinja("summary.html", "summary-of-orders.html") ]
    """
    services = call.run.services
    values = {name: _latest(services.results(name)) for name in groups}
    services.render(template, output, {**values, "local": _local(call)})


def _latest(results: Results) -> dict[str, Value]:
    return {
        "variables": dict(results.variables()),
        "metadata": dict(results.metadata()),
        "csvpath": dict(results.fields()),
    }


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
