"""Text to tree: every kind of node, the place of each, and the rules of tokens."""

import pytest

from preboard.diagnostics import Span
from preboard.errors import StatementError
from preboard.language import nodes as n
from preboard.language.nodes import NOWHERE
from preboard.language.parser import parse


def parts(inside):
    """Return the parts of a match part."""
    return parse(f"$[*][{inside}]")[0].parts


def one(inside):
    """Return the only part of a match part."""
    (part,) = parts(inside)
    return part


def argument(text):
    """Return what a text is as the only argument of a call."""
    call = one(f"f({text})")
    assert isinstance(call, n.Call)
    (arg,) = call.args
    return arg


def refused(inside):
    """Return the text at the place for which a match part is refused."""
    text = f"$[*][ {inside} ]"
    with pytest.raises(StatementError) as error:
        parse(text)
    (finding,) = error.value.diagnostics
    return text[finding.span.start : finding.span.end]


A = n.Header(NOWHERE, "a")
X = n.Variable(NOWHERE, "x")
ONE = n.Term(NOWHERE, 1)
YES = n.Call(NOWHERE, "yes")


class TestComponents:
    @pytest.mark.parametrize(
        ("text", "node"),
        [
            ("#a", A),
            ('#"First Name"', n.Header(NOWHERE, "First Name", quoted=True)),
            ("@x", X),
            ("yes()", YES),
            ("$g.variables.v", n.Reference(NOWHERE, "g", "variables", "v")),
            ("$g.variables.v.k", n.Reference(NOWHERE, "g", "variables", "v", "k")),
            ("~ note ~", n.Comment(NOWHERE, " note ")),
            ("#a == 1", n.Equality(NOWHERE, A, ONE)),
            ("1 == #a", n.Equality(NOWHERE, ONE, A)),
            ("@x = 1", n.Assignment(NOWHERE, X, ONE)),
            ("@x = yes()", n.Assignment(NOWHERE, X, YES)),
            ("#a -> yes()", n.When(NOWHERE, A, YES)),
            ("$g.headers.h -> yes()", n.When(
                NOWHERE, n.Reference(NOWHERE, "g", "headers", "h"), YES)),
            ("#a == 1 -> @x = #a", n.When(
                NOWHERE, n.Equality(NOWHERE, A, ONE), n.Assignment(NOWHERE, X, A))),
            ("f(1, #a == 1, g(@x))", n.Call(NOWHERE, "f", (
                ONE, n.Equality(NOWHERE, A, ONE), n.Call(NOWHERE, "g", (X,))))),
        ],
    )  # fmt: skip
    def test_kind(self, text, node):
        """Each form of a component becomes its node."""
        assert one(text) == node

    def test_order(self):
        """Components stand in document order, comments among them."""
        kinds = [type(part).__name__ for part in parts("#a @x=1 ~c~ yes() #a->yes()")]
        assert kinds == ["Header", "Assignment", "Comment", "Call", "When"]

    def test_tokens_that_cannot_run_together(self):
        """Components need no blank between them where tokens cannot run together."""
        assert parts('#a=="b"@x=1#a->yes()') == parts(' #a == "b"  @x = 1\n#a -> yes() ')

    def test_comments_are_no_components(self):
        """The components of a tree are its parts without the inner comments."""
        tree = parse("$[*][ ~ a ~ yes() ~ b ~ ]")[0]
        assert tree.components == (YES,)

    @pytest.mark.parametrize(
        "inside",
        [
            '"a"', "5", "/a/", "#a = 1", "f(@x = 1)", "f(#a -> yes())", "#a -> #a", "#a -> @x",
            "#a -> #a == 1", "#a -> yes() -> yes()", "@x = 1 -> yes()", "#a == 1 == 1",
            "@x = #a == 1", "@x = @x = 1", "$g.variables.v == 1", "#a, #a", "f(1,)", "f(,1)",
            "f(1 2)", "(#a)", "#a != 1", "#a < 1", "#a > 1", "#a && #a", "#a || #a", "!#a",
            "f(~ c ~ 1)", "#a == ~ c ~ 1", "#a -> ~ c ~ yes()", '#"a b".asbool', "yes", "f(", ")",
            "[", "@x = ", "#a ==", "-> yes()", "== 1", "#a - > yes()",
        ],
    )  # fmt: skip
    def test_what_the_grammar_leaves_out(self, inside):
        """What section 4.1 leaves out is refused."""
        refused(inside)


