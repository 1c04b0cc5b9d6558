"""The commands of a project: made, fed, run, looked at; in one process each test."""

import io
import json
import subprocess
import sys

import pytest
from sqlalchemy import update
from tests.integration.program import at_terminal, in_terminal, preboard

from preboard.catalog.tables import runs
from preboard.cli.app import run
from preboard.errors import DataError
from preboard.project.project import Project

ORDERS = "id,country\n1,DE\n2,XX\n"
RULES = '~ id: countries ~ $[1*][ not.nocontrib(in(#country, "DE|FR")) -> error("not there") ]\n'
PICKS = '~ id: picks ~ $[1*][ #country == "DE" ]\n'


@pytest.fixture
def acme(tmp_path, monkeypatch):
    """A project that is the working directory, with a file and statements beside it."""
    monkeypatch.delenv("PREBOARD_PROJECT", raising=False)
    Project.create(tmp_path / "acme").close()
    incoming = tmp_path / "in"
    incoming.mkdir()
    (incoming / "orders.csv").write_text(ORDERS)
    (incoming / "rules.csvpaths").write_text(f"{RULES}---- CSVPATH ----\n{PICKS}")
    monkeypatch.chdir(tmp_path / "acme")
    return tmp_path / "acme"


@pytest.fixture
def cli(acme, capsysbinary):  # noqa: ARG001 - it is the working directory
    """Return what runs a command line in this process: its code, its answer, its messages."""

    def ran(*words):
        code = run(words)
        out, err = capsysbinary.readouterr()
        return code, out.decode(), err.decode()

    return ran


@pytest.fixture
def fed(acme, cli):
    """The same project with a version, a group and a run."""
    assert cli("register", "orders", "../in/orders.csv")[0] == 0
    assert cli("load", "rules", "../in/rules.csvpaths")[0] == 0
    assert cli("run", "orders", "rules")[0] == 1
    return acme


class TestInit:
    def test_says_where_the_settings_are(self, tmp_path, monkeypatch, cli):
        monkeypatch.chdir(tmp_path)

        assert cli("init", "deep/acme") == (
            0, "deep/acme is a project; its settings are in deep/acme/config/config.ini\n", "",
        )  # fmt: skip
        assert (tmp_path / "deep/acme/config/config.ini").is_file()

    def test_leaves_a_project_that_is_there_alone(self, acme, cli):
        before = (acme / "config/config.ini").read_bytes()

        assert cli("init", ".") == (3, "", "error: . is a project already\n")
        assert (acme / "config/config.ini").read_bytes() == before

    def test_refuses_an_empty_name(self, cli):
        code, _, err = cli("init", "")

        assert code == 2
        assert "the name of a directory is empty" in err


class TestWhichProject:
    def test_the_working_directory_may_lie_deep_in_it(self, fed, monkeypatch, cli):
        monkeypatch.chdir(fed / "inputs" / "named_files")

        assert cli("list", "files")[1].startswith("NAME")

    @pytest.mark.parametrize("place", ["in", ".."])
    def test_none_is_told_with_what_to_do(self, fed, monkeypatch, cli, place):
        monkeypatch.chdir(fed.parent / place)

        code, out, err = cli("list", "files")

        assert (code, out) == (3, "")
        assert "lies in no project\n  hint: preboard init DIR makes one" in err

    def test_the_option_names_one(self, fed, monkeypatch, cli):
        monkeypatch.chdir(fed.parent)

        assert cli("find", "orders", "--project", "acme")[0] == 0
        assert cli("find", "orders", "--project", "in")[0] == 3

    @pytest.mark.usefixtures("fed")
    def test_an_empty_option_is_no_directory(self, cli):
        """An unset variable must not mean the working directory."""
        assert cli("list", "files", "--project", "")[0] == 2

    def test_the_environment_names_one(self, fed):
        assert preboard("find", "orders", env={"PREBOARD_PROJECT": str(fed)}).returncode == 0
        assert preboard("find", "orders", env={"PREBOARD_PROJECT": "/nowhere"}).returncode == 3

    def test_settings_that_are_wrong(self, fed, cli):
        config = fed / "config" / "config.ini"
        config.write_text(config.read_text().replace("= halt", "= perhaps"))

        code, out, err = cli("list", "files")

        assert (code, out) == (2, "")
        assert "on_unmatched_file_fingerprints" in err


