"""Coverage-guided fuzzing of the language: any bytes, as a statement.

atheris is no dependency of the project. In an environment of its own:

    python -m venv .fuzz && .fuzz/bin/pip install atheris -e .
    .fuzz/bin/python tests/fuzz/fuzz_statements.py -max_total_time=600

Further arguments are libFuzzer's: `-runs=`, `-seed=`, a file to try that one input. The corpus and
what was found are kept in `--folder` (default: preboard-fuzz in the temporary directory). The
corpus begins with the recorded statements of tests/conformance; `tokens.dict` and the names of the
functions are the dictionary. Half of the mutations are of bytes, half are of tokens: taken out,
doubled, put in from the dictionary, or cut out of another place. With `--keep-going` a crash is
written down once for each place where it happens, and the run goes on.

Each input is parsed. What parses is written in its canonical form, parsed again, compared, and run
over a tiny file. Every exception but those of preboard.errors is a crash, so is an input that takes
more than five seconds.
"""

# ruff: noqa: PLC0415 - the package is imported late, so that it can be instrumented
# ruff: noqa: S311, T201 - the dice are no secrets, and a fuzzer talks to its terminal

from __future__ import annotations

import hashlib
import io
import json
import random
import re
import sys
import tempfile
import traceback
from collections import Counter
from pathlib import Path
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from collections.abc import Callable

    from preboard import StatementError

HERE = Path(__file__).parent
CONFORMANCE = HERE.parent / "conformance"
DATA = b'a,b,"a b"\n1,x,2024-01-31\n\n,"y ""z""\n",-1.5\n3\n'
LONGEST = 4096
TOKEN = re.compile(
    rb'"[^"]*"|~[^~]*~|/(?:\\\\/|[^/\n])*/|[#@$]?[\w.-]+\(?|->|==|#"[^"]*"|\s+|.', re.DOTALL
)
COUNTS = Counter[str]()


def seed(folder: Path) -> None:
    """Write the recorded statements to `folder`, a file each, named by what they hold."""
    folder.mkdir(parents=True, exist_ok=True)
    for file in sorted(CONFORMANCE.glob("*.jsonl")):
        for line in file.read_text(encoding="utf-8").splitlines():
            text = json.loads(line).get("csvpath", "").encode()
            if 0 < len(text) <= LONGEST:
                (folder / hashlib.sha256(text).hexdigest()[:16]).write_bytes(text)


def dictionary(folder: Path) -> Path:
    """Write the tokens and the names of all functions to one file for libFuzzer."""
    from preboard.language.functions.library import functions

    names = "".join(f'"{name}("\n' for name in sorted(functions()))
    path = folder / "all.dict"
    path.write_text((HERE / "tokens.dict").read_text(encoding="utf-8") + names, encoding="utf-8")
    return path


def check_error(error: StatementError, text: str) -> None:
    """Fail if a refusal has no finding, or one that points outside of the text."""
    assert error.diagnostics
    for finding in error.diagnostics:
        assert 0 <= finding.span.start <= finding.span.end <= len(text), finding
    assert error.render()
    assert str(error)


def check_input(data: bytes) -> None:
    """Fail if the bytes are treated as no statement should be."""
    from preboard import PreboardError, Statement, StatementError, validate
    from preboard.language.format import format_tree
    from preboard.language.parser import parse

    COUNTS["inputs"] += 1
    text = data.decode("utf-8", "surrogateescape")
    try:
        statement = Statement.parse(text)
    except StatementError as error:
        check_error(error, text)
        return
    COUNTS["statements"] += 1
    for warning in statement.warnings:
        assert warning.render(text)
    canonical = statement.formatted()
    again = parse(canonical)[0]
    assert again == statement.tree
    assert format_tree(again) == canonical
    try:
        report = validate(statement, io.BytesIO(DATA), timeout_s=4)
    except PreboardError:
        COUNTS["stopped"] += 1
        return
    COUNTS["runs"] += 1
    assert report.counts.scans <= report.counts.lines
    assert len(report.lines) <= report.counts.scans
    for line_error in report.errors:
        assert isinstance(line_error.message, str)


def kind(token: bytes) -> bytes:
    """Return what sort of token it is: `f(` for a call, else its first character."""
    return b"f(" if token[-1:] == b"(" and token[:1].isalpha() else token[:1]


