"""The commands about statements: check, test, fmt, functions, compile."""

import json
import os
import re

import pytest
from tests.integration.program import in_terminal, preboard

GOOD = '~ id: good test-data: towns.csv ~ $[1*][ #city == "Oslo" ]'
BAD = '~ id: bad test-data: towns.csv ~ $[1*][ error("odd") ]'
SEPARATOR = "\n---- CSVPATH ----\n"


@pytest.fixture(autouse=True)
def here(tmp_path, monkeypatch):
    """Every test has a directory of its own, with a small file in it."""
    (tmp_path / "in").mkdir()
    monkeypatch.chdir(tmp_path)
    (tmp_path / "in" / "towns.csv").write_text("id,city\n1,Oslo\n2,Rome\n")
    return tmp_path


@pytest.fixture
def checks(here):
    """Write statements into in/checks.csvpath."""

    def write(*statements):
        (here / "in" / "checks.csvpath").write_text(SEPARATOR.join(statements))
        return "in/checks.csvpath"

    return write


class TestCheck:
    def test_right_statements_have_code_0(self, checks):
        done = preboard("check", checks(GOOD, BAD))

        assert (done.stdout, done.stderr) == (b"2 statements in 1 file: no mistakes\n", b"")
        assert done.returncode == 0

    def test_all_mistakes_and_warnings_are_shown(self, checks, here):
        (here / "other").write_text("$[*][ plugh() ]")

        done = preboard("check", checks("$[*][ xyzzy() ]", "~ a ~ stray $[*][]"), "other")

        heads = re.findall(r"^\S+:\d+:\d+ \w+\[[\w-]+", done.stdout.decode(), re.MULTILINE)
        assert heads == [
            "in/checks.csvpath:1:7 error[unknown-function",
            "in/checks.csvpath:3:7 warning[ignored-text",
            "other:1:7 error[unknown-function",
        ]
        assert done.stdout.endswith(b"3 statements in 2 files: 2 mistakes, 1 warning\n")
        assert done.returncode == 3

    def test_warnings_alone_have_code_0(self, checks):
        done = preboard("check", checks("~ a ~ stray $[*][]"))

        assert done.stdout.endswith(b"1 statement in 1 file: no mistakes, 1 warning\n")
        assert done.returncode == 0

    def test_standard_input(self):
        done = preboard("check", "-", given=b"$[*][ xyzzy() ]")

        assert done.stdout.startswith(b"<stdin>:1:7 error[unknown-function]")
        assert done.returncode == 3

    def test_a_program_gets_an_object(self, checks):
        done = preboard("check", checks("$[*][ xyzzy() ]"), "missing", "--format", "json")

        document = json.loads(done.stdout)
        first, second = document["files"]
        assert document["valid"] is False
        assert first["diagnostics"][0]["code"] == "unknown-function"
        assert (first["diagnostics"][0]["line"], first["diagnostics"][0]["column"]) == (1, 7)
        assert second["error"]["message"] == "there is no file missing"
        assert done.returncode == 3

    def test_github_gets_annotations(self, checks):
        done = preboard("check", checks("$[*][\n xyzzy() ]"), "--format", "github")

        assert done.stdout.startswith(
            b"::error file=in/checks.csvpath,line=2,col=2,title=unknown-function::no function"
        )


class TestTest:
    def test_each_statement_runs_on_the_file_beside_it(self, checks):
        done = preboard("test", checks(GOOD, "~ id: other ~ $[*][]"))

        assert done.stdout.decode().split("\n") == [
            "passed      in/checks.csvpath: good, on in/towns.csv",
            "skipped     in/checks.csvpath: other, its comment names no test-data",
            "2 statements: 1 passed, 1 skipped",
            "",
        ]
        assert done.returncode == 0

    def test_a_test_that_fails_says_why_and_has_code_1(self, checks):
        done = preboard("test", checks(GOOD, BAD))

        assert b"FAILED      in/checks.csvpath: bad, on in/towns.csv\n" in done.stdout
        assert b"2 errors in 1 rule" in done.stdout
        assert done.stdout.endswith(b"2 statements: 1 passed, 1 FAILED\n")
        assert done.returncode == 1

    def test_the_comment_says_how_the_file_is_written(self, checks, here):
        (here / "in" / "semi.txt").write_text("id;city\n1;'Oslo;'\n")
        comment = "~ test-data: semi.txt test-delimiter: semi test-quotechar: single ~"
        statement = f'{comment} $[1*][ not.nocontrib(#city == "Oslo;") -> error("no") ]'

        assert preboard("test", checks(statement)).returncode == 0

    @pytest.mark.parametrize(
        ("comment", "told"),
        [
            ("test-data: missing.csv", "there is no file in/missing.csv"),
            ("test-data: ../outside.csv", "leads out of the directory of the checks"),
            ("test-data: /etc/passwd", "leads out of the directory of the checks"),
            ("test-data: link.csv", "leads out of the directory of the checks"),
            ("test-data:", "test-data names no file"),
            ("test-data: towns.csv test-delimiter: ab", "in/checks.csvpath:1:"),
        ],
    )
    def test_what_cannot_be_tested_has_code_3(self, checks, here, comment, told):
        (here / "outside.csv").write_text("a\n")
        (here / "in" / "link.csv").symlink_to(here / "outside.csv")

        done = preboard("test", checks(f"~ id: x {comment} ~ $[*][]"))

        assert told in done.stderr.decode()
        assert b"1 statement: 1 not tested\n" in done.stdout
        assert done.returncode == 3

    def test_one_wrong_statement_is_not_tested_around(self, checks):
        done = preboard("test", checks(GOOD, "$[*][ xyzzy() ]"), "missing")

        assert b"in/checks.csvpath:3:7 error[unknown-function]" in done.stderr
        assert b"error: there is no file missing" in done.stderr
        assert done.stdout == b"2 files not tested\n"
        assert done.returncode == 3

    def test_to_test_nothing_is_no_success(self, checks):
        done = preboard("test", checks("~ id: other ~ $[*][]"))

        assert b"error: nothing was tested" in done.stderr
        assert done.returncode == 3

    def test_empty_test_data_is_no_success(self, checks, here):
        (here / "in" / "towns.csv").write_text("")

        assert preboard("test", checks(GOOD)).returncode == 1
        assert preboard("test", checks(GOOD), "--allow-empty").returncode == 0


