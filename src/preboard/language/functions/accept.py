"""Fast tests of schema types, as expressions over a raw cell in generated code.

A test may only accept what the exact rule accepts too; what it refuses goes to the exact rule. The
cell is text as it stands in the file, or None on a short line. Generated code knows the helpers
`DECIMAL`, `POINTED` and `EMAIL`.
"""

from __future__ import annotations

import re
from typing import TYPE_CHECKING, Final

from preboard.language import nodes as n
from preboard.language.functions.type_rules import PLAIN_LOCAL, is_plain_domain

if TYPE_CHECKING:
    from collections.abc import Callable

_MOST_DOMAINS = 10_000


def string(member: n.Call, cell: str) -> str | None:
    """Return the test of string: length, and no blanks at the ends that trimming would cut."""
    bounds = _whole_bounds(member)
    if bounds is None:
        return None
    most, least = bounds
    shortest = max(least or 0, 1)
    size = f"len({cell}) == {most}" if most == shortest else f"{shortest} <= len({cell})"
    if most is not None and most != shortest:
        size = f"{size} <= {most}"
    test = f"{size} and {cell}.strip() == {cell}"
    if "notnone" in member.qualifiers:
        if _may_have(3, shortest, most):
            test += f" and {cell} != 'nan'"
        if _may_have(4, shortest, most):
            test += f" and (len({cell}) != 4 or {cell}.lower() != 'none')"
    return _or_empty(member, cell, test) if not least else f"({cell} and {test})"


def _may_have(length: int, shortest: int, most: int | None) -> bool:
    return shortest <= length and (most is None or length <= most)


def integer(member: n.Call, cell: str) -> str | None:
    """Return the test of integer without bounds: a few plain digits."""
    if len(member.args) > 1:
        return None
    return _or_empty(member, cell, f"{cell}.isdecimal() and len({cell}) < 20")


def decimal(member: n.Call, cell: str) -> str | None:
    """Return the test of decimal without bounds: digits, perhaps a sign and a point."""
    if len(member.args) > 1:
        return None
    if "strict" in member.qualifiers:
        return _or_empty(member, cell, f"POINTED({cell})")
    digits = f"len({cell}) < 40 and {cell}.replace('.', '', 1).isdecimal()"
    return _or_empty(member, cell, f"({digits} or DECIMAL({cell}))")


def email(member: n.Call, cell: str) -> str:
    """Return the test of email: a plain local part, at a domain that was accepted before."""
    return _or_empty(member, cell, f"EMAIL({cell})")


def _or_empty(member: n.Call, cell: str, test: str) -> str:
    """Return the test of a cell that may be empty, unless notnone says otherwise."""
    return f"({cell} and {test})" if "notnone" in member.qualifiers else f"(not {cell} or {test})"


def _whole_bounds(member: n.Call) -> tuple[int | None, int | None] | None:
    """Return the literal bounds of string(), None when they are no whole numbers."""
    found: list[int | None] = []
    for arg in member.args[1:]:
        if not isinstance(arg, n.Term) or not isinstance(arg.value, int) or arg.value < 1:
            return None
        found.append(arg.value)
    most, least = [*found, None, None][:2]
    return None if most is not None and least is not None and most < least else (most, least)


def plain_email() -> Callable[[str], bool]:
    """Return a test that accepts plain addresses at domains that were accepted before."""
    domains: set[str] = set()

    def accepts(cell: str) -> bool:
        local, _, domain = cell.partition("@")
        if domain in domains:
            return PLAIN_LOCAL(local) is not None
        if len(domains) < _MOST_DOMAINS and is_plain_domain(domain):
            domains.add(domain)
        return False

    return accepts


def helpers() -> dict[str, Callable[..., object]]:
    """Return the names that the tests use, made anew for each run."""
    return {"DECIMAL": _DECIMAL, "POINTED": _POINTED, "EMAIL": plain_email()}


_DECIMAL: Final = re.compile(r"-?[0-9]{1,20}(?:\.[0-9]{1,20})?").fullmatch
_POINTED: Final = re.compile(r"-?[0-9]{1,20}\.[0-9]{1,20}").fullmatch
