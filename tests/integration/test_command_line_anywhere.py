"""Every command ends well wherever it is started: without terminal, streams, files or rights.

It never ends in a traceback, never with a code that reads as "valid" when it could not do its work,
and never writes what it was not asked for.
"""

import os
import re
import shlex
import shutil
import signal
import subprocess
import sys
from pathlib import Path

import pytest
import yaml  # type: ignore[import-untyped]
from tests.integration.program import (
    AS_ROOT,
    POWERLESS,
    PROGRAM,
    TIMEOUT_S,
    in_terminal,
    preboard,
    shell,
)

from preboard.catalog.database import Database
from preboard.catalog.service.keys import Keys, Wished
from preboard.cli import commands
from preboard.cli.examples import EXAMPLES
from preboard.project.project import Project
from preboard.server.backups import back_up
from preboard.server.settings import make_home, read_settings

ROOT = Path(__file__).parents[2]
STATEMENT = "$[1*][ yes() ]"

# What each command is given: words with {} for the file it reads.
COMMANDS = {
    "validate": ["validate", "{}", "--statement", STATEMENT],
    "check": ["check", "{}"],
    "explain": ["explain", "{}", "--line", "1", "--statement", STATEMENT],
    "test": ["test", "{}"],
    "fmt": ["fmt", "{}"],
    "sniff": ["sniff", "{}"],
    "compile": ["compile", "--show", "{}", "--statement", STATEMENT],
}
# The same for those that work on a project, which PREBOARD_PROJECT names.
PROJECT = {
    "init": ["init", "new"],
    "register": ["register", "towns", "{}"],
    "load": ["load", "checks", "{}"],
    "run": ["run", "towns", "checks"],
    "find": ["find", "$checks.results.:last.0:data"],
    "get": ["get", "$towns.files.:last"],
    "trace": ["trace", "checks"],
    "list": ["list", "runs"],
    "remove": ["remove", "group", "checks", "--yes"],
    "verify": ["verify"],
    "config": ["config", "show"],
    "keys": ["keys", "list", "--home", "server"],
    "serve": ["serve", "--home", "server", "--port", "0", "--check"],
    "backup": ["backup", "--home", "server", "new.tar"],
    "restore": ["restore", "server.tar", "--home", "restored"],
    "migrate": ["migrate", "--home", "server"],
}
GIVEN = {
    "register": "towns.csv",
    "validate": "towns.csv",
    "explain": "towns.csv",
    "sniff": "towns.csv",
    "compile": "towns.csv",
}
ALL = [*COMMANDS, "functions", *PROJECT]
TAKING = [*COMMANDS, "register", "load"]

# The same with what takes long to be written: more than any pipe holds.
LARGE = {
    "validate": ["validate", "large.csv", "--statement", '$[1*][ error("odd") ]', "--format=csv"],
    "check": ["check", "large.csvpath"],
    "explain": ["explain", "towns.csv", "--line", "1", "--file", "large.csvpath"],
    "test": ["test", "large.csvpath"],
    "fmt": ["fmt", "-"],
    "sniff": ["sniff", *["towns.csv"] * 500],
    "compile": ["compile", "--show", "towns.csv", "--file", "large.csvpath"],
    "load": ["load", "--json", "many", "many.csvpath"],
    "find": ["find", "$many.csvpaths.:all"],
    "get": ["get", "$many.csvpaths.:all"],
    "list": ["list", "groups"],
}
SHORT = {
    "functions",
    "init",
    "register",
    "run",
    "trace",
    "remove",
    "verify",
    "config",
    "keys",
    "serve",
    "backup",
    "restore",
    "migrate",
}
CODES = {"validate": 1}


MANY = "---- CSVPATH ----\n".join(
    f"~ id: a-statement-with-a-name-that-is-long-{number} ~ {STATEMENT}\n" for number in range(300)
)


