"""Write the grammar of editors from the patterns of the Pygments lexer: `make docs`.

One TextMate grammar, in two places: `textmate/` for editors that take the file as it is,
`vscode/syntaxes/` because an extension may hold only what lies in its own folder.
`--check` writes nothing and exits with 1 when a file is not what it would be.
"""

from __future__ import annotations

import json
import sys
from pathlib import Path
from typing import Any

from preboard import highlighting as h

HERE = Path(__file__).parent
FILES = (
    HERE / "textmate" / "csvpath.tmLanguage.json",
    HERE / "vscode" / "syntaxes" / "csvpath.tmLanguage.json",
)
# An editor sees one line at a time: the parenthesis may stand in the next.
_CALLED = r"(?=\s*+(?:\(|$))"


def grammar() -> dict[str, Any]:
    """Return the grammar: what stands outside of brackets, and the rules below it."""
    return {
        "$schema": "https://raw.githubusercontent.com/martinring/tmlanguage/master/tmlanguage.json",
        "name": "CsvPath",
        "scopeName": "source.csvpath",
        "fileTypes": ["csvpath", "csvpaths"],
        "patterns": _included("separator", "outer-comment", "head", "match"),
        "repository": {**_comments(), **_scan(), **_match(), **_texts(), **_names()},
    }


def _comments() -> dict[str, Any]:
    """Return the rules of comments outside of the match part, with their metadata and modes."""
    return {
        "separator": _token(h.SEPARATOR_LINE, "keyword.control.separator"),
        "outer-comment": _between(
            "~", "~", "comment.block", "mode", "metadata-key", scope_all=True
        ),
        "metadata-key": _token(h.METADATA_KEY, "entity.other.attribute-name.metadata"),
        "mode": {
            "begin": rf"({h.MODE_KEY})(:)",
            "beginCaptures": {
                "1": _scope("keyword.other.mode"),
                "2": _scope("punctuation.separator"),
            },
            "end": rf"(?=~|{h.LONE_COLON}|{h.METADATA_KEY})",
            "patterns": [
                _token("[,>:]", "punctuation.separator"),
                _token(r"[^\s~,>:]+", "constant.language.mode"),
            ],
        },
    }


def _scan() -> dict[str, Any]:
    """Return the rules of root and scan part; the lines stand in the first brackets."""
    return {
        "head": {
            "begin": r"\$",
            "beginCaptures": {"0": _scope("string.unquoted.root")},
            "end": r"(?<=\])",
            "patterns": [*_included("scan"), _token(r"[^\[]+", "string.unquoted.root")],
        },
        "scan": {
            **_between(r"\[", r"\]", "punctuation.section"),
            "patterns": [
                _token(r"[*+%-]", "keyword.operator.scan"),
                _token(r"[0-9]+", "constant.numeric.line"),
                _token(r"[^\]\s*+%0-9-]+", "invalid.illegal"),
            ],
        },
    }


def _match() -> dict[str, Any]:
    """Return the rules of the match part."""
    return {
        "match": _between(
            r"\[", r"\]", "punctuation.section",
            "inner-comment", "string", "regex", "quoted-header", "header", "variable",
            "reference", "function", "other-function", "word", "float", "integer", "operator",
            "comma", "illegal",
        ),
        "inner-comment": _between("~", "~", "comment.block", scope_all=True),
        "float": _token(h.FLOAT, "constant.numeric.float"),
        "integer": _token(h.INTEGER, "constant.numeric.integer"),
        "operator": _token(h.OPERATOR, "keyword.operator"),
        "comma": _token(r"[(),]", "punctuation.separator"),
        "illegal": _token(r"[^\s\]]", "invalid.illegal"),
    }  # fmt: skip


def _texts() -> dict[str, Any]:
    """Return the rules of what stands between quotes and slashes; it may run over lines."""
    return {
        "string": _between('"', '"', "string.quoted.double", "printed", scope_all=True),
        "printed": _token(h.PRINT_REFERENCE, "variable.other.printed"),
        "regex": _between("/", "/", "string.regexp", "escaped-slash", scope_all=True),
        "escaped-slash": _token(r"\\/", "string.regexp.escape"),
        "quoted-header": _between('#"', '"', "entity.name.tag.header", scope_all=True),
    }


def _names() -> dict[str, Any]:
    """Return the rules of names, with their qualifiers."""
    return {
        "header": _qualified(h.HEADER, "entity.name.tag.header"),
        "variable": _qualified(h.VARIABLE, "variable.other"),
        "reference": _token(h.REFERENCE, "variable.other.reference"),
        "function": _qualified(h.KNOWN_FUNCTION, "support.function", _CALLED),
        "other-function": _qualified(h.ANY_FUNCTION, "entity.name.function", _CALLED),
        "word": _qualified(h.ANY_FUNCTION, "meta.word"),
        "qualifier": {
            "match": rf"(\.)(?:({h.QUALIFIER})|({h.NAME}))?",
            "captures": {
                "1": _scope("punctuation.accessor"),
                "2": _scope("storage.modifier"),
                "3": _scope("entity.other.attribute-name"),
            },
        },
    }


def _scope(name: str) -> dict[str, str]:
    return {"name": f"{name}.csvpath"}


def _token(pattern: str, scope: str) -> dict[str, Any]:
    return {"match": pattern, **_scope(scope)}


def _included(*names: str) -> list[dict[str, str]]:
    return [{"include": f"#{name}"} for name in names]


def _between(
    begin: str, end: str, scope: str, *inside: str, scope_all: bool = False
) -> dict[str, Any]:
    """Return a rule for what stands between two signs; the scope is theirs, or that of all."""
    found: dict[str, Any] = {"begin": begin, "end": end, "patterns": _included(*inside)}
    if scope_all:
        return _scope(scope) | found
    return found | {"beginCaptures": {"0": _scope(scope)}, "endCaptures": {"0": _scope(scope)}}


def _qualified(pattern: str, scope: str, behind: str = "") -> dict[str, Any]:
    """Return a rule for a name and the qualifiers that follow it."""
    return {
        "match": f"({pattern})({h.BEHIND_NAME}){behind}",
        "captures": {"1": _scope(scope), "2": {"patterns": _included("qualifier")}},
    }


def main(arguments: list[str]) -> int:
    """Write the grammar, or check it; return the exit status."""
    text = json.dumps(grammar(), indent=2) + "\n"
    stale = [
        path for path in FILES if not path.exists() or path.read_text(encoding="utf-8") != text
    ]
    if "--check" in arguments:
        if stale:
            names = ", ".join(str(path.relative_to(HERE)) for path in stale)
            print(f"not up to date: {names}; run `make docs`", file=sys.stderr)
        return 1 if stale else 0
    for path in stale:
        path.write_text(text, encoding="utf-8")
    return 0


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
