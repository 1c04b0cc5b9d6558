"""Functions that need a library of an extra: the statement is refused where it is not installed."""

from __future__ import annotations

from functools import cache
from importlib.util import find_spec
from typing import TYPE_CHECKING

from preboard.diagnostics import Diagnostic, Span

if TYPE_CHECKING:
    from preboard.language import nodes as n


@cache
def _is_installed(module: str) -> bool:
    return find_spec(module) is not None


def missing_extra(node: n.Call, module: str, extra: str) -> list[Diagnostic]:
    """Return a finding if the library of a function is not installed."""
    if _is_installed(module):
        return []
    name = Span(node.span.start, node.span.start + len(node.name))
    message = f"{node.name}() needs {module}, which is not installed"
    return [Diagnostic("needs-extra", message, name, hint=f"pip install 'preboard[{extra}]'")]
