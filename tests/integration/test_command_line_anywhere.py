"""Every command ends well wherever it is started: without terminal, streams, files or rights.

It never ends in a traceback, never with a code that reads as "valid" when it could not do its work,
and never writes what it was not asked for.
"""

import os
import re
import shlex
import subprocess
import sys
from pathlib import Path

import pytest
import yaml  # type: ignore[import-untyped]
from tests.integration.program import AS_ROOT, POWERLESS, TIMEOUT_S, preboard, shell

ROOT = Path(__file__).parents[2]
STATEMENT = "$[1*][ yes() ]"

# What each command is given: words with {} for the file it reads.
COMMANDS = {
    "validate": ["validate", "{}", "--statement", STATEMENT],
    "check": ["check", "{}"],
    "test": ["test", "{}"],
    "fmt": ["fmt", "{}"],
    "sniff": ["sniff", "{}"],
    "compile": ["compile", "--show", "{}", "--statement", STATEMENT],
}
GIVEN = {"validate": "towns.csv", "sniff": "towns.csv", "compile": "towns.csv"}
ALL = [*COMMANDS, "functions"]


@pytest.fixture(autouse=True)
def here(tmp_path, monkeypatch):
    """Every test has a directory of its own, with a file of data and one of statements."""
    monkeypatch.chdir(tmp_path)
    (tmp_path / "towns.csv").write_text("id,city\n1,Oslo\n")
    (tmp_path / "checks.csvpath").write_text(f"~ test-data: towns.csv ~\n{STATEMENT}\n")
    return tmp_path


def words(command, file=None):
    if command == "functions":
        return ["functions"]
    if file is None:
        file = GIVEN.get(command, "checks.csvpath")
    return [word.replace("{}", file) for word in COMMANDS[command]]


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


@pytest.mark.parametrize("command", COMMANDS)
class TestFiles:
    def test_a_missing_file(self, command):
        done = preboard(*words(command, "missing"))

        ended(done, 3)
        assert b"there is no file missing" in done.stderr

    def test_a_directory(self, command):
        done = preboard(*words(command, "."))

        ended(done, 3)
        assert b". is a directory" in done.stderr

    def test_a_file_that_may_not_be_read(self, command, here):
        name = GIVEN.get(command, "checks.csvpath")
        (here / name).chmod(0)

        done = preboard(*words(command), before=POWERLESS if AS_ROOT else ())

        ended(done, 3)
        assert f"{name} may not be read".encode() in done.stderr

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


class TestProject:
    """What lies in the root of the repository for others to use."""

    def test_the_reference_page_has_the_help_of_every_command(self):
        page = (ROOT / "docs" / "reference" / "command-line.md").read_text()
        told = "".join(page.split())  # lines may end elsewhere

        for command in ALL:
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
