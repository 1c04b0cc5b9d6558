"""Random statements that the checker accepts, and small data files for them.

Everything is drawn from one `random.Random`: a seeded one for long runs, one of hypothesis for the
property, which can then shrink. Arguments are made from the signatures that the functions declare,
so that a new function is part of the test on the day it is declared.
"""

from __future__ import annotations

import csv
import io
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

from tests.slow.schema_generator import SchemaMaker
from tests.slow.types import JUDGED

from preboard.errors import StatementError
from preboard.language import nodes as n
from preboard.language.format import format_tree
from preboard.language.functions.library import functions
from preboard.language.statement import Statement

if TYPE_CHECKING:
    import random
    from collections.abc import Sequence

    from preboard.language.functions.registry import Function
    from preboard.language.functions.signature import Param

EXCLUDED = frozenset({
    "collect_original", "env", "fail_all", "import", "jinja", "jsonschema", "now", "parquet",
    "random", "run_table", "select", "shuffle", "sql_in", "thismonth", "thisyear", "today", "uuid",
    "xsd",
})  # fmt: skip
"""Functions whose result depends on the clock, on chance or on the surroundings."""

NAMES = ("a", "b", "c", "n", "a b")
VARIABLES = ("x", "y", "s", "t")
KEYS = ("p", "q", "True", "1")
CELLS = (
    "1", "2", "3", "10", "-1", "0", "1.0", "2.5", "Oslo", "Rome", "", "", " ", "None", "none",
    "nan", "true", "True", "false", " x ", "a", "x,y", 'say "hi"', "1,200", "$5", "é",
)  # fmt: skip
TEXTS = ("", "Oslo", "1", "1.0", "true", "None", "none", "a", "s", "x", "Oslo|Rome", "1|2| ", "/1/")
TYPED_CELLS = (
    "7", "12", "-3", "007", "1,200", "$5.00", "1.5", ".5", "1e3", "0x10", "5.", "true", "FALSE",
    "2024-02-29", "2024-02-30", "2024-02-29 10:15:00", "29.02.2024", "20240229", "02/03/2024",
    "ann@example.com", "ann@", "https://example.com", "example.com", "héllo", "\u0663", "1 000",
    "6ba7b810-9dad-11d1-80b4-00c04fd430c8", "6ba7b8109dad11d180b400c04fd430c8", "6ba7b810",
    "Oslo", "", "", " ", "none", "nan", "inf",
)  # fmt: skip
NUMBERS = (0, 1, 2, 3, -1, 1.0, 2.5)
PATTERNS = ("/1/", "/O(s)lo/", "/^$/", "/[a-z]+/", "/(x)?/")
HEADERS = ("a", "b", "c", "n", "zz", "0", "1", "2", "-1", "-4", "9")
QUOTED = ("a b", "a", "1", "n.", "-1", "zz zz")
PRINTED = (
    "-", "$.variables.x", "$.variables.x.p", "$.variables.s.length", "$.variables.s.0..",
    "$.variables.nope", "$.headers.a", "$.headers.1", "$.headers.'a b'", "$.headers.zz",
    "$.metadata.id", "$.csvpath.line_number", "$.csvpath.count_matches", "$.csvpath.count_scans",
    "$.csvpath.count_lines", "$.csvpath.total_lines", "$.csvpath.headers", "$.csvpath.valid",
    "$.csvpath.stopped", "$.csvpath.'logic-mode'", "$.csvpath.lines_collected",
    "$.csvpath.errors_count", "$.csvpath.identity", "$.csvpath.nope", "cost $5.",
    "$.variables.x$.variables.y.", "$.csvpath.match_part",
)  # fmt: skip
DOCUMENTS = {
    "jsonpath": ("{'a': [1, 2], 'b': {'a': 'x'}}", "[1, null]", "{", "", "7"),
    "xpath": ("<a><b c='1'>x</b><b>2</b></a>", "<a/>", "<a", "", "<a>&e;</a>"),
}
PATHS = {
    "jsonpath": ("$.a", "$.a[0]", "$..a", "$.zz", "$[?(@.a=='x')].a", "$[", "$"),
    "xpath": ("/a/b", "/a/b/@c", "count(/a/b)", "/a/zz", "boolean(/a)", "string(/a)", "/a["),
}
POLICIES = ("collect", "fail", "stop", "print")
UNPRINTED = POLICIES[:-1]
"""For statements whose errors the engine and the slow evaluator word each in their own way."""
OFTEN = (
    "add", "advance", "and", "collect", "count", "counter", "equals", "error", "fail",
    "firstscan", "has_matches", "in", "int", "last", "matches", "none", "not", "or", "print",
    "push", "put", "replace", "reset_headers", "skip", "stack", "stop", "take", "valid",
)  # fmt: skip
"""The functions that steer, remember or vote in ways of their own: half of all calls."""
WORDS = (*sorted(n.QUALIFIERS), *("onmatch", "nocontrib") * 4, "asbool", "once", "onchange")
DEPTH = 3


