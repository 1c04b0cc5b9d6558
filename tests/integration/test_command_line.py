"""The program as people and scripts start it: what it prints, where, and how it ends."""

import json
import os
import re
import shlex
import signal
import subprocess
import sys
from pathlib import Path

import pytest
from tests.integration.program import (
    AS_ROOT,
    POWERLESS,
    PROGRAM,
    TIMEOUT_S,
    in_terminal,
    preboard,
    shell,
)

ROOT = Path(__file__).parents[2]
ORDERS = ROOT / "examples" / "orders"

PICK = '$[1*][ #city == "Oslo" ]'
REFUSE = '$[1*][ not.nocontrib(#city == "Oslo") -> error("$.headers.city is not Oslo") ]'


@pytest.fixture(autouse=True)
def here(tmp_path, monkeypatch):
    """Every test has a directory of its own, with a small file in it, and a plain environment."""
    monkeypatch.chdir(tmp_path)
    for name in ["NO_COLOR", "FORCE_COLOR", "PREBOARD_DEBUG"]:
        monkeypatch.delenv(name, raising=False)
    (tmp_path / "towns.csv").write_text("id,city\n1,Oslo\n2,Rome\n")
    return tmp_path


class TestAnswer:
    def test_valid_data_is_one_line_and_code_0(self):
        done = preboard("validate", "towns.csv", "--statement", PICK)

        assert done.stdout == b"towns.csv: valid, matched 1 of 2 lines\n"
        assert done.stderr == b""
        assert done.returncode == 0

    def test_invalid_data_says_which_lines_and_code_1(self):
        done = preboard("validate", "towns.csv", "--statement", REFUSE)

        assert done.stdout.decode().split("\n") == [
            "towns.csv: INVALID, matched 1 of 2 lines",
            "",
            "  1 error in 1 rule",
            "",
            '  1 x not.nocontrib(#city == "Oslo") -> error("$.headers.city is not Oslo")',
            "      line 2 (text line 3), city = 'Rome': Rome is not Oslo",
            "",
        ]
        assert done.stderr == b""
        assert done.returncode == 1

    def test_the_worst_of_several_statements_counts(self):
        done = preboard("validate", "towns.csv", "--statement", PICK, "--statement", REFUSE)

        assert b"towns.csv: valid (statement 1), matched 1 of 2 lines\n" in done.stdout
        assert b"towns.csv: INVALID (statement 2)" in done.stdout
        assert done.returncode == 1

    def test_sample(self):
        """What a newcomer sees first: the statements by their names, the errors by their rules."""
        done = preboard(
            "validate", str(ORDERS / "orders.csv"), "--file", str(ORDERS / "checks.csvpath")
        )
        text = done.stdout.decode()

        assert re.findall(r"orders\.csv: (\w+) \(([\w-]+)\)", text) == [
            ("INVALID", "order-rules"),
            ("valid", "order-summary"),
            ("valid", "large-euro-orders"),
        ]
        assert "errors in 11 rules (20 shown, see --max-errors)" in text
        assert "seen: 2,986 entries" in text
        assert "2979 orders, 26945 units" in text
        assert text.isascii()
        assert done.returncode == 1

    def test_max_errors_is_a_number_for_each_statement(self):
        done = preboard(
            "validate", str(ORDERS / "orders.csv"), "--file", str(ORDERS / "checks.csvpath"),
            "--max-errors", "3",
        )  # fmt: skip

        assert len(re.findall(rb"text line", done.stdout)) == 3
        assert b"(3 shown, see --max-errors)" in done.stdout
        assert len(re.findall(rb"\d+ more\n", done.stdout)) == 11

    def test_lines_that_do_not_match_count_when_asked(self):
        done = preboard("validate", "towns.csv", "--statement", PICK, "--fail-on-unmatched")

        assert done.stdout.startswith(b"towns.csv: INVALID, matched 1 of 2 lines\n  1 line did not")
        assert done.returncode == 1

    def test_policy_to_raise_ends_at_the_first_error(self):
        done = preboard(
            "validate", "towns.csv", "--statement", "$[1*][ @n = add(#city, 1) ]",
            "--on-error", "raise,fail",
        )  # fmt: skip

        assert done.stdout.startswith(b"towns.csv: INVALID, the run ended at the first error\n")
        assert b"  line 1: " in done.stdout
        assert done.returncode == 1

    @pytest.mark.parametrize("words", ["collect", "print", "quiet", "stop", "collect,fail"])
    def test_an_error_is_a_fault_whatever_the_policy_does_with_it(self, words):
        done = preboard("validate", "towns.csv", "--statement", REFUSE, "--on-error", words)

        assert done.returncode == 1

    @pytest.mark.parametrize(
        "arguments",
        [
            ["--statement", REFUSE, "--on-error", "collect,no-fail"],
            ["--statement", f"~ validation-mode: no-fail ~ {REFUSE}"],
        ],
    )
    def test_an_error_is_no_fault_where_that_was_said(self, arguments):
        done = preboard("validate", "towns.csv", *arguments)

        assert done.stdout.startswith(b"towns.csv: valid, matched 1 of 2 lines\n")
        assert b"its errors do not make it invalid" in done.stdout
        assert b"1 error in 1 rule" in done.stdout
        assert done.returncode == 0

    def test_delimiter_may_be_a_word(self, here):
        (here / "tabs.txt").write_text("id\tcity\n1\tOslo\n")

        done = preboard("validate", "tabs.txt", "--statement", PICK, "--delimiter", "tab")

        assert done.stdout == b"tabs.txt: valid, matched 1 of 1 line\n"

    def test_printouts_and_small_variables_are_shown(self):
        statement = '$[1*][ @town = #city last.nocontrib() -> print("the end\t$.variables.town") ]'

        done = preboard("validate", "towns.csv", "--statement", statement)

        assert done.stdout.endswith(
            b"lines\n\n  printed\n    the end\tRome\n\n  variables\n    town: 'Rome'\n"
        )