@pytest.fixture(scope="module")
def project(tmp_path_factory):
    """A project with a file, two groups and a run, to be copied."""
    directory = tmp_path_factory.mktemp("project") / "acme"
    towns = directory.with_name("towns.csv")
    towns.write_text("id,city\n1,Oslo\n")
    with Project.create(directory) as made:
        made.register("towns", towns)
        made.load_group("checks", [STATEMENT])
        made.load_group("many", [MANY])
        made.run("towns", "checks")
    settings = read_settings(directory.with_name("server"))
    make_home(settings)
    database = Database(settings.catalog_url)
    Keys(database).create_first(Wished(owner="o1", name="first"))
    database.close()
    back_up(settings, directory.with_name("server.tar"))
    return directory


@pytest.fixture(autouse=True)
def here(tmp_path, monkeypatch, project):
    """Every test has a directory of its own: data, statements, a project, the home of a server."""
    monkeypatch.chdir(tmp_path)
    monkeypatch.setenv("PREBOARD_PROJECT", "home")
    shutil.copytree(project, tmp_path / "home")
    shutil.copytree(project.with_name("server"), tmp_path / "server")
    shutil.copy(project.with_name("server.tar"), tmp_path)
    (tmp_path / "towns.csv").write_text("id,city\n1,Oslo\n")
    (tmp_path / "checks.csvpath").write_text(f"~ test-data: towns.csv ~\n{STATEMENT}\n")
    return tmp_path


def words(command, file=None):
    if command == "functions":
        return ["functions"]
    if file is None:
        file = GIVEN.get(command, "checks.csvpath")
    named = ["--file-name", "towns.csv"] if (command, file) == ("register", "-") else []
    return [*(word.replace("{}", file) for word in {**COMMANDS, **PROJECT}[command]), *named]


def untimed(text):
    """Return an answer without the time that is the name of a run, or a port that was free."""
    text = re.sub(rb"127\.0\.0\.1:\d+", b"127.0.0.1:0", text)
    return re.sub(rb"2\d{3}-[\d_-]+", b"2000", text)


def ended(done, code):
    assert b"Traceback" not in done.stderr
    assert b"internal error" not in done.stderr
    assert done.returncode == code


@pytest.mark.parametrize("command", ALL)
class TestStreams:
    def test_without_any_terminal_and_in_a_session_of_its_own(self, command):
        done = shell(f"setsid preboard {shlex.join(words(command))} </dev/null")

        ended(done, 0)
        assert done.stdout

    def test_with_standard_input_closed(self, command):
        ended(shell(f"preboard {shlex.join(words(command))} <&-"), 0)

    def test_with_standard_output_closed(self, command):
        done = shell(f"preboard {shlex.join(words(command))} >&-")

        ended(done, 0)
        assert done.stderr == b""

    def test_with_standard_error_closed(self, command):
        ended(shell(f"preboard {shlex.join(words(command))} 2>&-"), 0)

    def test_with_all_of_them_closed(self, command):
        ended(shell(f"preboard {shlex.join(words(command))} <&- >&- 2>&-"), 0)

    def test_with_a_reader_that_went_away(self, command):
        done = shell(f"{{ sleep 0.1; preboard {shlex.join(words(command))}; echo $? >&2; }} | true")

        assert done.stderr == b"0\n"

    @pytest.mark.skipif(not Path("/dev/full").exists(), reason="needs /dev/full")
    def test_with_a_full_disk(self, command):
        done = shell(f"preboard {shlex.join(words(command))} >/dev/full")

        ended(done, 3)
        assert b"the answer could not be written" in done.stderr

    def test_help(self, command):
        done = preboard(command, "--help")

        ended(done, 0)
        assert done.stdout.isascii()
        assert b"Exits with 0" in done.stdout


def test_every_command_is_in_the_tables_of_this_module():
    assert sorted(ALL) == sorted(commands.COMMANDS)
    assert sorted([*LARGE, *SHORT]) == sorted(ALL)


