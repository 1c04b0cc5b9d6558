"""Regular expressions and phonetic keys: spec/functions-b.md section 10."""

from __future__ import annotations

import re
from functools import lru_cache
from typing import TYPE_CHECKING, Final

from metaphone import doublemetaphone

from preboard.diagnostics import Diagnostic
from preboard.language import nodes as n
from preboard.language.functions.call import Fault
from preboard.language.functions.registry import function
from preboard.language.functions.signature import AnyText, Anything, Integer, optional
from preboard.language.values import Value, text_of

if TYPE_CHECKING:
    from regex import Match, Pattern

    from preboard.language.functions.call import Call

GROUP: Final = "strings"

SECONDS_PER_SEARCH = 1.0
"""A pattern that takes longer on one value is an error of that line: no pattern can hang a run."""


LONGEST_PATTERN = 10_000
MOST_WRITTEN_OUT = 100_000
"""So long may a pattern be with its counts written out, which is what the compiler does."""

_PIECE: Final = re.compile(
    r"""
      \\.                                        # escaped
    | \[\^?\]?(?:\\.|[^\]\\])*+\]               # class
    | \{(?P<least>[0-9]+)(?:,(?P<most>[0-9]*))?\}
    | (?P<itself>\(\?(?:R|[0-9]+|&\w+|P>\w+)\))
    | .
    """,
    re.VERBOSE | re.DOTALL,
)


@lru_cache(maxsize=1024)
def compile_pattern(text: str) -> Pattern[str]:
    """Return the pattern between the slashes of a regex term.

    Raises:
        Fault: the pattern is wrong, or would take too much to compile or to search with.
    """
    import regex as engine  # noqa: PLC0415 - slow to load

    pattern = text[1:-1]
    if len(pattern) > LONGEST_PATTERN:
        raise _wrong(f"it has more than {LONGEST_PATTERN:,} characters")
    if _written_out(pattern) > MOST_WRITTEN_OUT:
        raise _wrong("it repeats too much")
    try:
        return engine.compile(pattern)
    except engine.error as error:
        raise _wrong(str(error)) from error
    except RecursionError:
        raise _wrong("its groups are nested too deep") from None


def _wrong(reason: str) -> Fault:
    return Fault(f"this pattern is wrong: {reason}")


def _written_out(pattern: str) -> int:
    """Return about how long a pattern is with its counts written out.

    >>> _written_out(r"([a-z]{3}){4}x")
    13
    """
    groups = [[0, 0]]  # length so far, and that of the last item
    for piece in _PIECE.finditer(pattern):
        group = groups[-1]
        if piece["itself"]:
            raise _wrong("it contains itself")
        if piece[0] == "(":
            groups.append([0, 0])
        elif piece[0] == ")" and len(groups) > 1:
            length = groups.pop()[0]
            groups[-1][0] += length
            groups[-1][1] = length
        elif piece["least"]:
            times = int(piece["most"] or piece["least"])
            group[0] += group[1] * (times - 1)
            group[1] *= times
        else:
            group[0] += 1
            group[1] = 1
    return sum(length for length, _ in groups)


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
            except Fault as error:
                found.append(Diagnostic("bad-pattern", str(error), arg.span))
    return found


def _pattern_and_text(call: Call, first: Value, second: Value) -> tuple[Pattern[str], Value]:
    """Return which of two arguments is the pattern, and the other one.

    Raises:
        Fault: neither is, or the pattern is wrong.
    """
    swapped = isinstance(call.node.args[0], n.Regex) or not _is_pattern(second)
    pattern, text = (first, second) if swapped else (second, first)
    if not _is_pattern(pattern):
        raise Fault(f"{call.name}() needs a pattern between slashes")
    return compile_pattern(pattern), text


def _search(pattern: Pattern[str], text: str, *, whole: bool = False) -> Match[str] | None:
    ask = pattern.fullmatch if whole else pattern.search
    try:
        return ask(text, timeout=SECONDS_PER_SEARCH)
    except TimeoutError as error:
        raise Fault(
            f"the pattern took longer than {SECONDS_PER_SEARCH:g} s on one value"
        ) from error