class TestUsage:
    @pytest.mark.parametrize(
        ("arguments", "told"),
        [
            ([], b"Usage: preboard"),
            (["chekc"], b"No such command 'chekc'"),
            (["validate"], b"Missing argument 'DATA'"),
            (["validate", "towns.csv"], b"a statement is missing"),
            (["validate", "towns.csv", "--statement", PICK, "--what"], b"No such option: --what"),
            (
                ["validate", "towns.csv", "--statement", PICK, "--format", "xml"],
                b"for '--format': 'xml' is not one of 'text', ",
            ),
            (
                ["validate", "towns.csv", "checks.csvpath"],
                b"did you mean --file checks.csvpath? it is among the data",
            ),
            (["validate", "towns.csv", "--statement", PICK, "--max-errors", "-1"], b"max-errors"),
            (["validate", "towns.csv", "--statement", PICK, "--timeout", "0"], b"'--timeout'"),
            (["validate", "towns.csv", "--statement", PICK, "--on-error", "explode"], b"'explode'"),
            (["validate", "towns.csv", "--statement", PICK, "--on-error", ","], b"'--on-error'"),
            (["validate", "towns.csv", "--statement", PICK, "--delimiter", "ab"], b"delimiter"),
            (["validate", "towns.csv", "--statement", PICK, "--quotechar", ""], b"quotechar"),
            (["validate", "towns.csv", "--file", "no.csvpath"], b"no.csvpath cannot be read"),
            (["validate", "towns.csv", "--file", "."], b"Is a directory"),
            (
                ["validate", "towns.csv", "--statement", PICK, "--on-error", "fail,no-fail"],
                b"both fail and no-fail",
            ),
            (
                ["validate", "towns.csv", "--statement", PICK, "--input-format", "pdf"],
                b"no format called 'pdf'",
            ),
            (["validate", "-", "-", "--statement", PICK], b"can be read only once"),
            (["check"], b"Missing argument 'CHECKS'"),
            (["fmt", "-", "a"], b"is formatted alone"),
            (["functions", "lenght"], b"did you mean length()"),
            (["compile", "towns.csv"], b"a statement is missing"),
        ],
    )
    def test_wrong_command_lines_have_code_2(self, arguments, told):
        done = preboard(*arguments)

        assert told in done.stderr
        assert b"Traceback" not in done.stderr
        assert done.stdout == b""
        assert done.returncode == 2

    def test_every_option_is_in_the_help(self):
        done = preboard("validate", "--help")
        options = [
            "--statement", "--file", "--format", "--delimiter", "--quotechar", "--encoding",
            "--member", "--input-format", "--sheet", "--on-error", "--fail-on-unmatched",
            "--fail-on-findings", "--allow-empty", "--matched", "--unmatched", "--output-header",
            "--errors", "--escape-formulas", "--max-errors", "--limit", "--timeout",
            "--no-progress", "--help",
        ]  # fmt: skip

        assert [option for option in options if option not in done.stdout.decode()] == []
        assert done.stdout.isascii()
        assert done.returncode == 0

    def test_version(self):
        done = preboard("--version")

        assert re.fullmatch(rb"preboard \d+\.\d+\.\d+\n", done.stdout)
        assert done.returncode == 0

    @pytest.mark.parametrize(
        "arguments",
        [
            ["--help"],
            ["--version"],
            ["validate", "--help"],
            ["validate", "towns.csv"],
            ["validate", "towns.csv", "--statement", PICK, "--on-error", "explode"],
            ["validate", "towns.csv", "--statement", PICK, "--delimiter", "ab"],
            ["validate", "towns.csv", "--file", "no.csvpath"],
        ],
    )
    def test_help_and_usage_load_neither_parser_nor_engine(self, arguments):
        code = (
            "import sys; from preboard.cli.app import run; run(sys.argv[1:]);"
            "print([m for m in sys.modules if m in ('lark', 'rich')"
            " or m.startswith(('preboard.engine', 'preboard.language.parser'))])"
        )

        done = subprocess.run(
            [sys.executable, "-c", code, *arguments],
            capture_output=True,
            timeout=TIMEOUT_S,
            check=True,
        )

        assert done.stdout.endswith(b"[]\n")