@pytest.mark.parametrize("command", ALL)
class TestTerminal:
    def test_no_colour_where_none_is_wanted(self, command):
        written, code = in_terminal(*words(command), NO_COLOR="1")

        assert code == 0
        assert written
        assert b"\x1b" not in written

    def test_the_answer_is_the_same_without_its_colours(self, command):
        preboard(*words(command))  # what is to be formatted is, and what is to be made
        coloured, _ = in_terminal(*words(command), COLUMNS="80")
        plain, _ = in_terminal(*words(command), COLUMNS="80", NO_COLOR="1")

        assert untimed(re.sub(rb"\x1b\[[0-9;]*m", b"", coloured)) == untimed(plain)


@pytest.mark.parametrize("command", TAKING)
class TestArguments:
    def test_a_name_that_begins_with_a_dash(self, command, here):
        name = GIVEN.get(command, "checks.csvpath")
        (here / name).rename(here / "-x")
        (here / "towns.csv").write_text("id,city\n1,Oslo\n")

        rest = [word for word in {**COMMANDS, **PROJECT}[command] if word != "{}"]
        done = preboard(*rest, "--", "-x")

        ended(done, 0)

    def test_a_name_that_is_no_text(self, command):
        done = preboard(*words(command, os.fsdecode(b"latin-\xe4")), env={"PYTHONUTF8": "1"})

        ended(done, 3)
        assert re.search(rb"latin-\\\\?(xe4|udce4)", done.stderr)

    def test_an_option_that_there_is_not(self, command):
        done = preboard(*words(command), "--statment")

        ended(done, 2)
        assert b"No such option: --statment" in done.stderr
        assert f"Try 'preboard {command} --help'".encode() in done.stderr


@pytest.mark.parametrize("command", ["validate", "compile", "explain"])
def test_a_statement_that_is_no_text(command):
    """It would be a rule that never holds."""
    statement = os.fsdecode(b'$[*][ #0 == "\xe4" ]')

    given = [word.replace(STATEMENT, statement) for word in words(command)]
    done = preboard(*given, env={"PYTHONUTF8": "1"})

    ended(done, 3)
    assert b"<statement>:1:14 error[encoding]: \\xe4 is not UTF-8\n" in done.stderr


def test_the_name_of_a_function_that_is_no_text():
    done = preboard("functions", os.fsdecode(b"\xff"))

    ended(done, 2)
    assert b"\\xff" in done.stderr


@pytest.mark.parametrize("command", TAKING)
def test_interrupted_while_it_reads(command, here):
    """It ends with 130, as shells tell of Ctrl-C, says nothing, and leaves nothing behind."""
    before = sorted(here.iterdir())
    process = subprocess.Popen(
        [*PROGRAM, *words(command, "-")],
        stdin=subprocess.PIPE,
        stdout=subprocess.PIPE,
        stderr=subprocess.PIPE,
        # A shell starts jobs in the background with the signal switched off.
        preexec_fn=lambda: signal.signal(signal.SIGINT, signal.SIG_DFL),  # noqa: PLW1509
    )
    assert process.stdin
    process.stdin.write(b"a," * 100_000)  # more than a pipe holds, and no end of a line
    process.stdin.flush()

    process.send_signal(signal.SIGINT)
    stdout, stderr = process.communicate(timeout=TIMEOUT_S)

    assert (stdout, stderr, process.returncode) == (b"", b"", 130)
    assert sorted(here.iterdir()) == before


