"""line() as spec/functions-b.md section 3 tells it: shape, names, values, no line twice."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from tests.slow.tree import declared, has

from preboard.language import nodes as n
from preboard.language.functions.schema import is_new
from preboard.language.values import cell, index_of, is_empty

if TYPE_CHECKING:
    from collections.abc import Iterator, Sequence

    from tests.slow.evaluator import Evaluator

    from preboard.language.functions.call import Call

NAMELESS = ("wildcard", "none")
"""The names of these members are not checked."""


def keeps_to(evaluator: Evaluator, node: n.Call) -> bool:
    """Say whether the line keeps to the schema, and report each thing that does not fit."""
    call = evaluator.calls[id(node)]
    run = evaluator.run_state
    members = [arg for arg in node.args if isinstance(arg, n.Call)]
    headers = run.line_headers
    places, end = laid_out(members, headers)
    errors = evaluator.count_errors()
    for message in misfits(members, places, end, headers):
        evaluator.report(call.component, call.chain, message)
    fits = evaluator.count_errors() == errors
    if has(node, "strict") and fits and len(run.row) != len(headers):
        evaluator.report(call.component, call.chain, f"{len(run.row)} values")
    cells = []
    for member, place in zip(members, places, strict=True):
        if declared(member).name == "wildcard":
            continue
        found = cell(run.row, place)
        if header_of(member):
            found = evaluator.value(member.args[0])
        cells.append(found)
        asked(evaluator, member, found)
    if not is_new(call, cells):  # a line that fails is remembered, too
        evaluator.report(call.component, call.chain, "these values were seen before")
    return evaluator.count_errors() == errors


def asked(evaluator: Evaluator, member: n.Call, found: Any) -> None:
    """Let a member judge its cell; a refusal is one error, whoever reports it."""
    errors = evaluator.count_errors()
    call = evaluator.calls[id(member)]
    vote = by_place(evaluator, member, call, found) if not member.args else None
    if vote is None:
        vote = evaluator.call(member)[1]
    if not vote and evaluator.count_errors() == errors:
        message = f"{found!r} is no {declared(member).name}"
        evaluator.report(call.component, call.chain, message)


def by_place(evaluator: Evaluator, member: n.Call, call: Call, found: Any) -> bool | None:
    """Return the vote of a member that names no header: it takes the cell at its place."""
    function = declared(member)
    emptied = has(member, "notnone") and is_empty(found)
    if emptied and not function.own_notnone and function.name != "none":
        evaluator.report(call.component, call.chain, "a member with notnone is empty")
        return False
    try:
        result = function.evaluate(call, found)
    except Exception as error:  # noqa: BLE001 - whatever goes wrong is an error of the line
        evaluator.fault(call, error)
        return False
    return evaluator.taken_apart(function, result)[1]


# where each member stands


def laid_out(members: Sequence[n.Call], headers: Sequence[str]) -> tuple[list[int], int]:
    """Return the place of each member, and how many headers are declared."""
    places: list[int] = []
    position = 0
    for number, member in enumerate(members):
        places.append(position)
        if declared(member).name != "wildcard":
            position += 1
            continue
        wanted = count_of(member)
        if wanted is not None:
            position += wanted
        else:
            position = max(position, reach(members[number + 1 :], headers))
    return places, position


def count_of(wildcard: n.Call) -> int | None:
    """Return how many headers a wildcard stands for, None for any number of them."""
    text = str(wildcard.args[0].value) if wildcard.args else "*"  # type: ignore[union-attr]
    return None if text.strip() == "*" else int(text)


def reach(behind: Sequence[n.Call], headers: Sequence[str]) -> int:
    """Return where the members behind an open wildcard begin.

    The next header that is named stands where it is named, and those before it stand before it;
    without one the members take the end of the line.
    """
    before = 0
    for member in behind:
        header = header_of(member)
        if header:
            place = index_of(header.name, headers, quoted=header.quoted)
            return 0 if place is None else place - before
        if declared(member).name == "wildcard":
            wanted = count_of(member)
            if wanted is None:
                return 0
            before += wanted
        else:
            before += 1
    return len(headers) - before


def misfits(
    members: Sequence[n.Call], places: Sequence[int], end: int, headers: Sequence[str]
) -> Iterator[str]:
    """Return what is wrong with the shape, and with each header that is not where it is named."""
    for member, place in zip(members, places, strict=True):
        header = header_of(member)
        if header is None or declared(member).name in NAMELESS or place >= len(headers):
            continue
        if headers[place] != header.name and place != index_of(
            header.name, headers, quoted=header.quoted
        ):
            yield f"#{header.name} does not stand at place {place}"
    if end != len(headers):
        yield f"{end} headers are declared, there are {len(headers)}"


def header_of(member: n.Call) -> n.Header | None:
    """Return the header that a member names."""
    first = member.args[0] if member.args else None
    return first if isinstance(first, n.Header) else None