class Mutator:
    """Changes inputs by whole tokens, as libFuzzer does by bytes."""

    def __init__(self, words: Path, mutate: Callable[[bytes, int], bytes]) -> None:
        lines = words.read_text(encoding="utf-8").splitlines()
        quoted = [line[1:-1] for line in lines if line.startswith('"')]
        self.words = [word.encode().decode("unicode_escape").encode("latin-1") for word in quoted]
        self.mutate = mutate

    def __call__(self, data: bytes, most: int, chance: int) -> bytes:
        """Return a changed input of at most so many bytes."""
        dice = random.Random(chance)
        if dice.random() < 1 / 2:
            return self.mutate(data, most)
        tokens = TOKEN.findall(data)
        for _ in range(dice.choice([1, 1, 1, 2, 3])):
            self.change(tokens, dice)
        return b"".join(tokens)[:most]

    def change(self, tokens: list[bytes], dice: random.Random) -> None:
        """Make one change to the tokens."""
        at = dice.randint(0, len(tokens))
        end = min(len(tokens), at + dice.choice([1, 1, 1, 2, 3, 5, 8]))
        other = dice.randint(0, len(tokens))
        match dice.randrange(9):
            case 0:
                del tokens[at:end]
            case 1:
                tokens[at:at] = tokens[at:end]
            case 2:
                tokens[other:other] = tokens[at:end]
            case 3:
                tokens[at:end] = [dice.choice(self.words)]
            case 4:
                tokens[at:at] = [dice.choice(self.words)]
            case 5:
                tokens[at:at] = [dice.choice(self.words), *tokens[at:end], b")"]
            case _ if at < len(tokens):  # one of its kind: a function for a function
                alike = [word for word in [*self.words, *tokens] if kind(word) == kind(tokens[at])]
                tokens[at] = dice.choice(alike)


class Survivor:
    """Runs inputs and writes down each kind of crash once."""

    def __init__(self, folder: Path) -> None:
        self.folder = folder
        self.seen: dict[str, int] = {}

    def __call__(self, data: bytes) -> None:
        """Run an input; a crash is named after its kind and the place where it happened."""
        if COUNTS["inputs"] % 10_000 == 0:  # libFuzzer leaves without a word to Python
            print(f"COUNTS {dict(COUNTS)}", file=sys.stderr, flush=True)
        try:
            check_input(data)
        except Exception as error:  # noqa: BLE001 - that is what is looked for
            where = traceback.extract_tb(error.__traceback__)[-1]
            name = f"{type(error).__name__}-{Path(where.filename).stem}-{where.lineno}"
            self.seen[name] = self.seen.get(name, 0) + 1
            file = self.folder / f"crash-{name}"
            if self.seen[name] == 1 or len(data) < file.stat().st_size:
                file.write_bytes(data)
                report = "".join(traceback.format_exception(error))
                (self.folder / f"crash-{name}.txt").write_text(f"{data!r}\n\n{report}")
                print(f"CRASH {name} {error!s:.200} {data[:200]!r}", file=sys.stderr, flush=True)


def main() -> None:
    """Fuzz until libFuzzer's arguments say that it is enough."""
    import atheris  # type: ignore[import-not-found,import-untyped,unused-ignore]

    arguments = sys.argv[1:]
    folder = Path(tempfile.gettempdir()) / "preboard-fuzz"
    if "--folder" in arguments:
        at = arguments.index("--folder")
        folder = Path(arguments[at + 1])
        del arguments[at : at + 2]
    keep_going = "--keep-going" in arguments
    seed(folder / "corpus")
    with atheris.instrument_imports(include=["preboard", "lark"]):
        words = dictionary(folder)
        import preboard.engine.validate
        import preboard.language.statement  # noqa: F401 - instrumented while it is imported
    options = ["-timeout=5", f"-max_len={LONGEST}", f"-dict={words}", f"-artifact_prefix={folder}/"]
    given = [a for a in arguments if a.startswith("-") and not a.startswith("--")]
    inputs = [a for a in arguments if not a.startswith("-")] or [str(folder / "corpus")]
    target = Survivor(folder) if keep_going else check_input
    # atheris.Mutate is another function once Fuzz() has begun: it is looked up when it is called.
    mutator = Mutator(words, lambda data, most: atheris.Mutate(data, most))  # noqa: PLW0108
    atheris.Setup([sys.argv[0], *options, *given, *inputs], target, custom_mutator=mutator)
    atheris.Fuzz()


if __name__ == "__main__":
    main()
