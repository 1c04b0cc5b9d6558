"""Check a tree before any data is read.

In: a tree. Out: findings, errors and warnings. Unknown names get a "did you mean", arguments are
checked for number and kind, references for what can be reached, patterns and texts by the functions
that take them. Rules: spec/language.md 4, 5.13, 7; section 15 rows 1 to 3.
"""

from __future__ import annotations

import re
from difflib import get_close_matches
from functools import lru_cache
from typing import TYPE_CHECKING

from preboard.diagnostics import Diagnostic, Span
from preboard.language import nodes as n
from preboard.language.functions.library import functions
from preboard.language.functions.own import installed
from preboard.language.functions.signature import Signature, kinds_text
from preboard.language.print_text import PRINT_KINDS, PrintReference, parse_print_text
from preboard.language.syntax import WORDS

if TYPE_CHECKING:
    from collections.abc import Iterator, Sequence

    from preboard.language.functions.registry import Function

MOST_NODES = 20_000
"""No rule book needs as many; the code for more would take minutes and gigabytes to compile."""

_ON_ASSIGNMENT = frozenset(
    {
        "onmatch",
        "onchange",
        "asbool",
        "nocontrib",
        "latch",
        "increase",
        "decrease",
        "notnone",
        "renew",
        "tmp",
    }
)
_ON_HEADER = frozenset({"asbool", "nocontrib"})
_NOT_ON_FUNCTION = frozenset({"latch", "increase", "decrease", "renew", "tmp"})
_LONGEST_NAME = 60
_REFERENCE_KINDS = ("variables", "headers", "metadata", "csvpath", "csvpaths")


def check(components: Sequence[n.Component]) -> list[Diagnostic]:
    """Return every finding about the match components, in the order of the text."""
    nodes = [node for component in components for node in n.walk(component)]
    if len(nodes) > MOST_NODES:
        message = f"the statement has more than {MOST_NODES:,} parts"
        return [
            Diagnostic("too-large", message, nodes[MOST_NODES].span, hint="split it in several")
        ]
    found = [finding for node in nodes for finding in _check_node(node)]
    calls = [node for node in nodes if isinstance(node, n.Call)]
    found += [*_check_alone(calls), *_check_labels(calls), *_check_places(components, calls)]
    return sorted(found, key=lambda finding: finding.span.start)


def _check_alone(calls: Sequence[n.Call]) -> Iterator[Diagnostic]:
    """Find calls that make sense only as members of a schema and are none."""
    known = functions()
    members = {
        id(arg)
        for call in calls
        if call.name in known and known[call.name].schema
        for arg in call.args
    }
    for call in calls:
        declared = known.get(call.name)
        if declared is not None and declared.check_alone and id(call) not in members:
            yield from declared.check_alone(call)


def _check_places(
    components: Sequence[n.Component], calls: Sequence[n.Call]
) -> Iterator[Diagnostic]:
    """Find calls that can only be components of their own, and stand elsewhere."""
    known, whole = functions(), {id(component) for component in components}
    for call in calls:
        if call.name in known and known[call.name].component_only and id(call) not in whole:
            name = Span(call.span.start, call.span.start + len(call.name))
            message = f"{call.name}() can only be a component of its own"
            hint = "take it out of what it stands in"
            yield Diagnostic("misplaced-function", message, name, hint=hint)


def _check_labels(calls: Sequence[n.Call]) -> Iterator[Diagnostic]:
    """Find name qualifiers that two calls have though the name is to be the call's own."""
    taken: set[tuple[str, str]] = set()
    for call in calls:
        declared, label = functions().get(call.name), n.label(call)
        if declared is None or not declared.own_label or label is None:
            continue
        if (declared.name, label) in taken:
            message = f"two {declared.name}() are called {label}"
            hint = "give each a name qualifier of its own"
            yield Diagnostic("two-names", message, call.span, hint=hint)
        taken.add((declared.name, label))


def _check_node(node: n.Node) -> Iterator[Diagnostic]:
    match node:
        case n.Call():
            yield from _check_call(node)
        case n.Reference():
            yield from _check_reference(node)
        case n.Assignment():
            yield from _useless(node.target, _ON_ASSIGNMENT, "an assignment")
        case n.Header():
            yield from _useless(node, _ON_HEADER, "a header")


def _check_call(node: n.Call) -> Iterator[Diagnostic]:
    declared = functions().get(node.name)
    name = Span(node.span.start, node.span.start + len(node.name))
    if declared is None:
        message = f"no function is called {node.name[:_LONGEST_NAME]}"
        yield Diagnostic("unknown-function", message, name, hint=_meant(node.name))
        return
    yield from _check_args(node, declared, name)
    if declared.check:
        yield from declared.check(node)
    if declared.group == "printing":
        yield from _check_print(node)
    yield from _useless(node, n.QUALIFIERS - _NOT_ON_FUNCTION, "a function")


@lru_cache(maxsize=1024)
def _meant(name: str) -> str | None:
    """Return a hint at the function that was meant: by spelling, or by a word known elsewhere."""
    if len(name) > _LONGEST_NAME:
        return None
    word = name.lower()
    longer = sorted((n for n in functions() if n.startswith(word)), key=len)
    close = get_close_matches(word, functions(), n=1, cutoff=0.6)
    if word in functions():
        return f"did you mean {word}()?"
    if word in WORDS:
        return WORDS[word]
    if longer and len(word) > 2:  # noqa: PLR2004 - two letters begin too many names
        return f"did you mean {longer[0]}()?"
    if close:
        return f"did you mean {close[0]}()?"
    others = {point.dist.name for point in installed() if point.dist is not None}
    if others - {f.origin.partition(" ")[0] for f in functions().values() if f.origin}:
        return f"functions of {', '.join(sorted(others))} must be allowed before they can be called"
    return None


