"""The documents are true: their examples run, and their links lead somewhere.

```python blocks of a document are run in order in one namespace; those with `>>>` as doctests.
```console blocks hold commands after `$ ` (with `> ` on following lines) and what they print,
errors included. `...` in the expected output matches anything. A last line `[exit 1]` is the exit
code; without it the code must be 0.
All blocks of a document share a directory with a copy of examples/. A command `cd DIR` is followed
by all that come behind it.
Blocks in other languages are not run.
"""

from __future__ import annotations

import doctest
import os
import re
import shlex
import shutil
import subprocess
import sysconfig
from dataclasses import dataclass
from pathlib import Path
from textwrap import dedent

import pytest

ROOT = Path(__file__).parents[2]
EXAMPLES = sorted([ROOT / "README.md", *ROOT.glob("docs/**/*.md")])
DOCUMENTS = sorted([*ROOT.glob("*.md"), *ROOT.glob("docs/**/*.md")])

FENCE = re.compile(r"^(?P<indent> *)(?P<ticks>`{3,})(?P<language>[\w-]*)[^`\n]*$")
LINK = re.compile(r"\[[^\]]*\]\((?P<target>[^)\s]+)\)")
HEADING = re.compile(r"^#{1,6} +(?P<text>.+?) *$")
EXIT = re.compile(r"^\[exit (?P<code>\d+)\]$")
COMMANDS = {"preboard", "cat", "head", "printf"}
TIMEOUT_S = 60


@dataclass(frozen=True)
class Block:
    """A fenced block: its language, its text, and the line where the text begins."""

    language: str
    text: str
    line: int


@dataclass(frozen=True)
class Step:
    """A command of a console block, what it must print, and with which code it must exit."""

    command: str
    expected: str
    code: int


def blocks(document: str) -> list[Block]:
    """Return the fenced blocks of a Markdown text, those in lists without their indent."""
    found: list[Block] = []
    opening: re.Match[str] | None = None
    begin = 0
    lines = document.splitlines()
    for number, line in enumerate(lines, 1):
        fence = FENCE.match(line)
        if opening is None:
            if fence:
                opening, begin = fence, number
        elif line.strip() == opening["ticks"]:
            text = dedent("".join(f"{inner}\n" for inner in lines[begin : number - 1]))
            found.append(Block(opening["language"], text, begin + 1))
            opening = None
    if opening is not None:
        message = f"the block that begins in line {begin} has no end"
        raise ValueError(message)
    return found


def steps(text: str) -> list[Step]:
    """Return the commands of a console block with what is expected of them."""
    found: list[Step] = []
    for part in re.split(r"^\$ ", text, flags=re.MULTILINE)[1:]:
        command, *rest = part.rstrip("\n").split("\n")
        while rest and rest[0].startswith("> "):
            command += "\n" + rest.pop(0).removeprefix("> ")
        while rest and not rest[-1]:
            rest.pop()
        exit_line = EXIT.match(rest[-1]) if rest else None
        if exit_line:
            rest.pop()
        code = int(exit_line["code"]) if exit_line else 0
        found.append(Step(command, "\n".join(rest), code))
    return found


def programs(command: str) -> set[str]:
    """Return the programs that a shell would start for `command`."""
    lexer = shlex.shlex(command.replace("\\\n", " "), posix=True, punctuation_chars="|&;\n")
    lexer.whitespace = " \t\r"
    lexer.whitespace_split = True
    lexer.commenters = ""
    found = set()
    first = True
    for word in lexer:
        if set(word) <= set("|&;\n"):
            first = True
        elif first:
            found.add(word)
            first = False
    return found


def agrees(expected: str, actual: str) -> bool:
    """Compare outputs; blanks at the ends of lines do not count, and `...` matches anything."""
    wanted, given = (
        "\n".join(line.rstrip() for line in text.strip("\n").split("\n"))
        for text in (expected, actual)
    )
    pattern = ".*".join(re.escape(piece) for piece in wanted.split("..."))
    return re.fullmatch(pattern, given, flags=re.DOTALL) is not None


def run_python(block: Block, path: Path, namespace: dict[str, object]) -> None:
    """Run a block in the namespace of its document."""
    if ">>>" not in block.text:
        code = compile("\n" * (block.line - 1) + block.text, str(path), "exec")
        exec(code, namespace)  # noqa: S102 - the documents are ours
        return
    test = doctest.DocTestParser().get_doctest(block.text, {}, path.name, str(path), block.line - 1)
    test.globs = namespace
    report: list[str] = []
    runner = doctest.DocTestRunner(optionflags=doctest.ELLIPSIS, verbose=False)
    runner.run(test, out=report.append, clear_globs=False)
    if runner.failures:
        pytest.fail("".join(report), pytrace=False)