class TestRegister:
    def test_answers_with_the_reference_and_the_place(self, cli):
        code, out, err = cli("register", "orders", "../in/orders.csv")

        reference, below = out.splitlines()
        assert (code, err) == (0, "")
        assert reference.startswith("$orders.files.")
        assert below.startswith("  21 bytes, 3 lines, inputs/named_files/orders/orders.csv/")

    def test_json_is_the_entry_of_the_manifest(self, acme, cli):
        _, out, _ = cli("register", "orders", "../in/orders.csv", "--partner", "alder", "--json")

        entry = json.loads(out)
        assert [entry] == json.loads((acme / "inputs/named_files/orders/manifest.json").read_text())
        assert entry["provenance"]["partner"] == "alder"

    def test_several_sources_are_versions_in_their_order(self, acme, cli):
        second = acme.parent / "in" / "second.csv"
        second.write_text("id\n")

        code, out, _ = cli("register", "orders", "../in/second.csv", "../in/orders.csv", "--json")

        assert code == 0
        assert [json.loads(line)["file_name"] for line in out.splitlines()] == [
            "second.csv", "orders.csv",
        ]  # fmt: skip

    def test_all_are_tried_when_one_is_refused(self, cli):
        code, out, err = cli("register", "orders", "../in/none.csv", "../in/orders.csv")

        assert code == 3
        assert out.startswith("$orders.files.")
        assert err.count("error: there is no file") == 1

    def test_a_directory_with_a_name_gives_versions_of_it(self, acme, cli):
        (acme.parent / "in" / "more.csv").write_text("id\n")

        code, out, _ = cli("register", "all", "../in", "--json")

        assert code == 0
        assert [json.loads(line)["reference"].split(".")[0] for line in out.splitlines()] == [
            "$all", "$all",
        ]  # fmt: skip

    def test_a_directory_alone_gives_each_file_its_name(self, acme, cli):
        (acme.parent / "in" / "more.csv").write_text("id\n")

        assert cli("register", "../in", "--match", "more|orders")[0] == 0
        assert [line.split()[0] for line in cli("list", "files")[1].splitlines()[1:]] == [
            "more", "orders",
        ]  # fmt: skip

    @pytest.mark.parametrize(
        ("words", "shown"),
        [
            (["register", "orders", "../in/none.csv"], "../in/none.csv"),
            (["register", "orders", "none.csv"], "none.csv"),
            (["register", "none.json"], "none.json"),
            (["load", "rules", "../in/none.csvpaths"], "../in/none.csvpaths"),
            (["load", "rules", "/nowhere/none.csvpaths"], "/nowhere/none.csvpaths"),
        ],
    )
    def test_a_path_is_told_as_it_was_given(self, cli, words, shown):
        assert cli(*words) == (3, "", f"error: there is no file '{shown}'\n")

    def test_a_mapping_names_each_file(self, acme, cli):
        (acme.parent / "in" / "files.json").write_text('{"sales": "orders.csv"}')

        code, out, _ = cli("register", "../in/files.json")

        assert code == 0
        assert out.startswith("$sales.files.")

    def test_standard_input_needs_a_name(self, cli, monkeypatch):
        assert cli("register", "orders", "-")[0] == 2
        monkeypatch.setattr(sys, "stdin", io.TextIOWrapper(io.BytesIO(ORDERS.encode())))
        code, out, _ = cli("register", "orders", "-", "--file-name", "o.csv", "--json")

        assert code == 0
        assert json.loads(out)["file_name"] == "o.csv"

    @pytest.mark.parametrize(
        ("words", "code", "said"),
        [
            (["orders"], 2, "NAME or SOURCE is missing"),
            (["../in/orders.csv"], 2, "did you mean preboard register NAME ../in/orders.csv"),
            (["orders", ""], 2, "the name of a file is empty"),
            (["a/b", "../in/orders.csv"], 3, "'a/b' can't be the name of a named-file"),
            (["../x", "../in/orders.csv"], 3, "'../x' can't be the name of a named-file"),
            (["a\x1b[31m", "../in/orders.csv"], 3, "'a\\x1b[31m' can't be"),
            (["orders", "../in/none\x1b[31m.csv"], 3, "none\\x1b[31m.csv"),
            (["o", "../in/orders.csv", "--template", "../:filename"], 3, "template"),
            (["o", "../in/orders.csv", "--file-name", "../x.csv"], 3, "'../x.csv' can't be"),
            (["o", "a", "b", "--file-name", "x.csv"], 2, "--file-name names one file"),
            (["o", "../in", "--file-name", "x.csv"], 2, "--file-name names one file"),
            (["o", "https://example.org/a.csv"], 3, "loading files over HTTP is not allowed"),
        ],
    )
    def test_what_cannot_be_is_told(self, acme, cli, words, code, said):
        found, out, err = cli("register", *words)

        assert (found, out) == (code, "")
        assert said in err
        assert "\x1b" not in err
        assert not (acme / "inputs/named_files/x").exists()


