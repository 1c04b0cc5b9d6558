"""Write the reference pages that are made from the declarations: `make docs`.

`--check` writes nothing and exits with 1 when a page is not what it would be.
"""

from __future__ import annotations

import json
import sys
from pathlib import Path
from typing import TYPE_CHECKING

from typer.testing import CliRunner

from preboard.cli.app import app
from preboard.language.functions.library import functions
from preboard.language.functions.signature import Param, kinds_text

if TYPE_CHECKING:
    from preboard.language.functions.registry import Function

CASES = Path(__file__).parents[1] / "tests" / "conformance"
REFERENCE = Path(__file__).parent / "reference"
GIVES = {
    "match": "votes; its value is its vote",
    "value": "gives a value",
    "nothing": "acts; it has no value",
}
COMMANDS: list[list[str]] = [
    [], ["validate"], ["check"], ["test"], ["fmt"], ["functions"], ["sniff"], ["compile"],
]  # fmt: skip


def functions_page() -> str:
    """Return the page of all functions, by group and name."""
    declared = {function.name: function for function in functions().values()}
    groups: dict[str, list[Function]] = {}
    for function in sorted(declared.values(), key=lambda f: f.name):
        groups.setdefault(function.group, []).append(function)
    lines = [
        "# Functions",
        "",
        "This page is made from the declarations by `make docs`.",
        "An argument in brackets may be left out; `...` may be repeated.",
        "",
    ]
    for group, members in sorted(groups.items()):
        lines += [f"## {group.capitalize()}", ""]
        for function in members:
            lines += _function(function)
    return "\n".join(lines).rstrip() + "\n"


def _function(function: Function) -> list[str]:
    aliases = (
        f" (also {', '.join(f'`{alias}`' for alias in function.aliases)})"
        if function.aliases
        else ""
    )
    forms = [f"{function.name}({signature.places})" for signature in function.signatures]
    summary, _, rest = function.doc.partition("\n\n")
    lines = [f"### {function.name}", "", *(f"    {form}" for form in forms), ""]
    lines += [f"{_one_line(summary)}{aliases}", ""]
    if rest:
        lines += [_one_line(rest), ""]
    kinds = _kinds(function)
    return [*lines, f"It {GIVES[function.gives]}.{kinds}", ""]


def _kinds(function: Function) -> str:
    """Say what may stand at a place, where that is not just any value."""
    places: dict[str, Param] = {}
    for signature in function.signatures:
        for param in signature.params:
            places.setdefault(param.name, param)
    told = [
        f" `{name}` is {kinds_text(p.nodes)}{f' that is {p.wants}' if p.wants else ''}."
        for name, p in places.items()
        if p.nodes not in ("TVHFR", "TVHFRE")
    ]
    return "".join(told)


def _one_line(text: str) -> str:
    return " ".join(text.split())


def command_line_page() -> str:
    """Return the page of all commands: their help texts."""
    lines = ["# Command line", "", "This page is made from the commands by `make docs`.", ""]
    for words in COMMANDS:
        answer = CliRunner().invoke(
            app, [*words, "--help"], prog_name="preboard", env={"COLUMNS": "100", "NO_COLOR": "1"}
        )
        name = " ".join(["preboard", *words])
        lines += [f"## {name}", "", "```text", *_trimmed(answer.stdout), "```", ""]
    return "\n".join(lines).rstrip() + "\n"


def _trimmed(text: str) -> list[str]:
    return [line.rstrip() for line in text.strip("\n").splitlines()]


def decided_functions_page() -> str:
    """Return the page of what was decided for functions where the reference is wrong."""
    lines = [
        "# Functions: what is better than in the reference",
        "",
        "This page is made from the decided cases by `make docs`; each is a test.",
        "",
        "| statement | what Preboard does |",
        "|---|---|",
    ]
    overruled = json.loads((CASES / "overruled.json").read_text(encoding="utf-8"))
    for path in sorted(CASES.glob("decided-functions-*.jsonl")):
        for line in path.read_text(encoding="utf-8").splitlines():
            case = json.loads(line)
            lines.append(f"| {_code(case['csvpath'])} | {_cell(case['decided'])} |")
    lines += ["", "Recorded cases that a rule of the language contradicts:", ""]
    lines += [f"- `{name}`: the recording {_cell(why)}" for name, why in overruled.items()]
    return "\n".join(lines) + "\n"


def _code(text: str) -> str:
    return f"`{_cell(text)}`".replace("``", "`` ` ``") if "`" not in text else _cell(text)


def _cell(text: str) -> str:
    return _one_line(text).replace("|", "\\|")


def main(arguments: list[str]) -> int:
    """Write the pages, or check them; return the exit status."""
    stale = []
    REFERENCE.mkdir(exist_ok=True)
    for name, text in {
        "functions.md": functions_page(),
        "command-line.md": command_line_page(),
        "function-differences.md": decided_functions_page(),
    }.items():
        page = REFERENCE / name
        if page.exists() and page.read_text(encoding="utf-8") == text:
            continue
        stale.append(name)
        if "--check" not in arguments:
            page.write_text(text, encoding="utf-8")
    if "--check" in arguments and stale:
        print(f"not up to date: {', '.join(stale)}; run `make docs`", file=sys.stderr)
        return 1
    return 0


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
