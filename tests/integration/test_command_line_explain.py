"""`preboard explain` as people and scripts start it."""

import gzip
import json

import pytest
from tests.integration.program import in_terminal, preboard, shell

TOWNS = "id,city\n1,Oslo\n2,Rome\n\n3,Rome\n"
CHECKS = """~ id: picked ~
$[1*][ #city == "Oslo" ]
---- CSVPATH ----
~ id: known ~
$[1*][ count.seen(#city) == 1 ]
"""
PICK = '$[1*][ #city == "Oslo" ]'


@pytest.fixture(autouse=True)
def here(tmp_path, monkeypatch):
    """Every test has a directory of its own, with data and checks, and a plain environment."""
    monkeypatch.chdir(tmp_path)
    for name in ["NO_COLOR", "FORCE_COLOR", "PREBOARD_DEBUG"]:
        monkeypatch.delenv(name, raising=False)
    (tmp_path / "towns.csv").write_text(TOWNS)
    (tmp_path / "checks.csvpaths").write_text(CHECKS)
    return tmp_path


class TestText:
    def test_values_and_votes_stand_under_the_statement(self):
        done = preboard("explain", "towns.csv", "--line", "2", "--statement", PICK)

        assert done.stdout.decode().split("\n") == [
            "towns.csv, line 2 (text line 3): did not match: the only part votes false",
            "  id = '2', city = 'Rome'",
            "",
            '  1 | $[1*][ #city == "Oslo" ]',
            "    |        ^^^^^ 'Rome'",
            "    |        ^^^^^^^^^^^^^^^ votes false",
            "",
        ]
        assert done.stderr == b""
        assert done.returncode == 0

    def test_every_statement_of_a_file_with_the_line_numbers_of_the_file(self):
        done = preboard("explain", "towns.csv", "--text-line", "5", "--file", "checks.csvpaths")

        lines = done.stdout.decode().split("\n")
        assert lines[0].startswith("towns.csv, line 4 (text line 5): did not match (picked): ")
        assert '  2 | $[1*][ #city == "Oslo" ]' in lines
        assert "  5 | $[1*][ count.seen(#city) == 1 ]" in lines
        assert "    |        ^^^^^^^^^^^^^^^^^ 2" in lines

    def test_one_statement_of_several(self):
        arguments = ["explain", "towns.csv", "--line", "1", "--file", "checks.csvpaths"]

        done = preboard(*arguments, "--only", "known")
        wrong = preboard(*arguments, "--only", "knwon")

        assert b"picked" not in done.stdout
        assert b"matched (known)" in done.stdout
        assert wrong.returncode == 2
        assert b"no statement is called knwon; did you mean known?" in wrong.stderr

    def test_part_that_decided_and_errors_come_first(self):
        statement = "$[1*][ yes() @n = int(#city) ]"

        done = preboard("explain", "towns.csv", "--line", "1", "--statement", statement)

        lines = done.stdout.decode().split("\n")
        assert lines[2].startswith("  error: city = 'Oslo': ")
        assert lines[3] == "  decided by line 1: @n = int(#city)"

    @pytest.mark.parametrize(
        ("line", "reason"),
        [("0", b"the scan part [1*] does not select it"), ("3", b"it is blank"), ("9", b"5 lines")],
    )
    def test_a_line_that_is_not_looked_at_says_why_and_is_an_answer(self, line, reason):
        done = preboard("explain", "towns.csv", "--line", line, "--statement", PICK)

        assert b": not looked at: " in done.stdout
        assert reason in done.stdout
        assert done.returncode == 0

    def test_standard_input_for_several_statements(self):
        done = shell("cat towns.csv | preboard explain - --line 1 --file checks.csvpaths")

        assert done.stdout.count(b"<stdin>, line 1 (text line 2): matched") == 2

    def test_what_the_data_holds_cannot_harm_a_terminal(self, here):
        (here / "evil.csv").write_text("id,ci\x1b[31mty\n1,\x1b[31mOslo\n")

        done = preboard(
            "explain", "evil.csv", "--line", "1", "--delimiter", ",",
            "--statement", '$[*][ #1 == "\x1b" ]',
        )  # fmt: skip

        assert b"\x1b" not in done.stdout + done.stderr
        assert b"'\\x1b[31mOslo'" in done.stdout

    def test_a_long_value_is_cut(self, here):
        (here / "long.csv").write_text(f"id,city\n1,{'x' * 5000}\n")

        done = preboard("explain", "long.csv", "--line", "1", "--statement", PICK)

        assert max(map(len, done.stdout.decode().split("\n"))) < 300

    def test_colours_are_for_terminals_that_want_them(self):
        arguments = ["explain", "towns.csv", "--line", "1", "--statement", PICK]

        assert b"\x1b[" in in_terminal(*arguments)[0]
        assert b"\x1b[" not in in_terminal(*arguments, NO_COLOR="1")[0]