class TestTokens:
    @pytest.mark.parametrize(
        ("text", "value"),
        [
            ('""', ""),
            ('"  x  "', "  x  "),
            (r'"a\"', "a\\"),
            ('"one\ntwo"', "one\ntwo"),
            ('"~ ] /é𝄞"', "~ ] /é𝄞"),
            ("5", 5),
            ("-5", -5),
            ("+5", 5),
            ("007", 7),
            ("1.5", 1.5),
            ("-.5", -0.5),
            ("2.", 2.0),
            ("1.5e3", 1500.0),
            ("1e3", 1000.0),
            ("1E-2", 0.01),
        ],
    )
    def test_literal(self, text, value):
        """A literal has the value and the type that section 4.2 gives it."""
        found = argument(text)
        assert isinstance(found, n.Term)
        assert (found.value, type(found.value)) == (value, type(value))

    @pytest.mark.parametrize("text", ["/a/", "//", r"/a\/b/", r"/\d+[\]]/", "/a\nb/", '/"~]/'])
    def test_regex_keeps_its_slashes(self, text):
        """A regex ends at the first slash without a backslash before it; its slashes are kept."""
        assert argument(text) == n.Regex(NOWHERE, text)

    @pytest.mark.parametrize(
        ("text", "name", "qualifiers"),
        [
            ("a", "a", ()),
            ("a-b_c", "a-b_c", ()),
            ("a.b.onmatch", "a", ("b", "onmatch")),
            ("a.", "a", ("",)),
            ("a..b", "a", ("", "b")),
            ("a-", "a-", ()),
        ],
    )
    def test_dotted_name(self, text, name, qualifiers):
        """A name is cut at its periods: the first piece is the name, the rest are qualifiers."""
        assert one(f"#{text}") == n.Header(NOWHERE, name, qualifiers)
        assert one(f"@{text}") == n.Variable(NOWHERE, name, qualifiers)
        assert one(f"{text}()") == n.Call(NOWHERE, name, (), qualifiers)

    @pytest.mark.parametrize("name", ["1", "-1", "007", "_x"])
    def test_first_character(self, name):
        """Headers and variables may begin with a digit, a dash or an underscore."""
        assert one(f"#{name}") == n.Header(NOWHERE, name)
        assert one(f"@{name}") == n.Variable(NOWHERE, name)

    @pytest.mark.parametrize("name", ["a.b", "Größe (cm)", "Total, net", "1", "a]~/b"])
    def test_quoted_header(self, name):
        """A quoted header is a name as a whole, of any characters but a quote."""
        assert one(f'#" {name} "') == n.Header(NOWHERE, name, quoted=True)

    @pytest.mark.parametrize("text", ["#.a", "@.a", '#""', '#"  "'])
    def test_name_that_is_missing(self, text):
        """A name cannot be empty; the whole token is shown."""
        assert refused(text) == text

    @pytest.mark.parametrize("left", ["#a", "@x", "#a-", "#a.b", "$g.variables.v"])
    def test_arrow_needs_no_blank(self, left):
        """A name never ends with the dash of an arrow."""
        assert one(f"{left}->yes()") == one(f"{left} -> yes()")

    def test_blank_before_parenthesis(self):
        """A blank between the name of a function and its parenthesis is fine."""
        assert one("yes ( )") == YES

    def test_sign_belongs_to_the_number(self):
        """A sign directly before a digit is part of the number: there is no arithmetic."""
        assert parts("@x = #a +1 == 1") == (
            n.Assignment(NOWHERE, X, A),
            n.Equality(NOWHERE, ONE, ONE),
        )

    @pytest.mark.parametrize("text", ["1e999", "9" * 4001, "-" + "9" * 4001])
    def test_number_that_is_too_large(self, text):
        """Numbers that no value can hold are refused."""
        assert refused(f"#a == {text}") == text

    def test_number_of_many_digits(self):
        """A whole number of 4,000 digits is still read exactly."""
        assert argument("9" * 4000) == n.Term(NOWHERE, 10**4000 - 1)

    @pytest.mark.parametrize("text", ["$g", "$g.variables", "$g.variables.a.b.c", "$.variables.a"])
    def test_reference_that_is_not_complete(self, text):
        """A reference names a group, a kind, a name and perhaps a tracking value."""
        assert refused(f"#a == {text}") == text


