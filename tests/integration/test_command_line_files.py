"""`preboard validate` over several files, and the files that it writes."""

import csv
import gzip
import json
import os
import shlex
import shutil
import signal
import subprocess
import time
import zipfile

import pytest
from tests.integration.program import PROGRAM, TIMEOUT_S, in_terminal, preboard, shell

PICK = '~ id: pick ~ $[1*][ #city == "Oslo" ]'
REFUSE = '~ id: refuse ~ $[1*][ #city == "Oslo" error("no $.headers.city") ]'


@pytest.fixture(autouse=True)
def here(tmp_path, monkeypatch):
    """Every test has a directory of its own, with two small files in it."""
    monkeypatch.chdir(tmp_path)
    (tmp_path / "one.csv").write_text("id,city\n1,Oslo\n2,Rome\n")
    (tmp_path / "two.csv").write_text("id,city\n3,Oslo\n")
    return tmp_path


def names(directory):
    return sorted(path.name for path in directory.iterdir())


class TestSeveral:
    def test_a_report_each_in_order_and_the_worst_code(self):
        done = preboard("validate", "two.csv", "missing.csv", "one.csv", "--statement", PICK)

        assert done.stdout.decode().split("\n") == [
            "two.csv: valid (pick), matched 1 of 1 line",
            "",
            "one.csv: valid (pick), matched 1 of 2 lines",
            "",
            "3 files: 2 valid, 1 not checked",
            "",
        ]
        assert done.stderr == b"error: there is no file missing.csv\n"
        assert done.returncode == 3

    def test_invalid_is_worse_than_valid(self):
        done = preboard(
            "validate", "two.csv", "one.csv", "--statement", PICK, "--fail-on-unmatched"
        )

        assert b"2 files: 1 valid, 1 INVALID\n" in done.stdout
        assert done.returncode == 1

    def test_a_program_gets_all_of_them(self):
        done = preboard(
            "validate", "two.csv", "missing.csv", "--statement", PICK, "--format", "json"
        )

        document = json.loads(done.stdout)
        assert [(file["data"], file["valid"]) for file in document["files"]] == [
            ("two.csv", True), ("missing.csv", None),
        ]  # fmt: skip
        assert document["valid"] is None

    def test_warnings_of_a_statement_are_told_once(self):
        done = preboard("validate", "one.csv", "two.csv", "--statement", f"~ a ~ stray {PICK}")

        assert done.stderr.count(b"ignored-text") == 1

    def test_an_option_that_does_not_fit_a_file_has_code_2_and_a_whole_answer(self):
        done = preboard(
            "validate", "one.csv", "two.csv", "--statement", PICK, "--sheet", "x",
            "--format", "json",
        )  # fmt: skip

        assert [file["valid"] for file in json.loads(done.stdout)["files"]] == [None, None]
        assert b"only workbooks have sheets" in done.stderr
        assert done.returncode == 2


