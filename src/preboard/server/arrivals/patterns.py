"""Patterns of paths: `/orders/**/{feed}_[0-9]*.csv`, and what their braces take.

`*` is any text and `?` one character within a part of the path, `[a-z]` and `[!a-z]` are classes,
`{name}` is a text of at least one character, `**` any number of parts, `{name:**}` the same, kept.
A text in braces takes as little as it can. A slash at the begin means nothing, on both sides.

Names are matched part by part without going back over what is decided, so that no name of a file
can make a pattern slow.
"""

from __future__ import annotations

import re
from dataclasses import dataclass, field
from itertools import pairwise

from preboard.errors import NameRefused

LONGEST_PATTERN = 500
_MANY = "**"
_TAKEN = re.compile(r"\{(?P<name>[a-z][a-z0-9_]{0,40})(?P<many>:\*\*)?\}")
_PIECE = re.compile(
    rf"(?P<any>\*)|(?P<one>\?)|(?P<set>\[!?\]?[^\]/]*\])|(?P<taken>{_TAKEN.pattern})|(?P<text>.)",
    re.DOTALL,
)


@dataclass(frozen=True, slots=True)
class _Many:
    """Any number of parts, kept under a name if it has one."""

    name: str | None = None


@dataclass(frozen=True, slots=True)
class PathPattern:
    """A pattern that was read; `names` are those in its braces."""

    text: str
    parts: tuple[re.Pattern[str] | _Many, ...] = field(repr=False)
    names: frozenset[str] = frozenset()

    def match(self, path: str) -> dict[str, str] | None:
        """Return what the braces take of a path, None if the path is another.

        >>> pattern = path_pattern("/in/{feed}_*.csv")
        >>> pattern.match("/in/orders_eu_1.csv")
        {'feed': 'orders'}
        >>> pattern.match("/in/sub/orders_1.csv") is None
        True
        """
        steps = path.removeprefix("/").split("/")
        taken: dict[str, str] = {}
        spans: dict[int, tuple[int, int]] = {}  # which steps each ** took, by its part
        at, part, last = 0, 0, -1
        while at < len(steps):
            wanted = self.parts[part] if part < len(self.parts) else None
            if isinstance(wanted, _Many):
                last, spans[part] = part, (at, at)
                part += 1
            elif wanted is not None and (found := wanted.fullmatch(steps[at])):
                taken.update(found.groupdict())
                at, part = at + 1, part + 1
            elif last >= 0:
                # The last ** takes one step more; what stands before it does not change.
                begin, end = spans[last]
                spans[last] = (begin, end + 1)
                at, part = end + 1, last + 1
            else:
                return None
        if not all(isinstance(each, _Many) for each in self.parts[part:]):
            return None
        for number, each in enumerate(self.parts):
            if isinstance(each, _Many) and each.name:
                begin, end = spans.get(number, (0, 0))
                taken[each.name] = "/".join(steps[begin:end])
        return taken


def path_pattern(text: str) -> PathPattern:
    """Return the pattern of a text.

    Raises:
        NameRefused: it is none; says why.
    """
    if len(text) > LONGEST_PATTERN:
        raise NameRefused(f"is longer than {LONGEST_PATTERN} characters")
    if not text.strip("/"):
        raise NameRefused("is empty")
    names: list[str] = []
    parts = tuple(_part(part, names) for part in text.removeprefix("/").split("/"))
    if any(isinstance(a, _Many) and isinstance(b, _Many) for a, b in pairwise(parts)):
        raise NameRefused("has two ** behind each other")
    twice = sorted({name for name in names if names.count(name) > 1})
    if twice:
        raise NameRefused(f"has {{{twice[0]}}} twice")
    return PathPattern(text, parts, frozenset(names))


def _part(text: str, names: list[str]) -> re.Pattern[str] | _Many:
    if text == _MANY:
        return _Many()
    whole = _TAKEN.fullmatch(text)
    if whole and whole["many"]:
        names.append(whole["name"])
        return _Many(whole["name"])
    if not text:
        raise NameRefused("has an empty part")
    return re.compile(_expression(text, names), re.DOTALL)


def _expression(text: str, names: list[str]) -> str:
    """Return the regular expression of one part.

    Each open piece takes as little as makes the text behind it fit, once and for all ((?>...)); the
    last one takes what is left. That finds a match whenever there is one, in linear time.
    """
    fixed = [""]  # the text before each open piece, and behind the last one
    opened: list[str] = []
    for found in _PIECE.finditer(text):
        if not (found["any"] or found["taken"]):
            fixed[-1] += _fixed(found)
            continue
        if opened and not fixed[-1]:
            raise NameRefused("has two of * and {} behind each other, with no text between")
        opened.append(_open(found, names))
        fixed.append("")
    written = fixed[0]
    for number, (piece, behind) in enumerate(zip(opened, fixed[1:], strict=True), 1):
        last = number == len(opened)
        written += piece.format("") + behind if last else f"(?>{piece.format('?')}{behind})"
    return written


def _open(found: re.Match[str], names: list[str]) -> str:
    """Return the expression of an open piece, with {} where a ? makes it take little."""
    if found["any"]:
        return ".*{}"
    if found["many"]:
        raise NameRefused(f"has {found[0]} beside other text; it stands for whole parts")
    names.append(found["name"])
    return f"(?P<{found['name']}>.+{{}})"


def _fixed(found: re.Match[str]) -> str:
    if found["one"]:
        return "."
    if found["set"]:
        inner = found["set"][1:-1]
        negated = inner.startswith("!")
        body = re.sub(r"([\\\[\]^&~|])", r"\\\1", inner.removeprefix("!"))
        if not _is_class(body):
            raise NameRefused(f"has the class {found[0]}, which is none")
        return f"[{'^' if negated else ''}{body}]"
    if found["text"] in "{}[]":
        raise NameRefused(f"has a {found[0]} that belongs to nothing")
    return re.escape(found["text"])


def _is_class(body: str) -> bool:
    if "--" in body:  # re warns of it: it will mean something else one day
        return False
    try:
        re.compile(f"[{body}]")
    except re.error:
        return False
    return True