def run_console(block: Block, path: Path, directory: Path) -> Path:
    """Run the commands of a block and compare what they print and how they end.

    Returns the directory in which the document goes on.
    """
    scripts = sysconfig.get_path("scripts")
    environment = {
        "PATH": os.pathsep.join([scripts, "/usr/local/bin", "/usr/bin", "/bin"]),
        "HOME": str(directory),
        "LC_ALL": "C.UTF-8",
        "PYTHONUTF8": "1",
        "NO_COLOR": "1",
        "TERM": "dumb",
        "COLUMNS": "100",
    }
    for step in steps(block.text):
        if step.command.startswith("cd "):
            directory = (directory / step.command.removeprefix("cd ")).resolve(strict=True)
            continue
        place = f"{path.name}, line {block.line}: $ {step.command}"
        strangers = programs(step.command) - COMMANDS
        assert not strangers, f"{place}\nmay not start {', '.join(sorted(strangers))}"
        done = subprocess.run(
            ["/bin/sh", "-c", step.command],
            cwd=directory,
            env=environment,
            stdin=subprocess.DEVNULL,
            stdout=subprocess.PIPE,
            stderr=subprocess.STDOUT,
            encoding="utf-8",
            timeout=TIMEOUT_S,
            check=False,
        )
        told = f"{place}\nprinted\n{done.stdout}[exit {done.returncode}]"
        assert done.returncode == step.code, f"{told}\ninstead of [exit {step.code}]"
        assert agrees(step.expected, done.stdout), f"{told}\ninstead of\n{step.expected}"
    return directory


@pytest.mark.parametrize("path", EXAMPLES, ids=lambda path: str(path.relative_to(ROOT)))
def test_examples_of_a_document_run(path, tmp_path, monkeypatch):
    shutil.copytree(ROOT / "examples", tmp_path / "examples")
    monkeypatch.chdir(tmp_path)
    namespace: dict[str, object] = {"__name__": "__main__"}
    directory = tmp_path

    for block in blocks(path.read_text(encoding="utf-8")):
        if block.language == "python":
            run_python(block, path, namespace)
        elif block.language == "console":
            directory = run_console(block, path, directory)
            monkeypatch.chdir(directory)


@pytest.mark.parametrize("path", DOCUMENTS, ids=lambda path: str(path.relative_to(ROOT)))
def test_links_of_a_document_lead_to_files(path):
    targets = [match["target"] for match in LINK.finditer(path.read_text(encoding="utf-8"))]
    local = [target.partition("#")[0] for target in targets if "://" not in target]

    assert [target for target in local if not (path.parent / target).exists()] == []


def anchors(document: str) -> set[str]:
    """Return the names under which the headings of a Markdown text can be linked to."""
    inside = ""
    found = set()
    for line in document.splitlines():
        fence = FENCE.match(line)
        if inside:
            inside = "" if line.strip() == inside else inside
        elif fence:
            inside = fence["ticks"]
        elif heading := HEADING.match(line):
            words = re.sub(r"[^\w\- ]", "", heading["text"].lower())
            found.add(words.replace(" ", "-"))
    return found


@pytest.mark.parametrize("path", DOCUMENTS, ids=lambda path: str(path.relative_to(ROOT)))
def test_links_of_a_document_lead_to_headings(path):
    texts = {path: path.read_text(encoding="utf-8")}
    lost = []
    for match in LINK.finditer(texts[path]):
        target, _, anchor = match["target"].partition("#")
        other = path.parent / target if target else path
        if not anchor or "://" in target or other.suffix != ".md" or not other.exists():
            continue
        if other not in texts:
            texts[other] = other.read_text(encoding="utf-8")
        if anchor not in anchors(texts[other]):
            lost.append(match["target"])

    assert lost == []


def test_headings_are_linked_to_by_their_words():
    document = "# Run it\n```text\n# none\n```\n## What `add()` is\n### count_dups\n"

    assert anchors(document) == {"run-it", "what-add-is", "count_dups"}


class TestBlocks:
    def test_indent_of_a_list_is_taken_off(self):
        document = "1. First\n\n   ```python\n   x = 1\n   ```\n"

        assert blocks(document) == [Block("python", "x = 1\n", 4)]

    def test_a_block_without_end_is_an_error(self):
        with pytest.raises(ValueError, match="begins in line 2"):
            blocks("text\n```python\nx = 1\n")

    def test_a_longer_fence_holds_a_shorter_one(self):
        assert blocks("````text\n```\n````\n") == [Block("text", "```\n", 2)]


class TestSteps:
    def test_output_and_code_belong_to_the_command_before(self):
        text = "$ preboard a\nbad\n[exit 1]\n\n$ cat b\nx\n"

        assert steps(text) == [Step("preboard a", "bad", 1), Step("cat b", "x", 0)]

    def test_a_command_may_take_several_lines(self):
        assert steps("$ preboard a \\\n>   --b\n") == [Step("preboard a \\\n  --b", "", 0)]


@pytest.mark.parametrize(
    ("command", "expected"),
    [
        ("cat a | preboard validate -", {"cat", "preboard"}),
        ("printf 'a | rm b' > c; head c", {"printf", "head"}),
        ("preboard validate a \\\n  --statement '$[*][ #a -> b() ]'", {"preboard"}),
        ("cat a\nrm a", {"cat", "rm"}),
    ],
)
def test_programs_of_a_command(command, expected):
    assert programs(command) == expected


@pytest.mark.parametrize(
    ("expected", "actual", "verdict"),
    [
        ("a", "a\n", True),
        ("a", "b\n", False),
        ("took ... s\nend", "took 0.1 s  \nend\n", True),
        ("a\n...\nz", "a\nb\nc\nz\n", True),
        ("a.c", "abc\n", False),
    ],
)
def test_outputs_agree(expected, actual, verdict):
    assert agrees(expected, actual) is verdict
