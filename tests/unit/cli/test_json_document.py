"""Rules of the format json: values that JSON lacks, and answers longer than memory."""

import io
import json
from collections.abc import Sequence
from datetime import UTC, date, datetime, time
from decimal import Decimal

import pytest

import preboard
from preboard.cli.exit import Exit
from preboard.cli.formats.json_document import JsonWriter, dumps
from preboard.cli.statements import Piece
from preboard.cli.verdict import Checked, Verdict
from preboard.engine.report import LineError
from preboard.language.statement import Statement


@pytest.mark.parametrize(
    ("value", "expected"),
    [
        (None, None),
        (True, True),
        (7, 7),
        (1.5, 1.5),
        (float("nan"), None),
        (float("-inf"), None),
        ("Zürich\x1b", "Zürich\x1b"),
        ("\udce4", "\\xe4"),
        (Decimal("1.10"), "1.10"),
        (date(2026, 10, 31), "2026-10-31"),
        (datetime(2026, 10, 31, 7, tzinfo=UTC), "2026-10-31T07:00:00+00:00"),
        (time(7, 30), "07:30:00"),
        ((1, [2, (3,)]), [1, [2, [3]]]),
        ({"b", "a"}, ["a", "b"]),
        ({1: 4, None: 3, date(2026, 1, 1): 5}, {"None": 3, "1": 4, "2026-01-01": 5}),
        (b"x", "b'x'"),
    ],
)
def test_values_become_what_json_has(value, expected):
    assert json.loads(dumps(value)) == expected


def test_a_number_too_long_to_write_is_hexadecimal():
    assert int(json.loads(dumps(-(10**5000))), 16) == -(10**5000)


class OnDisk(Sequence):
    """Errors that are made when they are looked at."""

    def __init__(self, length):
        self.length = length

    def __len__(self):
        return self.length

    def __getitem__(self, index):
        raise AssertionError("an index into errors on disk reads them from the start")

    def __iter__(self):
        return (LineError(n, n + 1, "message", value=date(2026, 1, 1)) for n in range(self.length))


class Written(io.StringIO):
    """Notes the longest piece that was written."""

    longest = 0

    def write(self, text):
        self.longest = max(self.longest, len(text))
        return super().write(text)


def checked(text, **changes):
    statement = Statement.parse(text)
    report = preboard.validate(statement, io.BytesIO(b"a\n1\n"), collect=False)
    for name, value in changes.items():
        setattr(report, name, value)
    return Checked(Piece(text, "<statement>", text), statement, report)


def written(out, verdict, code=Exit.VALID):
    """Write the answer for one file and return it as a program reads it."""
    writer = JsonWriter()
    writer.begin(out)
    writer.add(out, verdict)
    writer.end(out, code)
    return json.loads(out.getvalue())


def test_errors_are_written_one_by_one():
    out = Written()

    verdict = Verdict("a.csv", (checked("$[*][ yes() ]", errors=OnDisk(5000)),))

    errors = written(out, verdict)["files"][0]["reports"][0]["errors"]
    assert len(errors) == 5000
    assert errors[-1]["line"] == 4999
    assert errors[0]["value"] == "2026-01-01"
    assert out.longest < 2000


def test_reports_keep_their_order_and_all_their_members():
    out = io.StringIO()
    statements = (checked("~ id: one ~ $[*][ yes() ]"), checked('$[*][ @x = 1 print("p") ]'))

    one, two = written(out, Verdict("a.csv", statements))["files"][0]["reports"]
    assert (one["identity"], two["identity"]) == ("one", None)
    assert two["printouts"] == {"default": ["p", "p"]}
    assert two["variables"] == {"x": 1}
    assert sorted(one) == [
        "completed", "counts", "dialect", "errors", "faults", "headers", "identity", "metadata",
        "printouts", "stopped", "stopped_by", "valid", "variables", "warnings",
    ]  # fmt: skip


def test_no_statement_at_all_is_still_json():
    out = io.StringIO()

    assert written(out, Verdict("a.csv", ())) == {
        "files": [{"data": "a.csv", "valid": True, "findings": [], "reports": []}],
        "valid": True,
    }


@pytest.mark.parametrize(
    ("code", "valid"),
    [(Exit.VALID, True), (Exit.INVALID, False), (Exit.FAILED, None), (Exit.USAGE, None)],
)
def test_valid_is_true_false_or_could_not_be_checked(code, valid):
    assert written(io.StringIO(), Verdict("a.csv"), code)["valid"] is valid