class TestStatements:
    def test_mistake_is_shown_with_a_caret(self):
        done = preboard("validate", "towns.csv", "--statement", "$[1*][ lenght(#city) == 4 ]")

        assert done.stderr.decode().split("\n") == [
            "<statement>:1:8 error[unknown-function]: no function is called lenght",
            "  $[1*][ lenght(#city) == 4 ]",
            "         ^^^^^^",
            "  hint: did you mean length()?",
            "",
        ]
        assert done.stdout == b""
        assert done.returncode == 3

    @pytest.mark.parametrize("end", ["\n", "\r\n"])
    def test_mistakes_are_placed_in_their_file(self, here, end):
        """All of them, each with the line that an editor shows, whatever pieces stand before."""
        lines = [
            "~ id: fine ~",
            "$[*][ yes() ]",
            "---- CSVPATH ----",
            "",
            "  ---- CSVPATH ----  ",
            "~ id: misspelt ~",
            "$[1*][",
            '    lenght(#city) == 4 -> print("---- CSVPATH ---- is no separator here")',
            "]",
            "---- CSVPATH ----",
            "$[*][ xyzzy() ]",
        ]
        (here / "checks.csvpath").write_bytes(end.join(lines).encode())

        done = preboard("validate", "towns.csv", "--file", "checks.csvpath")

        assert done.stderr.decode().split("\n") == [
            "checks.csvpath:8:5 error[unknown-function]: no function is called lenght",
            f"  {lines[7]}",
            "      ^^^^^^",
            "  hint: did you mean length()?",
            "checks.csvpath:11:7 error[unknown-function]: no function is called xyzzy",
            "  $[*][ xyzzy() ]",
            "        ^^^^^",
            "",
        ]
        assert done.returncode == 3

    def test_statements_are_checked_before_the_data_is_opened(self):
        done = preboard("validate", "missing.csv", "--statement", "$[*][ xyzzy() ]")

        assert done.stderr.startswith(b"<statement>:1:7 error")

    def test_warnings_go_to_standard_error(self, here):
        (here / "checks.csvpath").write_text("\n~ id: a ~ stray\n$[1*][ yes() ]\n")

        done = preboard("validate", "towns.csv", "--file", "checks.csvpath")

        assert done.stderr.startswith(b"checks.csvpath:2:11 warning[ignored-text]: ")
        assert done.stdout == b"towns.csv: valid (a), matched 2 of 2 lines\n"
        assert done.returncode == 0

    @pytest.mark.parametrize(
        ("content", "told"),
        [
            (b"", b"checks.csvpath:1:1 error[no-statement]"),
            (b"\n ---- CSVPATH ----\n\n", b"checks.csvpath:1:1 error[no-statement]"),
            (b"~ ok ~\n$[*][ \xe4 ]", b"checks.csvpath:2:7 error[encoding]: byte 0xe4"),
        ],
    )
    def test_files_without_statements_are_faulty(self, here, content, told):
        """They never pass by saying nothing."""
        (here / "checks.csvpath").write_bytes(content)

        done = preboard("validate", "towns.csv", "--statement", PICK, "--file", "checks.csvpath")

        assert done.stderr.startswith(told)
        assert done.returncode == 3

    def test_a_byte_order_mark_is_no_mistake(self, here):
        (here / "checks.csvpath").write_bytes(b"\xef\xbb\xbf$[1*][ yes() ]")

        assert preboard("validate", "towns.csv", "--file", "checks.csvpath").returncode == 0


