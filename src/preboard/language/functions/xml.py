"""XML in cells and XML data files: spec/functions-b.md section 13.

Documents are read without a DTD from outside, without expanding entities, and without a network.
lxml is the extra `xml`; it is loaded when a statement uses one of these functions.
"""

from __future__ import annotations

import math
from functools import cache, lru_cache
from typing import TYPE_CHECKING, Any

from preboard.diagnostics import Diagnostic
from preboard.language import nodes as n
from preboard.language.functions.call import Fault, Unusable
from preboard.language.functions.extras import missing_extra
from preboard.language.functions.registry import Voted, function
from preboard.language.functions.signature import Text, TextOrNone

if TYPE_CHECKING:
    from preboard.language.functions.call import Call
    from preboard.language.values import Value

Element = Any
"""An element of lxml, which has no types."""


@cache
def _lxml() -> Any:
    from lxml import etree  # noqa: PLC0415 - an extra

    return etree


def _check_xpath(node: n.Call) -> list[Diagnostic]:
    """Return a finding for a literal path that is none."""
    found = missing_extra(node, "lxml", "xml")
    path = node.args[-1] if node.args else None
    if found or not isinstance(path, n.Term) or not isinstance(path.value, str):
        return found
    try:
        _compiled(path.value, ())
    except Fault as error:
        return [Diagnostic("bad-path", str(error), path.span)]
    return []


def _check_xsd(node: n.Call) -> list[Diagnostic]:
    return missing_extra(node, "lxml", "xml")


@lru_cache(maxsize=256)
def _compiled(path: str, prefixes: tuple[tuple[str, str], ...]) -> Any:
    """Return a path made ready.

    Raises:
        Fault: it is no XPath 1.0 expression.
    """
    etree = _lxml()
    try:
        return etree.XPath(path, namespaces=dict(prefixes), smart_strings=False)
    except (etree.XPathError, ValueError) as error:
        raise Unusable(f"{path!r} is no XPath: {error}") from error


def read_xml(document: str | bytes) -> Element:
    """Return the root of a document; text is taken as it is, whatever encoding it names.

    Raises:
        Fault: it is not well-formed, or declares entities.
    """
    etree = _lxml()
    is_text = isinstance(document, str)
    content = document.encode("utf-8", "surrogatepass") if isinstance(document, str) else document
    parser = etree.XMLParser(
        encoding="utf-8" if is_text else None,
        resolve_entities=False, no_network=True, load_dtd=False, huge_tree=False,
    )  # fmt: skip
    try:
        root: Element = etree.fromstring(content, parser)
    except (etree.XMLSyntaxError, ValueError, LookupError) as error:
        raise Unusable(f"this is no well-formed XML: {error}") from error
    declared = root.getroottree().docinfo.internalDTD
    if declared is not None and next(declared.iterentities(), None) is not None:
        raise Unusable("XML that declares entities is not read")
    return root


@lru_cache(maxsize=4)
def _read_cell(text: str) -> Element:
    """Return the root of a cell: several paths of a statement may be asked of the same one."""
    return read_xml(text)


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
    check=_check_xpath,
)
def xpath(call: Call, *given: str) -> Voted:
    """What an XPath selects from XML in a value; with one argument from the data file as a whole.

    One node gives its text, several a stack, none an empty stack; numbers, booleans and texts are
    given as they are. Matches when something is selected: true, a number, a text that is not empty.
    The data file as a whole is read on one line only: stop() behind it, or scan one line.
    """
    if len(given) == 1:
        root = _document(call)
    elif not (given[0] or "").strip():
        return Voted(None, vote=False)
    else:
        root = _read_cell(given[0])
    found = _select(root, given[-1])
    return Voted(found, vote=_is_selected(found))


def _document(call: Call) -> Element:
    """Return the root of the data file; on a second line that is an error and ends the run."""
    line = call.run.line_number
    if call.state is None:
        call.state = line, read_xml(call.run.document())
    first, root = call.state
    if line != first:
        call.run.error(call, "the data file is one document: it is read on one line only")
        call.run.stop("xpath()")
    return root


def _select(root: Element, path: str) -> Value:
    etree = _lxml()
    prefixes = tuple(sorted((prefix, uri) for prefix, uri in root.nsmap.items() if prefix))
    try:
        found = _compiled(path, prefixes)(root.getroottree())
    except (etree.XPathError, ValueError) as error:
        raise Unusable(f"{path!r} cannot be selected: {error}") from error
    if not isinstance(found, list):
        return found.strip() if isinstance(found, str) else found
    values = [_text_of_node(node) for node in found]
    return values[0] if len(values) == 1 else values


def _text_of_node(node: Any) -> str:
    """Return the text of an element, a comment, an attribute, a namespace."""
    if isinstance(node, str):
        return node.strip()
    if isinstance(node, tuple):  # a prefix and its namespace
        return str(node[1])
    text: str = _lxml().XPath("string()", smart_strings=False)(node)
    return text.strip()


def _is_selected(value: Value) -> bool:
    if isinstance(value, float):
        return not math.isnan(value)
    return bool(value)


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
    check=_check_xsd,
)
def xsd(call: Call, file: str) -> bool:
    """Matches when the data file is an XML document that an XML Schema (XSD) accepts.

    The file of the schema is kept with the statement, or is a path. The run ends after this line.
    """
    call.run.stop("xsd()")
    schema = _schema(call, file)
    try:
        document = read_xml(call.run.document())
        if schema.validate(document):
            return True
        problem = schema.error_log[0]
        call.run.error(call, f"line {problem.line} of the document: {problem.message}")
    except Fault as error:
        call.run.error(call, str(error))
    return False


def _schema(call: Call, file: str) -> Any:
    """Return the schema of a file; files that it includes are found as it was.

    Raises:
        Fault: there is no such file, or it is no schema.
    """
    etree = _lxml()

    def resolve(self: Any, url: str, _public_id: str, context: Any) -> Any:
        return self.resolve_string(call.run.asset(url), context)

    parser = etree.XMLParser(resolve_entities=False, no_network=True, load_dtd=False)
    parser.resolvers.add(type("Assets", (etree.Resolver,), {"resolve": resolve})())
    content = call.run.asset(file)
    try:
        return etree.XMLSchema(etree.fromstring(content, parser))
    except (etree.LxmlError, ValueError, Fault) as error:
        raise Fault(f"{file!r} is no XML Schema: {error}") from error