class TestLoad:
    def test_answers_with_the_identities(self, cli):
        assert cli("load", "rules", "../in/rules.csvpaths") == (
            0, "rules: 2 statements: countries, picks\n", "",
        )  # fmt: skip

    def test_a_group_that_is_broken_is_told_whole(self, acme, cli):
        (acme.parent / "bad.csvpath").write_text(
            "~ id: a ~ $[*][ integr(#id) ]\n---- CSVPATH ----\n~ id: b ~ $[*][ yes( ]\n"
        )

        code, out, err = cli("load", "bad", "../bad.csvpath")

        assert (code, out) == (3, "")
        assert err.startswith("error: the group 'bad' can't be loaded; nothing is changed\n")
        assert "hint: did you mean integer()?" in err
        assert "the parenthesis of yes() is never closed" in err
        assert cli("list", "groups") == (0, "", "there are no groups yet\n")

    def test_without_a_group_each_file_is_one(self, acme, cli):
        (acme.parent / "in" / "more.csvpath").write_text("$[*][ yes() ]")

        code, out, _ = cli("load", "../in")

        assert (code, out) == (0, "more: 1 statement: 0\nrules: 2 statements: countries, picks\n")

    def test_of_several_groups_all_that_are_broken_are_told(self, acme, cli):
        for name in ("one", "two"):
            (acme.parent / "in" / f"{name}.csvpath").write_text(f"$[*][ {name}() ]")

        code, out, err = cli("load", "../in")

        assert (code, out) == (3, "")
        assert "error: the group 'one' can't be loaded; nothing is changed\n" in err
        assert "error: the group 'two' can't be loaded; nothing is changed\n" in err
        assert cli("list", "groups")[1] == ""

    def test_warns_of_what_a_definition_says_and_nobody_understands(self, acme, cli):
        definition = {
            "rules": ["rules.csvpaths"], "_config": {"groups": {"rules": {"templat": ":run_dir"}}}
        }  # fmt: skip
        (acme.parent / "in" / "rules.json").write_text(json.dumps(definition))

        code, out, err = cli("load", "rules", "../in/rules.json")

        assert (code, out) == (0, "rules: 2 statements: countries, picks\n")
        assert err == (
            "warning: the definition of rules: _config.groups.rules: 'templat' is not known\n"
        )

    @pytest.mark.usefixtures("fed")
    def test_append_keeps_what_is_there(self, cli, monkeypatch):
        statement = b"~ id: third ~ $[*][ yes() ]"
        monkeypatch.setattr(sys, "stdin", io.TextIOWrapper(io.BytesIO(statement)))

        assert cli("load", "rules", "-", "--append") == (
            0, "rules: 3 statements: countries, picks, third\n", "",
        )  # fmt: skip

    @pytest.mark.parametrize(
        ("words", "said"),
        [
            (["g", "a", "b"], "a group has one SOURCE"),
            (["../in", "--append"], "--append needs the GROUP"),
            (["-"], "needs the name of a GROUP"),
            (["g", ""], "the name of a file is empty"),
        ],
    )
    def test_a_command_line_that_is_wrong(self, cli, words, said):
        code, _, err = cli("load", *words)

        assert code == 2
        assert said in err