class TestLines:
    def test_matched_and_unmatched_lines_go_to_files(self, here):
        done = preboard(
            "validate", "one.csv", "--statement", PICK, "--matched", "good", "--unmatched", "bad"
        )

        assert (here / "good").read_bytes() == b"id,city\r\n1,Oslo\r\n"
        assert (here / "bad").read_bytes() == b"id,city\r\n2,Rome\r\n"
        assert done.stdout == b"one.csv: valid (pick), matched 1 of 2 lines\n"

    def test_a_directory_has_a_file_for_each_file_and_statement(self, here):
        preboard(
            "validate", "one.csv", "two.csv", "--statement", PICK, "--statement", "$[0][]",
            "--matched", "out/", "--errors", "out/",
        )  # fmt: skip

        assert names(here / "out") == [
            "one.pick.errors.csv", "one.pick.matched.csv", "one.statement-2.errors.csv",
            "one.statement-2.matched.csv", "two.pick.errors.csv", "two.pick.matched.csv",
            "two.statement-2.errors.csv", "two.statement-2.matched.csv",
        ]  # fmt: skip
        assert (here / "out" / "two.pick.matched.csv").read_bytes() == b"id,city\r\n3,Oslo\r\n"
        assert (here / "out" / "one.statement-2.matched.csv").read_bytes() == b"id,city\r\n"

    def test_lines_are_written_as_the_data_is(self, here):
        (here / "a.csv").write_text("id;city\n1;'x;y'\n2;\"z\n")

        preboard(
            "validate", "a.csv", "--statement", "$[1*][]", "--delimiter", "semi",
            "--quotechar", "single", "--matched", "out.csv",
        )  # fmt: skip

        assert (here / "out.csv").read_bytes() == b"id;city\r\n1;'x;y'\r\n2;\"z\r\n"

    def test_return_mode_swaps_what_is_returned(self, here):
        statement = f"~ return-mode: no-matches ~ {PICK}"

        preboard("validate", "one.csv", "--statement", statement, "--matched", "out.csv")

        assert (here / "out.csv").read_bytes() == b"id,city\r\n2,Rome\r\n"

    def test_standard_output_takes_lines_and_the_answer_steps_aside(self):
        done = preboard("validate", "one.csv", "--statement", PICK, "--unmatched", "-")

        assert done.stdout == b"id,city\r\n2,Rome\r\n"
        assert done.stderr == b"one.csv: valid (pick), matched 1 of 2 lines\n"

    def test_more_lines_than_memory_holds_come_in_order(self, here):
        (here / "large.csv").write_text("n\n" + "".join(f"{n}\n" for n in range(20_000)))

        preboard("validate", "large.csv", "--statement", "$[1*][]", "--matched", "out.csv")

        assert (here / "out.csv").read_text().split() == ["n", *map(str, range(20_000))]

    @pytest.mark.parametrize("option", ["--matched", "--unmatched", "--errors"])
    def test_the_input_is_never_overwritten(self, here, option):
        before = (here / "one.csv").read_bytes()

        done = preboard("validate", "one.csv", "--statement", PICK, option, "one.csv")

        assert done.stderr.endswith(b"\nerror: one.csv is an input, it is not overwritten\n")
        assert done.returncode == 2
        assert (here / "one.csv").read_bytes() == before

    def test_a_file_that_was_not_checked_leaves_nothing(self, here):
        (here / "bad.csv").write_bytes(b"id,city\n" + b"1,Oslo\n" * 100_000 + b"\x00\n")

        done = preboard("validate", "bad.csv", "--statement", PICK, "--matched", "out.csv")

        assert done.returncode == 3
        assert names(here) == ["bad.csv", "one.csv", "two.csv"]

    @pytest.mark.skipif(not os.path.exists("/dev/full"), reason="needs /dev/full")  # noqa: PTH110
    def test_a_full_disk_has_code_3_and_a_whole_answer(self):
        done = preboard(
            "validate", "one.csv", "--statement", PICK, "--matched", "/dev/full",
            "--format", "json",
        )  # fmt: skip

        document = json.loads(done.stdout)
        assert document["files"][0]["error"]["code"] == "output"
        assert b"/dev/full cannot be written: No space left on device" in done.stderr
        assert done.returncode == 3


class TestHeaderLine:
    """Files of lines begin with the header line, unless the statement takes it for a line."""

    JSON = b'{"id": 1, "city": "Oslo"}\n{"id": 2, "city": "Rome"}\n'

    @pytest.mark.parametrize(
        ("content", "statement", "options", "matched", "unmatched"),
        [
            pytest.param(
                b"id,city\n1,Oslo\n2,Rome\n", PICK, [],
                "id,city|1,Oslo", "id,city|2,Rome", id="not scanned: above both",
            ),
            pytest.param(
                b"id,city\n1,Oslo\n", '$[1*][ #city == "Rome" ]', [],
                "id,city", "id,city|1,Oslo", id="also above no line",
            ),
            pytest.param(
                b"id,city\n1,Oslo\n2,Rome\n", '$[*][ #city == "Oslo" ]', [],
                "1,Oslo", "id,city|2,Rome", id="scanned: a line as any other",
            ),
            pytest.param(
                b"id,city\n1,Oslo\n2,Rome\n", '$[*][ #city == "Oslo" ]', ["--output-header"],
                "id,city|1,Oslo", "id,city|2,Rome", id="asked for: above both, not twice",
            ),
            pytest.param(
                b"id,city\n1,Oslo\n2,Rome\n", PICK, ["--no-output-header"],
                "1,Oslo", "2,Rome", id="refused",
            ),
            pytest.param(
                b"\nid,city\n1,Oslo\n", '$[1*][ #city == "Oslo" ]', [],
                "1,Oslo", "id,city", id="behind a blank line, and so scanned",
            ),
            pytest.param(
                b"id,city\n1,Oslo\n2,Rome\n", '$[1*][ collect(#city) #city == "Oslo" ]', [],
                "city|Oslo", "city|Rome", id="only the names of what collect() leaves",
            ),
            pytest.param(
                b"of May\nid,city\n1,Oslo\n2,Rome\n",
                '$[1*][ line_number.nocontrib() == 1 -> reset_headers() #city == "Oslo" ]', [],
                "id,city|1,Oslo", "id,city|2,Rome", id="the headers that were set last",
            ),
            pytest.param(
                JSON, '$[*][ #city == "Oslo" ]', [],
                "id,city|1,Oslo", "id,city|2,Rome", id="names that stand in no line",
            ),
            pytest.param(b"", "$[*][]", ["--allow-empty"], "", "", id="no names at all"),
        ],
    )  # fmt: skip
    def test_where_it_is_written(self, here, content, statement, options, matched, unmatched):
        (here / "in").write_bytes(content)

        preboard(
            "validate", "in", "--statement", statement, "--matched", "good", "--unmatched", "bad",
            *options,
        )  # fmt: skip

        assert "|".join((here / "good").read_text().split()) == matched
        assert "|".join((here / "bad").read_text().split()) == unmatched

    def test_what_was_written_is_read_again_with_the_same_statement(self):
        preboard("validate", "one.csv", "--statement", PICK, "--matched", "good.csv")

        done = preboard("validate", "good.csv", "--statement", PICK, "--fail-on-unmatched")

        assert done.stdout.startswith(b"good.csv: valid (pick), matched 1 of 1 line\n")