class TestData:
    @pytest.mark.parametrize(
        ("name", "told"),
        [
            ("missing.csv", "error: there is no file missing.csv\n"),
            (".", "error: . is a directory\n  hint: give a file\n"),
        ],
    )
    def test_data_that_cannot_be_opened_has_code_3(self, name, told):
        done = preboard("validate", name, "--statement", PICK)

        assert done.stderr.decode() == told
        assert done.stdout == b""
        assert done.returncode == 3

    def test_unreadable_data_has_code_3(self, here):
        (here / "towns.csv").chmod(0)

        done = preboard(
            "validate", "towns.csv", "--statement", PICK, before=POWERLESS if AS_ROOT else ()
        )

        assert b"towns.csv may not be read" in done.stderr
        assert done.returncode == 3

    @pytest.mark.parametrize(
        ("content", "told"),
        [
            (b"a,b\n\x01\xff\xfe\x80", b"byte offset"),
            (b"\x89PNG\r\n\x1a\n\0\0\0\rIHDR", b"picture"),
        ],
    )
    def test_binary_data_has_code_3_and_says_why(self, here, content, told):
        (here / "data.csv").write_bytes(content)

        done = preboard("validate", "data.csv", "--statement", "$[*][ yes() ]")

        assert done.stderr.startswith(b"error: data.csv: ")
        assert told in done.stderr
        assert done.stdout == b""
        assert done.returncode == 3

    @pytest.mark.parametrize(
        ("content", "statement", "told"),
        [
            ("", "$[*][ yes() ]", b"the file holds no lines: nothing was checked"),
            ("id,city\n", "$[1*][ yes() ]", b"selected none of the lines: nothing was checked"),
            ("id,city\n1,Oslo\n", "$[7*][ yes() ]", b"selected none of the lines"),
        ],
    )
    def test_a_statement_that_saw_no_line_is_no_pass(self, here, content, statement, told):
        """An unread file never passes; who expects one says so."""
        (here / "empty.csv").write_text(content)

        done = preboard("validate", "empty.csv", "--statement", statement)
        allowed = preboard("validate", "empty.csv", "--statement", statement, "--allow-empty")

        assert done.stdout.startswith(b"empty.csv: INVALID, matched 0 of 0 lines\n")
        assert told in done.stdout
        assert b"--allow-empty accepts that" in done.stdout
        assert done.returncode == 1
        assert allowed.stdout.startswith(b"empty.csv: valid, matched 0 of 0 lines\n")
        assert told in allowed.stdout
        assert allowed.returncode == 0

    def test_a_statement_that_saw_no_line_is_no_pass_beside_others(self):
        done = preboard(
            "validate", "towns.csv", "--statement", PICK, "--statement", "$[7*][ yes() ]"
        )

        assert b"towns.csv: valid (statement 1)" in done.stdout
        assert b"towns.csv: INVALID (statement 2)" in done.stdout
        assert done.returncode == 1

    def test_a_statement_that_is_not_to_run_is_no_fault(self):
        done = preboard("validate", "towns.csv", "--statement", "~ run-mode: no-run ~ $[*][]")

        assert b"the statement did not run: its run-mode is no-run" in done.stdout
        assert done.returncode == 0

    def test_standard_input(self):
        done = preboard("validate", "-", "--statement", PICK, given=b"id,city\n1,Oslo\n2,Rome\n")

        assert done.stdout == b"<stdin>: valid, matched 1 of 2 lines\n"
        assert done.returncode == 0

    def test_standard_input_can_be_read_twice(self):
        """Statements with a delimiter of their own, and those that ask for totals."""
        statements = ["~ use-delimiter: semi ~ $[*][ yes() ]", "$[*][ @n = total_lines() ]"]

        done = preboard(
            "validate", "-", "--statement", statements[0], "--statement", statements[1],
            given=b"id,city\n1,Oslo\n2,Rome\n",
        )  # fmt: skip

        assert done.stdout.count(b"matched 3 of 3 lines") == 2
        assert done.returncode == 0

    def test_closed_standard_input_has_code_3(self):
        done = shell(f"preboard validate - --statement {shlex.quote(PICK)} <&-")

        assert b"standard input is closed" in done.stderr
        assert done.returncode == 3

    def test_timeout_has_code_3(self, here):
        (here / "large.csv").write_text("a,b\n" + "1,2\n" * 500_000)

        done = preboard(
            "validate", "large.csv", "--statement", "$[*][ yes() ]", "--timeout", "1e-9"
        )

        assert done.stderr.startswith(b"error: the run took longer than 1e-09 s")
        assert done.stdout == b""
        assert done.returncode == 3


