"""The log of a project: what is told in it, and what never is."""

from __future__ import annotations

import logging
import multiprocessing
import re
import threading

import pytest

from preboard.config.settings import LogSettings
from preboard.errors import NotFound, PreboardError, Refused
from preboard.project.logs import LONGEST, LogFile, ProjectLog
from preboard.project.project import Project

LINE = re.compile(r"\d{4}-\d\d-\d\dT\d\d:\d\d:\d\d\.\d{6}\+00:00 (DEBUG|INFO |WARN |ERROR) \d+ .+")


@pytest.fixture
def opened(tmp_path):
    """Open the log of a project in a directory; all are closed behind the test."""
    logs = []

    def open_log(name="p", **settings):
        log = ProjectLog(tmp_path / name, LogSettings(**settings))
        logs.append(log)
        return log

    yield open_log
    for log in logs:
        log.close()


def lines(folder):
    path = folder / "logs/csvpath.log"
    return path.read_text(encoding="utf-8").splitlines() if path.exists() else []


def said(folder):
    """Return the level and the text of each line."""
    found = lines(folder)
    assert all(LINE.fullmatch(line) for line in found), found
    return [(line.split()[1], line.split(" ", 3)[-1].lstrip(" 0123456789")) for line in found]


class TestOfAProject:
    @pytest.fixture
    def project(self, tmp_path, monkeypatch):
        monkeypatch.chdir(tmp_path)
        (tmp_path / "d.csv").write_text("a\n1\n", encoding="utf-8")
        with Project.create(tmp_path / "p") as made:
            yield made

    def test_registrations_loads_and_runs_are_told_with_their_ends(self, project):
        version = project.register("d", "d.csv")
        load = project.load_group("g", ["$[*][ yes() ]", "$[1*][ #a == 2 fail() ]"])
        run = project.run("d", "g")
        assert said(project.root) == [
            ("INFO", f"register 'd': {version.reference}, 4 bytes from 'd.csv'"),
            ("INFO", f"load 'g': 2 statements, {load.fingerprint}, load {load.id}"),
            ("INFO", f"run {run.manifest.run_home} of d: complete, invalid, 0 errors"),
        ]

    def test_what_is_refused_is_a_warning(self, project):
        with pytest.raises(NotFound):
            project.register("d", "none.csv")
        with pytest.raises(PreboardError):
            project.load_group("g", "$[*][ a( ]")
        with pytest.raises(NotFound):
            project.run("d", "nobody")
        assert [(level, text.split(":")[0]) for level, text in said(project.root)] == [
            ("WARN", "register 'd'"), ("WARN", "load 'g'"), ("WARN", "run 'nobody' over 'd'"),
        ]  # fmt: skip

    def test_a_run_that_fails_is_an_error(self, project):
        project.register("d", "d.csv")
        project.load_group("g", "~ validation-mode: raise ~ $[*][ integer.notnone(#a) ]")
        with pytest.raises(PreboardError):
            project.run("d", "g")
        failed = [text for level, text in said(project.root) if level == "ERROR"]
        assert len(failed) == 1
        assert ": failed, " in failed[0]

    def test_keys_that_are_not_known_are_a_warning(self, project, tmp_path):
        (tmp_path / "g.json").write_text(
            '{"g": ["g.csvpath"], "_config": {"groups": {"g": {"odd": 1}}}}', encoding="utf-8"
        )
        (tmp_path / "g.csvpath").write_text("$[*][ yes() ]", encoding="utf-8")
        project.load_group("g", "g.json")
        warning, _ = said(project.root)
        assert warning == (
            "WARN", "preboard.groups: group g: _config.groups.g: 'odd' is not known",
        )  # fmt: skip

    def test_a_misspelt_setting_is_a_warning_when_the_project_is_opened(self, project):
        config = project.root / "config/config.ini"
        with config.open("a", encoding="utf-8") as file:
            file.write("\n[inputz]\nx = 1\n")
        with Project.open(project.root):
            pass
        assert said(project.root) == [
            ("WARN", "preboard.config: [inputz] of config.ini is not known")
        ]

    def test_two_projects_do_not_mix(self, project, tmp_path):
        with Project.create(tmp_path / "q") as other:
            project.register("mine", "d.csv")
            other.register("theirs", "d.csv")
            with pytest.raises(NotFound):
                other.register("theirs", "none")
        assert [text.split(":")[0] for _, text in said(project.root)] == ["register 'mine'"]
        assert len(said(other.root)) == 2

    def test_a_closed_project_has_no_handlers(self, project):
        before = list(logging.getLogger("preboard").handlers)
        project.close()
        assert len(logging.getLogger("preboard").handlers) == len(before) - 1
        project.close()
        assert len(logging.getLogger("preboard").handlers) == len(before) - 1

    def test_a_log_that_cannot_be_written_breaks_nothing(self, project):
        log = project.root / "logs/csvpath.log"
        log.unlink(missing_ok=True)
        log.mkdir(parents=True)
        assert project.register("d", "d.csv").name == "d"

    def test_a_link_in_its_place_is_not_written_to(self, project, tmp_path):
        log = project.root / "logs/csvpath.log"
        log.unlink(missing_ok=True)
        (tmp_path / "other").write_text("", encoding="utf-8")
        log.symlink_to(tmp_path / "other")
        project.register("d", "d.csv")
        assert (tmp_path / "other").read_text(encoding="utf-8") == ""