@pytest.mark.parametrize("command", LARGE)
class TestLongAnswers:
    @pytest.fixture(autouse=True)
    def large(self, here):
        (here / "large.csv").write_text("id,city\n" + "1,Oslo\n" * 20_000)
        one = f"~ id: a-statement-with-a-name test-data: towns.csv ~ {STATEMENT}\n"
        (here / "large.csvpath").write_text("---- CSVPATH ----\n".join([one] * 300))
        (here / "many.csvpath").write_text(MANY)

    def test_are_written_whole(self, command, here):
        with (here / "large.csvpath").open("rb") as statements:
            done = preboard(*LARGE[command], given=statements.read())

        ended(done, CODES.get(command, 0))
        assert done.stderr == b""
        if command != "check":  # which has little to say of what is right
            assert len(done.stdout) > 10_000

    def test_may_be_read_in_part(self, command):
        """The exit code is that of the check, not of the pipe."""
        line = f"preboard {shlex.join(LARGE[command])} <large.csvpath"
        done = shell(f"{{ {line}; echo $? >&2; }} | head -c 10")

        assert len(done.stdout) == 10
        assert done.stderr == b"%d\n" % CODES.get(command, 0)


@pytest.mark.parametrize("command", TAKING)
class TestFiles:
    def test_a_missing_file(self, command):
        done = preboard(*words(command, "missing"))

        ended(done, 3)
        assert re.search(rb"there is no file '?(\S*/)?missing", done.stderr)

    def test_a_directory(self, command, here):
        """A project takes the files in it, where there are any."""
        (here / "empty").mkdir()
        done = preboard(*words(command, "empty"))

        if command == "register":
            ended(done, 0)
            assert done.stderr == b"there was no file to register\n"
        else:
            ended(done, 3)
            assert re.search(rb"empty is a directory|has no statement", done.stderr)

    def test_a_file_that_may_not_be_read(self, command, here):
        name = GIVEN.get(command, "checks.csvpath")
        (here / name).chmod(0)

        done = preboard(*words(command), before=POWERLESS if AS_ROOT else ())

        ended(done, 3)
        assert re.search(rf"{name}'? (may not|can't) be read".encode(), done.stderr)

    def test_an_empty_name(self, command):
        """So does a variable of the shell arrive that is not set."""
        done = preboard(*words(command, ""))

        ended(done, 2)
        assert b"the name of a file is empty" in done.stderr

    @pytest.mark.parametrize("name", ["x" * 5000, "loop"])
    def test_a_name_that_leads_nowhere(self, command, here, name):
        (here / "loop").symlink_to("loop")

        ended(preboard(*words(command, name)), 3)

    def test_standard_input_that_is_closed(self, command):
        done = shell(f"preboard {shlex.join(words(command, '-'))} <&-")

        ended(done, 3)
        assert b"standard input is closed" in done.stderr

    def test_nothing_is_written_that_was_not_asked_for(self, command, here):
        before = sorted(here.iterdir())
        (here / "checks.csvpath").write_text("$[1*][\n    yes()\n]\n")

        preboard(*words(command))

        assert sorted(here.iterdir()) == before


def test_a_file_that_may_not_be_written_stays_as_it_is(here):
    path = here / "checks.csvpath"
    path.chmod(0o400)

    done = preboard("fmt", "checks.csvpath", before=POWERLESS if AS_ROOT else ())

    ended(done, 3)
    assert b"error: checks.csvpath cannot be written: Permission denied" in done.stderr
    assert path.read_text().startswith("~ test-data: towns.csv ~\n$[1*][ yes() ]")


@pytest.mark.parametrize("line", [line for lines in EXAMPLES.values() for line in lines])
def test_the_examples_of_the_help_run(line, here):
    for name in ("orders.csv", "checks.csvpath"):
        shutil.copy(ROOT / "examples" / "orders" / name, here)
    (here / "towns.csv").unlink()
    checks = (here / "checks.csvpath").read_text()
    if line.split()[1] in PROJECT:
        with Project.open("home") as project:
            project.register("orders", "orders.csv")
            project.load_group("checks", Path("checks.csvpath"))
            project.run("orders", "checks")
    if line.startswith("preboard test"):
        (here / "checks.csvpath").write_text(checks.replace("~ id:", "~ test-data: orders.csv id:"))

    if line.startswith("preboard serve"):  # which would go on
        line = f"{line.removesuffix(' --check')} --port 0 --check"

    done = shell(line)

    assert b"rror: " not in done.stderr
    judges = re.search(r" (validate|test|fmt --check|run) ", line)  # the orders have faults
    assert done.returncode == (1 if judges else 0)