class TestStreams:
    MANY = '$[*][ print("a line of some length, so that many of them fill a pipe") no() ]'

    @pytest.mark.parametrize("form", ["text", "json"])
    @pytest.mark.parametrize(("statement", "code"), [(MANY, 0), (MANY[:-1] + "fail() ]", 1)])
    def test_a_reader_that_goes_away_changes_nothing(self, here, form, statement, code):
        (here / "large.csv").write_text("a,b\n" * 20_000)

        done = shell(
            f"{{ preboard validate large.csv --statement {shlex.quote(statement)} --format {form};"
            " echo $? >&2; } | head -1"
        )

        assert done.stdout.count(b"\n") == 1
        assert done.stderr == b"%d\n" % code

    def test_closed_standard_output_changes_nothing(self):
        done = shell(f"preboard validate towns.csv --statement {shlex.quote(REFUSE)} >&-")

        assert (done.stderr, done.returncode) == (b"", 1)

    def test_closed_standard_error_is_not_moved_to_the_answer(self):
        done = shell(f"preboard validate missing.csv --statement {shlex.quote(PICK)} 2>&-")

        assert (done.stdout, done.returncode) == (b"", 3)

    @pytest.mark.skipif(not Path("/dev/full").exists(), reason="needs /dev/full")
    def test_an_answer_that_cannot_be_written_has_code_3(self):
        done = shell(f"preboard validate towns.csv --statement {shlex.quote(PICK)} >/dev/full")

        assert done.stderr == b"error: the answer could not be written: No space left on device\n"
        assert done.returncode == 3

    def test_interrupt_ends_with_130_and_no_traceback(self):
        process = subprocess.Popen(
            [*PROGRAM, "validate", "-", "--statement", "$[*][ yes() ]"],
            stdin=subprocess.PIPE,
            stdout=subprocess.PIPE,
            stderr=subprocess.PIPE,
            # A shell starts jobs in the background with the signal switched off.
            preexec_fn=lambda: signal.signal(signal.SIGINT, signal.SIG_DFL),  # noqa: PLW1509
        )
        assert process.stdin
        for _ in range(100):  # more than a pipe holds: it is being read
            process.stdin.write(b"a,b,c,d,e,f\n" * 10_000)
        process.stdin.flush()

        process.send_signal(signal.SIGINT)
        stdout, stderr = process.communicate(timeout=TIMEOUT_S)

        assert (stdout, stderr, process.returncode) == (b"", b"", 130)

    def test_output_that_is_not_unicode_takes_any_text(self, here):
        (here / "towns.csv").write_text("id,city\n1,Zürich\n")

        done = preboard(
            "validate", "towns.csv", "--statement", REFUSE, env={"PYTHONIOENCODING": "ascii"}
        )

        assert b"Z\\xfcrich is not Oslo\n" in done.stdout
        assert done.returncode == 1


