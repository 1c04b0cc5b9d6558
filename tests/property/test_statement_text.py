"""Whatever the text: it is a statement that runs, or it is refused with findings that can be drawn.

And what is large or deep is refused at once, or runs.
"""

import io
import json
import time
from pathlib import Path

import pytest
from hypothesis import example, given, settings
from hypothesis import strategies as st

import preboard
from preboard.errors import PreboardError, StatementError
from preboard.language.format import format_tree
from preboard.language.outline import DEEPEST, MOST_BYTES
from preboard.language.parser import parse
from preboard.language.statement import Statement

RECORDED = Path(__file__).parents[1] / "conformance" / "language.jsonl"
SEEDS = sorted({json.loads(line)["csvpath"] for line in RECORDED.read_text().splitlines()})
TOKENS = [
    "$[*][", "$[", "[", "]", "][", "(", ")", ",", "->", "==", "=", "*", "+", "-", "%", ".", "/",
    '"', '""', '"text"', "~", "~ c ~", "~ logic-mode: OR ~", "id:", "#", "#a", "#0", "#-1",
    '#"a b"', "#.a", "#a.asbool", "@", "@x", "@x.k", "@x.onmatch", "@.", "$", "$g.variables.x",
    "$.variables.x", "/", "//", "/a/", "\\/", "\\", "0", "1", "-1", "1.5", "1e3", ".5", "1e999",
    "yes()", "not(", "add(", "or(", "print(", 'print("$.headers.a..")', "nosuch(", "f", "count",
    "last()", "true", "!=", "<", "&&", "é", "𝄞", "\x00", "\ufeff", "\u2028", "\u201c", "\ud800",
    " ", "\n", "\r\n", "\t", "\u00a0",
]  # fmt: skip
VALUES = ['"t"', '""', "1", "-1.5", "/a/", "#a", '#"a b"', "#0", "@x", "@x.k", "none()", "#nosuch"]
DATA = b'a,a b\n1,x\n\n,"y ""z"""\n3\n'


def soup():
    """Return texts in which any token may follow any other."""
    return st.lists(st.sampled_from(TOKENS), max_size=30).map("".join)


def mutated():
    """Return recorded statements with a few pieces taken out, put in or doubled."""
    change = st.tuples(
        st.floats(0, 1), st.integers(0, 8), st.one_of(st.sampled_from(TOKENS), st.just(""))
    )
    return st.builds(mutate, st.sampled_from(SEEDS), st.lists(change, min_size=1, max_size=3))


def mutate(text, changes):
    for place, length, put in changes:
        at = int(place * len(text))
        text = text[:at] + put + text[at + length :]
    return text


def matches(inside):
    """Return statements whose match part is made of `inside`."""
    scans = st.sampled_from(["*", "1*", "1-2", "0+2*", " 2 "])
    return st.builds(lambda scan, text: f"$[{scan}][ {text} ]", scans, inside)


def well_formed():
    """Return statements that the grammar takes; some name what does not exist."""
    value = st.recursive(
        st.sampled_from(VALUES),
        lambda inner: st.builds(
            lambda name, args: f"{name}({', '.join(args)})",
            st.sampled_from(["not", "or", "and", "add", "length", "count", "push", "int", "last"]),
            st.lists(inner, max_size=3),
        ),
        max_leaves=8,
    )
    equality = st.builds("{} == {}".format, value, value)
    assignment = st.builds(
        "@{} = {}".format, st.sampled_from(["x", "x.k", "y.onmatch", "y.latch"]), value
    )
    when = st.builds(
        "{} -> {}".format,
        st.one_of(equality, st.sampled_from(["yes()", "#a", "@x", "last.nocontrib()"])),
        st.one_of(assignment, st.sampled_from(['print("$.variables.x")', "stop()", "fail()"])),
    )
    component = st.one_of(equality, assignment, when, st.sampled_from(["~ c ~", "#a", "yes()"]))
    return matches(st.lists(component, max_size=6).map("\n".join))


def parsed(text):
    """Return the statement of a text, None if it is refused as it should be."""
    try:
        return Statement.parse(text)
    except StatementError as error:
        check_refusal(error, text)
        return None


def check_refusal(error, text):
    """A refusal has findings, which lie inside of the text and can be drawn."""
    assert error.diagnostics
    for finding in error.diagnostics:
        assert 0 <= finding.span.start <= len(text)
        assert finding.span.start <= finding.span.end <= len(text)
        assert finding.severity == "error"
    assert error.render().count(" error[") >= len(error.diagnostics)
    assert str(error)


