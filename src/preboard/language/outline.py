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
    '"': ("text", 'add the `"` that ends it'),
    "~": ("comment", "add the `~` that ends it; patterns are matched with regex(#a, /pattern/)"),
    "/": ("regex", "add the `/` that ends it; there is no division: use divide(a, b)"),
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
        _refuse(text, "too-long", "the statement is longer than 1 MB", Span(0, 1))
    found = Outline()
    start = _before(text, found)
    found.root = _root(text, start)
    found.scan = _scan(text, found.root.end)
    found.match = _match(text, found.scan)
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
        _refuse(
            text, "no-root", "there is no `$` that begins the statement", _here(text, at),
            "for example: $[*][ yes() ]",
        )  # fmt: skip
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
        _refuse(
            text, "unclosed", "the scan part is never closed", Span(at, at + 1),
            "write `[*]` for all lines",
        )  # fmt: skip
    return Span(at, close + 1)


def _match(text: str, scan: Span) -> Span:
    at = _skip_space(text, scan.end)
    if text[at : at + 1] != "[":
        _no_match(text, scan, at)
    depth = 0
    broken: int | None = None
    for piece in _PIECE.finditer(text, at + 1):
        word = piece[0]
        if word in _UNCLOSED:
            _unclosed(text, piece.start(), broken)
        elif word[0] == '"' and broken is None and "\n" in word:
            broken = piece.start()
        elif word == "[":
            _refuse(
                text, "syntax", "a bracket means nothing inside of the match part",
                Span(*piece.span()),
                "values are arguments, as in(#a, 1, 2); or is a `]` missing before this?",
            )  # fmt: skip
        elif word == "(":
            depth += 1
            if depth > DEEPEST:
                message = f"calls are nested more than {DEEPEST} deep"
                _refuse(text, "too-deep", message, Span(*piece.span()))
        elif word == ")":
            depth -= 1
        elif word == "]":
            return Span(at, piece.end())
    return _refuse(
        text, "unclosed", "the match part is never closed", Span(at, at + 1),
        "add the `]` that ends it",
    )  # fmt: skip


def _no_match(text: str, scan: Span, at: int) -> NoReturn:
    """Say that there is no match part; what stands in the brackets may be one without a scan."""
    if not re.fullmatch(r"[\s0-9*+%-]*", text[scan.start + 1 : scan.end - 1]):
        _refuse(
            text, "no-scan", "the scan part is missing before the match part",
            Span(scan.start, scan.start + 1), "a statement has two: $[*][ ... ] looks at all lines",
        )  # fmt: skip
    hints = {
        "": "write `[]` to match every line",
        "~": "a comment may stand before the statement, after it, or inside the match part",
        "(": "the match part stands in brackets: [ ... ]",
        "{": "the match part stands in brackets: [ ... ]",
    }
    hint = hints.get(text[at : at + 1], "only blanks may stand between scan part and match part")
    message = "the match part in brackets must follow the scan part"
    _refuse(text, "no-match", message, _here(text, at), hint)


def _unclosed(text: str, at: int, broken: int | None) -> NoReturn:
    """Say what is never closed; a text that runs over its line may be the one to blame."""
    what, hint = _UNCLOSED[text[at]]
    if text[at] == '"' and broken is not None:
        line, column = Span(broken, broken).place(text)
        hint = f'text runs over its line at line {line}, column {column}: is a `"` missing there?'
    if text[at] == '"' and text[at - 1] == "#":
        what = "header"
    _refuse(text, "unclosed", f"this {what} is never closed", Span(at, at + 1), hint)


def _after(text: str, at: int, found: Outline) -> None:
    while (at := _skip_space(text, at)) < len(text):
        if text[at] == "~":
            comment = _comment(text, at)
            found.after.append(comment)
            at = comment.end + 1
        else:
            end = _next_of(text, "~", at)
            if re.search(r"[\[\]]", text[at:end]):
                _too_much(text, Span(at, end))
            _drop(text, Span(at, end), found)
            at = end


def _too_much(text: str, span: Span) -> NoReturn:
    message, hint = "the match part ended before this", "take out the `]` that stands too early"
    if text[span.start] == "[":
        message, hint = "a third part in brackets", "all match components stand in one pair"
    elif text[span.start] == "$":
        message = "a second statement begins here"
        hint = "in a file, statements are separated by a line ---- CSVPATH ----"
    end = text.find("\n", span.start, span.end)
    _refuse(text, "after-end", message, Span(span.start, span.end if end < 0 else end), hint)


def _comment(text: str, at: int) -> Span:
    close = text.find("~", at + 1)
    if close < 0:
        message, hint = "this comment is never closed", "add the `~` that ends it"
        _refuse(text, "unclosed", message, Span(at, at + 1), hint)
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
    while at < len(text) and (text[at].isspace() or text[at] == "\ufeff"):  # a byte order mark
        at += 1
    return at


def _next_of(text: str, characters: str, at: int) -> int:
    """Return where the next one of `characters` stands, the length of the text if there is none."""
    return min((i for c in characters if (i := text.find(c, at)) >= 0), default=len(text))


def _here(text: str, at: int) -> Span:
    return Span(min(at, len(text)), min(at + 1, len(text)))


def _refuse(text: str, code: str, message: str, span: Span, hint: str | None = None) -> NoReturn:
    raise StatementError([Diagnostic(code, message, span, hint=hint)], text)