class TestFmt:
    UGLY = '~ id: a ~ $[1*][#city=="Oslo" @n=count()]'
    NICE = '~ id: a ~\n$[1*][\n    #city == "Oslo"\n    @n = count()\n]\n'

    def test_a_file_is_put_in_its_form_once(self, checks, here):
        path = here / checks(self.UGLY, "$[1][]")
        path.chmod(0o640)

        first = preboard("fmt", "in/checks.csvpath")
        second = preboard("fmt", "in/checks.csvpath")

        assert path.read_text() == f"{self.NICE}---- CSVPATH ----\n$[1][]\n"
        assert path.stat().st_mode & 0o777 == 0o640
        assert first.stdout == b"reformatted in/checks.csvpath\n1 file: 1 reformatted\n"
        assert second.stdout == b"1 file: 1 unchanged\n"
        assert (first.returncode, second.returncode) == (0, 0)
        assert sorted(os.listdir("in")) == ["checks.csvpath", "towns.csv"]  # noqa: PTH208

    def test_check_changes_nothing(self, checks, here):
        path = here / checks(self.UGLY)

        done = preboard("fmt", "--check", "in/checks.csvpath")

        assert path.read_text() == self.UGLY
        assert done.stdout == b"would reformat in/checks.csvpath\n1 file: 1 to reformat\n"
        assert done.returncode == 1

    @pytest.mark.parametrize("wrong", ["$[*][ xyzzy() ]", "~ a ~ stray $[*][]"])
    def test_a_faulty_file_stays_as_it_is_and_others_do_not(self, checks, here, wrong):
        path = here / checks(self.UGLY, wrong)
        (here / "other").write_text(self.UGLY)

        done = preboard("fmt", "in/checks.csvpath", "other")

        assert path.read_text() == SEPARATOR.join([self.UGLY, wrong])
        assert (here / "other").read_text() == self.NICE
        assert done.stderr.startswith(b"in/checks.csvpath:3:")
        assert done.stdout == b"reformatted other\n2 files: 1 reformatted, 1 not formatted\n"
        assert done.returncode == 3

    def test_a_pipe_is_formatted(self):
        done = preboard("fmt", "-", given=self.UGLY.encode())
        wrong = preboard("fmt", "-", given=b"$[*")
        changed = preboard("fmt", "--check", "-", given=self.UGLY.encode())

        assert (done.stdout.decode(), done.returncode) == (self.NICE, 0)
        assert (wrong.stdout, wrong.returncode) == (b"", 3)
        assert (changed.stdout, changed.returncode) == (b"", 1)


class TestFunctions:
    def test_all_are_listed_by_group(self):
        done = preboard("functions")
        lines = done.stdout.decode().split("\n")

        assert "counting" in lines
        assert any(line.startswith("  count()") for line in lines)
        assert done.returncode == 0

    @pytest.mark.parametrize("name", ["add", "add()", "sum", "error"])
    def test_one_is_shown(self, name):
        done = preboard("functions", name)

        assert done.stdout.split(b"(")[0] == name.removesuffix("()").encode()
        assert b"\nGroup: " in done.stdout
        assert b"\n\nFor example, on lines such as those of orders.csv:\n\n  $[" in done.stdout

    def test_a_terminal_has_its_forms_in_bold(self):
        written, _ = in_terminal("functions", "add")

        assert written.startswith(b"\x1b[1madd(")


class TestCompile:
    def test_the_python_for_the_headers_is_shown(self):
        done = preboard("compile", "--show", "in/towns.csv", "--statement", GOOD)

        assert done.stdout.startswith(b"# good\ndef consume(")
        assert b"r[1]" in done.stdout  # city is the second header
        assert done.returncode == 0

    def test_without_show_it_says_how_much_it_is(self):
        done = preboard("compile", "in/towns.csv", "--statement", GOOD)

        assert done.stdout.startswith(b"good: ")
        assert done.stdout.endswith(b" lines of Python for 2 headers\n")

    def test_headers_are_read_as_the_statement_says(self, here):
        (here / "a.csv").write_text("id;city\n1;Oslo\n")

        done = preboard(
            "compile", "a.csv", "--statement", "~ use-delimiter: semi ~ $[*][]",
            "--statement", "~ use-delimiter: comma ~ $[*][]",
        )  # fmt: skip

        assert b"2 headers" in done.stdout.split(b"\n")[0]
        assert b"1 header\n" in done.stdout

    @pytest.mark.parametrize(
        ("arguments", "told"),
        [
            (["missing.csv", "--statement", GOOD], b"there is no file missing.csv"),
            (["in/towns.csv", "--statement", "$[*][ xyzzy() ]"], b"error[unknown-function]"),
        ],
    )
    def test_what_cannot_be_compiled_has_code_3(self, arguments, told):
        done = preboard("compile", *arguments)

        assert told in done.stderr
        assert done.returncode == 3
