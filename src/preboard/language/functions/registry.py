"""The functions of the language: each is declared once, here it is found by name.

Checker, compiler, help and editor support read the same `Function` record.
"""

from __future__ import annotations

import re
from dataclasses import dataclass, field
from inspect import cleandoc
from typing import TYPE_CHECKING, Any, Literal, NamedTuple

from preboard.language.functions.signature import Param, Signature

if TYPE_CHECKING:
    from collections.abc import Callable, Sequence

    from preboard.diagnostics import Diagnostic
    from preboard.language import nodes as n
    from preboard.language.functions.call import Call
    from preboard.language.values import Value

Gives = Literal["value", "match", "nothing"]
"""What a function is for: `value` votes the default vote unless it declares `votes`; `match`
votes what it returns; `nothing` acts when its vote is asked for and has no value."""


SAMPLE = "orders.csv"
"""The data of examples that name none, in examples/functions."""


class Example(NamedTuple):
    """A statement that shows what a function is for, and the data that it is meant for."""

    statement: str
    data: str = SAMPLE


class Voted(NamedTuple):
    """What a function returns whose vote is no function of its value."""

    value: Any
    vote: bool


@dataclass(slots=True)
class Function:
    """A function of the language as its module declares it."""

    name: str
    group: str
    gives: Gives
    signatures: tuple[Signature, ...]
    evaluate: Callable[..., Any]
    aliases: tuple[str, ...] = ()
    acts: bool = False
    """It has a memory or an effect: under onmatch it waits until the line is known to match."""
    flow: Literal["all", "any"] | None = None
    """Votes are asked for in order until one is false (all) or true (any)."""
    state: Callable[[], Value] | None = None
    start: Callable[[Call], None] | None = None
    """Called once before the first line, for memories that exist from the start."""
    votes: Callable[[Value], bool] | None = None
    returns_vote: bool = False
    """`evaluate` returns a `Voted`: value and vote apart."""
    reads_run: bool = True
    """`evaluate` looks at the run: line, counters, variables."""
    default: Value = None
    """The value when an argument was refused."""
    own_notnone: bool = False
    """The function sees to notnone itself."""
    notnone_goes_on: bool = False
    """An empty argument under notnone is an error, but the function does its work all the same."""
    first_notnone: bool = False
    """notnone looks at the first argument only."""
    member: bool = False
    """It may be a member of a schema."""
    schema: bool = False
    """Its arguments are members: types that stand for the headers in order."""
    origin: str | None = None
    """What a function of a user is from; None: it is one of ours."""
    keep: Callable[[Call, Sequence[Value]], None] | None = None
    """What a schema does with a line that keeps to it; it gets the cells of its columns."""
    component_only: bool = False
    """It can only be a component of its own."""
    own_label: bool = False
    """Its name qualifier is a name that no other call of it may have."""
    refusal: str = "is not accepted"
    """What is wrong with a cell that a member refused without a message of its own."""
    accept: Callable[[n.Call, str], str | None] | None = None
    """Returns a Python expression over a raw cell that is true only where the member surely takes
    it, None where there is none (engine.md: a fast test may only accept)."""
    check_alone: Callable[[n.Call], Sequence[Diagnostic]] | None = None
    """As `check`, but only where the call is no member of a schema."""
    reports: bool = False
    """It may report errors and go on."""
    own_onmatch: bool = False
    """onmatch is the function's own business: the component does not wait for the others."""
    implies_onmatch: bool = False
    """`@x = f()` without arguments is as `@x.onmatch = f()` (5.7)."""
    always_waits: bool = False
    """It acts as if it had onmatch."""
    waits: Callable[[n.Call], bool] | None = None
    """Says whether a call acts as if it had onmatch."""
    keeps_blanks: bool = False
    """A text value is not trimmed."""
    leaves: bool = False
    """It raises `Unusable`: then it votes false, and nothing is done with its value."""
    refuses: bool = False
    """It decides the match by its value, so where it fails it votes false: date(), a type."""
    own_nocontrib: bool = False
    """With nocontrib it votes the default vote, also where it is no left side of `->`."""
    asks_verdict: bool = False
    """Its component runs when it is known whether all others match: `run.verdict`."""
    acts_for_value: bool = False
    """It acts also where only its value, None, is asked for: `@x = put("a", 1)`."""
    reads_votes: bool = False
    """It looks at `run.votes` or `run.whens`."""
    changes_line: bool = False
    changes_headers: bool = False
    changes_flow: bool = False
    """It may stop the run, or leave the line."""
    needs_totals: bool = False
    needs_document: bool = False
    """It asks for `run.document()`: the file must be one that can be read twice."""
    whole_file: Callable[[n.Call], bool] | None = None
    """Says whether a call takes the data file as one document, whatever its lines look like."""
    last_only: bool = False
    """It is the one that knows the last line (5.9)."""
    fails: bool = True
    """It may report errors of a line."""
    check: Callable[[n.Call], Sequence[Diagnostic]] | None = None
    emitter: Callable[[Sequence[str]], str | None] | None = field(default=None)
    preparer: Callable[[Call, Callable[..., Any]], Callable[..., Any] | None] | None = None

    def emit(
        self, emitter: Callable[[Sequence[str]], str | None]
    ) -> Callable[[Sequence[str]], str | None]:
        """Register the inline form for executor A.

        It gets the names of the arguments' values and returns a Python expression that gives
        exactly what `evaluate` gives and never raises, or None where there is none.
        """
        self.emitter = emitter
        return emitter

    def prepare(
        self, preparer: Callable[[Call, Callable[..., Any]], Callable[..., Any] | None]
    ) -> Callable[[Call, Callable[..., Any]], Callable[..., Any] | None]:
        """Register what makes the fast way of one occurrence, before the first line.

        It gets the occurrence and its exact way: `evaluate` with the arguments converted and the
        value trimmed. It returns a function of the arguments as they stand that does and gives
        exactly the same, by handing to the exact way all that it cannot take itself; or None.
        It is not asked for a call with notnone.
        """
        self.preparer = preparer
        return preparer

    @property
    def doc(self) -> str:
        """What it does: the docstring without the example, its paragraphs set apart."""
        return documented(self.evaluate.__doc__ or "")[0]

    @property
    def example(self) -> Example | None:
        """The example at the end of the docstring."""
        return documented(self.evaluate.__doc__ or "")[1]

    def signature_for(self, args: Sequence[n.Argument]) -> Signature | None:
        """Return the form of the call that takes these arguments, None if none does."""
        for signature in self.signatures:
            if signature.takes_count(len(args)) and signature.refused(args) is None:
                return signature
        return None


