"""Cut the text of a statement into comments, root, scan part and match part.

In: the whole text. Out: `Outline`, spans into that text; nothing inside the parts is looked at
beyond what is needed to see where they end. Rules: spec/language.md 1.1 to 1.6 with rows 17 and 32
of section 15: an outer comment holds any character but `~`, brackets in strings and comments of the
match part end nothing.
"""

from __future__ import annotations

import re
from dataclasses import dataclass, field
from typing import NoReturn

from preboard.diagnostics import Diagnostic, Span
from preboard.errors import StatementError

MOST_BYTES = 1_000_000
DEEPEST = 100

_PIECE = re.compile(
    r"""
      "[^"]*"                        # text, also the inside of a quoted header
    | ~[^~]*~                        # inner comment
    | \$[A-Za-z0-9_./:-]+            # reference: it may hold slashes
    | /(?:\\/|[^/])*+/               # regex
    | ["~/]                          # one of these that is never closed
    | [()\[\]]
    """,
    re.VERBOSE,
)
_UNCLOSED = {
    '"': ("text", 'there are no escapes in text: a `"` always ends it'),
    "~": ("comment", None),
    "/": ("regex", "there is no division operator: use divide(a, b)"),
}


@dataclass(slots=True)
class Outline:
    """Where the parts of a statement stand; comments without their tildes."""

    before: list[Span] = field(default_factory=list)
    root: Span = Span(0, 0)
    scan: Span = Span(0, 0)
    match: Span = Span(0, 0)
    after: list[Span] = field(default_factory=list)
    warnings: list[Diagnostic] = field(default_factory=list)


def outline(text: str) -> Outline:
    """Return where the parts of the statement stand.

    Raises:
        StatementError: a part is missing, something is never closed, the text is longer than
            1 MB, or calls are nested more than 100 deep.
    """
    if len(text) > MOST_BYTES or len(text.encode("utf-8", "surrogatepass")) > MOST_BYTES:
        _refuse(text[:200], "too-long", "the statement is longer than 1 MB", Span(0, 1))
    found = Outline()
    start = _before(text, found)
    found.root = _root(text, start)
    found.scan = _scan(text, found.root.end)
    found.match = _match(text, found.scan.end)
    _after(text, found.match.end, found)
    return found


def _before(text: str, found: Outline) -> int:
    """Read what stands before the root and return where the root begins."""
    at = _skip_space(text, 0)
    if text[at : at + 1] not in ("~", "$"):
        _refuse(
            text, "no-root", "a statement begins with `$` or with a comment in tildes",
            _here(text, at), "for example: $[*][ yes() ]",
        )  # fmt: skip
    while at < len(text) and text[at] != "$":
        if text[at] == "~":
            comment = _comment(text, at)
            found.before.append(comment)
            at = comment.end + 1
        else:
            end = _next_of(text, "~$", at)
            _drop(text, Span(at, end), found)
            at = end
    if at >= len(text):
        _refuse(text, "no-root", "there is no `$` that begins the statement", _here(text, at))
    return at


def _root(text: str, at: int) -> Span:
    bracket = _next_of(text, "[", at)
    if bracket == len(text):
        _refuse(
            text, "no-scan", "the scan part in brackets is missing", Span(at, at + 1),
            "write `$[*]` for all lines, then the match part",
        )  # fmt: skip
    return Span(at, bracket)


def _scan(text: str, at: int) -> Span:
    close = text.find("]", at)
    if close < 0:
        _refuse(text, "unclosed", "the scan part is never closed", Span(at, at + 1))
    return Span(at, close + 1)


def _match(text: str, at: int) -> Span:
    at = _skip_space(text, at)
    if text[at : at + 1] != "[":
        hint = "a comment may stand before the statement, after it, or inside the match part"
        _refuse(
            text, "no-match", "the match part in brackets must follow the scan part",
            _here(text, at), hint if text[at : at + 1] == "~" else "write `[]` to match every line",
        )  # fmt: skip
    depth = 0
    for piece in _PIECE.finditer(text, at + 1):
        word = piece[0]
        if word in _UNCLOSED:
            what, advice = _UNCLOSED[word]
            _refuse(text, "unclosed", f"this {what} is never closed", Span(*piece.span()), advice)
        elif word == "(":
            depth += 1
            if depth > DEEPEST:
                message = f"calls are nested more than {DEEPEST} deep"
                _refuse(text, "too-deep", message, Span(*piece.span()))
        elif word == ")":
            depth -= 1
        elif word == "]":
            return Span(at, piece.end())
    return _refuse(text, "unclosed", "the match part is never closed", Span(at, at + 1))


def _after(text: str, at: int, found: Outline) -> None:
    while (at := _skip_space(text, at)) < len(text):
        if text[at] == "~":
            comment = _comment(text, at)
            found.after.append(comment)
            at = comment.end + 1
        else:
            end = _next_of(text, "~", at)
            bracket = re.search(r"[\[\]]", text[at:end])
            if bracket:
                _refuse(
                    text, "after-end", "the match part ended before this",
                    Span(at, end), "brackets inside the match part stand in quotes only",
                )  # fmt: skip
            _drop(text, Span(at, end), found)
            at = end


def _comment(text: str, at: int) -> Span:
    close = text.find("~", at + 1)
    if close < 0:
        _refuse(text, "unclosed", "this comment is never closed", Span(at, at + 1))
    return Span(at + 1, close)


def _drop(text: str, span: Span, found: Outline) -> None:
    """Note that a piece of text outside of comments means nothing (1.4)."""
    words = text[span.start : span.end].strip()
    if words:
        start = text.index(words, span.start)
        found.warnings.append(
            Diagnostic(
                "ignored-text",
                "text outside of a comment means nothing",
                Span(start, start + len(words)),
                "warning",
                "put it between tildes",
            )
        )


def _skip_space(text: str, at: int) -> int:
    while at < len(text) and text[at].isspace():
        at += 1
    return at


def _next_of(text: str, characters: str, at: int) -> int:
    """Return where the next one of `characters` stands, the length of the text if there is none."""
    return min((i for c in characters if (i := text.find(c, at)) >= 0), default=len(text))


def _here(text: str, at: int) -> Span:
    return Span(min(at, len(text)), min(at, len(text)) + 1)


def _refuse(text: str, code: str, message: str, span: Span, hint: str | None = None) -> NoReturn:
    raise StatementError([Diagnostic(code, message, span, hint=hint)], text)