@function(
    "regex",
    group=GROUP,
    gives="value",
    args=[Anything, Anything, optional(Integer.called("group"))],
    votes=lambda value: value is not None and value is not False,
    check=_check_pattern,
)
def regex(call: Call, first: Value, second: Value, group: int = 0) -> str | bool | None:
    """The first match of a pattern in a text, or one of its groups; None where there is none.

    Text and pattern may stand in either order; numbers are searched as text. Matches when something
    was found. `regex(headers(), /.../)` is whether the pattern is found in the names of all
    headers.

    Example::

        $[1-2][ push("domains", regex(#email, /@(.+)/, 1)) ]
    """
    pattern, text = _pattern_and_text(call, first, second)
    if _of_headers(call):
        return _in_all_headers(call, pattern)
    if text is None:
        return None
    found = _search(pattern, text_of(text))
    try:
        return found[group].strip() if found and found[group] is not None else None
    except IndexError:
        return None


def _of_headers(call: Call) -> bool:
    """Say whether the names of the headers are searched instead of a text."""
    return any(isinstance(arg, n.Call) and arg.name == "headers" for arg in call.node.args[:2])


def _in_all_headers(call: Call, pattern: Pattern[str], *, whole: bool = False) -> bool:
    """Search the names of the headers, anew only when these or the pattern have changed."""
    asked = (pattern.pattern, tuple(call.run.headers))
    if call.state is None or call.state[0] != asked:
        found = all(_search(pattern, name, whole=whole) for name in call.run.headers)
        call.state = (asked, found)
    return bool(call.state[1])


@function(
    "exact", group=GROUP, gives="match", args=[Anything, Anything], default=None,
    check=_check_pattern,
)  # fmt: skip
def exact(call: Call, first: Value, second: Value) -> bool:
    """Matches when a pattern fits the whole of a text; the two may stand in either order.

    `exact(headers(), /.../)` is whether it fits the names of all headers.

    Example::

        $[1*][ not(exact(#day, /[0-9]{4}-[0-9]{2}-[0-9]{2}/)) -> error("no day: $.headers.day") ]
    """
    pattern, text = _pattern_and_text(call, first, second)
    if _of_headers(call):
        return _in_all_headers(call, pattern, whole=True)
    return text is not None and _search(pattern, text_of(text), whole=True) is not None


_LONGEST_NAME: Final = 10_000
_LEFT_OUT: Final = str.maketrans("", "", ".,/!@-?")


@function(
    "metaphone",
    group=GROUP,
    gives="value",
    forms=[[AnyText], [AnyText, Anything.on("R").called("names by key")]],
    reads_run=False,
)
def metaphone(_call: Call, text: str, *names: Value) -> Value:
    """The phonetic key of a text, by which names that sound alike are found: Double Metaphone.

    With a reference to a dictionary it is what stands there under the first key of the text, else
    under the second, else under that of the text without punctuation.

    Example::

        $[1*][ metaphone(#customer) == metaphone("Anna Bergh") ]
    """
    if not names:
        return phonetic_keys(text)[0]
    table = names[0]
    if not isinstance(table, dict):
        raise Fault("metaphone() needs a reference to a dictionary of names by key")
    first, second = phonetic_keys(text)
    # Only the key of an empty text is empty; a second one is where there is none.
    keys = [first, *([second] if second else []), phonetic_keys(text.translate(_LEFT_OUT))[0]]
    return next((table[key] for key in keys if key in table), None)


@lru_cache(maxsize=4096)
def phonetic_keys(text: str) -> tuple[str, str]:
    """Return both keys of Double Metaphone; the second is empty where there is only one.

    >>> phonetic_keys("Smith")
    ('SM0', 'XMT')
    """
    if len(text) > _LONGEST_NAME:
        raise Fault(f"the text has more than {_LONGEST_NAME:,} characters")
    first, second = doublemetaphone(text)
    return first, second
