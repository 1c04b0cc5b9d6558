"""Text of a statement to its tree.

In: text. Out: `Tree`, or a StatementError with the place. The grammars stand in `match.lark` and
`scan.lark`; a parser is made of each once per process, and keeps its own stack, so no input makes
it recurse.
"""

from __future__ import annotations

import math
from functools import cache
from typing import TYPE_CHECKING, Any, NoReturn

from lark import Lark, Token, Transformer, v_args
from lark.exceptions import UnexpectedInput, UnexpectedToken, VisitError
from lark.utils import TextSlice

from preboard.diagnostics import Diagnostic, Span
from preboard.errors import StatementError
from preboard.language import nodes as n
from preboard.language.characters import explain_character
from preboard.language.grammars import parser_of
from preboard.language.outline import Outline, outline
from preboard.language.syntax import NOTHING, Found, Item, explain_token

if TYPE_CHECKING:
    from collections.abc import Sequence

_LARGEST_LINE = 10**15
"""No file has that many lines; a bound keeps a hostile scan part from building huge numbers."""


def parse(text: str) -> tuple[n.Tree, Outline]:
    """Return the tree of a statement, and the outline with what was noted on the way.

    Raises:
        StatementError: the text is no statement; `diagnostics` say where and why.
    """
    parts = outline(text)
    scan = parse_scan(text, parts.scan)
    match = _run(_match_parser(), text, parts.match)
    tree = n.Tree(
        Span(0, len(text)),
        tuple(text[s.start : s.end] for s in parts.before),
        text[parts.root.start + 1 : parts.root.end].strip(),
        scan,
        match,
        tuple(text[s.start : s.end] for s in parts.after),
    )
    return tree, parts


def parse_scan(text: str, span: Span) -> n.Scan:
    """Return the scan part that stands at `span` of `text`."""
    scan: n.Scan = _run(_scan_parser(), text, span)
    return scan


@cache
def _match_parser() -> Lark:
    return parser_of("match.lark", _BuildMatch())


@cache
def _scan_parser() -> Lark:
    return parser_of("scan.lark", _BuildScan())


def _run(parser: Lark, text: str, span: Span) -> Any:
    try:
        return parser.parse(TextSlice(text, span.start, span.end))
    except VisitError as error:
        if isinstance(error.orig_exc, _BadName):
            _refuse(text, error.orig_exc.diagnostic)
        raise
    except _BadName as error:
        _refuse(text, error.diagnostic)
    except UnexpectedInput as error:
        _refuse(text, _diagnose(error, text, span, in_scan=parser is _scan_parser()))


def _refuse(text: str, diagnostic: Diagnostic) -> NoReturn:
    raise StatementError([diagnostic], text) from None


def _diagnose(error: UnexpectedInput, text: str, within: Span, *, in_scan: bool) -> Diagnostic:
    if isinstance(error, UnexpectedToken):
        token = error.token
        if token.type == "$END":
            place = Span(max(within.start, within.end - 1), within.end)
        else:
            place = _span(token)
        taken = [_item(value) for value in error.state.value_stack]
        found = Found(text, token.type, place, taken, error.expected)
        mistake = explain_token(found, in_scan=in_scan)
    else:
        at: int | None = getattr(error, "pos_in_stream", None)
        mistake = explain_character(text, within.start if at is None else at, in_scan=in_scan)
    return Diagnostic("syntax", mistake.message, mistake.span, hint=mistake.hint)


def _item(value: Any) -> Item:
    """Return what the parser has taken as the explanations see it."""
    if isinstance(value, Token):
        return Item(value.type, _span(value))
    if isinstance(value, n.Node):
        return Item(type(value).__name__.upper(), value.span)
    children = getattr(value, "children", None)  # components that are not put together yet
    return _item(children[-1]) if children else NOTHING


class _BadName(Exception):  # noqa: N818 - a signal inside this module
    def __init__(
        self, token: Token, message: str, hint: str | None = None, code: str = "bad-name"
    ) -> None:
        super().__init__(message)
        self.diagnostic = Diagnostic(code, message, _span(token), hint=hint)


