"""What is found in a tree before any data is read. The texts of findings: messages.jsonl."""

import pytest

from preboard.errors import StatementError
from preboard.language.statement import Statement


def found(inside):
    """Return code and shown text of the errors in a match part, of the warnings if it has none."""
    text = f"$[*][ {inside} ]"
    try:
        findings = Statement.parse(text).warnings
    except StatementError as error:
        findings = error.diagnostics
    return [(f.code, text[f.span.start : f.span.end]) for f in findings]


class TestFunctions:
    @pytest.mark.parametrize(
        "inside",
        ["yes()", "not(#a)", "or(#a, #b == 1, no())", 'print("x", stop())', "add(1, int(#a))"],
    )
    def test_right_calls(self, inside):
        """A call of a known function with arguments that it takes is no finding."""
        assert found(inside) == []

    def test_unknown(self):
        """A function that does not exist is shown by its name alone."""
        assert found("frobnicate.x(#a)") == [("unknown-function", "frobnicate")]

    @pytest.mark.parametrize("inside", ["yes(1)", "length()", "length(#a, #b)", "or(#a)"])
    def test_count(self, inside):
        """Too many or too few arguments are shown at the name."""
        name = inside.partition("(")[0]
        assert found(inside) == [("argument-count", name)]

    @pytest.mark.parametrize(
        ("inside", "shown"),
        [("print(#a)", "#a"), ("length(#a == 1)", "#a == 1"), ('not("x")', '"x"')],
    )
    def test_kind(self, inside, shown):
        """An argument of a kind that cannot stand there is shown itself."""
        assert found(inside) == [("argument-kind", shown)]

    @pytest.mark.parametrize(
        ("inside", "shown"), [('add("one", 2)', '"one"'), ('advance("two")', '"two"')]
    )
    def test_literal_that_can_never_be_taken(self, inside, shown):
        """A literal of a value that is refused on every line is refused at once."""
        assert found(inside) == [("argument-value", shown)]

    def test_pattern(self):
        """A pattern that cannot be compiled is shown."""
        assert found("regex(#a, /[a-/)") == [("bad-pattern", "/[a-/")]

    @pytest.mark.parametrize(
        "inside",
        ["{}", "not({})", "#a == {}", "@x = {}", "#a -> {}", "{} -> yes()", "or(#a, not({}) == 1)"],
    )
    def test_everywhere(self, inside):
        """Calls are checked wherever they stand."""
        assert found(inside.format("nosuch()")) == [("unknown-function", "nosuch")]

    def test_order(self):
        """Findings come in the order of the text, outer calls before inner ones."""
        names = [shown for _, shown in found("aaa(bbb(), ccc()) -> ddd() eee()")]
        assert names == ["aaa", "bbb", "ccc", "ddd", "eee"]


class TestReferences:
    def test_kind(self):
        """A reference to a kind of value that does not exist is shown."""
        shown = "$g.rows.x"
        assert found(f"#a == {shown}") == [("bad-reference", shown)]

    @pytest.mark.parametrize("shown", ["$g.variables.x", "$g.headers.h", "$g.variables.x.k"])
    def test_project(self, shown):
        """The results of another group need a project."""
        assert found(f"#a == {shown}") == [("needs-project", shown)]

    @pytest.mark.parametrize(
        ("text", "codes"),
        [
            ("$.variables.x and $.headers.'a b', $.csvpath.count_lines.. $.metadata.id", []),
            ("cost $5, $ or $.5", []),
            ("$.variable.x", ["bad-reference"]),
            ("$.variable.x $.header.y", ["bad-reference", "bad-reference"]),
            ("$other.variables.x", ["needs-project"]),
        ],
    )
    def test_print_text(self, text, codes):
        """References in the text of print() are checked too; a plain dollar sign is text."""
        assert [code for code, _ in found(f'print("{text}")')] == codes


class TestQualifiers:
    @pytest.mark.parametrize(
        "inside",
        [
            "@x.onmatch = 1", "@x.latch.notnone = 1", "#a.asbool", "#a.nocontrib -> yes()",
            "count.mine()", "@x.key = 1", 'print.onmatch.once("x")',
        ],
    )  # fmt: skip
    def test_right_ones(self, inside):
        """Qualifiers where they mean something, and names, are no finding."""
        assert found(inside) == []

    @pytest.mark.parametrize(
        ("inside", "shown"),
        [
            ("#a.latch", "#a.latch"),
            ("yes.increase()", "yes.increase()"),
            ("@x.once = 1", "@x.once"),
        ],
    )
    def test_useless(self, inside, shown):
        """A qualifier that means nothing where it stands is warned of."""
        assert found(inside) == [("useless-qualifier", shown)]

    @pytest.mark.parametrize("word", ["onmtach", "onMatch", "OnMatch", "nocontib"])
    def test_near(self, word):
        """A name that looks like a qualifier is warned of."""
        assert found(f"yes.{word}()") == [("near-qualifier", f"yes.{word}()")]

    def test_warnings_refuse_nothing(self):
        """A statement with warnings is a statement, and keeps them."""
        statement = Statement.parse("$[*][ #a.latch ] lost")
        assert [w.code for w in statement.warnings] == ["ignored-text", "useless-qualifier"]

    def test_errors_come_without_warnings(self):
        """An error tells only what must be changed."""
        with pytest.raises(StatementError) as error:
            Statement.parse("$[*][ #a.latch nosuch() ]")
        assert [finding.code for finding in error.value.diagnostics] == ["unknown-function"]