class TestFormulas:
    HOSTILE = '=HYPERLINK("http://x")'

    @pytest.fixture(autouse=True)
    def hostile(self, here):
        text = f"=id,city\n{self.HOSTILE},-5\n@SUM(A1),\tRome\n"
        (here / "bad.csv").write_text(text)

    def rows(self, here, name, *options):
        statement = "$[1*][ yes() ]"
        preboard("validate", "bad.csv", "--statement", statement, "--delimiter", ",", *options)
        with (here / name).open(newline="") as file:
            return list(csv.reader(file))

    def test_values_are_written_as_they_are(self, here):
        assert self.rows(here, "out.csv", "--matched", "out.csv") == [
            ["=id", "city"], [self.HOSTILE, "-5"], ["@SUM(A1)", "\tRome"],
        ]  # fmt: skip

    def test_formulas_become_text_when_asked(self, here):
        """A number stays a number."""
        rows = self.rows(here, "out.csv", "--matched", "out.csv", "--escape-formulas")

        assert rows == [
            ["'=id", "city"], [f"'{self.HOSTILE}", "-5"], ["'@SUM(A1)", "'\tRome"],
        ]  # fmt: skip

    @pytest.mark.parametrize("options", [["--errors", "-"], ["--format", "csv"]])
    def test_in_errors_and_answers_too(self, options):
        statement = '$[1*][ error("=1+1") ]'

        done = preboard(
            "validate", "bad.csv", "--statement", statement, "--escape-formulas", *options
        )

        rows = list(csv.DictReader(done.stdout.decode().splitlines()))
        assert [row["message"] for row in rows] == ["'=1+1", "'=1+1"]


class TestFindings:
    """`--fail-on-findings` makes a fault of what is odd about a file."""

    @pytest.fixture(autouse=True)
    def odd(self, here):
        (here / "odd.csv").write_text("id,city\n1,Oslo\n2\n")

    @pytest.mark.parametrize(
        ("options", "code"),
        [
            ([], 0),
            (["--fail-on-findings"], 1),
            (["--fail-on-findings=all"], 1),
            (["--fail-on-findings=narrow-lines"], 1),
            (["--fail-on-findings=one-column, narrow-lines"], 1),
            (["--fail-on-findings=one-column"], 0),
        ],
    )
    @pytest.mark.parametrize("form", ["text", "json", "junit"])
    def test_the_code(self, options, code, form):
        done = preboard(
            "validate", *options, "odd.csv", "--statement", "$[1*][ yes() ]", "--format", form
        )

        assert done.returncode == code
        assert (b"narrow-lines: 1 line has fewer cells" in done.stdout) == bool(code)

    def test_a_file_with_nothing_odd_passes(self):
        done = preboard("validate", "one.csv", "--fail-on-findings", "--statement", PICK)

        assert done.returncode == 0

    @pytest.mark.parametrize(
        ("word", "told"),
        [
            ("narow-lines", "'narow-lines'; did you mean narrow-lines? the codes are blank-h"),
            ("", "''; the codes are"),
            ("?", "'?'; the codes are"),
            ("\x1b[2J", "'\\x1b[2J'; the codes are"),
        ],
    )
    def test_an_unknown_code_is_refused_with_those_there_are(self, word, told):
        done = preboard("validate", "odd.csv", "--statement", PICK, f"--fail-on-findings={word}")

        assert told in done.stderr.decode()
        assert "\x1b" not in done.stderr.decode()
        assert done.returncode == 2


