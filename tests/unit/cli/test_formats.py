"""Rules of the formats: each can be read by what it is for, and none hides what went wrong."""

import csv
import io
import json
import xml.etree.ElementTree as ET

import pytest
from tests.unit.cli.answers import failed, verdict, written

from preboard.cli.exit import Exit
from preboard.cli.formats import Format, writer_for
from preboard.cli.statements import FaultyStatementsError, Piece, findings_of
from preboard.errors import DataError, InputError

REFUSE = '~ id: rule, one ~ $[1*][ error("%,: $.headers.b is odd") ]'
ANY = list(Format)


class Terminal(io.StringIO):
    def isatty(self):
        return True


class TestAll:
    @pytest.mark.parametrize("form", ANY)
    def test_a_run_over_nothing_is_written_whole(self, form):
        text = written(form, code=Exit.VALID)

        assert text == "" or text.endswith("\n")

    @pytest.mark.parametrize("form", sorted(set(ANY) - {Format.TEXT}))
    def test_a_file_that_was_not_checked_is_in_the_answer(self, form):
        """The text tells it on standard error, and counts it where there are several."""
        text = written(form, failed(InputError("no such file")), code=Exit.FAILED)

        assert "missing.csv" in text

    @pytest.mark.parametrize("form", ANY)
    def test_an_empty_file_is_in_the_answer(self, form):
        text = written(form, verdict("$[1*][ yes() ]", data=b"a,b\n"))

        assert "INVALID" in text or "nothing was checked" in text

    @pytest.mark.parametrize("form", sorted(set(ANY) - {Format.CSV}))
    def test_cells_cannot_reach_the_terminal(self, form):
        """CSV keeps what the data holds, unless it is written to a terminal."""
        assert "\x1b" not in written(form, verdict(REFUSE))

    @pytest.mark.parametrize("form", sorted(set(ANY) - {Format.TEXT, Format.TABLE}))
    def test_faulty_statements_are_an_answer_of_their_own(self, form):
        out = io.StringIO()
        text = "$[*][ xyzzy() ]"

        writer_for(form).fail(out, FaultyStatementsError(findings_of(Piece(text, "checks", text))))

        assert "1 mistake in the statements" in out.getvalue() or "xyzzy" in out.getvalue()


class TestText:
    def test_several_files_are_counted(self):
        text = written(
            Format.TEXT, verdict("$[*][ yes() ]", name="a"), failed(InputError("x")),
            verdict(REFUSE, name="b"),
        )  # fmt: skip

        assert text.startswith("a: valid, matched 3 of 3 lines\n\nb: INVALID (rule, one)")
        assert text.endswith("\n\n3 files: 1 valid, 1 INVALID, 1 not checked\n")

    def test_the_first_error_of_a_run_that_raises(self):
        assert written(Format.TEXT, failed(DataError("line 3: odd"))) == (
            "missing.csv: INVALID, the run ended at the first error\n  line 3: odd\n"
        )


def test_table_is_aligned():
    text = written(
        Format.TABLE,
        verdict("~ id: fine ~ $[*][ yes() ]", REFUSE, name="a"),
        failed(InputError("x")),
    )

    assert text.split("\n") == [
        "file         statement  outcome      lines  scanned  matched  errors",
        "-----------  ---------  -----------  -----  -------  -------  ------",
        "a            fine       valid            3        3        3       0",
        "a            rule, one  INVALID          3        2        0       2",
        "missing.csv             not checked",
        "",
    ]


class TestJsonLines:
    def test_each_line_is_an_object_of_its_kind(self):
        text = written(Format.JSONL, verdict(REFUSE), failed(InputError("gone")), code=Exit.FAILED)
        objects = [json.loads(line) for line in text.splitlines()]

        assert [each["kind"] for each in objects] == [
            "error", "error", "report", "failure", "verdict",
        ]  # fmt: skip
        assert objects[0]["statement"] == "rule, one"
        assert objects[0]["text_line"] == 2
        assert objects[2]["errors"] == 2
        assert objects[-1] == {"kind": "verdict", "valid": None}


class TestCsv:
    def test_each_error_is_a_row(self):
        rows = list(csv.DictReader(io.StringIO(written(Format.CSV, verdict(REFUSE)))))

        assert [(row["text_line"], row["outcome"]) for row in rows] == [
            ("2", "invalid"), ("3", "invalid"),
        ]  # fmt: skip
        assert rows[1]["message"] == "%,: \x1b[2Jy is odd"

    def test_nothing_passes_without_a_row(self):
        text = written(
            Format.CSV, verdict("$[*][ yes() ]", "$[9][ yes() ]"), failed(InputError("gone"))
        )
        rows = list(csv.DictReader(io.StringIO(text)))

        assert [row["outcome"] for row in rows] == ["valid", "invalid", "not checked"]
        assert rows[1]["message"].startswith("the scan part selected none")

    def test_a_terminal_gets_harmless_cells(self):
        out = Terminal()

        writer_for(Format.CSV).add(out, verdict(REFUSE))

        assert "\\x1b[2Jy is odd" in out.getvalue()


