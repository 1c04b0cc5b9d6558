"""JSON in cells, and data files that are one JSON document: spec/functions-a.md section 7."""

from __future__ import annotations

import json
from typing import TYPE_CHECKING, Final

from preboard.diagnostics import Diagnostic
from preboard.language import nodes as n
from preboard.language.functions.call import Fault, Unusable
from preboard.language.functions.registry import Voted, function
from preboard.language.functions.signature import Anything, Text
from preboard.language.values import Value, is_empty

if TYPE_CHECKING:
    from types import ModuleType

    from preboard.language.functions.call import Call

GROUP: Final = "json"

_LONGEST_LENIENT = 20_000
"""Characters of a text that is read as JSON5 when it is no JSON: that takes a second."""


def _paths() -> ModuleType:
    from preboard.language.functions import json_paths  # noqa: PLC0415 - slow to load

    return json_paths


def _check_path(node: n.Call) -> list[Diagnostic]:
    """Find a literal that is no path."""
    path = node.args[-1] if node.args else None
    if not isinstance(path, n.Term) or not isinstance(path.value, str) or not path.value:
        return []
    try:
        _paths().compile_path(path.value)
    except Fault as error:
        return [Diagnostic("bad-path", str(error), path.span, hint='for example "$.orders[0].sku"')]
    return []


_Path: Final = Text.called("path")


@function(
    "jsonpath",
    group=GROUP,
    gives="value",
    forms=[[_Path.on("TVFR")], [Anything.called("json"), _Path]],
    returns_vote=True,
    reports=True,
    leaves=True,
    changes_flow=True,
    needs_document=True,
    check=_check_path,
)
def jsonpath(call: Call, first: Value, *rest: str) -> Voted:
    """What a JSONPath selects from the JSON in a value: `jsonpath(#doc, "$.orders[0].sku")`.

    The value is the selected one, a list where there are several or none, and None where there is
    no JSON. Matches when something was selected. Filters are written `[?(@.x == 'q')]`.
    With a path only, the whole data file is the document; it is looked at on one line only, so end
    the statement with stop(), or scan `$[0]`.

    Example on parcels.csv::

        $[1*][ gt(jsonpath(#contents, "$.weight"), 10) -> error("too heavy for a parcel") ]
    """
    try:
        if not rest:
            return _from_file(call, first)
        if is_empty(first):
            return Voted(None, vote=False)
        if isinstance(first, dict | list):
            return _selected(rest[0], first)
        return _selected(rest[0], read_json(first), len(first))
    except Fault as error:
        raise Unusable(str(error)) from error


def _selected(path: str, document: Value, characters: int = 0) -> Voted:
    paths = _paths()
    found = paths.select(paths.compile_path(path), document, characters)
    return Voted(found[0] if len(found) == 1 else found, vote=bool(found))


def _from_file(call: Call, path: str) -> Voted:
    """Return the selection from the data file; a second line is an error and ends the run."""
    if call.state is not None:
        call.run.stop("jsonpath(), which takes the data file as one document")
        message = "the data file is one JSON document: only one line can be looked at; use stop()"
        call.run.error(call, message)
        return Voted(call.state.value, vote=False)
    call.state = Voted(None, vote=False)
    text = call.run.document()
    call.state = _selected(path, read_json(text), len(text))
    return Voted(*call.state)


def read_json(value: Value) -> Value:
    """Return the document of a text, or of bytes; comments and the like are taken as in JSON5.

    Raises:
        Fault: it is no JSON.
    """
    if not isinstance(value, str | bytes):
        raise Fault(f"{value!r} is no JSON text")
    try:
        return json.loads(value.removeprefix("\ufeff") if isinstance(value, str) else value)
    except RecursionError as error:
        raise Fault("the JSON is nested too deeply") from error
    except ValueError as error:
        return _read_lenient(value, error)


def _read_lenient(value: str | bytes, error: ValueError) -> Value:
    import json5  # noqa: PLC0415 - slow to load

    reason = f"this is no JSON: {error}"
    try:
        text = value if isinstance(value, str) else value.decode(json.detect_encoding(value))
    except UnicodeDecodeError:
        raise Fault(reason) from error
    if len(text) > _LONGEST_LENIENT:
        raise Fault(reason) from error
    try:
        return json5.loads(text)
    except (ValueError, RecursionError):
        raise Fault(reason) from error


def _check_library(node: n.Call) -> list[Diagnostic]:
    """Find out before the run that the library of the extra is not there."""
    try:
        import jsonschema as _  # noqa: F401, PLC0415 - an extra
    except ImportError:
        message = "jsonschema() needs a library that is not installed"
        hint = "pip install 'preboard[json]'"
        return [Diagnostic("missing-library", message, node.span, hint=hint)]
    return []


@function(
    "jsonschema",
    group=GROUP,
    gives="match",
    args=[Text.called("schema").on("TVF")],
    default=False,
    changes_flow=True,
    needs_document=True,
    check=_check_library,
)
def jsonschema(call: Call, schema: str) -> bool:
    """Matches when the whole data file, one JSON document, is valid under a JSON Schema file.

    The schema is given by its path, or by its name beside the data file. The first violation is an
    error; the run ends on this line.

    Example on stock.json::

        $[0][ jsonschema("stock.schema.json") ]
    """
    from preboard.language.functions.json_schemas import first_violation  # noqa: PLC0415 - an extra

    call.run.stop("jsonschema(), which takes the data file as one document")
    rules = read_json(call.run.asset(schema))
    document = read_json(call.run.document())
    violation = first_violation(rules, document)
    if violation is not None:
        raise Fault(f"the document is not valid under {schema}: {violation}")
    return True