class TestErrors:
    def test_all_errors_of_all_files_in_one(self, here):
        done = preboard(
            "validate", "one.csv", "missing.csv", "two.csv", "--statement", REFUSE,
            "--errors", "errors.csv", "--max-errors", "0",
        )  # fmt: skip

        with (here / "errors.csv").open(newline="") as file:
            rows = list(csv.DictReader(file))
        assert [(row["data"], row["outcome"], row["text_line"]) for row in rows] == [
            ("one.csv", "invalid", "2"), ("one.csv", "invalid", "3"),
            ("missing.csv", "not checked", ""), ("two.csv", "invalid", "2"),
        ]  # fmt: skip
        assert rows[1]["message"] == "no Rome"
        assert rows[2]["message"] == "there is no file missing.csv"
        assert done.returncode == 3

    def test_the_extension_says_that_it_is_json_lines(self, here):
        preboard("validate", "one.csv", "--statement", REFUSE, "--errors", "errors.jsonl")

        objects = [json.loads(line) for line in (here / "errors.jsonl").read_text().splitlines()]
        assert [(each["statement"], each["text_line"]) for each in objects] == [
            ("refuse", 2), ("refuse", 3),
        ]  # fmt: skip

    @pytest.mark.skipif(not shutil.which("bash"), reason="needs bash")
    def test_a_command_of_the_shell_takes_errors(self):
        """As `--errors >(gzip >errors.gz)` says it; the command writes to a pipe of ours here."""
        line = shlex.join([*PROGRAM, "validate", "one.csv", "--statement", REFUSE])

        done = subprocess.run(
            ["bash", "-c", f"{line} --errors >(cat >&2) >/dev/null; wait $!"],
            capture_output=True,
            timeout=TIMEOUT_S,
            check=False,
        )

        assert done.stderr.count(b"\r\n") == 3

    @pytest.mark.parametrize("name", ["-", "/dev/stdout", "/dev/fd/1"])
    def test_standard_output_takes_errors(self, name):
        done = preboard("validate", "one.csv", "--statement", REFUSE, "--errors", name)

        assert done.stdout.count(b"\r\n") == 3
        assert done.stderr.startswith(b"one.csv: INVALID (refuse)")


class TestInterrupted:
    @pytest.mark.parametrize(("number", "code"), [(signal.SIGINT, 130), (signal.SIGTERM, 143)])
    def test_no_half_file_stays(self, here, number, code):
        """Not the temporary one either; the file of before stays as it was."""
        (here / "errors.csv").write_text("of before")
        process = subprocess.Popen(
            [*PROGRAM, "validate", "one.csv", "-", "--statement", REFUSE, "--errors", "errors.csv"],
            stdin=subprocess.PIPE,
            stdout=subprocess.PIPE,
            stderr=subprocess.PIPE,
            preexec_fn=lambda: signal.signal(signal.SIGINT, signal.SIG_DFL),  # noqa: PLW1509
        )
        assert process.stdin
        assert process.stdout
        assert process.stdout.readline().startswith(b"one.csv: INVALID")
        assert [name for name in names(here) if name.endswith(".part")]

        process.send_signal(number)
        _, stderr = process.communicate(timeout=TIMEOUT_S)

        assert (stderr, process.returncode) == (b"", code)
        assert (here / "errors.csv").read_text() == "of before"
        assert names(here) == ["errors.csv", "one.csv", "two.csv"]

    def test_kill_leaves_no_half_file_under_the_name(self, here):
        process = subprocess.Popen(
            [*PROGRAM, "validate", "one.csv", "-", "--statement", REFUSE, "--errors", "errors.csv"],
            stdin=subprocess.PIPE,
            stdout=subprocess.PIPE,
        )
        assert process.stdout
        process.stdout.readline()

        process.kill()
        process.communicate(timeout=TIMEOUT_S)

        assert not (here / "errors.csv").exists()