class TestRun:
    def test_says_what_each_statement_found_and_where_it_lies(self, fed, cli):
        code, out, err = cli("run", "orders", "rules")

        head, first, error, second, home = out.splitlines()
        assert (code, err) == (1, "")
        assert head.startswith("$rules.results.2")
        assert head.endswith(": INVALID")
        assert first == "  countries  INVALID, 1 error"
        assert error == "    line 2 (text line 3), country = 'XX': not there"
        assert second == "  picks      valid"
        assert (fed / home.strip() / "picks" / "data.csv").read_text() == "1,DE\n"

    @pytest.mark.usefixtures("fed")
    def test_json_names_the_files(self, cli):
        code, out, _ = cli("run", "orders", "rules#picks", "--json")

        document = json.loads(out)
        assert (code, document["valid"], document["error_count"]) == (0, True, 0)
        (instance,) = document["instances"]
        assert instance["identity"] == "picks"
        assert "data.csv" in instance["files"]

    @pytest.mark.usefixtures("fed")
    def test_shows_some_errors_and_what_was_printed(self, cli, monkeypatch):
        statement = (
            b'~ id: loud ~ $[1*][ error("\x1b[31m odd") print("line $.csvpath.line_number") ]'
        )
        monkeypatch.setattr(sys, "stdin", io.TextIOWrapper(io.BytesIO(statement)))
        cli("load", "loud", "-")

        out = cli("run", "orders", "loud", "--max-errors", "1")[1].splitlines()

        assert out[1] == "  loud  INVALID, 2 errors"
        assert out[2].startswith("    line 1 (text line 2)")
        assert out[3].startswith("    1 more: preboard get '$loud.results.2")
        assert out[3].endswith(".loud:errors'")
        assert out[4:6] == ["    | line 1", "    | line 2"]
        assert not any("\x1b" in line for line in out)

    def test_several_files_need_each(self, fed, cli):
        (fed / "other.csv").write_text("id,country\n1,FR\n")
        cli("register", "orders", "other.csv")

        code, _, err = cli("run", "$orders.files.:all", "rules")
        assert code == 3
        assert "means 2 files\n  hint: run_each() runs all of them, --each" in err

        code, out, _ = cli("run", "$orders.files.:all", "rules", "--each", "--json")
        assert code == 1
        assert [json.loads(line)["valid"] for line in out.splitlines()] == [False, True]

    def test_the_dialect_can_be_told(self, fed, cli):
        (fed / "odd.csv").write_text("id~country\n1~DE\n")
        cli("register", "odd", "odd.csv")

        assert cli("run", "odd", "rules#countries", "--delimiter", "~")[0] == 0
        assert cli("run", "odd", "rules#countries", "--delimiter", "ab")[0] == 2

    @pytest.mark.parametrize(
        ("words", "code", "said"),
        [
            (["order", "rules"], 3, "there is no named-file 'order'\n  hint: did you mean orders?"),
            (["orders", "rule"], 3, "there is no group 'rule'\n  hint: did you mean rules?"),
            (["orders", "rules#none"], 3, "has no statement 'none'"),
            (["$rules.results.:last", "rules"], 3, "is a run, not a file"),
            (["$orders.files.:9", "rules"], 3, "there is no file '$orders.files.:9'"),
            (["orders", "rules", "--method", "x"], 2, "'x' is not one of 'collect_paths'"),
            (["orders", "rules", "--template", "../:run_dir"], 3, "template"),
            (["orders", "rules", "--timeout", "0"], 2, "must be more than 0"),
            (["", "rules"], 2, "the name of a file is empty"),
        ],
    )
    def test_what_cannot_be_run_is_told(self, fed, cli, words, code, said):
        found, out, err = cli("run", *words)

        assert (found, out) == (code, "")
        assert said in err
        assert len(list((fed / "archive" / "rules").iterdir())) == 1

    def test_data_that_ends_a_run_is_invalid(self, fed, cli):
        """The policy raise ends it at the first error, which is one of the data."""
        config = fed / "config" / "config.ini"
        config.write_text(config.read_text().replace("= collect, fail", "= raise, collect, fail"))

        (fed / "number.csvpath").write_text("~ id: number ~ $[1*][ integer(#country) ]")
        cli("load", "number", "number.csvpath")

        code, out, err = cli("run", "orders", "number")

        assert (code, out) == (1, "")
        assert err.startswith("error: line 1: ")

    def test_without_raise_for_runs_the_others_go_on(self, fed, cli):
        config = fed / "config" / "config.ini"
        config.write_text(config.read_text().replace("= raise, collect", "= collect"))
        (fed / "two.csvpaths").write_text(
            "~ id: number validation-mode: raise ~ $[1*][ integer(#country) ]\n"
            "---- CSVPATH ----\n~ id: all ~ $[*][ yes() ]"
        )
        cli("load", "two", "two.csvpaths")

        code, out, err = cli("run", "orders", "two")

        assert (code, err) == (1, "")
        assert "  number  INVALID, 1 error, not read to its end\n" in out
        assert "  all     valid\n" in out

    def test_a_group_that_was_broken_by_hand(self, fed, cli):
        text = fed / "inputs/named_paths/rules/group.csvpaths"
        text.chmod(0o644)
        text.write_text("$[*][ yess() ]")

        code, _, err = cli("run", "orders", "rules")

        assert code == 3
        assert "did you mean yes()?" in err