class TestJunit:
    def test_a_case_is_a_file_and_a_statement(self):
        text = written(
            Format.JUNIT,
            verdict("$[*][ yes() ]", REFUSE, "~ run-mode: no-run ~ $[*][]", name="a"),
            failed(InputError("gone & lost", hint="look")),
            failed(DataError("bad"), name="c"),
        )
        suites = list(ET.fromstring(text))  # noqa: S314 - our own output

        assert [suite.attrib for suite in suites] == [
            {"name": "a", "tests": "3", "failures": "1", "errors": "0", "skipped": "1"},
            {"name": "missing.csv", "tests": "2", "failures": "0", "errors": "2", "skipped": "0"},
            {"name": "c", "tests": "2", "failures": "2", "errors": "0", "skipped": "0"},
        ]
        assert [case.attrib["name"] for case in suites[0]] == [
            "statement 1", "rule, one", "statement 3",
        ]  # fmt: skip
        (failure,) = suites[0][1]
        assert failure.attrib["message"] == "2 errors in 1 rule"
        assert "line 2 (text line 3)" in (failure.text or "")
        assert suites[1][0][0].attrib["message"] == "gone & lost"

    def test_it_is_ascii_whatever_the_names_are(self):
        text = written(Format.JUNIT, verdict("$[*][ yes() ]", name="zürich\x07.csv"))
        (suite,) = ET.fromstring(text)  # noqa: S314 - our own output

        assert text.isascii()
        assert suite.attrib["name"] == "zürich\\x07.csv"

    def test_errors_are_shared_out(self):
        text = written(Format.JUNIT, verdict(REFUSE), most_errors=1)

        assert text.count("text line") == 1
        assert "    1 more" in text


class TestSarif:
    def run(self, *verdicts, code=Exit.INVALID):
        document = json.loads(written(Format.SARIF, *verdicts, code=code))
        assert document["version"] == "2.1.0"
        assert document["$schema"].endswith("sarif-2.1.0.json")
        (run,) = document["runs"]
        return run

    def test_it_has_what_the_schema_requires(self):
        run = self.run(verdict(REFUSE, "$[9][ yes() ]"), failed(DataError("bad")))
        rules = run["tool"]["driver"]["rules"]

        assert run["tool"]["driver"]["name"] == "preboard"
        assert len({rule["id"] for rule in rules}) == len(rules)
        for result in run["results"]:
            assert rules[result["ruleIndex"]]["id"] == result["ruleId"]
            assert result["level"] in {"error", "warning", "note", "none"}
            assert result["message"]["text"]
            assert result["locations"][0]["physicalLocation"]["artifactLocation"]["uri"]
        assert run["invocations"][0]["executionSuccessful"] is True

    def test_a_result_stands_on_its_line(self):
        first, second = self.run(verdict(REFUSE))["results"]

        place = first["locations"][0]["physicalLocation"]
        assert place == {"artifactLocation": {"uri": "in/a%20b.csv"}, "region": {"startLine": 2}}
        assert first["ruleId"] == second["ruleId"]

    def test_what_was_not_checked_is_a_notification(self):
        run = self.run(failed(InputError("gone")), code=Exit.FAILED)
        (invocation,) = run["invocations"]

        assert invocation["executionSuccessful"] is False
        assert invocation["exitCode"] == 3
        (notification,) = invocation["toolExecutionNotifications"]
        assert (notification["level"], notification["message"]["text"]) == ("error", "gone")

    def test_an_absolute_name_is_a_file_uri(self):
        (result,) = self.run(verdict("$[9][ yes() ]", name="/in/a#b.csv"))["results"]

        place = result["locations"][0]["physicalLocation"]["artifactLocation"]
        assert place["uri"] == "file:///in/a%23b.csv"


class TestGithub:
    def test_nothing_of_the_data_ends_a_command_early(self):
        lines = written(Format.GITHUB, verdict(REFUSE, name="a,b:c%.csv")).splitlines()

        assert lines[1] == (
            "::error file=a%2Cb%3Ac%25.csv,line=3,title=rule%2C one::%25,: \\x1b[2Jy is odd"
            '%0Aerror("%25,: $.headers.b is odd")'
        )

    def test_errors_beyond_those_shown_are_counted(self):
        lines = written(Format.GITHUB, verdict(REFUSE), most_errors=1).splitlines()

        assert len(lines) == 2
        assert lines[1].endswith("::1 more error (1 shown, see --max-errors)")

    def test_errors_that_are_no_fault_are_warnings(self):
        text = written(
            Format.GITHUB, verdict(f"~ validation-mode: no-fail ~ {REFUSE[REFUSE.index('$[') :]}")
        )

        assert text.startswith("::warning file=")

    def test_a_mistake_stands_at_its_place(self):
        whole = "$[*][\n xyzzy() ]"
        error = FaultyStatementsError(findings_of(Piece(whole, "checks", whole)))
        out = io.StringIO()

        writer_for(Format.GITHUB).fail(out, error)

        assert out.getvalue() == (
            "::error file=checks,line=2,col=2,title=unknown-function::no function is called xyzzy\n"
        )