class TestSpans:
    def test_every_node(self):
        """The span of a node is exactly its text, for every node of a statement."""
        text = (
            '~ c ~ $f.csv[1-3][ ~ n ~ #a\n@x.k=add( 1 , "two" ) #"q r"==/x/->print("y") '
            "$g.variables.v -> @x = #b ]"
        )
        tree = parse(text)[0]
        found = [
            (type(node).__name__, text[node.span.start : node.span.end])
            for part in tree.parts
            for node in n.walk(part)
        ]
        assert found == [
            ("Comment", "~ n ~"),
            ("Header", "#a"),
            ("Assignment", '@x.k=add( 1 , "two" )'),
            ("Variable", "@x.k"),
            ("Call", 'add( 1 , "two" )'),
            ("Term", "1"),
            ("Term", '"two"'),
            ("When", '#"q r"==/x/->print("y")'),
            ("Equality", '#"q r"==/x/'),
            ("Header", '#"q r"'),
            ("Regex", "/x/"),
            ("Call", 'print("y")'),
            ("Term", '"y"'),
            ("When", "$g.variables.v -> @x = #b"),
            ("Reference", "$g.variables.v"),
            ("Assignment", "@x = #b"),
            ("Variable", "@x"),
            ("Header", "#b"),
        ]
        assert tree.span == Span(0, len(text))
        assert text[tree.scan.span.start : tree.scan.span.end] == "[1-3]"

    def test_spans_take_no_part_in_equality(self):
        """Two trees are equal if they mean the same, wherever their parts stand."""
        assert parse("$[*][#a]")[0] == parse("  $[ * ]  [ #a ]  ")[0]


class TestScan:
    @pytest.mark.parametrize(
        ("text", "items", "open_ended"),
        [
            ("*", [], True),
            ("3", ["+3"], False),
            ("3*", ["+3"], True),
            ("1-3+7*", ["+1", "-3", "+7"], True),
            (" 1 -\n3 ", ["+1", "-3"], False),
            ("10%", ["+10"], False),
            ("007", ["+7"], False),
            ("999999999999999", ["+999999999999999"], False),
        ],
    )
    def test_items(self, text, items, open_ended):
        """A scan part is a list of line numbers with the operator before each."""
        scan = parse(f"$[{text}][]")[0].scan
        assert [f"{item.operator}{item.line}" for item in scan.items] == items
        assert scan.open_ended is open_ended

    @pytest.mark.parametrize(
        "text", ["", "*+3", "*3", "3-", "1,2", "-1", "+1", "1 2", "1:3", "a", "1**", "1-*", "1.5"]
    )
    def test_refused(self, text):
        """What is no list of line numbers is refused."""
        with pytest.raises(StatementError):
            parse(f"$[{text}][]")

    def test_line_number_without_end(self):
        """A line number that no file can have is refused before it is made a number."""
        with pytest.raises(StatementError, match="no file has that many lines"):
            parse(f"$[{'9' * 100_000}][]")


class TestTree:
    def test_parts_of_a_statement(self):
        """A tree holds the comments, the root and both parts."""
        tree = parse("~a~ ~ b ~ $ my file.csv [1*][ yes() ] ~c~")[0]
        assert tree == n.Tree(
            NOWHERE,
            ("a", " b "),
            "my file.csv",
            n.Scan(NOWHERE, (n.ScanItem("+", 1),), open_ended=True),
            (YES,),
            ("c",),
        )

    def test_label_is_the_first_word_that_means_nothing(self):
        """The arbitrary name is the first qualifier that is no known one; case counts."""
        assert n.label(n.Variable(NOWHERE, "x", ("onmatch", "Latch", "b"))) == "Latch"
        assert n.label(n.Variable(NOWHERE, "x", ("onmatch",))) is None
        assert n.known(n.Variable(NOWHERE, "x", ("onmatch", "Latch"))) == {"onmatch"}