class TestJson:
    def test_answer_holds_the_place_of_each_error(self):
        done = preboard("validate", "towns.csv", "--statement", REFUSE, "--format", "json")

        document = json.loads(done.stdout)
        (file,) = document["files"]
        (report,) = file["reports"]

        assert done.stdout.isascii()
        assert (file["data"], file["valid"], document["valid"]) == ("towns.csv", False, False)
        assert report["counts"] == {"lines": 3, "scans": 2, "matches": 1}
        assert report["headers"] == ["id", "city"]
        assert report["dialect"]["delimiter"] == ","
        (error,) = report["errors"]
        assert (error["line"], error["text_line"]) == (2, 3)
        assert error["message"] == "Rome is not Oslo"
        assert done.returncode == 1

    def test_sample(self):
        done = preboard(
            "validate", str(ORDERS / "orders.csv"), "--file", str(ORDERS / "checks.csvpath"),
            "--format", "json",
        )  # fmt: skip

        rules, summary, large = json.loads(done.stdout)["files"][0]["reports"]

        assert [len(report["errors"]) for report in (rules, summary, large)] == [53, 0, 0]
        assert rules["identity"] == "order-rules"
        assert summary["variables"]["by_country"]["DE"] == 627
        assert len(summary["printouts"]["default"]) == 2
        assert large["counts"]["matches"] == 114

    def test_fail_on_unmatched_is_in_the_verdict(self):
        done = preboard(
            "validate", "towns.csv", "--statement", PICK, "--fail-on-unmatched", "--format", "json"
        )

        document = json.loads(done.stdout)

        assert document["valid"] is False
        (report,) = document["files"][0]["reports"]
        assert report["valid"] is True
        assert report["faults"] == ["1 line did not match, and --fail-on-unmatched counts"]
        assert done.returncode == 1

    def test_warnings_have_their_place(self):
        statement = "~ id: a ~ stray $[1*][ yes() ]"

        done = preboard("validate", "towns.csv", "--statement", statement, "--format", "json")

        (warning,) = json.loads(done.stdout)["files"][0]["reports"][0]["warnings"]
        assert warning["code"] == "ignored-text"
        assert (warning["source"], warning["line"], warning["column"]) == ("<statement>", 1, 11)

    @pytest.mark.parametrize(
        ("arguments", "valid", "code", "exit_code"),
        [
            (["towns.csv", "--statement", "$[*][ xyzzy() ]"], None, "statement", 3),
            (["towns.csv", "--file", "/dev/null"], None, "statement", 3),
            (["missing.csv", "--statement", PICK], None, "input", 3),
            (
                ["towns.csv", "--statement", "$[1*][ add(#city, 1) == 2 ]", "--on-error", "raise"],
                False, "data", 1,
            ),
        ],
    )  # fmt: skip
    def test_there_is_an_answer_when_there_is_no_report(self, arguments, valid, code, exit_code):
        """Valid, invalid, or could not be checked: `valid` is true, false or null."""
        done = preboard("validate", *arguments, "--format", "json")

        document = json.loads(done.stdout)

        about = document["files"][0] if document["files"] else document

        assert document["valid"] is valid
        assert about["valid"] is valid
        assert about["error"]["code"] == code
        assert done.returncode == exit_code


