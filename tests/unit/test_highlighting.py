"""The colours of statements: the Pygments lexer, and the grammar of editors against it."""

from __future__ import annotations

import json
import re
import subprocess
import sys
from pathlib import Path
from time import perf_counter

import pytest
from hypothesis import given
from hypothesis import strategies as st
from pygments.lexers import get_lexer_by_name, get_lexer_for_filename, guess_lexer
from pygments.token import (
    Comment,
    Error,
    Keyword,
    Name,
    Number,
    Operator,
    Punctuation,
    String,
    Text,
    Whitespace,
)
from tests.conformance.cases import SETS, load
from tests.unit.textmate import Colouring

from preboard.errors import StatementError
from preboard.highlighting import CsvPathLexer
from preboard.language.functions.library import functions
from preboard.language.modes import MODE_KEYS
from preboard.language.nodes import QUALIFIERS
from preboard.language.parser import parse
from preboard.language.pieces import SEPARATOR

ROOT = Path(__file__).parents[2]
EDITORS = ROOT / "editors"
GRAMMAR = json.loads((EDITORS / "textmate" / "csvpath.tmLanguage.json").read_text())
LEXER = CsvPathLexer()

CLASSES = {
    "comment.block": Comment.Multiline,
    "keyword.control.separator": Comment.Preproc,
    "entity.other.attribute-name.metadata": Comment.Special,
    "keyword.other.mode": Keyword,
    "constant.language.mode": Keyword.Constant,
    "string.unquoted.root": Name.Namespace,
    "keyword.operator": Operator,
    "constant.numeric.line": Number.Integer,
    "constant.numeric.integer": Number.Integer,
    "constant.numeric.float": Number.Float,
    "string.quoted.double": String.Double,
    "variable.other.printed": String.Interpol,
    "variable.other.reference": Name.Variable.Global,
    "string.regexp": String.Regex,
    "entity.name.tag.header": Name.Attribute,
    "variable.other": Name.Variable,
    "support.function": Name.Builtin,
    "entity.name.function": Name.Function,
    "meta.word": Name,
    "storage.modifier": Name.Decorator,
    "entity.other.attribute-name": Name.Label,
    "punctuation": Punctuation,
    "invalid.illegal": Error,
}
"""The scopes of the grammar, the longest first that fits, and the same as tokens."""


def texts() -> dict[str, str]:
    """Return the statements of all cases by the ids of the cases, refused ones too."""
    return {case.id: case.csvpath for name in SETS for case in load(name)}


def accepted() -> dict[str, str]:
    """Return the statements of the cases that the parser takes."""
    found = {}
    for name, text in texts().items():
        try:
            parse(text)
        except StatementError:
            continue
        found[name] = text
    return found


@pytest.fixture(scope="module")
def statements():
    return accepted()


def tokens(text):
    """Return the tokens of a text, blanks left out."""
    return [
        (token, word)
        for _, token, word in LEXER.get_tokens_unprocessed(text)
        if word.strip() and token is not Whitespace
    ]


def by_character(text):
    """Return the token of each character of a text, as the lexer sees it."""
    return [token for _, token, word in LEXER.get_tokens_unprocessed(text) for _ in word]


def in_editor(text):
    """Return the token of each character of a text, as an editor sees it."""
    return [token_of(scopes) for scopes in Colouring(GRAMMAR, text).scopes]


def token_of(scopes):
    for scope in reversed(scopes):
        for prefix in sorted(CLASSES, key=len, reverse=True):
            if scope.startswith(f"{prefix}."):
                return CLASSES[prefix]
        raise AssertionError(f"{scope} has no class")
    return Text


def in_match(part):
    """Return the tokens of a match part."""
    return tokens(f"$[*][ {part} ]")[5:-1]


PIECES = st.sampled_from(
    [
        "~", "$", "[", "]", "(", ")", '"', "/", "\\", "#", "@", ".", "->", "=", "==", "-", ":", ",",
        "'", "\n", " ", "\r\n", "count", "count(", "onmatch", "logic-mode:", "id: ", "$.variables.",
        SEPARATOR, "1.5e3", "\x00", "\u20ac", "\ufeff",
    ]
)  # fmt: skip