class TestFindAndGet:
    @pytest.mark.parametrize(
        ("reference", "kinds"),
        [
            ("orders", ["version"]),
            ("$orders.files.:all", ["version"]),
            ("$rules.csvpaths.picks", ["statement"]),
            ("$rules.csvpaths.:all", ["statement", "statement"]),
            ("$rules.results.:last", ["run"]),
            ("$rules.results.:last.picks", ["instance"]),
            ("$rules.results.:last.1:data", ["file"]),
            ("$rules.results.:last:manifest", ["file"]),
        ],
    )
    def test_a_reference_leads_to_things_that_are_there(self, fed, cli, reference, kinds):
        code, out, err = cli("find", reference, "--json")

        found = [json.loads(line) for line in out.splitlines()]
        assert (code, err) == (0, "")
        assert [each["kind"] for each in found] == kinds
        assert all((fed / each["path"]).exists() for each in found)
        assert all(cli("find", each["reference"])[0] == 0 for each in found)

    @pytest.mark.parametrize(
        ("reference", "content"),
        [
            ("orders", ORDERS),
            ("$rules.csvpaths.0", RULES),
            ("$rules.results.:last.picks", None),
            ("$rules.results.:last.picks:data", "1,DE\n"),
            ("$rules.results.:last.picks:errors", "[]\n"),
        ],
    )
    @pytest.mark.usefixtures("fed")
    def test_get_writes_the_bytes(self, cli, reference, content):
        code, out, err = cli("get", reference)

        assert (code, err) == (0, "")
        if content is None:
            assert json.loads(out)["instance_identity"] == "picks"
        else:
            assert out.split() == content.split()

    @pytest.mark.parametrize("command", ["find", "get"])
    @pytest.mark.parametrize(
        ("reference", "code", "said"),
        [
            ("$orders.files.:9", 1, "there is nothing there"),
            ("$rules.results.:last.picks:unmatched", 1, "there is nothing there"),
            ("$rules.results.:last.none", 1, "there is nothing there"),
            ("$rules.results.2019-", 1, "there is nothing there"),
            ("order", 3, "hint: did you mean orders?"),
            ("rules", 3, "hint: its statements are $rules.csvpaths.:all, its runs $rules.res"),
            ("$order.files.:last", 3, "hint: did you mean orders?"),
            ("$rule.csvpaths.:all", 3, "hint: did you mean rules?"),
            ("$rule.results.:last", 3, "hint: did you mean rules?"),
            ("$orders.files.:lst", 3, "character 16: there is no pointer 'lst'"),
            ("$orders.files.../../x", 3, "error: "),
            ("$orders.files.\x1b[31m", 3, "error: "),
            ("", 2, "the reference is empty"),
        ],
    )
    @pytest.mark.usefixtures("fed")
    def test_nothing_is_1_and_no_reference_3(self, cli, command, reference, code, said):
        found, out, err = cli(command, reference)

        assert (found, out) == (code, "")
        assert said in err
        assert "\x1b" not in err