class TestProgress:
    @pytest.fixture
    def slow(self, here):
        """Give a pipe that takes more than a second to be read."""
        os.mkfifo(here / "slow")
        code = (
            "import time\nwith open('slow', 'w') as pipe:\n"
            " for _ in range(12):\n  pipe.write('1,Oslo\\n' * 20_000); pipe.flush()\n"
            "  time.sleep(0.15)\n"
        )
        with subprocess.Popen([*PROGRAM[:1], "-c", code]) as process:
            yield
            process.wait(timeout=TIMEOUT_S)

    @pytest.mark.usefixtures("slow")
    def test_a_long_file_shows_how_far_it_is(self):
        written, code = in_terminal("validate", "slow", "--statement", "$[*][ yes() ]")

        assert b"lines/s" in written
        assert b"matched 240,000 of 240,000 lines" in written
        assert code == 0

    @pytest.mark.usefixtures("slow")
    def test_none_is_shown_when_not_wanted(self):
        written, _ = in_terminal(
            "validate", "slow", "--statement", "$[*][ yes() ]", "--no-progress"
        )

        assert b"lines/s" not in written

    @pytest.mark.usefixtures("slow")
    def test_none_is_shown_without_a_terminal(self):
        done = preboard("validate", "slow", "--statement", "$[*][ yes() ]")

        assert done.stderr == b""


class TestFormats:
    @pytest.mark.parametrize(
        "form", ["text", "table", "json", "jsonl", "csv", "junit", "sarif", "github"]
    )
    def test_a_reader_that_goes_away_changes_nothing(self, here, form):
        (here / "large.csv").write_text("id,city\n" + "1,Rome\n" * 20_000)

        done = shell(
            f"{{ preboard validate large.csv one.csv two.csv --statement {shlex.quote(REFUSE)}"
            f" --format {form}; echo $? >&2; }} | head -1"
        )

        assert done.stdout.count(b"\n") == 1
        assert done.stderr == b"1\n"

    @pytest.mark.parametrize("form", ["table", "jsonl", "csv", "junit", "sarif", "github"])
    def test_the_code_is_the_same_in_every_format(self, form):
        arguments = ["validate", "one.csv", "--statement", REFUSE, "--format", form]

        assert preboard(*arguments).returncode == 1
        assert shell(f"preboard {shlex.join(arguments)} >&-").returncode == 1


def test_reading_is_bounded_in_time(here):
    """The limit is one for each file."""
    (here / "large.csv").write_text("a,b\n" + "1,2\n" * 500_000)
    began = time.perf_counter()

    done = preboard(
        "validate", "large.csv", "large.csv", "--statement", "$[*][]", "--timeout", "1e-9"
    )

    assert done.stderr.count(b"took longer than 1e-09 s") == 2
    assert done.returncode == 3
    assert time.perf_counter() - began < 30


