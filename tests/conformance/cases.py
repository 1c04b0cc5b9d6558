"""The cases of the language: read them, run them, say in what they differ.

A case is one JSON object a line of a set, `NAME.jsonl` in this folder:

- `id`, `csvpath` (the statement), `data` (a file in `data/SET/`, or `{"name", "text"}`);
- `method` (`collect` or `fast_forward`), `delimiter`, `quotechar`, `on_error`: how it is run;
- `expect`: what must come out; only the keys that are there are compared (see `COMPARED`);
- `open`: true where a recorded run tells nothing of what is wanted; such a case is not compared, it
  is decided in `decided.jsonl`;
- `why` and `reference`: what the reference gave, where that is no example to follow;
- `decided` (why this is wanted) and `rule` (of the specification, by section) are for the reader.

`language.jsonl` holds what was recorded of the reference. `decided.jsonl` holds our answer to each
of its open cases, `rules.jsonl` what `spec/language.md` rules without a recorded case; both are
held to the letter.
"""

from __future__ import annotations

import json
import math
import re
from dataclasses import dataclass, field
from datetime import date
from decimal import Decimal
from pathlib import Path
from typing import TYPE_CHECKING, Any

import preboard

if TYPE_CHECKING:
    from collections.abc import Iterable, Mapping

HERE = Path(__file__).parent
OWN_DATA = {
    "decided": "language",
    "rules": "language",
    "decided-functions-a1": "functions-a",
    "decided-functions-a2": "functions-a",
    "decided-functions-b": "functions-b",
    "decided-functions-more": "functions-b",
}
"""The sets of our own, and the recorded set whose data they use."""
SETS = ("language", "functions-a", "functions-b", *OWN_DATA)
OWN_SETS = frozenset(OWN_DATA)
"""Sets that are not recorded: where they expect errors, a refused statement is not good enough."""

COMPARED = frozenset({
    "refused", "at", "code",  # a refusal, its line and column, the code of the first diagnostic
    "lines", "unmatched", "headers", "counts",
    "variables", "variables_include", "metadata_include", "identity",
    "valid", "stopped", "completed", "error_lines", "errors_count",
    "printouts",
})  # fmt: skip

_MEMORY = re.compile(r"_intx_.*|[0-9a-f]{32,64}(_.*)?")
_DIGEST = re.compile(r"[0-9a-f]{32,64}")
_MIDNIGHT = "T00:00:00"


@dataclass(frozen=True)
class Case:
    """One statement, what it is run over, and what must come of it."""

    id: str
    set: str
    csvpath: str
    data: str | Mapping[str, str]
    expect: Mapping[str, Any]
    options: Mapping[str, Any] = field(default_factory=dict)
    reference: Mapping[str, Any] = field(default_factory=dict)
    open: bool = False
    decided: str | None = None

    @classmethod
    def of(cls, set_name: str, record: Mapping[str, Any]) -> Case:
        """Return the case of a line of a set."""
        unknown = record["expect"].keys() - COMPARED
        if unknown:
            raise ValueError(f"{record['id']}: nothing compares {', '.join(sorted(unknown))}")
        return cls(
            id=record["id"],
            set=set_name,
            csvpath=record["csvpath"],
            data=record["data"],
            expect=record["expect"],
            options={
                "collect": record.get("method", "collect") == "collect",
                "delimiter": record.get("delimiter", ","),
                "quotechar": record.get("quotechar", '"'),
                "on_error": record.get("on_error", ["collect", "fail"]),
            },
            reference=record.get("reference", {}),
            open=record.get("open", False),
            decided=record.get("decided"),
        )

    def source(self, folder: Path) -> Path:
        """Return the path of the data; data that stand in the case are written to `folder`."""
        if isinstance(self.data, str):
            shared = OWN_DATA.get(self.set, self.set)
            return HERE / "data" / shared / self.data
        path = folder / self.data["name"]
        path.write_text(self.data["text"], encoding="utf-8", newline="")
        return path


@dataclass(frozen=True)
class Difference:
    """One key of a case in which the result is not as expected."""

    key: str
    wanted: Any
    got: Any

    def __str__(self) -> str:
        below = " " * (len(self.key) + len(": want"))
        return f"{self.key}: wanted {_shown(self.wanted)}\n{below}got {_shown(self.got)}"


def load(set_name: str) -> list[Case]:
    """Return the cases of a set in the order of its file."""
    text = (HERE / f"{set_name}.jsonl").read_text(encoding="utf-8")
    return [Case.of(set_name, json.loads(line)) for line in text.split("\n") if line]


def compared(set_names: Iterable[str] = SETS) -> list[Case]:
    """Return the cases of some sets, without the open ones and those that a rule contradicts."""
    overruled = json.loads((HERE / "overruled.json").read_text(encoding="utf-8"))
    return [
        case
        for name in set_names
        for case in load(name)
        if not case.open and case.id not in overruled
    ]


