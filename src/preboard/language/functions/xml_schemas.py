"""Validation of documents with XML Schema: lxml is the extra `xml`, loaded with this module.

Documents are read without a DTD from outside, without entities of their own and without a network.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from lxml import etree

from preboard.language.functions.call import Fault

if TYPE_CHECKING:
    from collections.abc import Callable


def first_problem(schema: bytes, document: bytes, asset: Callable[[str], bytes]) -> str | None:
    """Return what is wrong with a document first, None if the schema accepts it.

    `asset` gives the files that the schema includes; nothing else is loaded.

    Raises:
        Fault: the schema is none.
    """
    try:
        validator = etree.XMLSchema(_read(schema, asset))
    except (etree.LxmlError, ValueError, Fault) as error:
        raise Fault(f"this is no XML Schema: {error}") from error
    try:
        root = _read(document, _nothing)
    except (etree.LxmlError, ValueError, LookupError) as error:
        return f"this is no well-formed XML: {error}"
    declared = root.getroottree().docinfo.internalDTD
    if declared is not None and next(declared.iterentities(), None) is not None:
        return "XML that declares entities is not read"
    if validator.validate(root):
        return None
    problem = validator.error_log[0]
    return f"line {problem.line} of the document: {problem.message}"


def _read(content: bytes, asset: Callable[[str], bytes]) -> Any:
    parser = etree.XMLParser(
        resolve_entities=False, no_network=True, load_dtd=False, huge_tree=False
    )
    parser.resolvers.add(_Assets(asset))
    return etree.fromstring(content, parser)


def _nothing(name: str) -> bytes:
    raise Fault(f"a document may not load {name!r}")


class _Assets(etree.Resolver):  # type: ignore[misc]
    """Finds what a schema includes, and nothing else."""

    def __init__(self, asset: Callable[[str], bytes]) -> None:
        self._asset = asset

    def resolve(self, url: str, _public_id: str, context: Any) -> Any:
        """Return the content of a file that is asked for."""
        return self.resolve_string(self._asset(url), context)
