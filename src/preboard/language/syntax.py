"""What to tell somebody about a token that may not stand where it stands.

In: the token, what the parser had taken before it, and what it expected instead. Out: a `Mistake`.
spec/language.md 4.1 lists what the grammar leaves out. Nothing here reads the whole text: the time
does not grow with it.
"""

from __future__ import annotations

import re
from dataclasses import dataclass
from typing import TYPE_CHECKING

from preboard.diagnostics import Span
from preboard.language.characters import SCAN_FORMS, Mistake

if TYPE_CHECKING:
    from collections.abc import Callable, Collection, Sequence

_LONGEST_SHOWN = 30
_ONE_A_COMPONENT = "an action follows a condition: left -> function() or left -> @x = 1"
_SCAN_TERMINALS = frozenset({"STAR", "NUMBER", "PERCENT", "OPERATOR", "OPEN", "CLOSE"})


@dataclass(frozen=True, slots=True)
class Item:
    """Something the parser has taken: a token by its terminal, or a node by its class."""

    kind: str
    span: Span


NOTHING = Item("", Span(0, 0))


@dataclass(frozen=True, slots=True)
class Found:
    """A token that may not stand where it stands.

    `taken` is what is not finished yet, the latest last. `expected` are the terminals that might
    have stood here.
    """

    source: str
    kind: str
    span: Span
    taken: Sequence[Item]
    expected: Collection[str]

    def text(self, item: Item | None = None) -> str:
        """Return the text of an item, of the token itself without one; long ones are cut."""
        span = item.span if item else self.span
        if span.end - span.start > _LONGEST_SHOWN:
            return self.source[span.start : span.start + _LONGEST_SHOWN - 3] + "..."
        return self.source[span.start : span.end]

    def back(self, steps: int) -> Item:
        """Return the last item (1), the one before it (2), ..."""
        return self.taken[-steps] if steps <= len(self.taken) else NOTHING

    @property
    def call(self) -> Item | None:
        """Return the name of the function whose parenthesis is open here."""
        closed = 0
        for place in range(len(self.taken) - 1, 0, -1):
            kind = self.taken[place].kind
            if kind == "RPAR":
                closed += 1
            elif kind == "LPAR" and closed:
                closed -= 1
            elif kind == "LPAR":
                return self.taken[place - 1]
        return None

    def says(self, message: str, hint: str | None = None, at: Item | None = None) -> Mistake:
        """Return a mistake at an item, at the token itself without one."""
        return Mistake(message, hint, at.span if at else self.span)


def explain_token(found: Found, *, in_scan: bool = False) -> Mistake:
    """Return what to say of a token that may not stand where it stands."""
    if in_scan:
        return _in_scan(found)
    expected = set(found.expected)
    if expected == {"LPAR"}:
        return _name_alone(found)
    if expected == {"EQUALS"}:
        return _literal_alone(found)
    last = found.back(1)
    if found.kind in ("ARROW", "EQUALS", "ASSIGN") and last.kind == "COMMENT":
        return _comment(found, last)
    if expected == {"ASSIGN"}:
        return found.says("an action is a function or an assignment", _ONE_A_COMPONENT, last)
    explain = _EXPLAINERS.get(found.kind)
    if explain:
        return explain(found)
    if found.call and found.kind != "LPAR":
        return _no_comma(found, found.call)
    if last.kind == "ARROW":
        return found.says("an action is a function or an assignment", _ONE_A_COMPONENT)
    return found.says(f"`{found.text()}` cannot stand here", _needed(found.expected))


def _in_scan(found: Found) -> Mistake:
    if found.kind == "STAR" and found.back(1).kind != "OPERATOR":
        return found.says("nothing may follow the `*`", SCAN_FORMS)
    if found.kind == "OPERATOR":
        return found.says("a line number must stand before this", SCAN_FORMS)
    if found.kind == "CLOSE":
        return found.says("a line number is missing", SCAN_FORMS)
    return found.says(f"`{found.text()}` cannot stand here in the scan part", SCAN_FORMS)