class TestStrangers:
    """Names and cells come from outside: they are shown, and never obeyed."""

    ESCAPE = "\x1b]0;owned\x07\x1b[2J"

    @pytest.mark.parametrize(
        ("name", "shown"),
        [
            (b"two\nlines.csv", b"two\\nlines.csv"),
            (b"esc\x1b[2J.csv", b"esc\\x1b[2J.csv"),
            (b"latin-\xe4.csv", b"latin-\\xe4.csv"),
            ("right\u202eleft.csv".encode(), b"right\\u202eleft.csv"),
            ("köln.csv".encode(), "köln.csv".encode()),
        ],
    )
    def test_file_names(self, here, name, shown):
        Path(os.fsdecode(bytes(here) + b"/" + name)).write_bytes(b"id,city\n1,Oslo\n")

        done = preboard("validate", name, "--statement", PICK, env={"PYTHONUTF8": "1"})
        as_json = preboard("validate", name, "--statement", PICK, "--format", "json")
        missing = preboard("validate", b"no" + name, "--statement", PICK, env={"PYTHONUTF8": "1"})

        assert done.stdout == shown + b": valid, matched 1 of 1 line\n"
        assert json.loads(as_json.stdout)["valid"] is True
        assert missing.stderr == b"error: there is no file no" + shown + b"\n"

    def test_a_name_with_a_leading_dash(self, here):
        (here / "-o.csv").write_bytes(b"id,city\n1,Oslo\n")

        done = preboard("validate", "--statement", PICK, "--", "-o.csv")

        assert done.stdout == b"-o.csv: valid, matched 1 of 1 line\n"

    def test_a_name_that_looks_like_an_option_is_told_without_harm(self):
        done = preboard("validate", f"--{self.ESCAPE}")

        assert b"\x1b" not in done.stderr
        assert done.returncode == 2

    @pytest.mark.parametrize("form", ["text", "json"])
    def test_cells_and_headers(self, here, form):
        (here / "bad.csv").write_text(f"id{self.ESCAPE},city\n{self.ESCAPE},x{self.ESCAPE}\n")
        statement = (
            '$[1*][ @cell = #1 @table.cell = #0 @n = add(#0, 1) print("$.headers.city")'
            ' error("this is $.headers.city") ]'
        )

        done = preboard("validate", "bad.csv", "--statement", statement, "--format", form)

        assert b"owned" in done.stdout
        assert not re.search(rb"[\x00-\x09\x0b-\x1f\x7f]", done.stdout)

    def test_statements(self, here):
        """The caret stands under its place, though the line above is not written as it is."""
        (here / "checks.csvpath").write_text(f'$[*][ #a == "{self.ESCAPE}" xyzzy() ]')

        done = preboard("validate", "towns.csv", "--file", "checks.csvpath")
        _, line, caret, *_ = done.stderr.decode().split("\n")

        assert "\x1b" not in done.stderr.decode()
        assert line[caret.index("^") :].startswith("xyzzy()")


class TestColours:
    def test_a_terminal_has_colours(self):
        written, code = in_terminal("validate", "towns.csv", "--statement", REFUSE)

        assert b"\x1b[1;31mINVALID\x1b[0m" in written
        assert code == 1

    @pytest.mark.parametrize("env", [{"NO_COLOR": "1"}, {"TERM": "dumb"}])
    def test_a_terminal_without_colours(self, env):
        written, _ = in_terminal("validate", "towns.csv", "--statement", REFUSE, **env)

        assert b"INVALID" in written
        assert b"\x1b" not in written

    def test_json_never_has_colours(self):
        written, _ = in_terminal("validate", "towns.csv", "--statement", PICK, "--format", "json")

        assert json.loads(written)["valid"] is True

    def test_a_pipe_never_has_colours(self):
        done = preboard(
            "validate", "towns.csv", "--statement", REFUSE,
            env={"FORCE_COLOR": "1", "TERM": "xterm-256color"},
        )  # fmt: skip

        assert b"\x1b" not in done.stdout

    def test_a_terminal_obeys_no_cell(self, here):
        (here / "bad.csv").write_text("id,city\n1,\x1b[2Jx\n")

        written, _ = in_terminal("validate", "bad.csv", "--statement", REFUSE)

        assert b"\\x1b[2Jx is not Oslo" in written