def test_every_command_has_examples():
    assert sorted(EXAMPLES) == sorted(ALL)


class TestCompletion:
    @pytest.mark.parametrize("name", ["bash", "zsh", "fish"])
    def test_there_is_a_script_for_each_shell(self, name):
        done = preboard("--show-completion", name)

        ended(done, 0)
        assert b"_PREBOARD_COMPLETE" in done.stdout

    @pytest.mark.parametrize(
        ("line", "offered"),
        [
            ("preboard ", {"validate", "check", "test", "fmt", "functions", "compile"}),
            ("preboard validate --format j", {"json", "jsonl", "junit"}),
            ("preboard functions count_h", {"count_headers", "count_headers_in_line"}),
        ],
    )
    def test_commands_and_values_are_offered(self, line, offered):
        done = preboard(
            env={
                "_PREBOARD_COMPLETE": "complete_bash",
                "COMP_WORDS": line,
                "COMP_CWORD": str(line.count(" ")),
            }
        )

        assert offered <= set(done.stdout.decode().split())

    @pytest.mark.parametrize(
        ("shell_name", "offered"),
        [
            ("zsh", "_arguments '*: :((--fail-on-unmatched:\"A line "),
            ("fish", "--fail-on-unmatched\tA line that "),
        ],
    )
    def test_other_shells_get_what_they_read(self, shell_name, offered):
        """A word a line, with its help behind it."""
        done = preboard(
            env={
                "_PREBOARD_COMPLETE": f"complete_{shell_name}",
                "_TYPER_COMPLETE_ARGS": "preboard validate --fail-on",
                "_TYPER_COMPLETE_FISH_ACTION": "get-args",
            }
        )

        text = done.stdout.decode().replace('"--fail-on-unmatched"', "--fail-on-unmatched")
        assert text.startswith(offered)
        assert text.count("\n") == 2
        assert done.returncode == 0

    @pytest.mark.skipif(not shutil.which("bash"), reason="needs bash")
    @pytest.mark.parametrize(
        ("line", "offered"),
        [
            ("preboard ", set(commands.COMMANDS)),
            ("preboard va", {"validate"}),
            ("preboard validate --fail-on", {"--fail-on-unmatched", "--fail-on-findings"}),
            ("preboard functions count_l", {"count_lines"}),
            ("preboard run t", {"towns"}),
            ("preboard run towns ch", {"checks"}),
            ("preboard run --project home towns m", {"many"}),
            ("preboard register to", {"towns"}),
            ("preboard load ", {"checks", "many"}),
        ],
    )
    def test_bash_completes_with_the_script(self, here, line, offered):
        """Bash itself reads the script, and asks the program as it does for the key Tab."""
        (here / "preboard").write_text(f'#!/bin/sh\nexec {shlex.join(PROGRAM)} "$@"\n')
        (here / "preboard").chmod(0o755)
        (here / "script").write_bytes(preboard("--show-completion", "bash").stdout)
        typed = line.split(" ")
        code = (
            "PATH=.:$PATH; . ./script\n"
            f"COMP_WORDS=({shlex.join(typed)}); COMP_CWORD={len(typed) - 1}; COMP_LINE={line!r}\n"
            "function=$(complete -p preboard | sed 's/.* -F \\([^ ]*\\).*/\\1/')\n"
            f'"$function" preboard {shlex.quote(typed[-1])}\n'
            'printf "%s\\n" "${COMPREPLY[@]}"\n'
        )

        done = subprocess.run(
            ["bash", "--norc", "-c", code], capture_output=True, timeout=TIMEOUT_S, check=False
        )

        assert done.stderr == b""
        assert offered <= set(done.stdout.decode().split())


