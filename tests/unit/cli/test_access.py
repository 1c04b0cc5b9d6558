"""--env, --tables and --functions: what statements may reach, as far as somebody said so."""

from __future__ import annotations

import pyarrow.parquet as pq
import pytest

from preboard.cli.app import run

pytestmark = pytest.mark.usefixtures("own_functions_forgotten")

CALL = '$[1*][ @r = env("PREBOARD_REGION") print("<$.variables.r>") ]'
WRITES = "$[1*][ parquet.kept(string(#a)) ]"


@pytest.fixture(autouse=True)
def _data(tmp_path, monkeypatch):
    monkeypatch.chdir(tmp_path)
    for name in ("one.csv", "two.csv"):
        (tmp_path / name).write_text(f"a\n{name}\n")


def test_env_sees_the_names_that_are_given(monkeypatch, capsys):
    monkeypatch.setenv("PREBOARD_REGION", "EU")
    assert run(["validate", "one.csv", "--statement", CALL]) == 0
    assert "<None>" in capsys.readouterr().out
    assert run(["validate", "one.csv", "--env", "PREBOARD_REGION", "--statement", CALL]) == 0
    assert "<EU>" in capsys.readouterr().out


def test_a_name_that_is_not_set_is_a_wrong_command_line(monkeypatch, capsys):
    """env() would give None for it, and a rule that asks for it would pass or fail by chance."""
    monkeypatch.delenv("PREBOARD_REGION", raising=False)
    assert run(["validate", "one.csv", "--env", "PREBOARD_REGION", "--statement", CALL]) == 2
    assert "PREBOARD_REGION is not set in the environment" in capsys.readouterr().err


def test_tables_are_written_where_the_option_says(tmp_path):
    assert run(["validate", "one.csv", "--statement", WRITES]) == 0
    assert run(["validate", "one.csv", "--tables", "out/deep", "--statement", WRITES]) == 0
    for place in ("parquet", "out/deep"):
        table = pq.read_table(tmp_path / place / "kept.parquet")
        assert table.to_pylist() == [{"a": "one.csv"}]


def test_several_files_cannot_write_the_same_table(tmp_path, capsys):
    assert run(["validate", "one.csv", "two.csv", "--statement", WRITES]) == 2
    assert "check one at a time" in capsys.readouterr().err
    assert not (tmp_path / "parquet").exists()


def test_tests_of_statements_see_what_is_given(tmp_path, monkeypatch, capsys):
    monkeypatch.setenv("PREBOARD_REGION", "EU")
    checks = tmp_path / "checks.csvpath"
    checks.write_text(
        '~ test-data: one.csv ~ $[1*][ env("PREBOARD_REGION") == "EU" -> error("x") ]'
    )
    assert run(["test", "checks.csvpath"]) == 0
    assert run(["test", "checks.csvpath", "--env", "PREBOARD_REGION"]) == 1
    assert "FAILED" in capsys.readouterr().out


def test_functions_stand_before_the_command(tmp_path, capsys):
    module = tmp_path / "acme_cli.py"
    module.write_text(
        "from preboard.functions import function\n"
        '@function("acme_yes", gives="match")\n'
        "def acme_yes(call):\n"
        '    """Matches."""\n'
        "    return True\n"
    )
    call = ["validate", "one.csv", "--statement", "$[1*][ acme_yes() ]"]
    assert run(call) == 3
    assert run(["--functions", "acme_cli.py", *call]) == 0
    assert run(["--functions", "nowhere.py", *call]) == 2
    assert "functions of nowhere.py cannot be used" in capsys.readouterr().err