def run(case: Case, folder: Path) -> dict[str, Any]:
    """Run a case and return what came out, in plain JSON values and under the keys of `expect`."""
    try:
        report = preboard.validate(case.csvpath, case.source(folder), **case.options)
    except preboard.StatementError as error:
        first = error.diagnostics[0]
        place = list(first.span.place(error.source))
        return {"refused": "statement", "at": place, "code": first.code, "message": str(error)}
    except preboard.DataError as error:
        return {"refused": "data", "message": str(error)}
    except preboard.PreboardError as error:
        return {"refused": "statement", "message": str(error)}
    variables = plain(report.variables)
    return {
        "refused": False,
        "lines": plain(report.lines),
        "unmatched": plain(report.unmatched),
        "variables": {k: v for k, v in variables.items() if not _MEMORY.fullmatch(k)},
        "metadata": plain(report.metadata),
        "identity": report.identity,
        "valid": report.valid,
        "stopped": report.stopped,
        "completed": report.completed,
        "headers": plain(report.headers),
        "printouts": {name: list(texts) for name, texts in report.printouts.items() if texts},
        "error_lines": sorted({error.line for error in report.errors}),
        "errors_count": len(report.errors),
        "counts": {"scans": report.counts.scans, "matches": report.counts.matches},
    }


def differences(case: Case, got: Mapping[str, Any]) -> list[Difference]:
    """Return in what a result differs from the case; an empty list when the case is met."""
    if got["refused"]:
        return _of_refusal(case, got)
    found = []
    for key, wanted in case.expect.items():
        part = _part(key, wanted, got)
        if key == "printouts":
            wanted = {name: texts for name, texts in wanted.items() if texts}  # noqa: PLW2901
        if not same(wanted, part):
            found.append(Difference(key, wanted, part))
    return found


def _part(key: str, wanted: Any, got: Mapping[str, Any]) -> Any:
    """Return what of the result is compared under a key; of an `_include` only what is asked."""
    if not key.endswith("_include"):
        return got.get(key)
    whole = got[key.removesuffix("_include")]
    return {name: whole.get(name) for name in wanted}


def _of_refusal(case: Case, got: Mapping[str, Any]) -> list[Difference]:
    wanted = case.expect
    if wanted.get("refused"):
        keys = [key for key in ("at", "code") if key in wanted]
        return [Difference(k, wanted[k], got.get(k)) for k in keys if wanted[k] != got.get(k)]
    if case.set not in OWN_SETS and got["refused"] == "statement":
        # The reference finds out line by line that the statement is bad; we say it up front.
        seen = case.reference or wanted
        if seen.get("error_lines") and seen.get("valid") is False:
            return []
    return [Difference("refused", False, got["message"])]


def plain(value: Any) -> Any:
    """Return a value of the language as JSON would hold it."""
    match value:
        case None | bool() | int() | float() | str():
            return value
        case dict():
            return {str(key): plain(item) for key, item in value.items()}
        case list() | tuple():
            return [plain(item) for item in value]
        case set() | frozenset():
            return {"$set": sorted(map(str, value))}
        case date():
            return {"$date": value.isoformat()}
        case Decimal():
            return float(value)
        case _:
            return {"$str": str(value), "$type": type(value).__name__}


def same(one: Any, other: Any) -> bool:
    """Compare plain values: 2 is 2.0 but not True, rounding is forgiven, a date is its midnight.

    >>> same([1, {"a": 0.1 + 0.2}], [1.0, {"a": 0.3}]), same(True, 1)
    (True, False)
    """
    match one, other:
        case (bool(), _) | (_, bool()):
            return one is other
        case (int() | float(), int() | float()):
            return _same_number(one, other)
        case (dict(), dict()):
            return _same_table(one, other)
        case (list(), list()):
            return len(one) == len(other) and all(map(same, one, other))
        case _:
            return bool(one == other)


def _same_number(one: float, other: float) -> bool:
    if math.isnan(one) or math.isnan(other):
        return math.isnan(one) and math.isnan(other)
    return one == other or math.isclose(one, other, rel_tol=1e-9, abs_tol=1e-9)


def _same_table(one: dict[str, Any], other: dict[str, Any]) -> bool:
    if one and other and all(map(_DIGEST.fullmatch, [*one, *other])):
        # Which digest is used is free: the values must be the same.
        return sorted(map(repr, one.values())) == sorted(map(repr, other.values()))
    if "$date" in one and "$date" in other:
        return bool(one["$date"].removesuffix(_MIDNIGHT) == other["$date"].removesuffix(_MIDNIGHT))
    return one.keys() == other.keys() and all(same(one[key], other[key]) for key in one)


def _shown(value: Any) -> str:
    text = json.dumps(value, ensure_ascii=False, default=str)
    return text if len(text) <= 400 else f"{text[:400]}..."