class TestWhatIsTold:
    @pytest.mark.parametrize(
        ("level", "told"),
        [
            ("debug", ["debug", "info", "warn", "error"]),
            ("info", ["info", "warn", "error"]),
            ("warn", ["warn", "error"]),
            ("error", ["error"]),
        ],
    )
    def test_the_level_says_how_much(self, opened, tmp_path, level, told):
        log = opened(csvpaths=level)
        for word in ("debug", "info", "warn", "error"):
            log.tell(getattr(logging, word.upper().replace("WARN", "WARNING")), word)
        assert [text for _, text in said(tmp_path / "p")] == told

    def test_a_text_from_outside_is_one_line(self, opened, tmp_path):
        opened().tell(logging.INFO, "a\nb\r\x1b[31m\x85\u2028c\udc80")
        assert said(tmp_path / "p") == [("INFO", r"a\x0ab\x0d\x1b[31m\x85\x2028c\udc80")]

    def test_a_text_has_an_end(self, opened, tmp_path):
        opened().tell(logging.INFO, "x" * (LONGEST * 3))
        assert len(lines(tmp_path / "p")[0]) < LONGEST + 100

    def test_secrets_in_urls_are_masked(self, opened, tmp_path):
        log = opened()
        with (
            pytest.raises(Refused),
            log.doing("register https://me:pw1@host/f?api_key=pw2&sig=pw3&a=1"),
        ):
            raise Refused("https://me:pw4@host is not allowed")
        (line,) = lines(tmp_path / "p")
        assert "pw" not in line
        assert "a=1" in line

    def test_warnings_of_packages_come_to_the_project_that_is_at_work(self, opened, tmp_path):
        one, two = opened("p"), opened("q")
        warner = logging.getLogger("preboard.some.package")
        with one.doing("x"):
            warner.warning("of %s", "one")
        with two.doing("x"):
            warner.warning("of two")
        warner.warning("of nobody")
        assert said(tmp_path / "p") == [("WARN", "preboard.some.package: of one")]
        assert said(tmp_path / "q") == [("WARN", "preboard.some.package: of two")]

    def test_what_statements_say_has_a_level_of_its_own(self, opened, tmp_path):
        statements = logging.getLogger("preboard.statement")
        log = opened(csvpath="info", csvpaths="error")
        with log.doing("x"):
            statements.info("said")
            logging.getLogger("preboard.groups").warning("not said")
        assert said(tmp_path / "p") == [("INFO", "preboard.statement: said")]
        log.close()
        assert statements.level == logging.NOTSET

    def test_the_application_hears_it_too_if_it_listens(self, opened, caplog):
        caplog.set_level(logging.INFO, "preboard.project")
        opened(csvpaths="error").tell(logging.INFO, "for all")
        assert [record.getMessage() for record in caplog.records] == ["for all"]

    def test_what_is_broken_off_is_an_error(self, opened, tmp_path):
        log = opened()
        with pytest.raises(KeyboardInterrupt), log.doing("wait"):
            raise KeyboardInterrupt
        assert said(tmp_path / "p") == [("ERROR", "wait: broken off by KeyboardInterrupt")]


