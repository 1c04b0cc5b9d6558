"""What a part of a statement may do to a line, so that generated code is ready for it.

Code that cannot fail is written without a `try`: most lines have nothing to report.
"""

from __future__ import annotations

from preboard.engine.plan import declared, inlined
from preboard.language import nodes as n

_PLAIN = frozenset({"onmatch", "nocontrib", "asbool", "renew", "tmp"})
"""Qualifiers of an assignment that leave `V[name] = value` as it is."""


def may_fault(node: n.Node) -> bool:
    """Say whether a node may report an error of its line."""
    return any(
        (isinstance(part, n.Call) and is_guarded(part))
        or (isinstance(part, n.Assignment) and not is_plain(part.target))
        for part in n.walk(node)
    )


def changes_flow(node: n.Node) -> bool:
    """Say whether a node may stop the run or leave the line."""
    return any(isinstance(part, n.Call) and declared(part).changes_flow for part in n.walk(node))


def looks_at_run(node: n.Call) -> bool:
    """Say whether a call needs the run to know the line: it reads it, or reports and goes on."""
    function = declared(node)
    goes_on = function.notnone_goes_on and "notnone" in node.qualifiers
    return (function.reads_run and not inlined(node)) or function.reports or goes_on


def is_guarded(node: n.Call) -> bool:
    """Say whether a call may report an error of its line."""
    function = declared(node)
    if function.flow or inlined(node):
        return "notnone" in node.qualifiers
    signature = function.signature_for(node.args)
    converts = signature is not None and any(
        signature.at(i).convert is not None for i in range(len(node.args))
    )
    literal = all(isinstance(arg, n.Term) for arg in node.args)
    return "notnone" in node.qualifiers or function.fails or (converts and not literal)


def is_plain(target: n.Variable) -> bool:
    """Say whether an assignment to a variable is no more than to set it."""
    return n.label(target) is None and n.known(target) <= _PLAIN