class TestLists:
    def test_of_a_new_project_are_empty(self, cli):
        assert cli("list", "runs") == (0, "", "there are no runs yet\n")
        assert cli("list", "files", "--json") == (0, "", "")

    @pytest.mark.usefixtures("fed")
    def test_stand_in_columns(self, cli):
        files = cli("list", "files")[1].splitlines()
        groups = cli("list", "groups")[1].splitlines()
        runs = cli("list", "runs")[1].splitlines()

        assert files[0].split() == ["NAME", "VERSIONS", "LAST", "BYTES", "FILE"]
        assert files[1].split()[::4] == ["orders", "21"]
        assert groups[1].endswith("countries, picks")
        assert runs[1].split()[1:4] == ["INVALID", "1", "orders"]

    @pytest.mark.usefixtures("fed")
    def test_json_has_values_not_words(self, cli):
        (run_row,) = map(json.loads, cli("list", "runs", "--json")[1].splitlines())
        (group,) = map(json.loads, cli("list", "groups", "--json")[1].splitlines())

        assert (run_row["valid"], run_row["error_count"]) == (False, 1)
        assert group["identities"] == ["countries", "picks"]


class TestRunsOfEveryState:
    @pytest.fixture
    def states(self, fed):
        """Three more runs: one that failed, one that was aborted, one that goes on."""
        with Project.open(fed) as project:
            project.load_group("raising", ["~ validation-mode: raise ~ $[1*][ integer(#country) ]"])
            for _ in range(3):
                with pytest.raises(DataError):
                    project.run("orders", "raising")
            with project.catalog.database.writing() as connection:
                for seq, state in ((2, "aborted"), (3, "running")):
                    change = update(runs).where(runs.c.seq == seq)
                    connection.execute(change.values(state=state, errors=None))
            yield project

    @pytest.mark.usefixtures("states")
    @pytest.mark.parametrize(
        ("words", "outcomes"),
        [
            ([], ["INVALID", "failed"]),
            (["--state", "running"], ["running"]),
            (["--state", "failed", "--state", "aborted"], ["failed", "aborted"]),
            (["-a"], ["INVALID", "failed", "aborted", "running"]),
        ],
    )
    def test_are_listed_when_asked_for(self, cli, words, outcomes):
        code, out, err = cli("list", "runs", *words)

        title, *lines = out.splitlines()
        assert (code, err) == (0, "")
        assert [line.split()[1] for line in lines] == outcomes
        assert {line.index("orders") for line in lines} == {title.index("FILE")}

    @pytest.mark.usefixtures("states")
    def test_say_in_json_why_they_failed(self, cli):
        (row,) = cli("list", "runs", "--state", "failed", "--json")[1].splitlines()

        assert json.loads(row)["reason"] == "line 1: Cannot convert DE to int"

    @pytest.mark.usefixtures("fed")
    def test_there_may_be_none(self, cli):
        assert cli("list", "runs", "--state", "running") == (0, "", "there are no such runs\n")

    @pytest.mark.parametrize(
        ("words", "said"),
        [
            (["files", "-a"], "files have no state"),
            (["groups", "--state", "failed"], "groups have no state"),
            (["runs", "-a", "--state", "failed"], "exclude each other"),
            (["runs", "--state", "dead"], "'dead' is not one of 'running', 'complete'"),
        ],
    )
    def test_a_command_line_that_is_wrong(self, cli, words, said):
        code, out, err = cli("list", *words)

        assert (code, out) == (2, "")
        assert said in err


