"""XML in cells, and data files that are one XML document: spec/functions-b.md section 13.

The libraries are loaded when a statement uses one of these functions; lxml, which xsd() needs, is
the extra `xml`.
"""

from __future__ import annotations

import math
from functools import lru_cache
from typing import TYPE_CHECKING, Any

from preboard.diagnostics import Diagnostic
from preboard.language import nodes as n
from preboard.language.functions.call import Fault, Unusable
from preboard.language.functions.extras import missing_extra
from preboard.language.functions.registry import Voted, function
from preboard.language.functions.signature import Text, TextOrNone

if TYPE_CHECKING:
    from preboard.language.functions.call import Call


def _paths() -> Any:
    from preboard.language.functions import xml_paths  # noqa: PLC0415 - slow to load

    return xml_paths


def _check_xpath(node: n.Call) -> list[Diagnostic]:
    """Return a finding for a literal path that is none."""
    path = node.args[-1] if node.args else None
    if not isinstance(path, n.Term) or not isinstance(path.value, str) or not path.value:
        return []
    try:
        _paths().check_path(path.value)
    except Fault as error:
        return [Diagnostic("bad-path", str(error), path.span, hint='for example "/orders/order"')]
    return []


def _check_xsd(node: n.Call) -> list[Diagnostic]:
    return missing_extra(node, "lxml", "xml")


@lru_cache(maxsize=4)
def _read_cell(text: str) -> Any:
    """Return the document of a cell: several paths of a statement may be asked of the same one."""
    return _paths().read_document(text)


@function(
    "xpath",
    group="xml",
    gives="value",
    forms=[[Text.called("path")], [TextOrNone.called("xml"), Text.called("path")]],
    acts=True,
    returns_vote=True,
    reports=True,
    leaves=True,
    changes_flow=True,
    needs_document=True,
    whole_file=lambda node: len(node.args) == 1,
    check=_check_xpath,
)
def xpath(call: Call, *given: str) -> Voted:
    """What an XPath selects from XML in a value; with one argument from the data file as a whole.

    One node gives its text, several a stack, none an empty stack; numbers, booleans and texts are
    given as they are. Matches when something is selected: true, a number, a text that is not empty.
    The data file as a whole is read on one line only: stop() behind it, or scan one line.

    Example on parcels.csv::

        $[1*][ push("cities", xpath(#label, "/to/city")) ]
    """
    try:
        if len(given) == 1:
            document = _document(call)
        elif not (given[0] or "").strip():
            return Voted(None, vote=False)
        else:
            document = _read_cell(given[0])
        found = _paths().select(document, given[-1])
    except Fault as error:
        raise Unusable(str(error)) from error
    if not isinstance(found, list):
        value = found.strip() if isinstance(found, str) else found
        return Voted(value, vote=not math.isnan(value) if isinstance(value, float) else bool(value))
    texts = [text.strip() for text in found]
    return Voted(texts[0] if len(texts) == 1 else texts, vote=bool(texts))


def _document(call: Call) -> Any:
    """Return the data file; on a second line that is an error and ends the run."""
    line = call.run.line_number
    if call.state is None:
        call.state = line, _paths().read_document(call.run.document())
    first, document = call.state
    if line != first:
        call.run.error(call, "the data file is one document: it is read on one line only")
        call.run.stop("xpath()")
    return document


@function(
    "xsd",
    group="xml",
    gives="match",
    args=[Text.on("TVF").called("file")],
    acts=True,
    default=False,
    reports=True,
    changes_flow=True,
    needs_document=True,
    whole_file=lambda _node: True,
    check=_check_xsd,
)
def xsd(call: Call, file: str) -> bool:
    """Matches when the data file is an XML document that an XML Schema (XSD) accepts.

    The file of the schema is kept with the statement, or is a path. The run ends after this line.

    Example on order.xml::

        $[0][ xsd("order.xsd") ]
    """
    from preboard.language.functions.xml_schemas import first_problem  # noqa: PLC0415 - an extra

    call.run.stop("xsd()")
    problem = first_problem(call.run.asset(file), call.run.document(), call.run.asset)
    if problem:
        call.run.error(call, problem)
    return not problem
