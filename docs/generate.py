"""Write the reference pages that are made from the declarations: `make docs`.

`--check` writes nothing and exits with 1 when a page is not what it would be.
"""

from __future__ import annotations

import json
import sys
from pathlib import Path
from typing import TYPE_CHECKING

import project_pages
from function_examples import SAMPLES, outcome, samples
from typer.testing import CliRunner

from preboard.cli import app, commands
from preboard.diagnostics import FINDINGS
from preboard.language.functions import wording
from preboard.language.functions.library import functions
from preboard.language.functions.registry import SAMPLE

if TYPE_CHECKING:
    from preboard.language.functions.registry import Example, Function

CASES = Path(__file__).parents[1] / "tests" / "conformance"
REFERENCE = Path(__file__).parent / "reference"
COMMANDS: list[list[str]] = [[], *([name] for name in commands.COMMANDS)]


def functions_pages() -> dict[str, str]:
    """Return the page of all functions, and one for each group, by their names."""
    declared = {f.name: f for f in functions().values() if f.origin is None}
    groups: dict[str, list[Function]] = {}
    for function in sorted(declared.values(), key=lambda f: f.name):
        groups.setdefault(function.group, []).append(function)
    pages = {"functions.md": _overview(groups)}
    with samples():
        for group, members in groups.items():
            pages[f"functions/{group}.md"] = _group_page(group, members)
    return pages


OVERVIEW = """\
# Functions

This page and those of the groups are made from the declarations by `make docs`.

## How to read them

An argument in brackets may be left out, and `...` may be repeated.
An argument of which nothing is said may be any value: a literal, a variable, a header, a function or a reference.

A function that *votes* says whether the line matches.
One that *gives a value* is used in an assignment, a comparison or as an argument.
One that *acts* has an effect, and its vote decides nothing.
[How a line is judged](../explanation/how-a-line-is-judged.md) tells what becomes of the votes.

Each function has an example with what comes of it.
Those that name no file run on [orders.csv](../../examples/functions/orders.csv), some lines of which are faulty:

```text
{orders}
```

The other files stand beside it; `partners.db` is made from [partners.sql](../../examples/functions/partners.sql), `sqlite3 partners.db < partners.sql` does it.
Of many matched lines, and of long printouts, only the first are shown.

## Qualifiers

Qualifiers stand between the name and the parentheses: `push.onmatch.ids(...)`.

| qualifier | what it does |
|---|---|
| a name of your own | names the variable in which the function keeps what it needs: `count.cities(#city)` |
| `onmatch` | the function waits until it is known that the line matches |
| `nocontrib` | on the left of `->`: a line on which it does not match is not left out for that; behind `->`: its vote does not count |
| `notnone` | an empty argument is an error of the line; types look at their first argument only |
| `distinct` | `push()` leaves out a value that is there; `line()` and types refuse one seen before |
| `skipnone` | `push()` leaves out an empty value |
| `strict` | types take less: what each means by it stands there |
| `once` | what prints, `error()`, `skip()` and `take()` act once in a run |
| `onchange` | what prints, and `error()`, act when the text is another than the last time |
| `asbool` | `pop()` and `peek()` vote by the truth of the value |

The other qualifiers, such as `latch` or `increase`, belong to variables.

## All functions

"""  # noqa: E501 - Markdown has one sentence a line


def _overview(groups: dict[str, list[Function]]) -> str:
    orders = (SAMPLES / "orders.csv").read_text(encoding="utf-8").rstrip("\n")
    lines = ["| function | group | what it does |", "|---|---|---|"]
    everyone = (function for members in groups.values() for function in members)
    for function in sorted(everyone, key=lambda f: f.name):
        link = f"functions/{function.group}.md"
        names = [f"[{function.name}]({link}#{function.name})"]
        names += [f"`{alias}`" for alias in function.aliases]
        row = [", ".join(names), f"[{function.group}]({link})", _cell(wording.summary(function))]
        lines.append(f"| {' | '.join(row)} |")
    return OVERVIEW.replace("{orders}", orders) + "\n".join(lines) + "\n"


