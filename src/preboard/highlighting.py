"""Colours for statements: a lexer for Pygments, found there as `csvpath`.

In: any text, also one that is no statement yet. Out: tokens that joined give the text back; what
the parser accepts has no Error among them. The names of functions come from their declarations,
those of modes and qualifiers from the language. `editors/generate.py` writes the grammar of editors
from the same patterns. Tokens: spec/language.md 2.1, 3.1, 4.2 and 8.1.
"""

from __future__ import annotations

import re
from typing import Any, ClassVar

from pygments.lexer import RegexLexer, default
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

from preboard.language import nodes as n
from preboard.language.functions.library import functions
from preboard.language.modes import MODE_KEYS
from preboard.language.pieces import SEPARATOR
from preboard.language.print_text import PRINT_KINDS

DIRECTIVES = ("use-delimiter", "use-quotechar")


def one_of(names: tuple[str, ...]) -> str:
    """Return a pattern of any of the names, the longest first.

    >>> one_of(("or", "order"))
    '(?:order|or)'
    """
    return f"(?:{'|'.join(map(re.escape, sorted(names, key=lambda name: (-len(name), name))))})"


# Patterns. Repetitions of names are possessive: a name that is none costs one look, not one for
# each of its letters.

LETTER = r"(?:[A-Za-z0-9_]|-(?!>))"
"""A letter of a name; the dash of an arrow is none."""
NAME = rf"{LETTER}++"
KNOWN_FUNCTION = one_of(tuple(functions())) + rf"(?!{LETTER})"
ANY_FUNCTION = rf"[A-Za-z]{LETTER}*+"
BEHIND_NAME = rf"(?:\.|{LETTER})*+"
"""The qualifiers: what stands between a name and what follows it."""
QUALIFIER = one_of(tuple(n.QUALIFIERS)) + rf"(?!{LETTER})"
HEADER = rf"#{LETTER}++"
VARIABLE = rf"@{LETTER}++"
REFERENCE = r"\$(?:[A-Za-z0-9_./:]|-(?!>))++"
_EXPONENT = r"[eE][+-]?[0-9]++"
FLOAT = rf"[+-]?(?:[0-9]++\.[0-9]*+|\.[0-9]++|[0-9]++(?={_EXPONENT}))(?:{_EXPONENT})?"
INTEGER = r"[+-]?[0-9]++"
OPERATOR = r"->|==|="

_PRINTED = r"(?:'[^'\"\n]*'|[^\s.$!^:,;%()\-+@#{}\[\]&<>/|?\"']+)"
PRINT_REFERENCE = rf'\$[^.$"\n]*+\.{one_of(PRINT_KINDS)}\.{_PRINTED}(?:\.{_PRINTED})?(?:\.\.)?'

_KEY_BEGINS = r"(?:(?<![^\s~])|(?<=:))"
_BEHIND_COLON = r"(?=[\s~]|\Z)"
MODE_KEY = rf"{_KEY_BEGINS}{one_of((*MODE_KEYS, *DIRECTIVES))}(?=:(?:[\s~\w-]|\Z))"
METADATA_KEY = rf"{_KEY_BEGINS}(?:[\w-]++(?=:{_BEHIND_COLON})|(?![0-9]+:)[\w-]++(?=:[\w-]))"
LONE_COLON = rf"{_KEY_BEGINS}:{_BEHIND_COLON}"

SEPARATOR_LINE = rf"^[ \t]*{SEPARATOR}[ \t\r]*$"


class CsvPathLexer(RegexLexer):
    """Statements as they stand in `.csvpath` and `.csvpaths` files.

    >>> from pygments.token import Name
    >>> tokens = CsvPathLexer().get_tokens("$[*][ count(#city) ]")
    >>> [text for token, text in tokens if token in Name]
    ['$', 'count', '#city']
    """

    name = "CsvPath"
    url = ""
    aliases: ClassVar = ["csvpath"]
    filenames: ClassVar = ["*.csvpath", "*.csvpaths"]
    mimetypes: ClassVar = ["text/x-csvpath"]
    flags = re.MULTILINE

    tokens: ClassVar[dict[str, list[Any]]] = {
        "root": [
            (SEPARATOR_LINE, Comment.Preproc),
            (r"\n|[^\S\n]+", Whitespace),
            (r"~", Comment.Multiline, "comment"),
            (r"\$", Name.Namespace, "head"),
            (r"[^\s~$]+", Text),  # means nothing (1.4)
        ],
        "comment": [
            (r"~", Comment.Multiline, "#pop"),
            (MODE_KEY, Keyword, "mode"),
            (METADATA_KEY, Comment.Special),
            (r"\s+|[^\s~:]+|:", Comment.Multiline),
        ],
        "mode": [
            (r":", Punctuation, ("#pop", "mode-value")),
        ],
        "mode-value": [
            (rf"(?=~|{LONE_COLON}|{METADATA_KEY})", Comment.Multiline, "#pop"),
            (r"\s+", Whitespace),
            (r"[,>:]", Punctuation),
            (r"[^\s~,>:]+", Keyword.Constant),
        ],
        "head": [  # the root is a path, and may hold anything but a bracket (1.5)
            (r"\[", Punctuation, ("#pop", "between", "scan")),
            (r"[^\[]+", Name.Namespace),
        ],
        "scan": [
            (r"\]", Punctuation, "#pop"),
            (r"\s+", Whitespace),
            (r"[*+%-]", Operator),
            (r"[0-9]+", Number.Integer),
            (r"[^\]\s*+%0-9-]+", Error),
        ],
        "between": [
            (r"\s+", Whitespace),
            (r"\[", Punctuation, ("#pop", "match")),
            default("#pop"),
        ],
        "match": [
            (r"\s+", Whitespace),
            (r"~[^~]*+(?:~|\Z)", Comment.Multiline),
            (r'"', String.Double, "string"),
            (r"/(?:\\/|[^/])*+(?:/|\Z)", String.Regex),
            (r'#"[^"]*+(?:"|\Z)', Name.Attribute),
            (HEADER, Name.Attribute, "qualifiers"),
            (VARIABLE, Name.Variable, "qualifiers"),
            (REFERENCE, Name.Variable.Global),
            (rf"{KNOWN_FUNCTION}(?={BEHIND_NAME}\s*+\()", Name.Builtin, "qualifiers"),
            (rf"{ANY_FUNCTION}(?={BEHIND_NAME}\s*+\()", Name.Function, "qualifiers"),
            (ANY_FUNCTION, Name, "qualifiers"),
            (FLOAT, Number.Float),
            (INTEGER, Number.Integer),
            (OPERATOR, Operator),
            (r"[(),]", Punctuation),
            (r"\]", Punctuation, "#pop"),
            (r".", Error),
        ],
        "qualifiers": [
            (r"\.", Punctuation, "qualifier"),
            default("#pop"),
        ],
        "qualifier": [
            (QUALIFIER, Name.Decorator, "#pop"),
            (NAME, Name.Label, "#pop"),  # an arbitrary name (4.3)
            default("#pop"),
        ],
        "string": [
            (r'"', String.Double, "#pop"),
            (PRINT_REFERENCE, String.Interpol),
            (r'[^"$]+|\$', String.Double),
        ],
    }

    @staticmethod
    def analyse_text(text: str) -> float:
        """Say how sure it is that a text is a statement: a scan part and a match part tell it."""
        return 0.6 if re.search(r"\$[^\[\]]*+\[[\d\s*+%-]+\]\s*\[", text) else 0.0