class TestProject:
    """What lies in the root of the repository for others to use."""

    def test_the_reference_page_has_the_help_of_every_command(self):
        page = (ROOT / "docs" / "reference" / "command-line.md").read_text()
        told = "".join(page.split())  # lines may end elsewhere

        for command in commands.COMMANDS:
            done = preboard(command, "--help", env={"COLUMNS": "100", "NO_COLOR": "1"})
            assert f"## preboard {command}\n" in page
            assert "".join(done.stdout.decode().split()) in told, "run `make docs`"

    def test_hooks_start_commands_that_are_there(self):
        hooks = yaml.safe_load((ROOT / ".pre-commit-hooks.yaml").read_text())

        assert [hook["id"] for hook in hooks] == [
            "preboard-check", "preboard-fmt", "preboard-validate",
        ]  # fmt: skip
        for hook in hooks:
            program, command = hook["entry"].split()
            assert program == "preboard"
            assert command in ALL
            assert hook["language"] == "python"
            re.compile(hook["files"])

    def test_hooks_are_what_pre_commit_takes(self):
        done = subprocess.run(
            [sys.executable, "-m", "pre_commit", "validate-manifest", ".pre-commit-hooks.yaml"],
            cwd=ROOT,
            capture_output=True,
            timeout=TIMEOUT_S,
            check=False,
        )

        assert (done.stdout + done.stderr, done.returncode) == (b"", 0)

    def test_the_action_uses_only_inputs_that_it_declares(self):
        """And none of them as text of a script, where it could become a command."""
        action = yaml.safe_load((ROOT / "action.yml").read_text())
        steps = action["runs"]["steps"]
        scripts = [step["run"] for step in steps if "run" in step]
        used = set(re.findall(r"inputs\.([\w-]+)", str(steps)))

        assert action["runs"]["using"] == "composite"
        assert used == set(action["inputs"])
        assert all("${{" not in script for script in scripts)
        assert all("shell" in step for step in steps if "run" in step)

    def run_script(self, **inputs):
        """Run the script of the action that checks, as the runner would."""
        action = yaml.safe_load((ROOT / "action.yml").read_text())
        (step,) = [s for s in action["runs"]["steps"] if s.get("id") == "validate"]
        defaults = {name: about.get("default", "") for name, about in action["inputs"].items()}
        values = {**defaults, **{name.replace("_", "-"): v for name, v in inputs.items()}}
        variables = {
            name: values[text.removeprefix("${{ inputs.").removesuffix(" }}")]
            for name, text in step["env"].items()
        }
        path = f"{Path(sys.executable).parent}{os.pathsep}{os.environ['PATH']}"  # noqa: TID251
        return subprocess.run(
            ["bash", "-euo", "pipefail", "-c", step["run"]],
            env={"PATH": path, **variables},
            capture_output=True,
            timeout=TIMEOUT_S,
            check=False,
        )

    def test_the_script_of_the_action_checks_all_that_the_patterns_find(self, here):
        shutil.rmtree("home")  # the project has files of its own
        (here / "deep" / "er").mkdir(parents=True)
        (here / "deep" / "er" / "a b.csv").write_text("id,city\n")

        done = self.run_script(data="**/*.csv\n", checks="checks.csvpath\n")

        assert b"::error file=deep/er/a b.csv," in done.stdout
        assert b"towns.csv" not in done.stdout
        assert done.returncode == 1

    def test_the_script_of_the_action_takes_further_options(self):
        done = self.run_script(
            data="towns.csv", checks="checks.csvpath", format="table", args="--allow-empty"
        )

        assert b"valid" in done.stdout
        assert done.returncode == 0

    def test_the_script_of_the_action_fails_where_there_is_nothing(self):
        done = self.run_script(data="none/*.csv", checks="checks.csvpath")

        assert b"::error::no file matches none/*.csv" in done.stdout
        assert done.returncode == 3