class TestAnyText:
    @given(st.one_of(st.text(), st.text(alphabet=st.characters()).map("$[*][ {} ]".format)))
    @example("")
    @example(" \n")
    @example("$")
    @example("$[*]")
    @example("$[*] ")
    @example("~")
    @example("~~")
    @example("$[*][\ud800]")
    def test_random_text(self, text):
        """Any text is a statement, or is refused with findings that lie inside of it."""
        parsed(text)

    @given(st.one_of(soup(), matches(soup())))
    @settings(max_examples=300)
    def test_tokens_in_any_order(self, text):
        """Tokens in any order are a statement, or are refused with findings that can be drawn."""
        parsed(text)

    @given(mutated())
    @settings(max_examples=300)
    def test_statements_with_mistakes(self, text):
        """A statement with mistakes is still one, or is refused with findings."""
        parsed(text)

    @given(st.one_of(well_formed(), mutated()))
    def test_what_parses_runs(self, text):
        """A statement that is accepted runs, or ends with one of our errors."""
        statement = parsed(text)
        if statement is not None:
            try:
                report = preboard.validate(statement, io.BytesIO(DATA), delimiter=",")
            except PreboardError:
                return
            assert len(report.lines) <= report.counts.scans <= report.counts.lines <= 5


class TestCanonicalForm:
    @given(st.one_of(well_formed(), mutated()))
    @settings(max_examples=200)
    def test_round_trip(self, text):
        """The canonical form of a statement means the same, and is its own canonical form."""
        try:
            tree = parse(text)[0]
        except StatementError:
            return
        canonical = format_tree(tree)
        assert parse(canonical)[0] == tree
        assert format_tree(parse(canonical)[0]) == canonical


def nested(opening, inner, closing=")", depth=DEEPEST):
    """Return calls inside of calls; `inner` holds none."""
    return opening * depth + inner + closing * depth


class TestSize:
    @pytest.mark.parametrize(
        "text",
        [
            f"$[*][ {nested('not(', '#a', depth=DEEPEST + 1)} ]",
            f"$[*][ {nested('not(', '#a', depth=100_000)} ]",
            f"$[*][ {'not(' * 240_000} ]",
            f"$[*][ {'(' * 900_000} ]",
        ],
        ids=["101", "100000", "unclosed", "parentheses"],
    )
    def test_too_deep(self, text):
        """Calls nested more than a hundred deep are refused at once."""
        assert refusal(text) == "too-deep"

    @pytest.mark.parametrize("character", ["x", "é"])
    def test_too_long(self, character):
        """A statement of 1,000,001 bytes is refused at once, whatever it holds."""
        room = (MOST_BYTES + 1 - len("$[*][]~~")) // len(character.encode())
        text = f"$[*][]~{character * room}~"
        assert len(text.encode()) in (MOST_BYTES, MOST_BYTES + 1)
        text += " " * (MOST_BYTES + 1 - len(text.encode()))
        assert refusal(text) == "too-long"

    @pytest.mark.parametrize(
        "inside",
        [
            nested("and(#a, ", "#a"),
            nested("and(", "#a", ", #a)"),
            nested("or(#a, ", "#a"),
            nested("not(", "#a"),
            nested("not(", "#a == 1"),
            nested("add(1, ", "1"),
            nested("add(", "1", ", 1)"),
            nested('print("t", ', "yes()", depth=DEEPEST - 1),
            nested("last(", "yes()", depth=DEEPEST - 1),
            nested('push("s", ', "#a"),
            nested("equals(#a, ", "#a"),
        ],
        ids=lambda text: text[: text.index("(") + 8],
    )
    @pytest.mark.parametrize(
        "component",
        ["{}", "@x = {}", "{} -> @x = 1", "yes() -> {}", "{} == 1", "yes.onmatch() -> {}"],
    )
    def test_as_deep_as_may_be(self, component, inside):
        """Calls nested a hundred deep are compiled and run, wherever they stand."""
        report = run(f"$[*][ {component.format(inside)} ]")
        assert report.counts.scans == 2
        assert not report.errors

    def test_depth_of_a_sum(self):
        """A hundred calls inside of each other compute what they say."""
        assert run(f"$[1][ @x = {nested('add(1, ', '#a')} ]").variables["x"] == 101

    def test_large_statement(self):
        """A statement of 990 kB with thousands of components runs, each of them."""
        components = [f'@v{i} = {i}\n#a == "{"x" * 640}" -> @w = 1' for i in range(1450)]
        text = f"$[*][ {' '.join(components)} ]"
        assert 970_000 < len(text) < 1_000_000
        report = run(text)
        assert len(report.variables) == 1450
        assert report.variables["v1449"] == 1449

    def test_long_scan_part(self):
        """Ten thousand scan items are a scan part, read in file order."""
        items = "+".join(str(2 * i) for i in range(10_000))
        data = b"a\n" + b"1\n" * 20_000
        report = preboard.validate(f"$[{items}][]", io.BytesIO(data), delimiter=",")
        assert report.counts.scans == 10_000

    def test_endless_ranges(self):
        """Ranges far past the end of the file cost nothing."""
        ranges = "-".join(["0", "999999999999999"] * 5_000)
        assert run(f"$[{ranges}][]").counts.matches == 2


def refusal(text):
    """Return the code for which a text is refused, within a second."""
    start = time.perf_counter()
    with pytest.raises(StatementError) as error:
        Statement.parse(text)
    assert len(error.value.render()) < 1_000
    assert time.perf_counter() - start < 1
    return error.value.diagnostics[0].code


def run(text):
    return preboard.validate(text, io.BytesIO(b"a\n1\n"), delimiter=",")
