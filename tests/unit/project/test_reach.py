"""What config.ini lets statements reach: variables, databases, functions of users."""

from __future__ import annotations

import io
import json
import sqlite3
from typing import TYPE_CHECKING

import pytest

from preboard.errors import ConfigError
from preboard.functions import forbid
from preboard.groups.faults import BrokenGroup
from preboard.language.functions import own
from preboard.language.functions.library import functions
from preboard.project.project import Project

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator
    from pathlib import Path

    from preboard.runs.result import Instance

    Look = Callable[..., Instance]


@pytest.fixture
def root(tmp_path: Path) -> Path:
    Project.create(tmp_path / "acme").close()
    return tmp_path / "acme"


@pytest.fixture
def look(root: Path) -> Look:
    """Return what runs a statement in a project with these settings beside the usual ones."""

    def run(settings: str, statement: str) -> Instance:
        path = root / "config" / "config.ini"
        kept = path.read_text(encoding="utf-8")
        for section in ("[functions]", "[connections]"):
            kept = kept.replace(section, f"[was-{section[1:]}")
        path.write_text(f"{kept}\n{settings}", encoding="utf-8")
        with Project.open(root) as project:
            project.register("data", io.BytesIO(b"a,b\n1,x\n2,y\n"), file_name="data.csv")
            project.load_group("checks", [statement])
            return project.run("data", "checks").instances[0]

    return run


class TestEnv:
    def test_a_statement_sees_the_variables_that_are_listed(
        self, look: Look, monkeypatch: pytest.MonkeyPatch
    ) -> None:
        monkeypatch.setenv("ORDERS_REGION", "eu")
        monkeypatch.setenv("PREBOARD_TOKEN", "secret")
        found = look(
            "[functions]\nenv = ORDERS_*, REGION",
            '$[1][ @r = env("ORDERS_REGION") @t = env("PREBOARD_TOKEN") ]',
        )
        assert found.variables == {"r": "eu", "t": None}

    def test_without_a_list_it_sees_none(self, look: Look, monkeypatch: pytest.MonkeyPatch) -> None:
        monkeypatch.setenv("CSVPATH_REGION", "eu")
        assert look("", '$[1][ @r = env("CSVPATH_REGION") ]').variables == {"r": None}

    def test_a_json_file_is_a_source_with_the_same_list(self, look: Look, root: Path) -> None:
        (root / "config" / "config.ini").write_text("[config]\nvar_sub_source = vars.json\n")
        (root / "vars.json").write_text(json.dumps({"REGION": "us", "PASSWORD": "secret"}))
        found = look("[functions]\nenv = REGION", '$[1][ @r = env("REGION") @p = env("PASSWORD") ]')
        assert found.variables == {"r": "us", "p": None}


class TestConnections:
    SQL = '$[1*][ sql_in(#a, "known", "n", "{}") ]'

    @pytest.fixture
    def database(self, root: Path) -> str:
        connection = sqlite3.connect(root.parent / "known.db")
        connection.execute("create table known(n text)")
        connection.execute("insert into known values('2')")
        connection.commit()
        connection.close()
        return f"sqlite:///{root.parent / 'known.db'}"

    def test_a_statement_names_a_connection(self, look: Look, database: str) -> None:
        found = look(f"[connections]\npartners = {database}", self.SQL.format("partners"))
        assert list(found.lines()) == [["2", "y"]]

    def test_a_statement_brings_no_connection_string(self, look: Look, database: str) -> None:
        with pytest.raises(BrokenGroup, match="no database by a connection string") as caught:
            look(f"[connections]\npartners = {database}", self.SQL.format(database))
        assert database not in str(caught.value)

    def test_nor_does_it_compute_one(self, look: Look, database: str) -> None:
        text = f'@u = "{database}" {self.SQL[6:-1].format("@u")} ]'.replace('"@u"', "@u")
        found = look(f"[connections]\npartners = {database}", f"$[1*][ {text}")
        assert "may not open a database by a connection string" in next(found.errors()).message
        assert not found.valid

    def test_a_connection_that_is_not_there_is_refused_before_the_run(self, look: Look) -> None:
        with pytest.raises(BrokenGroup, match="no connection of the project is called 'other'"):
            look("[connections]\npartners = sqlite:///x.db", self.SQL.format("other"))

    def test_a_connection_is_a_url(self, look: Look) -> None:
        with pytest.raises(ConfigError, match=r"\[connections\] partners is no URL"):
            look("[connections]\npartners = known.db", "$[1][ yes() ]")


class TestFunctions:
    MODULE = '''
from preboard.functions import Text, function

@function("project_only", gives="match", args=[Text])
def project_only(call, text):
    """Matches x.

    Example::

        $[1*][ project_only(#b) ]
    """
    return text == "x"
'''

    @pytest.fixture(autouse=True)
    def forgotten(self) -> Iterator[None]:
        """Leave the process as it was: functions and the ban on them are the process's.

        Each statement of these tests is another one: those that were parsed are remembered.
        """
        yield
        functions().pop("project_only", None)
        own._forbidden = False

    def test_a_file_of_the_project_declares_functions(self, look: Look, root: Path) -> None:
        (root / "config" / "checks.py").write_text(self.MODULE)
        found = look("[functions]\nimports = config/checks.py", "$[1*][ project_only(#b) ]")
        assert list(found.lines()) == [["1", "x"]]

    def test_without_it_a_statement_that_calls_one_is_refused(self, look: Look, root: Path) -> None:
        (root / "config" / "checks.py").write_text(self.MODULE)
        with pytest.raises(BrokenGroup, match="no function is called project_only"):
            look("[functions]\nimports =", "$[2*][ project_only(#b) ]")

    @pytest.mark.parametrize("source", ["../outside.py", "nosuch.py", "no_such_module_here"])
    def test_what_cannot_be_loaded_is_no_project_to_work_in(self, look: Look, source: str) -> None:
        with pytest.raises(ConfigError):
            look(f"[functions]\nimports = {source}", "$[1][ yes() ]")

    def test_where_functions_of_users_are_forbidden_a_project_brings_none(
        self, look: Look, root: Path
    ) -> None:
        (root / "config" / "checks.py").write_text(self.MODULE)
        forbid()
        with pytest.raises(ConfigError, match="not allowed here"):
            look("[functions]\nimports = config/checks.py", "$[1*][ project_only(#b) ]")

    def test_the_file_that_the_reference_names_is_passed_over(
        self, look: Look, root: Path, caplog: pytest.LogCaptureFixture
    ) -> None:
        (root / "config" / "functions.imports").write_text("from a.b import c\n")
        assert look("[functions]\nimports = config/functions.imports", "$[1][ yes() ]").valid
        assert "is passed over" in caplog.text