class TestHowItIsWritten:
    """What is sniffed, what is said instead, and what is odd about the data."""

    def test_sniffed_and_shown(self, here):
        (here / "a.csv").write_text("id;city\n1;Oslo\n2;Rome\n3;Bern\n")

        done = preboard("sniff", "a.csv")

        assert done.stdout.startswith(b"a.csv: delimited\n")
        assert b"  delimiter   ';' (sniffed, " in done.stdout
        assert b"  headers     id, city\n" in done.stdout
        assert done.returncode == 0

    def test_what_is_said_is_not_sniffed(self, here):
        (here / "a.csv").write_text("id;city\n1;Oslo\n")

        done = preboard("sniff", "a.csv", "--delimiter", "pipe", "--encoding", "cp1252")

        assert b"encoding    cp1252 (declared)" in done.stdout
        assert b"delimiter   '|' (declared)" in done.stdout

    def test_a_program_gets_an_object_a_file(self):
        done = preboard("sniff", "one.csv", "missing.csv", "--format", "json")

        one, missing = json.loads(done.stdout)["files"]
        assert (one["format"], one["headers"]) == ("delimited", ["id", "city"])
        assert one["dialect"]["delimiter"] == ","
        assert missing["error"]["message"] == "there is no file missing.csv"
        assert done.returncode == 3

    def test_other_formats_say_what_they_are(self, here):
        (here / "a.jsonl").write_text('{"id": 1, "city": "Oslo"}\n')

        assert preboard("sniff", "a.jsonl").stdout.startswith(b"a.jsonl: jsonl\n")

    def test_the_encoding_can_be_said(self, here):
        (here / "a.csv").write_bytes("id,city\n1,Zürich\n".encode("cp1252"))
        statement = '$[1*][ #city == "Zürich" ]'

        right = preboard("validate", "a.csv", "--statement", statement, "--encoding", "cp1252")
        wrong = preboard("validate", "a.csv", "--statement", statement, "--encoding", "utf-8")
        none = preboard("validate", "a.csv", "--statement", statement, "--encoding", "utf-99")

        assert right.stdout == b"a.csv: valid, matched 1 of 1 line\n"
        assert b"byte offset" in wrong.stderr
        assert wrong.returncode == 3
        assert b"no text encoding called 'utf-99'" in none.stderr
        assert none.returncode == 2

    def test_the_member_of_an_archive_can_be_said(self, here):
        with zipfile.ZipFile(here / "a.zip", "w") as archive:
            archive.write("one.csv")
            archive.write("two.csv")

        done = preboard("validate", "a.zip", "--member", "two.csv", "--statement", PICK)

        assert done.stdout == b"a.zip: valid (pick), matched 1 of 1 line\n"

    def test_the_format_can_be_said(self, here):
        (here / "lines").write_text('{"id": 1, "city": "Oslo"}\n')

        done = preboard(
            "validate", "lines", "--input-format", "jsonl", "--statement", '$[*][ #city == "Oslo" ]'
        )

        assert b"matched 1 of 1 line" in done.stdout

    def test_what_is_odd_is_noted_once_and_no_fault(self, here):
        (here / "a.csv").write_text("id;city\n1;Oslo\n")
        arguments = [
            "validate", "a.csv", "--delimiter", "comma", "--statement", "$[1*][]",
            "--statement", "$[1*][]",
        ]  # fmt: skip

        done = preboard(*arguments)
        document = json.loads(preboard(*arguments, "--format", "json").stdout)
        commands = preboard(*arguments, "--format", "github").stdout

        assert done.stdout.count(b"  note: there is only one column") == 1
        assert [each["code"] for each in document["files"][0]["findings"]] == ["one-column"]
        assert commands.count(b"::notice file=a.csv,title=one-column::") == 1
        assert done.returncode == 0


class TestLimits:
    """How much is read of a file at most can be said, and what goes beyond names the limit."""

    @pytest.mark.parametrize(
        ("content", "limit", "told"),
        [
            (b"id,city\n1," + b"x" * 500 + b"\n", "record_chars=400", "400"),
            (b"id,city\n1," + b"x" * 500 + b"\n", "cell_chars=0.4K", "410"),
            (b"id,city\n" + b"1," * 50 + b"\n", "cells=40", "40"),
            (gzip.compress(b"id,city\n" * 900, mtime=0), "unpacked_bytes=1K", "`unpacked_bytes`"),
        ],
    )
    def test_a_smaller_one(self, here, content, limit, told):
        (here / "in").write_bytes(content)
        arguments = ["validate", "in", "--statement", "$[*][ yes() ]"]

        assert preboard(*arguments).returncode == 0
        done = preboard(*arguments, "--limit", limit)

        assert told in done.stderr.decode()
        assert done.returncode == 3

    def test_a_larger_one(self, here):
        (here / "in").write_bytes(b"x" * (2 << 20) + b"\n")
        arguments = ["validate", "in", "--statement", "$[*][ yes() ]", "--delimiter", ","]

        assert preboard(*arguments).returncode == 3
        assert preboard(*arguments, "--limit", "cell_chars=4M").returncode == 0

    @pytest.mark.parametrize(
        ("limit", "told"),
        [
            ("cell=1", "no limit is called 'cell'; did you mean cells? they are record_chars,"),
            ("\x1b[2J", "no limit is called '\\x1b[2J'; they are record_chars,"),
            ("cells", "'' is no number; write it as cells=20000 or cells=64M"),
            ("cells=-1", "'-1' is no number"),
            ("cells=1e400", "'1e400' is no number"),
            ("cells=0", "limit cells is 0"),
        ],
    )
    def test_what_is_none(self, limit, told):
        done = preboard("validate", "one.csv", "--statement", PICK, "--limit", limit)

        assert told in done.stderr.decode()
        assert done.returncode == 2