REGISTRY: dict[str, Function] = {}
"""Every function by name and alias; `library` fills it with the built-in groups."""


_EXAMPLE = re.compile(r"\n\nExample(?: on (?P<data>[\w./-]+))?::\n\n(?P<block> .*)\Z", re.DOTALL)


def documented(docstring: str) -> tuple[str, Example | None]:
    r"""Return what a docstring says, and the example at its end.

    >>> documented("The sum.\n\nExample on prices.csv::\n\n    $[*][ sum(#price) ]")
    ('The sum.', Example(statement='$[*][ sum(#price) ]', data='prices.csv'))
    """
    text = cleandoc(docstring)
    found = _EXAMPLE.search(text)
    if found is None:
        return text, None
    example = Example(cleandoc(f"\n{found['block']}"), found["data"] or SAMPLE)
    return text[: found.start()], example


def function(
    name: str,
    *,
    group: str,
    gives: Gives,
    args: Sequence[Param] = (),
    forms: Sequence[Sequence[Param]] = (),
    **options: Any,
) -> Callable[[Callable[..., Any]], Function]:
    """Declare the function below as one of the language.

    Its docstring says what it does; the last paragraph is an example, as `documented` reads it.

    Args:
        name: the name in statements.
        group: the group of spec/functions it belongs to.
        gives: see `Gives`.
        args: the places of its arguments, if there is one form of the call.
        forms: the places of each form, if there are several.
        options: the other fields of `Function`.
    """

    def declare(evaluate: Callable[..., Any]) -> Function:
        signatures = tuple(Signature(tuple(form)) for form in (forms or [args]))
        made = Function(name, group, gives, signatures, evaluate, **options)
        register(made)
        return made

    return declare


def register(made: Function) -> None:
    """Enter a function under its names.

    Raises:
        ValueError: another function has one of them.
    """
    for word in (made.name, *made.aliases):
        if word in REGISTRY:
            raise ValueError(f"two functions are called {word}")
    for word in (made.name, *made.aliases):
        REGISTRY[word] = made