class TestFile:
    def test_a_large_one_is_begun_anew_and_the_oldest_goes(self, tmp_path):
        file = LogFile(tmp_path / "a.log", most=20, keep=2)
        for number in range(8):
            file.write(b"line %02d\n" % number)  # 8 bytes: two a file
        found = {path.name: path.read_text(encoding="utf-8") for path in tmp_path.iterdir()}
        assert found == {
            "a.log": "line 06\nline 07\n",
            "a.log.1": "line 04\nline 05\n",
            "a.log.2": "line 02\nline 03\n",
        }

    def test_a_line_that_is_longer_than_a_file_may_be_has_one_of_its_own(self, tmp_path):
        file = LogFile(tmp_path / "a.log", most=4, keep=1)
        file.write(b"long line\n")
        file.write(b"another\n")
        assert (tmp_path / "a.log").read_bytes() == b"another\n"
        assert (tmp_path / "a.log.1").read_bytes() == b"long line\n"

    def test_to_keep_any_number_takes_no_time(self, tmp_path):
        file = LogFile(tmp_path / "a.log", most=10, keep=10**12)
        for number in range(5):
            file.write(b"line %d\n" % number)
        names = sorted(path.name for path in tmp_path.iterdir())
        assert names == ["a.log", *(f"a.log.{place}" for place in range(1, 5))]
        assert (tmp_path / "a.log.4").read_bytes() == b"line 0\n"

    def test_none_may_be_kept(self, tmp_path):
        file = LogFile(tmp_path / "a.log", most=10, keep=0)
        for number in range(5):
            file.write(b"line %d\n" % number)
        assert [path.name for path in tmp_path.iterdir()] == ["a.log"]

    def test_without_a_size_it_grows(self, tmp_path):
        file = LogFile(tmp_path / "a.log", most=None, keep=2)
        for _ in range(100):
            file.write(b"line\n")
        assert (tmp_path / "a.log").stat().st_size == 500

    def test_a_file_that_somebody_moved_away_is_made_again(self, tmp_path):
        file = LogFile(tmp_path / "a.log", most=None, keep=2)
        file.write(b"1\n")
        (tmp_path / "a.log").rename(tmp_path / "b.log")
        file.write(b"2\n")
        assert (tmp_path / "a.log").read_bytes() == b"2\n"

    def test_threads_and_processes_that_write_at_once_lose_no_line(self, tmp_path):
        path = tmp_path / "a.log"
        context = multiprocessing.get_context("spawn")
        others = [context.Process(target=_write, args=(str(path), name)) for name in ("p", "q")]
        threads = [threading.Thread(target=_write, args=(str(path), name)) for name in ("t", "u")]
        everyone: list = [*others, *threads]
        for each in everyone:
            each.start()
        for each in everyone:
            each.join()
        found = [
            line for file in tmp_path.iterdir() for line in file.read_text("utf-8").splitlines()
        ]
        assert sorted(found) == sorted(
            f"{name} {number:04}" for name in "pqtu" for number in range(100)
        )
        assert len(list(tmp_path.iterdir())) > 3


def _write(path, name):
    from pathlib import Path  # noqa: PLC0415 - in a process of its own

    file = LogFile(Path(path), most=500, keep=50)
    for number in range(100):
        file.write(f"{name} {number:04}\n".encode())