class TestLexer:
    @given(st.lists(PIECES | st.text(max_size=3), max_size=30).map("".join))
    def test_no_character_is_lost(self, text):
        """The tokens joined are the text, whatever the text is."""
        assert "".join(word for _, _, word in LEXER.get_tokens_unprocessed(text)) == text

    def test_nothing_the_parser_takes_is_an_error(self, statements):
        wrong = {
            name: [word for token, word in tokens(text) if token is Error]
            for name, text in statements.items()
        }

        assert len(statements) > 1000
        assert {name: words for name, words in wrong.items() if words} == {}

    @pytest.mark.parametrize("path", sorted(ROOT.glob("examples/**/*.csvpath*")), ids=str)
    def test_the_examples_have_no_error(self, path):
        assert Error not in by_character(path.read_text())

    @pytest.mark.parametrize("name", sorted(functions()))
    def test_every_function_is_known(self, name):
        assert in_match(f"{name}()")[0] == (Name.Builtin, name)
        assert in_match(f"{name}.onmatch.x (1)")[0] == (Name.Builtin, name)
        assert in_match(f"{name}x()")[0] == (Name.Function, f"{name}x")

    @pytest.mark.parametrize("word", sorted(QUALIFIERS))
    def test_every_qualifier_is_known(self, word):
        wanted = [(Punctuation, "."), (Name.Decorator, word)]

        assert in_match(f"@x.{word}")[1:] == wanted
        assert in_match(f"#x.{word}->@y.{word}x=1")[1:3] == wanted
        assert in_match(f"@x.{word}x")[2] == (Name.Label, f"{word}x")

    @pytest.mark.parametrize("key", MODE_KEYS)
    def test_every_mode_is_known(self, key):
        assert tokens(f"~{key}: one, two : text~$[*][]")[1:7] == [
            (Keyword, key),
            (Punctuation, ":"),
            (Keyword.Constant, "one"),
            (Punctuation, ","),
            (Keyword.Constant, "two"),
            (Comment.Multiline, ":"),
        ]
        assert (Keyword, key) not in tokens(f"~ a{key}: one~$[*][]")

    @pytest.mark.parametrize(
        ("text", "wanted"),
        [
            ("~ id: a at 10:30 http://x.y ~", ["id"]),
            ("~id:a name :b~", ["id"]),
            ("~ a:title:x ~", ["a", "title"]),
            ("~ t\u00edtulo: x\n  two-words: y~", ["t\u00edtulo", "two-words"]),
        ],
    )
    def test_keys_of_metadata_are_those_that_are_read(self, text, wanted):
        assert [word for token, word in tokens(text) if token is Comment.Special] == wanted

    @pytest.mark.parametrize(
        ("part", "wanted"),
        [
            ("1 +5 -5 007", [Number.Integer] * 4),
            ("1.5 -.5 2. 1e3 1.5E-3", [Number.Float] * 5),
            ('#a #"b, c"', [Name.Attribute] * 2),
            ("@a->@b", [Name.Variable, Operator, Name.Variable]),
            (r"/a\/]b/ == $g.variables.x", [String.Regex, Operator, Name.Variable.Global]),
            ('"a ]~" ~ ] ~', [String.Double] * 3 + [Comment.Multiline]),
            ("word != 1", [Name, Error, Operator, Number.Integer]),
        ],
    )
    def test_tokens_of_the_match_part(self, part, wanted):
        assert [token for token, _ in in_match(part)] == wanted

    @pytest.mark.parametrize(
        "reference",
        ["$.variables.x", "$.variables.x.key", "$g.csvpath.identity..", "$.headers.'a b'.'c'"],
    )
    def test_references_in_text_stand_out(self, reference):
        assert in_match(f'print("a {reference} costs $5")')[2:-1] == [
            (String.Double, '"'),
            (String.Double, "a "),
            (String.Interpol, reference),
            (String.Double, " costs "),
            (String.Double, "$"),
            (String.Double, "5"),
            (String.Double, '"'),
        ]

    def test_the_separator_of_files_is_a_token(self):
        assert (Comment.Preproc, f"  {SEPARATOR} ") in tokens(f"$[*][]\n  {SEPARATOR} \n$[*][]")

    @pytest.mark.parametrize("piece", ["\\/", "a.", "$.", "[", '"', "/", "~ ", "x:", ".x", "-"])
    def test_the_time_grows_with_the_text(self, piece):
        """A hostile text takes a second, where the square of its length would take hours."""
        begun = perf_counter()
        for begin in ("$[*][ ", "~ ", '$[*][ "', "$[*][ a"):
            assert list(LEXER.get_tokens_unprocessed(begin + piece * 100_000))

        assert perf_counter() - begun < 20

    def test_pygments_finds_it(self):
        assert isinstance(get_lexer_by_name("csvpath"), CsvPathLexer)
        assert isinstance(get_lexer_for_filename("orders.csvpaths"), CsvPathLexer)
        assert isinstance(guess_lexer("~ id: a ~ $orders.csv[1*][ #city ]"), CsvPathLexer)


class TestGrammar:
    def test_it_is_made_from_the_functions(self):
        """`make docs` writes it anew."""
        done = subprocess.run(
            [sys.executable, EDITORS / "generate.py", "--check"], capture_output=True, check=False
        )

        assert (done.returncode, done.stderr) == (0, b"")

    def test_it_colours_statements_as_the_lexer_does(self, statements):
        different = {
            name: [
                (text[at], wanted, given)
                for at, (wanted, given) in enumerate(
                    zip(by_character(text), in_editor(text), strict=True)
                )
                if text[at].strip() and wanted is not given
            ]
            for name, text in statements.items()
        }

        assert {name: found for name, found in different.items() if found} == {}

    @pytest.mark.parametrize("name", sorted(functions()))
    def test_every_function_is_known(self, name):
        rule = GRAMMAR["repository"]["function"]["match"]

        found = re.match(rule, f"{name}.onmatch(")

        assert found
        assert found[1] == name
        assert not re.match(rule, f"{name}x(")

    def test_it_has_no_rule_that_is_never_used(self):
        text = json.dumps(GRAMMAR)

        assert [name for name in GRAMMAR["repository"] if f'"#{name}"' not in text] == []

    def test_the_extension_names_its_files(self):
        folder = EDITORS / "vscode"
        contributes = json.loads((folder / "package.json").read_text())["contributes"]
        language, grammar = contributes["languages"][0], contributes["grammars"][0]

        assert [f"*{ending}" for ending in language["extensions"]] == CsvPathLexer.filenames
        assert grammar["language"] == language["id"]
        assert grammar["scopeName"] == GRAMMAR["scopeName"]
        assert json.loads((folder / grammar["path"]).read_text()) == GRAMMAR
        assert json.loads((folder / language["configuration"]).read_text())["brackets"]