def _check_args(node: n.Call, declared: Function, name: Span) -> Iterator[Diagnostic]:
    signature = declared.signature_for(node.args)
    if signature is not None:
        yield from _check_literals(node, signature)
        return
    count = len(node.args)
    of_count = [s for s in declared.signatures if s.takes_count(count)]
    if not of_count:
        message = f"{node.name}() takes {_counts_text(declared)}, not {count}"
        yield Diagnostic("argument-count", message, name, hint=_usage(declared))
        return
    index = max(s.refused(node.args) or 0 for s in of_count)
    allowed = "".join(dict.fromkeys("".join(s.at(index).nodes for s in of_count)))
    arg = node.args[index]
    yield Diagnostic(
        "argument-kind",
        f"argument {index + 1} of {node.name}() must be {kinds_text(allowed)}",
        arg.span,
        hint=_usage(declared),
    )


def _check_literals(node: n.Call, signature: Signature) -> Iterator[Diagnostic]:
    """Try the literals on the places they fill: one that can never be taken is a finding."""
    for index, arg in enumerate(node.args):
        place = signature.at(index)
        if isinstance(arg, n.Term | n.Regex) and place.convert:
            value = arg.text if isinstance(arg, n.Regex) else arg.value
            try:
                place.convert(value)
            except ValueError:
                wants = place.wants.replace("one of: ", "").replace(", ", " or ")
                message = f"argument {index + 1} of {node.name}() must be {wants}"
                text = place.wants == "a string" and not isinstance(value, str)
                hint = f'write it in quotes: "{value}"' if text else None
                yield Diagnostic("argument-value", message, arg.span, hint=hint)


def _counts_text(declared: Function) -> str:
    least = min(s.least for s in declared.signatures)
    mosts = [s.most for s in declared.signatures]
    if None in mosts:
        return f"at least {least} argument{'s' if least != 1 else ''}"
    most = max(m for m in mosts if m is not None)
    if most == 0:
        return "no arguments"
    words = str(most) if least == most else f"{least} to {most}"
    return f"{words} argument{'s' if most != 1 else ''}"


def _usage(declared: Function) -> str:
    return "use " + " or ".join(f"{declared.name}({s.places})" for s in declared.signatures)


def _check_reference(node: n.Reference) -> Iterator[Diagnostic]:
    if node.kind not in _REFERENCE_KINDS:
        close = get_close_matches(node.kind, _REFERENCE_KINDS, n=1)
        hint = f"did you mean {close[0]}?" if close else f"one of {', '.join(_REFERENCE_KINDS)}"
        yield Diagnostic(
            "bad-reference", f"a reference cannot reach {node.kind!r}", node.span, hint=hint
        )
    elif node.kind != "csvpaths":
        yield _no_project(node.root, node.span, "@name")


def _check_print(node: n.Call) -> Iterator[Diagnostic]:
    text = node.args[0] if node.args else None
    if isinstance(text, n.Term) and isinstance(text.value, str):
        for part in parse_print_text(text.value):
            if isinstance(part, PrintReference) and part.root:
                start = text.span.start + 1 + text.value.index(f"${part.root}.")
                span = Span(start, start + len(part.root) + 1)
                yield _no_project(part.root, span, "$.variables.name")
        yield from _unknown_types(text.value, text.span.start + 1)


def _unknown_types(text: str, start: int) -> Iterator[Diagnostic]:
    """Find references to a type of value that does not exist: `$.variable.x`."""
    for found in re.finditer(r"\$\.([A-Za-z]\w*)\.[\w']", text):
        word = found[1]
        if word not in PRINT_KINDS:
            span = Span(start + found.start(), start + found.end(1))
            close = get_close_matches(word, PRINT_KINDS, n=1)
            hint = f"did you mean {close[0]}?" if close else f"one of {', '.join(PRINT_KINDS)}"
            message = f"a print reference cannot reach {word!r}"
            yield Diagnostic("bad-reference", message, span, hint=hint)


def _no_project(name: str, span: Span, own: str) -> Diagnostic:
    return Diagnostic(
        "needs-project",
        f"the results of {name!r} can only be reached in a project",
        span,
        hint=f"use {own} for a value of this statement",
    )


def _useless(
    node: n.Variable | n.Header | n.Call, useful: frozenset[str], where: str
) -> Iterator[Diagnostic]:
    """Warn of qualifiers that mean nothing here, and of words that look like a known one."""
    for word in node.qualifiers:
        if word in n.QUALIFIERS and word not in useful:
            message = f"the qualifier {word} means nothing on {where}"
            yield Diagnostic("useless-qualifier", message, node.span, "warning")
        elif word not in n.QUALIFIERS:
            close = get_close_matches(word.lower(), n.QUALIFIERS, n=1, cutoff=0.85)
            if close:
                message = f"{word} is taken as a name, not as a qualifier"
                hint = f"did you mean {close[0]}?"
                yield Diagnostic("near-qualifier", message, node.span, "warning", hint)