def _group_page(group: str, members: list[Function]) -> str:
    lines = [
        f"# Functions: {group}",
        "",
        "This page is made from the declarations by `make docs`.",
        "[Functions](../functions.md) says how to read it.",
        "",
    ]
    for function in members:
        lines += _function(function)
    return "\n".join(lines).rstrip() + "\n"


def _function(function: Function) -> list[str]:
    """Return the section of a function."""
    lines = [f"## {function.name}", "", "```text", *wording.forms(function), "```", ""]
    for paragraph in function.doc.split("\n\n"):
        lines += [_one_line(paragraph), ""]
    if function.aliases:
        others = " or ".join(f"`{alias}()`" for alias in function.aliases)
        lines += [f"It is also called {others}.", ""]
    lines += [wording.vote(function), ""]
    if arguments := wording.arguments(function):
        lines += [*(f"- `{name}`: {told}" for name, told in arguments), ""]
    return lines + (_example(function.example) if function.example else [])


def _example(example: Example) -> list[str]:
    data = "" if example.data == SAMPLE else f" on {_sample(example.data)}"
    return [
        f"Example{data}:", "",
        "```csvpath", *example.statement.split("\n"), "```", "",
        "```text", *(line.rstrip() for line in outcome(example)), "```", "",
    ]  # fmt: skip


def _sample(name: str) -> str:
    return f"[{name}](../../../examples/functions/{name})"


def _one_line(text: str) -> str:
    return " ".join(text.split())


def command_line_page() -> str:
    """Return the page of all commands: their help texts."""
    lines = ["# Command line", "", "This page is made from the commands by `make docs`.", ""]
    for words in COMMANDS:
        answer = CliRunner().invoke(
            app.app,
            [*words, "--help"],
            prog_name="preboard",
            env={"COLUMNS": "100", "NO_COLOR": "1"},
        )
        name = " ".join(["preboard", *words])
        lines += [f"## {name}", "", "```text", *_trimmed(answer.stdout), "```", ""]
    lines += [
        "## Findings", "",
        "What may be odd about a file; `--fail-on-findings` makes it a fault.", "",
        "| code | what it says |", "|---|---|",
        *(f"| `{code}` | {meaning} |" for code, meaning in FINDINGS.items()),
    ]  # fmt: skip
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
    groups = json.loads((CASES / "groups-decided.json").read_text(encoding="utf-8"))
    lines += [f"| {_code(c['csvpath'])} | {_cell(c['decided'])} |" for c in groups.values()]
    recorded = (CASES / "groups.jsonl").read_text(encoding="utf-8").splitlines()
    cases = {case["id"]: case for case in map(json.loads, recorded)}
    differing = json.loads((CASES / "groups-differs.json").read_text(encoding="utf-8"))
    for name, case in differing.items():
        statement = " ".join(cases[name]["groups"][-1]["paths"])
        lines.append(f"| {_code(statement)} | {_cell(case['differs'])} |")
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
    pages = {
        **functions_pages(),
        "command-line.md": command_line_page(),
        "function-differences.md": decided_functions_page(),
        **project_pages.pages(),
    }
    for name, text in pages.items():
        page = REFERENCE / name
        if page.exists() and page.read_text(encoding="utf-8") == text:
            continue
        stale.append(name)
        if "--check" not in arguments:
            page.parent.mkdir(parents=True, exist_ok=True)
            page.write_text(text, encoding="utf-8")
    for page in sorted([*REFERENCE.glob("functions/*.md"), *REFERENCE.glob("schemas/*.json")]):
        name = page.relative_to(REFERENCE).as_posix()
        if name not in pages:
            stale.append(name)
            if "--check" not in arguments:
                page.unlink()
    if "--check" in arguments and stale:
        print(f"not up to date: {', '.join(stale)}; run `make docs`", file=sys.stderr)
        return 1
    return 0


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
