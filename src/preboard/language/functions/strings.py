"""Functions on text: spec/functions-b.md section 10."""

from __future__ import annotations

from functools import lru_cache
from typing import TYPE_CHECKING

import regex as re

from preboard.diagnostics import Diagnostic
from preboard.language import nodes as n
from preboard.language.functions.call import Fault
from preboard.language.functions.registry import function
from preboard.language.functions.signature import Anything, Integer, TextOrEmpty, optional
from preboard.language.values import Value, text_of

if TYPE_CHECKING:
    from preboard.language.functions.call import Call

SECONDS_PER_SEARCH = 1.0
"""A pattern that takes longer on one value is an error of that line: no pattern can hang a run."""


@function(
    "length",
    group="strings",
    gives="value",
    args=[TextOrEmpty],
    votes=bool,
    reads_run=False,
)
def length(_call: Call, text: str) -> int:
    """The number of characters; matches when there are any."""
    return len(text)


@lru_cache(maxsize=1024)
def compile_pattern(text: str) -> re.Pattern[str]:
    """Return the pattern between the slashes of a regex term.

    Raises:
        regex.error: the pattern is wrong.
    """
    return re.compile(text[1:-1])


def _is_pattern(value: object) -> bool:
    return isinstance(value, str) and len(value) > 1 and value[0] == value[-1] == "/"


def _check_pattern(node: n.Call) -> list[Diagnostic]:
    """Return a finding for each literal pattern that is none."""
    found = []
    for arg in node.args:
        text = (
            arg.text if isinstance(arg, n.Regex) else arg.value if isinstance(arg, n.Term) else None
        )
        if isinstance(text, str) and _is_pattern(text):
            try:
                compile_pattern(text)
            except re.error as error:
                found.append(Diagnostic("bad-pattern", f"this pattern is wrong: {error}", arg.span))
    return found


@function(
    "regex",
    group="strings",
    gives="value",
    args=[Anything, Anything, optional(Integer.called("group"))],
    votes=lambda value: value is not None,
    check=_check_pattern,
    reads_run=False,
)
def regex(_call: Call, first: Value, second: Value, group: int = 0) -> str | None:
    """The first match of a pattern in a text, or one of its groups; None where there is none.

    Text and pattern may stand in either order. Matches when something was found.
    """
    pattern, text = (second, first) if _is_pattern(second) else (first, second)
    if not _is_pattern(pattern):
        raise Fault("regex() needs a pattern between slashes")
    if text is None:
        return None
    try:
        found = compile_pattern(pattern).search(text_of(text), timeout=SECONDS_PER_SEARCH)
        return found[group].strip() if found and found[group] is not None else None
    except re.error as error:
        raise Fault(f"this pattern is wrong: {error}") from error
    except TimeoutError as error:
        raise Fault(
            f"the pattern took longer than {SECONDS_PER_SEARCH:g} s on one value"
        ) from error
    except IndexError:
        return None