def _span(token: Token) -> Span:
    return Span(token.start_pos or 0, token.end_pos or 0)


def _split(token: Token, text: str) -> tuple[str, tuple[str, ...]]:
    """Cut a dotted name into the name and its qualifiers (4.3)."""
    name, *qualifiers = text.split(".")
    if not name:
        raise _BadName(
            token, "there is no name before the period", "names cannot begin with a period"
        )
    return name, tuple(qualifiers)


@v_args(inline=True)
class _BuildMatch(Transformer[Token, Any]):
    """Makes nodes while the parser reduces; tokens bring the spans."""

    def start(self, *parts: Any) -> tuple[n.Part, ...]:
        return parts[1:-1]

    def comment(self, token: Token) -> n.Comment:
        return n.Comment(_span(token), str(token)[1:-1])

    def string(self, token: Token) -> n.Term:
        return n.Term(_span(token), str(token)[1:-1])

    def number(self, token: Token) -> n.Term:
        text = str(token)
        if any(c in text for c in ".eE"):
            if math.isinf(float(text)):
                raise _BadName(token, "this number is too large")
            return n.Term(_span(token), float(text))
        if len(text) > 4000:  # noqa: PLR2004 - CPython refuses longer ones with a ValueError
            raise _BadName(token, "this number has more than 4,000 digits")
        return n.Term(_span(token), int(text))

    def regex(self, token: Token) -> n.Regex:
        return n.Regex(_span(token), str(token))

    def header(self, token: Token) -> n.Header:
        name, qualifiers = _split(token, str(token)[1:])
        return n.Header(_span(token), name, qualifiers)

    def quoted_header(self, token: Token) -> n.Header:
        name = str(token)[2:-1].strip()
        if not name:
            raise _BadName(token, "this header has no name")
        return n.Header(_span(token), name, quoted=True)

    def variable(self, token: Token) -> n.Variable:
        name, qualifiers = _split(token, str(token)[1:])
        return n.Variable(_span(token), name, qualifiers)

    def reference(self, token: Token) -> n.Reference:
        words = str(token)[1:].split(".")
        hint = "a reference reads $group.variables.name; a header is #name, a variable @name"
        if not words[0]:
            raise _BadName(
                token,
                "a reference in the match part names a group",
                hint,
                "bad-reference",
            )
        if not 3 <= len(words) <= 4:  # noqa: PLR2004 - root, type, item and perhaps a tracking value
            raise _BadName(token, "this reference is not complete", hint, "bad-reference")
        return n.Reference(_span(token), *words)

    def call(self, name: Token, _open: Token, *rest: Any) -> n.Call:
        word, qualifiers = _split(name, str(name))
        span = Span(name.start_pos or 0, rest[-1].end_pos)
        return n.Call(span, word, tuple(a for a in rest if not isinstance(a, Token)), qualifiers)

    def equality(self, left: n.Value, _sign: Token, right: n.Value) -> n.Equality:
        return n.Equality(Span(left.span.start, right.span.end), left, right)

    def assignment(self, target: n.Variable, _sign: Token, value: n.Value) -> n.Assignment:
        return n.Assignment(Span(target.span.start, value.span.end), target, value)

    def when(self, left: n.Test, _arrow: Token, action: n.Action) -> n.When:
        return n.When(Span(left.span.start, action.span.end), left, action)


@v_args(inline=True)
class _BuildScan(Transformer[Token, Any]):
    def start(self, opening: Token, *rest: Any) -> n.Scan:
        span = Span(opening.start_pos or 0, rest[-1].end_pos)
        items = next((part for part in rest if isinstance(part, tuple)), ())
        star = any(isinstance(part, Token) and part.type == "STAR" for part in rest)
        return n.Scan(span, items, star)

    def items(self, *parts: Any) -> tuple[n.ScanItem, ...]:
        numbers: Sequence[int] = parts[0::2]
        signs = ["+", *map(str, parts[1::2])]
        return tuple(map(n.ScanItem, signs, numbers))

    def item(self, number: Token, *_percent: Token) -> int:
        if len(number) > len(str(_LARGEST_LINE)):
            raise _BadName(number, "no file has that many lines")
        return int(number)