WORDS = {  # of other languages
    "true": 'write "true" to compare with the text of a cell, yes() for the value',
    "false": 'write "false" to compare with the text of a cell, no() for the value',
    "none": "use empty(#header) for an empty cell, none() for no value",
    "and": "components are joined by AND as they are: leave it out, or write and(a, b)",
    "or": "write or(a, b), or `logic-mode: OR` in a comment",
    "not": "write not(x)",
    "in": "write in(#header, ...)",
    "like": "write regex(#header, /pattern/)",
    "is": "write empty(#header), or compare with ==",
    "between": "write between(#header, from, to)",
    "if": "write `condition -> action`",
    "then": "write `condition -> action`",
    "else": "write a second `condition -> action`",
    "where": "a match part is conditions and actions: leave it out",
    "select": "a match part is conditions and actions; collect(#header) limits what is returned",
}  # fmt: skip
WORDS |= dict.fromkeys(("null", "nil", "na", "nan", "undefined"), WORDS["none"])
WORDS |= dict.fromkeys(("matches", "contains"), WORDS["like"])
WORDS |= dict.fromkeys(("case", "when", "unless"), WORDS["if"])


def _name_alone(found: Found) -> Mistake:
    """Explain a word without parentheses: a word of another language, or quotes left out."""
    word, before = found.back(1), found.back(2)
    name = found.text(word)
    hint = WORDS.get(name.lower())
    if hint:
        return found.says(f"`{name}` is not a word of the language", hint, word)
    if found.kind == "ASSIGN" and found.call:
        return found.says(
            "arguments have no names", f"write the value alone: {found.text(found.call)}(...)", word
        )
    number = _number_before(found, word)
    if number:
        hint = f'text stands in quotes: "{number}{name}"'
        return found.says("a number ends before this", hint, word)
    message = f"`{name}` is followed by no parentheses"
    gap = found.source[before.span.end : word.span.start]
    if before.kind == "HEADER" and gap == " " and not name[0].islower():
        quoted = f'#"{found.text(before)[1:]} {name}"'
        return found.says(message, f"a header with blanks is quoted: {quoted}", word)
    return found.says(
        message, f'write "{name}" for text, #{name} for a header, {name}() for a function', word
    )


def _literal_alone(found: Found) -> Mistake:
    """Explain a literal that is compared with nothing."""
    term, before = found.back(1), found.back(2)
    text = found.text(term)
    message = "a literal alone is no match component"
    touching = _number_before(found, term)
    if text.startswith(("//", "/*", "/ ")) or (text[0] == "/" and "\n" in text):
        hint = "a comment stands between tildes: ~ text ~; there is no division: use divide(a, b)"
        return found.says("a regex alone is no match component", hint, term)
    if text[0] == "/":
        hint = "write regex(#header, /pattern/); text with slashes stands in quotes"
        return found.says("a regex alone is no match component", hint, term)
    if text[0] == '"' and found.source[term.span.start - 1] == '"':
        hint = 'there are no escapes in text: a `"` always ends it'
        return found.says("one text ends and another begins here", hint, term)
    if touching and (text[0] == "." or len(touching) > 3):  # noqa: PLR2004 - a year has four
        hint = "dates, versions and the like are text: put them in quotes"
        return found.says("one number ends and another begins here", hint, term)
    if text[0] in "+-" and before.kind != "OPEN":
        hint = "there are no arithmetic signs: use add(a, b) or subtract(a, b)"
        return found.says("a number with a sign is no sum", hint, term)
    return found.says(message, 'compare it: #header == "..."', term)


def _number_before(found: Found, item: Item) -> str:
    """Return the number that ends where the item begins, empty if there is none."""
    before = found.source[max(0, item.span.start - _LONGEST_SHOWN) : item.span.start]
    match = re.search(r"(?<![\w#@.-])[0-9][0-9.]*$", before)
    return match[0] if match else ""


def _comment(found: Found, at: Item | None = None) -> Mistake:
    return found.says(
        "a comment may only stand between match components", "move it out of the component", at
    )


def _close(found: Found) -> Mistake:
    """Explain the end of the match part in the middle of a component."""
    last, call = found.back(1), found.call
    if last.kind in ("EQUALS", "ASSIGN", "ARROW"):
        what = "an action" if last.kind == "ARROW" else "a value"
        return found.says(f"{what} is missing behind `{found.text(last)}`", None, last)
    if call:
        return found.says(
            f"the parenthesis of {found.text(call)}() is never closed", "add a `)`", call
        )
    return found.says("the match part ends in the middle of a component")


def _no_comma(found: Found, call: Item) -> Mistake:
    last = found.back(1)
    if "\n" in found.source[last.span.end : found.span.start]:
        return _close(found)
    hint = f"arguments are separated by commas; or the `)` of {found.text(call)}() is missing"
    return found.says(f"`{found.text()}` cannot follow here", hint)