@dataclass(frozen=True)
class Case:
    """A statement, rows to run it over and an error policy."""

    tree: n.Tree
    rows: tuple[tuple[str, ...], ...]
    on_error: tuple[str, ...] = ("collect", "fail")

    @property
    def text(self) -> str:
        """Return the statement as text."""
        return format_tree(self.tree)

    @property
    def data(self) -> bytes:
        """Return the rows as the bytes of a CSV file."""
        target = io.StringIO(newline="")
        csv.writer(target).writerows(self.rows)
        return target.getvalue().encode()


def make_case(draw: random.Random, only: Sequence[str] = ()) -> Case:
    """Return a case; with `only` no other functions than these are called."""
    maker = Maker(draw, only)
    rows = maker.rows()
    for _ in range(20):
        case = Case(maker.tree(), rows, maker.policy())
        try:
            Statement.parse(case.text)
        except StatementError:
            continue
        if is_line_by_line(case.tree):
            return case
    return Case(n.Tree(n.NOWHERE, (), "", n.Scan(n.NOWHERE, (), open_ended=True), (), ()), rows)


class Maker:
    """Draws the parts of a case."""

    def __init__(self, draw: random.Random, only: Sequence[str] = ()) -> None:
        self.draw = draw
        self.functions = [
            name
            for name in sorted(functions())
            if name not in EXCLUDED
            and not declared(name).check_alone
            and (not only or name in only)
        ]
        self.often = [name for name in OFTEN if name in self.functions] or self.functions
        self.typed = "line" in self.functions and (bool(only) or self.chance(0.3))
        self.words: tuple[str, ...] = POLICIES

    def chance(self, share: float) -> bool:
        """Say yes in this share of the draws; hypothesis shrinks towards no."""
        return self.draw.random() > 1 - share

    # data

    def rows(self) -> tuple[tuple[str, ...], ...]:
        """Return up to 8 rows, ragged, some blank."""
        width = self.draw.randint(1, 4)
        head = tuple(self.draw.choice(NAMES) for _ in range(width))
        if self.chance(0.8):
            head = NAMES[:width]
        body = [self.row(width) for _ in range(self.draw.choice((0, 1, 2, 3, 4, 4, 5, 5, 6, 7)))]
        self.head = head
        rows = [head, *body]
        if self.chance(0.1):
            rows.insert(0, ())
        return tuple(rows[: 0 if self.chance(0.02) else None])

    def row(self, width: int) -> tuple[str, ...]:
        """Return a row, mostly of this width."""
        if self.chance(0.15):
            return ()
        if self.chance(0.25):
            width = self.draw.randint(1, 5)
        cells = TYPED_CELLS if self.typed and self.chance(0.7) else CELLS
        return tuple(self.draw.choice(cells) for _ in range(width))

    # the parts of a statement

    def tree(self) -> n.Tree:
        """Return a whole statement."""
        count = self.draw.choice((1, 1, 2, 2, 3, 3, 4, 5, 6))
        self.words = POLICIES
        parts = tuple(self.component() for _ in range(count))
        return n.Tree(n.NOWHERE, self.comments(), "", self.scan(), parts, ())

    def comments(self) -> tuple[str, ...]:
        """Return the outer comment that sets the modes."""
        words = []
        if self.chance(0.35):
            words.append("logic-mode: OR")
        if self.chance(0.15):
            words.append("return-mode: no-matches")
        if self.chance(0.3):
            words.append("unmatched-mode: keep")
        if self.chance(0.3):
            asked = [
                f"{self.draw.choice(('', 'no-'))}{word}"
                for word in (*self.words, "match")
                if self.chance(0.35)
            ]
            words.append(f"validation-mode: {', '.join(asked) or 'no-stop'}")
        if self.chance(0.2):
            words.append("id: me")
        return (f" {' '.join(words)} ",) if words else ()

    def policy(self) -> tuple[str, ...]:
        """Return what an error of a line does."""
        share = {"collect": 0.6}
        return tuple(word for word in self.words if self.draw.random() < share.get(word, 0.3))

    def scan(self) -> n.Scan:
        """Return a scan part."""
        if self.chance(0.5):
            items = [n.ScanItem("+", self.draw.choice((0, 1, 1, 2, 3, 6)))]
            while self.chance(0.5):
                items.append(n.ScanItem(self.draw.choice("+-"), self.draw.randint(0, 9)))
            return n.Scan(n.NOWHERE, tuple(items), open_ended=self.chance(0.5))
        return n.Scan(n.NOWHERE, (), open_ended=True)

    def component(self) -> n.Component:
        """Return a match component of any kind."""
        if self.typed and self.chance(0.4):
            return self.call(DEPTH, "line")
        match self.draw.randrange(10):
            case 0 | 1:
                return self.assignment()
            case 2 | 3 | 4:
                return n.When(n.NOWHERE, self.test(DEPTH - 1), self.action())
            case _:
                return self.test(DEPTH)

    def assignment(self) -> n.Assignment:
        """Return an assignment."""
        letter = self.draw.choice("FFFFTHHVR")
        return n.Assignment(n.NOWHERE, self.variable(0.5), self.node(letter, DEPTH - 1))

    def action(self) -> n.Action:
        """Return what may stand behind `->`."""
        return self.assignment() if self.chance(0.3) else self.call(DEPTH - 1)

    def test(self, depth: int) -> n.Test:
        """Return what votes on its own."""
        if self.chance(0.35):
            likely = self.draw.choice(("yes", "yes", "valid", "count", "push"))
            args = (n.Term(n.NOWHERE, "s"), self.header()) if likely == "push" else ()
            return n.Call(n.NOWHERE, likely, args, self.qualifiers(0.35))
        return self.node(self.draw.choice("FFFFFEEHVR"), depth)

    def node(self, letter: str, depth: int, param: Param | None = None) -> Any:
        """Return a node of the kind a letter names."""
        match letter:
            case "T":
                return self.term(param)
            case "H":
                return self.header()
            case "V":
                return self.variable(0.25)
            case "R":
                return n.Reference(n.NOWHERE, "g", "csvpaths", self.draw.choice(("one", "two")))
            case "E":
                left = self.node(self.draw.choice("HHVVF"), depth - 1)
                return n.Equality(
                    n.NOWHERE, left, self.node(self.draw.choice("TTTHVFR"), depth - 1)
                )
            case _:
                return self.call(depth)

    def term(self, param: Param | None) -> n.Term | n.Regex:
        """Return a literal that the place may want."""
        wants = f"{param.name} {param.wants}" if param else ""
        if "pattern" in wants or self.chance(0.08):
            return n.Regex(n.NOWHERE, self.draw.choice(PATTERNS))
        if "integer" in wants and self.chance(0.85):
            return n.Term(n.NOWHERE, self.draw.choice((1, 2, 0, 3, -1)))
        if ("name" in wants or "stack" in wants) and self.chance(0.7):
            return n.Term(n.NOWHERE, self.draw.choice(VARIABLES))
        if "header" in wants and self.chance(0.7):
            return n.Term(n.NOWHERE, self.draw.choice((*NAMES[:3], "zz", 0, 1, 5)))
        return n.Term(n.NOWHERE, self.draw.choice((*NUMBERS, *TEXTS)))

    def header(self) -> n.Header:
        """Return a header: known, unknown, by index, quoted."""
        if self.chance(0.1):
            return n.Header(n.NOWHERE, self.draw.choice(QUOTED), quoted=True)
        return n.Header(n.NOWHERE, self.draw.choice(HEADERS), self.qualifiers(0.25))

    def variable(self, qualified: float) -> n.Variable:
        """Return a variable, maybe with a tracking value."""
        words = list(self.qualifiers(qualified))
        if self.chance(0.2):
            words.insert(self.draw.randint(0, len(words)), self.draw.choice(KEYS))
        return n.Variable(n.NOWHERE, self.draw.choice(VARIABLES), tuple(words))

    def qualifiers(self, share: float) -> tuple[str, ...]:
        """Return known qualifiers in this share of the draws."""
        words: list[str] = []
        while self.chance(share) and len(words) < 3:
            words.append(self.draw.choice(WORDS))
        return tuple(dict.fromkeys(words))

    # calls

    def call(self, depth: int, name: str = "") -> n.Call:
        """Return a call whose arguments are of kinds that some signature takes."""
        name = name or self.draw.choice(self.often if self.chance(0.5) else self.functions)
        if depth <= 0:
            bare = [
                word
                for word in self.functions
                if any(s.least == 0 for s in declared(word).signatures)
            ]
            name = self.draw.choice(bare or self.functions)
        function = declared(name)
        if function.schema:
            return self.schema(name)
        if function.name in JUDGED:
            self.words = UNPRINTED
        forms = [s for s in function.signatures if depth > 0 or s.least == 0] or function.signatures
        signature = self.draw.choice(forms)
        places = [p for p in signature.params if p.required or (depth > 0 and self.chance(0.5))]
        if signature.most is None and depth > 0 and self.chance(0.2):
            places.append(signature.params[-1])
        args = tuple(self.argument(function, place, depth - 1) for place in places)
        words = list(self.qualifiers(0.3))
        if self.chance(0.3):
            words.insert(self.draw.randint(0, len(words)), self.draw.choice(VARIABLES))
        return n.Call(n.NOWHERE, name, args, tuple(words))

    def schema(self, name: str) -> n.Call:
        """Return a schema that mostly fits the headers."""
        self.words = UNPRINTED
        words = [*self.qualifiers(0.15)]
        words += [word for word in ("distinct", "notnone", "strict", "k") if self.chance(0.12)]
        members = SchemaMaker(self.draw, self.head).members()
        return n.Call(n.NOWHERE, name, members, tuple(dict.fromkeys(words)))

    def argument(self, function: Function, place: Param, depth: int) -> n.Argument:
        """Return an argument that may stand at a place."""
        letters = [letter for letter in place.nodes if letter not in "FE" or depth > 0]
        letter = self.draw.choice(letters or list(place.nodes))
        if function.name in PATHS and (place.name == "path" or self.chance(0.7)):
            words = (PATHS if place.name == "path" else DOCUMENTS)[function.name]
            return n.Term(n.NOWHERE, self.draw.choice(words))
        if function.group == "printing" and letter == "T":
            count = self.draw.randint(1, 3)
            return n.Term(n.NOWHERE, " ".join(self.draw.choice(PRINTED) for _ in range(count)))
        return self.node(letter, depth, place)


def is_line_by_line(tree: n.Tree) -> bool:
    """Say whether no call takes the data file as one document, whatever its lines look like."""
    calls = [node for part in tree.parts for node in n.walk(part) if isinstance(node, n.Call)]
    return not any(asked(call) for call in calls if (asked := declared(call.name).whole_file))


def declared(name: str) -> Function:
    """Return the declaration of a function."""
    return functions()[name]