class TestTrace:
    def test_leads_from_a_result_back_to_what_was_sent(self, fed, cli):
        """Through the result of another run; what was removed since is told all the same."""
        cli("register", "orders", "../in/orders.csv", "--partner", "alder")
        (fed.parent / "in" / "more.csv").write_text("id,country\n3,DE\n")
        cli("register", "orders", "../in/more.csv", "--partner", "birch")
        cli("run", "orders", "rules")
        cli("run", "$rules.results.:last.picks", "rules#picks")
        assert cli("remove", "file", "orders", "--yes")[0] == 0

        code, out, err = cli("trace", "rules")

        assert (code, err) == (0, "")
        blocks = [block.splitlines() for block in ("\n" + out).split("\n$")[1:]]
        assert [len(block) > 5 for block in blocks] == [True, True]
        last, before = ([" ".join(line.split()) for line in block] for block in blocks)
        assert last[0].startswith("rules.results.2")
        assert "ended valid" in last
        assert "statements rules#picks" in last
        assert f"read what ${before[0]} left" in last
        assert before[0].endswith(".picks")
        assert "statements rules: picks" in before
        assert "from ../in/more.csv" in before
        assert "partner birch" in before
        assert before[before.index("from ../in/more.csv") - 2].endswith(", 16 bytes")

    def test_says_where_statements_stand_under_version_control(self, fed, cli):
        repository = fed.parent / "in"
        git = ["git", "-c", "user.name=a", "-c", "user.email=a@b.example"]
        for words in (["init", "-q"], ["add", "."], ["commit", "-q", "-m", "x"]):
            subprocess.run([*git, *words], cwd=repository, check=True)
        cli("load", "rules", "../in/rules.csvpaths", "--append")
        cli("load", "picks", "../in/rules.csvpaths")
        cli("run", "orders", "picks")

        out = cli("trace", "picks")[1]

        commit = subprocess.run(
            ["git", "rev-parse", "HEAD"], cwd=repository, check=True, capture_output=True, text=True
        ).stdout.strip()
        assert f"commit {commit}: rules.csvpaths\n" in out

    def test_says_how_a_run_failed(self, fed, cli):
        (fed / "number.csvpath").write_text("~ validation-mode: raise ~ $[1*][ integer(#country) ]")
        cli("load", "number", "number.csvpath")
        cli("run", "orders", "number")

        lines = [line.split() for line in cli("trace", "number")[1].splitlines()]

        assert ["ended", "failed"] in lines
        assert ["line", "1:", "Cannot", "convert", "DE", "to", "int"] in lines

    @pytest.mark.usefixtures("fed")
    def test_json_has_the_documents(self, cli):
        (line,) = cli("trace", "$rules.results.:last.countries", "--json")[1].splitlines()

        trace = json.loads(line)
        assert trace["run"]["status"] == "complete"
        assert trace["instance"]["instance_identity"] == "countries"
        assert trace["load"]["named_paths_identities"] == ["countries", "picks"]
        assert trace["version"]["from"] == "../in/orders.csv"
        assert trace["source"] is None

    @pytest.mark.usefixtures("fed")
    @pytest.mark.parametrize("reference", ["nobody", "$rules.results.2020", "$orders.files.:last"])
    def test_what_leads_to_no_run_is_3(self, cli, reference):
        code, out, err = cli("trace", reference)

        assert (code, out) == (3, "")
        assert err.startswith("error: ")


class TestRemove:
    def test_takes_a_file_and_leaves_its_results(self, fed, cli):
        code, out, err = cli("remove", "file", "orders", "--yes")

        assert (code, err) == (0, "")
        assert out.startswith("named-file orders is removed, with 1 version; results")
        assert not (fed / "inputs/named_files/orders").exists()
        assert cli("get", "$rules.results.:last.picks:data")[1].split() == ["1,DE"]

    def test_takes_a_group_and_leaves_its_results(self, fed, cli):
        code, out, _ = cli("remove", "group", "rules", "--yes", "--json")

        assert code == 0
        assert json.loads(out) == {"removed": "group", "name": "rules", "statements": 2}
        assert not (fed / "inputs/named_paths/rules").exists()
        assert cli("get", "$rules.results.:last.picks:data")[1].split() == ["1,DE"]

    def test_nothing_without_a_yes(self, fed, cli):
        code, out, err = cli("remove", "file", "orders")

        assert (code, out) == (2, "")
        assert "give --yes where nobody can be asked" in err
        assert (fed / "inputs/named_files/orders").exists()

    @pytest.mark.usefixtures("fed")
    @pytest.mark.parametrize(
        ("words", "said"),
        [
            (["file", "order"], "there is no named-file 'order'\n  hint: did you mean orders?"),
            (["group", "rule"], "there is no group 'rule'\n  hint: did you mean rules?"),
        ],
    )
    def test_what_is_not_there_is_told(self, cli, words, said):
        """Before anybody is asked."""
        code, out, err = cli("remove", *words)

        assert (code, out) == (3, "")
        assert said in err

    @pytest.mark.parametrize(("answer", "code"), [("y", 0), ("n", 1), ("", 1)])
    def test_asks_at_a_terminal(self, fed, answer, code):
        written, found = at_terminal("remove", "file", "orders", answer=f"{answer}\n")

        assert found == code
        assert b"remove the named-file orders with 1 version? [y/N]" in written
        assert (b"orders is removed" in written) is (code == 0)
        assert (b"nothing is removed" in written) is (code == 1)
        assert (fed / "inputs/named_files/orders").exists() is (code == 1)