def _comma(found: Found) -> Mistake:
    if found.call:
        return found.says("an argument is missing before the comma", "leave the comma out")
    around = found.source[found.span.start - 1 : found.span.end + 1].replace(",", "")
    if len(around) == 2 and around.isdigit():  # noqa: PLR2004 - one before, one behind
        return found.says("no comma may stand here", "a decimal number has a point: 1.5")
    return found.says("no comma may stand here", "match components are separated by blanks only")


def _rpar(found: Found) -> Mistake:
    last = found.back(1)
    if last.kind == "COMMA":
        return found.says("an argument is missing behind the comma", "leave the comma out")
    if last.kind in ("EQUALS", "ASSIGN", "ARROW"):
        return found.says(f"a value is missing behind `{found.text(last)}`", None, last)
    return found.says("this `)` closes nothing", "take it out, or add the `(` before")


def _lpar(found: Found) -> Mistake:
    last = found.back(1)
    if last.kind in ("HEADER", "VARIABLE", "QUOTED_HEADER"):
        hint = "functions stand around what they are about: upper(#city)"
        return found.says(f"`{found.text(last)}` is no function", hint, last)
    return found.says("parentheses do not group", "use and(a, b) or or(a, b)")


def _assign(found: Found) -> Mistake:
    last, before = found.back(1), found.back(2)
    following = found.source[found.span.end : found.span.end + 1]
    if following == ">":
        return found.says("there is no `=>`", "the arrow is `->`, greater or equal is gte(a, b)")
    if last.kind == "EQUALS":
        return found.says("there is no `===`", "compare with ==")
    if found.call:
        return found.says("nothing can be assigned inside of a function", "compare with ==")
    if before.kind == "ASSIGN":
        return found.says("one variable is assigned at a time", "write @x = 1 @y = 1")
    return found.says(
        "only a variable can be assigned",
        "compare with ==; replace(#header, value) changes a cell",
    )


def _arrow(found: Found) -> Mistake:
    if found.call:
        hint = "an action follows the whole component: or(a, b) -> function()"
        return found.says("no `->` may stand inside of a function", hint)
    before = found.back(2)
    if before.kind == "ASSIGN":
        return found.says("an assignment is no condition", "write `condition -> @x = 1`")
    if before.kind == "ARROW" or found.back(1).kind in ("WHEN", "RPAR", "CALL"):
        hint = "one action only: write a second `left -> action`"
        return found.says("this `->` follows no condition", hint)
    return found.says("there is no condition before `->`", _ONE_A_COMPONENT)


def _equals(found: Found) -> Mistake:
    last, before = found.back(1), found.back(2)
    if last.kind == "REFERENCE":
        if found.text(last).count(".") < 2:  # noqa: PLR2004 - group, kind and name
            return found.says(
                f"`{found.text(last)}` is no reference", "a header is #name, a variable @name", last
            )
        hint = "put it on the right: #header == $group.variables.name"
        return found.says("a reference cannot stand on the left of `==`", hint, last)
    if before.kind == "EQUALS":
        return found.says("comparisons cannot be chained", "use and(a == b, b == c)")
    if before.kind == "ASSIGN":
        hint = "assign equals(a, b), or write `a == b -> @x = yes()`"
        return found.says("a comparison cannot be assigned", hint)
    if before.kind == "ARROW":
        return found.says("an action is a function or an assignment", _ONE_A_COMPONENT)
    return found.says("the left side of `==` is missing", '#header == "..."')


def _open(found: Found) -> Mistake:
    return found.says("a bracket means nothing inside of the match part")


_EXPLAINERS: dict[str, Callable[[Found], Mistake]] = {
    "$END": _close, "CLOSE": _close, "OPEN": _open, "COMMENT": _comment, "COMMA": _comma,
    "ASSIGN": _assign, "ARROW": _arrow, "EQUALS": _equals, "RPAR": _rpar, "LPAR": _lpar,
}  # fmt: skip
_NAMES = {
    "LPAR": "`(`", "RPAR": "`)`", "CLOSE": "`]`", "ARROW": "`->`", "EQUALS": "`==`",
    "NUMBER": "a number", "VARIABLE": "a variable", "FUNCTION": "a function",
    "HEADER": "a header", "STRING": "text",
}  # fmt: skip


def _needed(expected: Collection[str]) -> str | None:
    known = sorted(_NAMES[name] for name in expected if name in _NAMES)
    if len(known) > 1:
        return f"expected {', '.join(known[:-1])} or {known[-1]}"
    return f"expected {known[0]}" if known else None