class TestJson:
    def test_the_tree_of_parts(self):
        done = preboard(
            "explain", "towns.csv", "--line", "2", "--file", "checks.csvpaths", "--format", "json"
        )

        answer = json.loads(done.stdout)
        picked, known = answer["statements"]
        assert answer["data"] == "towns.csv"
        assert (picked["identity"], picked["status"], picked["matched"]) == (
            "picked", "unmatched", False,
        )  # fmt: skip
        assert picked["decided_by"] == [0]
        assert (known["source"], known["source_line"]) == ("checks.csvpaths", 4)
        (part,) = picked["parts"]
        assert (part["kind"], part["value"], part["vote"]) == ("equality", False, False)
        assert [child["value"] for child in part["children"]] == ["Rome", "Oslo"]
        assert picked["statement"][part["start"] : part["end"]] == '#city == "Oslo"'

    def test_what_cannot_be_read_is_an_object_with_an_error(self):
        done = preboard(
            "explain", "none.csv", "--line", "1", "--statement", PICK, "--format", "json"
        )

        assert json.loads(done.stdout)["error"]["code"] == "input"
        assert b"none.csv" in done.stderr
        assert done.returncode == 3


class TestUsage:
    @pytest.mark.parametrize(
        "numbers", [[], ["--line", "1", "--text-line", "2"], ["--line", "-1"], ["--text-line", "0"]]
    )
    def test_the_line_needs_one_number(self, numbers):
        done = preboard("explain", "towns.csv", "--statement", PICK, *numbers)

        assert done.returncode == 2
        assert done.stdout == b""

    def test_a_faulty_statement_is_told_at_its_place(self):
        done = preboard("explain", "towns.csv", "--line", "1", "--statement", "$[*][ yes( ]")

        assert b"<statement>:1:" in done.stderr
        assert done.returncode == 3

    def test_a_statement_is_needed(self):
        assert preboard("explain", "towns.csv", "--line", "1").returncode == 2


class TestAsValidate:
    """What lets `validate` read a file lets `explain` and `sniff` read it, too."""

    @pytest.mark.parametrize(
        "words", [["explain", "--line", "1", "--statement", "$[1*][ yes() ]"], ["sniff"]]
    )
    def test_limits(self, here, words):
        (here / "deep.csv.gz").write_bytes(gzip.compress(b"id,x\n1," + b"y" * 9000 + b"\n" * 90000))

        refused = preboard(*words, "deep.csv.gz", "--limit", "unpacked_bytes=50K")
        allowed = preboard(*words, "deep.csv.gz", "--limit", "unpacked_ratio=1K")

        assert (refused.returncode, allowed.returncode) == (3, 0)
        assert b"unpack" in refused.stderr

    def test_names_of_the_environment(self, monkeypatch):
        monkeypatch.setenv("TOWN", "Rome")
        asked = [
            "explain",
            "towns.csv",
            "--line",
            "2",
            "--statement",
            '$[*][ #city == env("TOWN") ]',
        ]

        assert b": did not match" in preboard(*asked).stdout
        assert b": matched" in preboard(*asked, "--env", "TOWN").stdout