class TestVerify:
    @pytest.mark.usefixtures("fed")
    def test_all_as_accepted_is_0(self, cli):
        assert cli("verify") == (0, "all is as it was accepted\n", "")
        assert cli("verify", "--json") == (0, "", "")

    def test_each_finding_is_a_line_with_place_and_hint(self, fed, cli):
        (version,) = (fed / "inputs/named_files/orders").rglob("*/*.csv")
        (run_home,) = (fed / "archive/rules").iterdir()
        version.chmod(0o644)
        version.write_text("id\n")
        (run_home / "picks/data.csv").unlink()
        (run_home / "picks/meta.json").chmod(0o644)
        (run_home / "picks/notes.txt").write_text("mine")
        ledger = fed / "archive/manifest.json"
        ledger.chmod(0o644)
        ledger.write_text("[]")

        code, out, err = cli("verify")

        place = f"archive/rules/{run_home.name}"
        of = f"$rules.results.{run_home.name}.picks"
        stored = version.relative_to(fed)
        assert (code, err) == (1, "error: 5 files not as accepted\n")
        assert [line.rpartition(": ")[0] for line in out.splitlines()] == [
            f"changed: {stored} of $orders.files.{version.stem}",
            "changed: archive/manifest.json",
            f"missing: {place}/picks/data.csv of {of}",
            f"writable: {place}/picks/meta.json of {of}",
            f"unknown: {place}/picks/notes.txt of {of}",
        ]
        assert all(line.rpartition(": ")[2] for line in out.splitlines())

    def test_json_is_an_object_a_finding(self, fed, cli):
        (fed / "inputs/named_files/stranger").write_text("x")

        code, out, _ = cli("verify", "--json")

        found = json.loads(out)
        assert (code, found["fault"], found["path"], found["reference"]) == (
            1, "unknown", "inputs/named_files/stranger", None,
        )  # fmt: skip
        assert found["hint"]

    def test_tells_how_far_it_is(self, fed):
        """By the bytes that were read, of versions and of results."""
        told: list[int] = []
        with Project.open(fed) as project:
            assert project.verify(told.append) == []

        kept = [*fed.glob("inputs/named_files/orders/*/*.csv"), *fed.glob("archive/rules/*/*/*")]
        results = [path for path in kept if path.name != "manifest.json"]
        assert told == sorted(told)
        assert told[-1] == sum(path.stat().st_size for path in results)


class TestConfig:
    def test_secrets_are_masked(self, acme, cli):
        with (acme / "config" / "config.ini").open("a") as config:
            config.write("\n[slack]\nwebhook_url = hooks.example.org/T0/s3cret\n")
            config.write("[ckan]\napi_token = s3cret\n[sftp]\npassword = s3cret\n")

        code, out, _ = cli("config", "show")

        assert code == 0
        assert "[inputs]\nfiles = inputs/named_files\n" in out
        assert "s3cret" not in out
        assert "s3cret" not in cli("config", "show", "--json")[1]


@pytest.mark.parametrize(
    ("words", "said"),
    [
        (["register", "large", "large.csv"], b"$large.files."),
        (["run", "large", "rules"], b"$rules.results.2"),
    ],
)
def test_in_a_terminal_the_answer_is_what_stays(acme, words, said):
    """Progress is for what takes long, and gone when it is done."""
    (acme / "large.csv").write_text("id,country\n" + "1,DE\n" * 1_000)
    with Project.open(acme) as project:
        project.register("large", acme / "large.csv")
        project.load_group("rules", [PICKS])

    written, code = in_terminal(*words)

    assert code == 0
    assert said in written
    assert b"stored" not in written
