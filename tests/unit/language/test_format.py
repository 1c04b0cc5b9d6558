"""The canonical form of a statement: it means the same, and is its own canonical form."""

import json
from pathlib import Path

import pytest

from preboard.errors import StatementError
from preboard.language.format import WIDTH, format_node, format_tree
from preboard.language.parser import parse

CONFORMANCE = Path(__file__).parents[2] / "conformance"


def recorded() -> list[str]:
    """Return the distinct statements of the recorded cases that can be parsed."""
    found: dict[str, None] = {}
    for file in sorted(CONFORMANCE.glob("*.jsonl")):
        for line in file.read_text(encoding="utf-8").splitlines():
            text = json.loads(line).get("csvpath", "")
            try:
                parse(text)
            except StatementError:
                continue
            found[text] = None
    return list(found)


def formatted(text):
    return format_tree(parse(text)[0])


class TestMeaning:
    def test_recorded_statements(self):
        """Every recorded statement means the same in its canonical form, which is stable."""
        statements = recorded()
        assert len(statements) > 500
        for text in statements:
            tree = parse(text)[0]
            canonical = format_tree(tree)
            assert parse(canonical)[0] == tree, text
            assert formatted(canonical) == canonical, text

    @pytest.mark.parametrize(
        "inside",
        [
            "@a-->yes()", "#a. #b.. @c.x.", '#"a.b" == ""', "f(/a b/, //)", '"one\n  two" == #a',
            "~ a\n  b ~ ~~", "@x = -0.0 @y = 1e300 @z = 1E-7 @w = 00012 @v = +5 @u = -.5",
            f"@big = {'9' * 4000}", r'#a == "\" ', "#1 @2 == 3 #-1 @-x = 1", "$g.csvpaths.x.k",
            '#" padded "', '~ç~ #"日本" == "𝄞"',
        ],
    )  # fmt: skip
    def test_odd_tokens(self, inside):
        """Tokens of every odd form keep their meaning."""
        tree = parse(f"$[*][ {inside} ]")[0]
        assert parse(format_tree(tree))[0] == tree

    def test_values_keep_their_type(self):
        """A float stays a float and an int an int: 2. is no 2."""
        lines = formatted("$[*][ @x = 2. @y = 2 @z = 1e3 ]").splitlines()
        assert lines[1:4] == ["    @x = 2.0", "    @y = 2", "    @z = 1000.0"]

    def test_long_calls_too(self):
        """A call that is broken into lines means the same."""
        args = ", ".join(f'concat(#header-{i}, "text {i}")' for i in range(20))
        tree = parse(f"$[*][ @x = or({args}) ]")[0]
        assert parse(format_tree(tree))[0] == tree


class TestLayout:
    @pytest.mark.parametrize(
        ("text", "expected"),
        [
            ("$[*][]", "$[*][]\n"),
            ("$ f.csv [ 1 - 3 + 7 * ] [ yes() ]", "$f.csv[1-3+7*][\n    yes()\n]\n"),
            ("$[007][]", "$[7][]\n"),
            ("~ a ~ ~b~ $[*][] ~ c ~", "~ a ~\n~b~\n$[*][]\n~ c ~\n"),
            ("$[*][#a==1@x=f(1,2)]", "$[*][\n    #a == 1\n    @x = f(1, 2)\n]\n"),
            ("$[*][#a->@x=1 ~ n ~]", "$[*][\n    #a -> @x = 1\n    ~ n ~\n]\n"),
        ],
    )
    def test_form(self, text, expected):
        """One component a line, one blank around operators, comments on lines of their own."""
        assert formatted(text) == expected

    def test_dropped_text_is_dropped(self):
        """Text outside of comments means nothing and does not come back."""
        assert formatted("~ a ~ lost $[*][] lost") == "~ a ~\n$[*][]\n"

    def test_wide_call(self):
        """A call that is too wide has an argument a line, indented."""
        wide = '"' + "x" * 60 + '"'
        assert formatted(f"$[*][ f({wide}, g({wide})) ]") == (
            f"$[*][\n    f(\n        {wide},\n        g({wide})\n    )\n]\n"
        )

    def test_width(self):
        """A line is wider than the limit only where one token is."""
        args = ", ".join(f"concat(#header-{i}, #b)" for i in range(40))
        lines = formatted(f"$[*][ or({args}) #a -> push.onmatch(or({args}), #b) ]").splitlines()
        assert max(map(len, lines)) <= WIDTH

    def test_one_node(self):
        """One node is written on one line."""
        (part,) = parse('$[*][\n#a\n->\nprint(\n"x")]')[0].parts
        assert format_node(part) == '#a -> print("x")'

    def test_node_without_text(self):
        """A tree is no node on one line."""
        with pytest.raises(TypeError):
            format_node(parse("$[*][]")[0])
