"""The grammars: their LALR tables, kept beside them, so that no process has to build them anew.

In: the name of a grammar. Out: its parser. `grammars.json` holds what lark made of each grammar, as
plain data; it is taken only if it was made from this text by this version of lark, else the grammar
is built. So it can be out of date, which costs time, and never wrong.

`python -m preboard.language.grammars` writes it anew after a change of a grammar.
"""

from __future__ import annotations

import json
from functools import cache
from hashlib import sha256
from pathlib import Path
from typing import TYPE_CHECKING, Any, Final

import lark
from lark.grammar import Rule
from lark.lexer import TerminalDef

if TYPE_CHECKING:
    from collections.abc import Sequence

GRAMMARS: Final = ("match.lark", "scan.lark")
_HERE: Final = Path(__file__).parent
_TABLES: Final = _HERE / "grammars.json"
_OPTIONS: Final = {"parser": "lalr", "lexer": "basic", "maybe_placeholders": False}

Builder = lark.Transformer[lark.Token, Any]


def parser_of(name: str, builder: Builder) -> lark.Lark:
    """Return the parser of a grammar, which hands what it reduces to the builder."""
    grammar = _grammar(name)
    stored = _stored().get(name)
    if stored is None or stored["made_from"] != _origin(grammar):
        return build(name, builder)
    data, memo = stored["data"], _numbered(stored["memo"])
    table = data["parser"]["parser"]
    table["tokens"] = _numbered(table["tokens"])
    table["states"] = {
        state: _numbered(actions) for state, actions in _numbered(table["states"]).items()
    }
    load: Any = lark.Lark._load_from_dict  # noqa: SLF001 - what lark's generated parsers call
    found: lark.Lark = load(data, memo, transformer=builder)
    return found


def build(name: str, builder: Builder | None = None) -> lark.Lark:
    """Return the parser of a grammar, built from its text."""
    return lark.Lark(_grammar(name), transformer=builder, **_OPTIONS)


def is_current(name: str) -> bool:
    """Say whether the stored tables are those of the grammar under this version of lark."""
    stored = _stored().get(name)
    return stored is not None and stored["made_from"] == _origin(_grammar(name))


def write(path: Path = _TABLES) -> None:
    """Write the tables of all grammars."""
    made = {}
    for name in GRAMMARS:
        data, memo = build(name).memo_serialize([TerminalDef, Rule])
        made[name] = {"made_from": _origin(_grammar(name)), "data": data, "memo": memo}
    path.write_text(json.dumps(made, separators=(",", ":")) + "\n", encoding="utf-8")


def _grammar(name: str) -> str:
    return (_HERE / name).read_text(encoding="utf-8")


def _origin(grammar: str) -> Sequence[str]:
    """Return what the tables depend on: the version of lark and the text of the grammar."""
    return [lark.__version__, sha256(grammar.encode()).hexdigest()]


@cache
def _stored() -> dict[str, Any]:
    try:
        found: dict[str, Any] = json.loads(_TABLES.read_bytes())
    except (OSError, ValueError):  # it only saves time
        return {}
    return found


def _numbered(table: dict[str, Any]) -> dict[int, Any]:
    """Return a table whose keys are numbers again, which JSON has as text."""
    return {int(key): value for key, value in table.items()}


if __name__ == "__main__":
    write()
