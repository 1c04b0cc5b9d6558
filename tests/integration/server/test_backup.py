"""Backup, restore and move: nothing that the catalog names is lost, and nothing false is taken."""

from __future__ import annotations

import hashlib
import io
import re
import sqlite3
import tarfile
from configparser import ConfigParser
from contextlib import closing
from threading import Event, Thread
from uuid import uuid4

import msgspec
import pytest
from sqlalchemy import create_engine, func, inspect, select, text
from tests.integration import postgres
from tests.integration.program import preboard
from tests.integration.served import started
from tests.integration.serving import serving

from preboard.catalog.database import Database
from preboard.catalog.service.jobs import Jobs, NewJob, Wish
from preboard.catalog.service.keys import Keys, Wished
from preboard.catalog.service.tables import audit, jobs
from preboard.catalog.service.workers import Leases
from preboard.catalog.span import Span
from preboard.catalog.tables import entries, projects
from preboard.clock import iso, utc_now
from preboard.errors import Conflict, NotFound, StoreError, Tampered
from preboard.jobs.engine import prepare
from preboard.server import backups
from preboard.server.backups import LIST, Contents, Kept, back_up
from preboard.server.homes import only_server
from preboard.server.moving import move
from preboard.server.restoring import make_fit
from preboard.server.settings import read_settings
from preboard.server.unpacking import unpacked
from preboard.storage.local import fingerprint_of

STATEMENT = "$[1*][ yes() ]"


def project_in(served):
    """Make a project over HTTP; returns its id."""
    with served.client() as client:
        assert client.post("/v2/projects", json={"name": "acme"}).status_code == 201
    return served.service.hosting.all()[0].project


@pytest.fixture
def home(tmp_path):
    """A home with a project that has a version, a group and a run."""
    with serving(tmp_path / "home") as served:
        opened = served.service.project(project_in(served))
        register(opened, "1,Oslo")
        opened.load_group("checks", [STATEMENT])
        opened.run("towns", "checks")
    return tmp_path / "home"


def register(opened, line):
    opened.register("towns", io.BytesIO(f"id,city\n{line}\n".encode()), file_name="towns.csv")


def restored(path, home):
    """Restore a backup as the command does; returns the settings of the new home."""
    with unpacked(path, home) as (part, contents):
        make_fit(read_settings(part), contents)
    return read_settings(home)


def unpack(path, home):
    """Unpack a backup, and leave it as it is."""
    with unpacked(path, home):
        pass


def all_is_well(settings):
    """See that files and catalog of each project agree; returns how many versions there are."""
    with serving(settings.home, with_key=False) as served:
        found = 0
        for each in served.service.hosting.all():
            opened = served.service.project(each.project)
            documents = opened.catalog.documents
            assert [path for path in documents.all() if not documents.is_same(path)] == []
            versions = opened.catalog.versions
            for at in range(versions.count("towns")):
                version = versions.pick("towns", Span(), at)
                assert version is not None
                stored = opened.place.path(version.entry.file)
                assert fingerprint_of(stored) == version.fingerprint
                found += 1
        return found


def test_a_home_comes_back_as_it_was(home, tmp_path):
    made = back_up(read_settings(home), tmp_path / "b.tar")
    new = restored(tmp_path / "b.tar", tmp_path / "new")

    assert made.missing == []
    assert all_is_well(new) == 1
    for old in sorted((home / "projects").rglob("*")):
        if old.is_file() and "owners" not in old.parts and "logs" not in old.parts:
            assert (new.home / old.relative_to(home)).read_bytes() == old.read_bytes()
    assert new.home.stat().st_mode & 0o777 == 0o700
    assert (tmp_path / "b.tar").stat().st_mode & 0o777 == 0o600


def test_keys_and_runs_go_on_in_a_restored_home(home, tmp_path):
    with serving(home, with_key=False) as served:
        key = served.service.keys.create(Wished(owner=str(uuid4()), name="kept")).text
        back_up(served.service.settings, tmp_path / "b.tar")
    new = restored(tmp_path / "b.tar", tmp_path / "new")
    with serving(new.home, with_key=False) as served:
        with served.client(key) as client:
            assert client.get("/v2/projects").status_code == 200
        opened = served.service.project(served.service.hosting.all()[0].project)
        register(opened, "2,Bergen")
        result = opened.run("towns", "checks")

    assert result.state == "complete"
    assert all_is_well(new) == 2


def test_what_workers_of_then_had_begun_waits_for_those_of_now(home, tmp_path):
    """They may be called otherwise on another machine: their leases have run out."""
    with serving(home, with_key=False) as served:
        Leases(served.service.database).enter("other/0", "other", "b1", iso(utc_now()), 600)
        back_up(served.service.settings, tmp_path / "b.tar")
    new = restored(tmp_path / "b.tar", tmp_path / "new")
    database = Database(new.catalog_url)
    left = [executor for executor, _ in Leases(database).expired()]
    database.close()

    assert left == ["other/0"]


def test_what_is_registered_meanwhile_breaks_nothing(home, tmp_path):
    """Backups are made while one registers as fast as it can: each has all that it names."""
    stop = Event()
    with serving(home, with_key=False) as served:
        opened = served.service.project(served.service.hosting.all()[0].project)

        def work():
            for number in range(10_000):
                if stop.is_set():
                    return
                register(opened, f"{number},Town")

        worker = Thread(target=work)
        worker.start()
        try:
            made = [back_up(served.service.settings, tmp_path / f"{n}.tar") for n in range(4)]
        finally:
            stop.set()
            worker.join()
    counts = []
    for number, each in enumerate(made):
        assert each.missing == []
        counts.append(all_is_well(restored(each.path, tmp_path / f"new-{number}")))

    assert counts == sorted(counts)
    assert counts[-1] > counts[0]


def test_views_that_are_ahead_of_the_catalog_are_written_anew(home, tmp_path, monkeypatch):
    write = backups._write
    with serving(home, with_key=False) as served:
        opened = served.service.project(served.service.hosting.all()[0].project)

        def later(*arguments):
            register(opened, "2,Bergen")
            opened.load_group("checks", ["$[2*][ yes() ]"])
            return write(*arguments)

        monkeypatch.setattr(backups, "_write", later)
        back_up(served.service.settings, tmp_path / "b.tar")
    new = restored(tmp_path / "b.tar", tmp_path / "new")

    assert all_is_well(new) == 1
    text = next(new.projects.rglob("group.csvpaths")).read_text()
    assert "$[1*]" in text
    assert "$[2*]" not in text


def test_files_that_the_catalog_names_and_the_disk_lacks_are_told(home, tmp_path):
    stored = next(
        path for path in home.rglob("*.csv") if "named_files" in str(path) and path.is_file()
    )
    stored.unlink()
    done = preboard("backup", "--home", str(home), str(tmp_path / "b.tar"))

    assert done.returncode == 1
    assert b"1 files that the catalog names are not on the disk" in done.stderr
    assert stored.name.encode() in done.stderr
    assert (tmp_path / "b.tar").exists()


class TestRefusal:
    def test_a_home_without_a_database(self, home, tmp_path):
        """It makes none, either: a server would begin with it."""
        (home / "preboard.db").unlink()
        with pytest.raises(NotFound, match="has no database"):
            back_up(read_settings(home), tmp_path / "b.tar")

        assert not (home / "preboard.db").exists()

    def test_a_backup_takes_the_place_of_nothing(self, home, tmp_path):
        (tmp_path / "b.tar").write_text("precious")
        with pytest.raises(Conflict):
            back_up(read_settings(home), tmp_path / "b.tar")

        assert (tmp_path / "b.tar").read_text() == "precious"

    def test_a_backup_in_the_home(self, home):
        with pytest.raises(Conflict, match="lies in the home"):
            back_up(read_settings(home), home / "projects" / "b.tar")

    def test_a_home_that_is_none(self, tmp_path):
        with pytest.raises(NotFound):
            back_up(read_settings(tmp_path / "nowhere"), tmp_path / "b.tar")

        assert list(tmp_path.iterdir()) == []

    def test_a_home_that_is_not_empty(self, home, tmp_path):
        back_up(read_settings(home), tmp_path / "b.tar")
        with pytest.raises(Conflict, match="is not empty"):
            unpack(tmp_path / "b.tar", home)

    @pytest.mark.parametrize("harm", ["cut", "change", "add", "no list", "no tar"])
    def test_a_backup_that_is_not_whole(self, home, tmp_path, harm):
        path = tmp_path / "b.tar"
        back_up(read_settings(home), path)
        content = path.read_bytes()
        match harm:
            case "cut":
                path.write_bytes(content[: len(content) // 2])
            case "change":
                path.write_bytes(content.replace(b"1,Oslo", b"1,Rome"))
            case "add" | "no list":
                path.unlink()
                rebuild(content, path, harm)
            case "no tar":
                path.write_bytes(b"no tar at all" * 1000)
        with pytest.raises(Tampered):
            unpack(path, tmp_path / "new")

        assert sorted(each.name for each in tmp_path.iterdir()) == ["b.tar", "home"]

    @pytest.mark.parametrize("name", ["../evil", "/evil", "a/../../evil", "..\\evil"])
    def test_a_name_that_leads_out(self, tmp_path, name):
        with tarfile.open(tmp_path / "b.tar", "w") as tar:
            about = tarfile.TarInfo(name)
            about.size = 4
            tar.addfile(about, io.BytesIO(b"evil"))
        with pytest.raises(Tampered):
            unpack(tmp_path / "b.tar", tmp_path / "a" / "new")

        assert not list(tmp_path.rglob("evil*"))

    def test_a_link(self, tmp_path):
        with tarfile.open(tmp_path / "b.tar", "w") as tar:
            about = tarfile.TarInfo("projects")
            about.type, about.linkname = tarfile.SYMTYPE, "/etc"
            tar.addfile(about)
        with pytest.raises(Tampered):
            unpack(tmp_path / "b.tar", tmp_path / "new")

    def test_headers_without_end(self, tmp_path):
        """Headers that are about headers, each for the next one."""
        about = tarfile.TarInfo("x")
        about.type, about.size = tarfile.XHDTYPE, 0
        (tmp_path / "b.tar").write_bytes(about.tobuf() * 3000)
        with pytest.raises(Tampered):
            unpack(tmp_path / "b.tar", tmp_path / "new")

        assert [each.name for each in tmp_path.iterdir()] == ["b.tar"]

    @pytest.mark.parametrize(
        ("table", "change", "of"),
        [
            ("pb_document", "path = '{out}/m.json'", "path LIKE '%files/manifest%'"),
            ("pb_document", "path = '../../../out/m.json'", "path LIKE '%files/manifest%'"),
            ("pb_entry", "path = '../../../out', written = 0", "path LIKE '%files/manifest%'"),
            ("pb_version", "file = '../../../out/a.csv'", "1"),
            ("pb_version", "home = '{out}'", "1"),
            ("pb_version", "entry = json_set(entry, '$.file', '{out}/a.csv')", "1"),
            ("pb_load", "entry = json_set(entry, '$.file', '{out}/a.csv')", "1"),
            ("pb_load", "entry = '[]'", "1"),
            ("pb_name", "name = '../../../../out/a'", "space = 'files'"),
            ("pb_run", "home = '../../../../out/a'", "1"),
            ("pb_instance", "identity = '..'", "1"),
            ("pb_instance", 'entry = \'{{"file_fingerprints": {{"../../a": ""}}}}\'', "1"),
            ("pb_hosted", "project = '../../out'", "1"),
        ],
    )
    def test_a_catalog_that_leads_out(self, home, tmp_path, table, change, of):
        changing = f"UPDATE {table} SET {change} WHERE {of}".format(out=tmp_path / "out")  # noqa: S608
        with closing(sqlite3.connect(home / "preboard.db")) as connection:
            assert connection.execute(changing).rowcount
            connection.commit()
        back_up(read_settings(home), tmp_path / "b.tar")
        with pytest.raises(Tampered, match=r"no place inside|is no entry"):
            restored(tmp_path / "b.tar", tmp_path / "new")

        assert sorted(each.name for each in tmp_path.iterdir()) == ["b.tar", "home"]

    @pytest.mark.parametrize(
        ("section", "key"),
        [
            ("inputs", "files"),
            ("inputs", "csvpaths"),
            ("results", "archive"),
            ("results", "transfers"),
            ("logging", "log_file"),
        ],
    )
    def test_a_project_whose_settings_lead_out(self, home, tmp_path, section, key):
        config = next(home.rglob("config.ini"))
        said = ConfigParser(interpolation=None)
        said.read(config)
        said[section][key] = str(tmp_path / "out")
        with config.open("w") as file:
            said.write(file)
        back_up(read_settings(home), tmp_path / "b.tar")
        with pytest.raises(Tampered, match="no place inside"):
            restored(tmp_path / "b.tar", tmp_path / "new")

        assert sorted(each.name for each in tmp_path.iterdir()) == ["b.tar", "home"]

    def test_a_database_that_is_none(self, home, tmp_path):
        """Nothing is left that the next try would stumble over."""
        (home / "preboard.db").write_bytes(b"junk" * 1000)
        path = tmp_path / "b.tar"
        with tarfile.open(path, "w") as tar:
            tar.add(home / "preboard.db", "preboard.db")
            kept = Kept(4000, hashlib.sha256(b"junk" * 1000).hexdigest())
            body = msgspec.json.encode(contents_of({"preboard.db": kept}))
            about = tarfile.TarInfo(LIST)
            about.size = len(body)
            tar.addfile(about, io.BytesIO(body))
        with pytest.raises(StoreError, match="can't be read"):
            restored(path, tmp_path / "new")

        assert sorted(each.name for each in tmp_path.iterdir()) == ["b.tar", "home"]

    def test_settings_for_another_database(self, home, tmp_path):
        back_up(read_settings(home), tmp_path / "b.tar")
        url = "postgresql+psycopg://nobody@127.0.0.1:1/none"
        given = [str(tmp_path / "b.tar"), "--home", str(tmp_path / "new"), "--database-url", url]
        done = preboard("restore", *given)

        assert done.returncode == 2
        assert b"migrate --to URL" in done.stderr
        assert not (tmp_path / "new").exists()


def contents_of(files):
    """Return a list of such files."""
    return Contents(
        format=1, preboard="1", schema="0002", made=iso(utc_now()), database="sqlite", files=files
    )


def rebuild(content, path, harm):
    """Write the members of a tar file anew, with one more or without the list."""
    with tarfile.open(fileobj=io.BytesIO(content)) as old, tarfile.open(path, "w") as new:
        if harm == "add":
            about = tarfile.TarInfo("projects/more")
            about.size = 4
            new.addfile(about, io.BytesIO(b"more"))
        for member in old:
            if member.name != LIST or harm == "add":
                new.addfile(member, old.extractfile(member))


def test_the_commands(home, tmp_path):
    made = preboard("backup", "--home", str(home), str(tmp_path / "b.tar"))
    back = preboard("restore", str(tmp_path / "b.tar"), "--home", str(tmp_path / "new"))

    assert (made.returncode, made.stderr) == (0, b"")
    assert re.fullmatch(rb"\S+b\.tar: \d+ files, [\d,]+ bytes\n", made.stdout)
    assert (back.returncode, back.stderr) == (0, b"")
    assert re.fullmatch(rb"\S+new: \d+ files, 1 projects, as of [\d: -]+ UTC\n", back.stdout)


def backed_up(home, url, target):
    """Make a backup of a home whose catalog is in PostgreSQL, with a project."""
    with serving(home, database_url=url) as served:
        project_in(served)
    done = preboard("backup", "--home", str(home), "--database-url", url, str(target))
    assert done.returncode == 0, done.stderr


@pytest.fixture(scope="module")
def running():
    """The URL of a PostgreSQL that runs for all tests of this file."""
    with postgres.server() as url:
        yield url


@pytest.mark.skipif(not postgres.is_installed(), reason="needs a PostgreSQL to start")
class TestPostgres:
    @pytest.fixture
    def url(self, running):
        """The URL of a database without anything in it."""
        yield running
        engine = create_engine(running)
        with engine.begin() as connection:
            connection.execute(text("DROP SCHEMA public CASCADE"))
            connection.execute(text("DROP SCHEMA IF EXISTS dbos CASCADE"))
            connection.execute(text("CREATE SCHEMA public"))
        engine.dispose()

    def restore(self, tmp_path, *more):
        return preboard("restore", str(tmp_path / "b.tar"), "--home", str(tmp_path / "new"), *more)

    def test_a_restore_that_is_refused_can_be_tried_again_as_it_says(self, url, tmp_path):
        backed_up(tmp_path / "home", url, tmp_path / "b.tar")
        bare = url.replace("+psycopg", "")  # as pg_restore takes it
        lost = "postgresql+psycopg://nobody@127.0.0.1:1/none"
        first = self.restore(tmp_path)
        second = self.restore(tmp_path, "--database-url", lost)
        third = self.restore(tmp_path, "--database-url", bare)

        assert (first.returncode, second.returncode, third.returncode) == (2, 3, 0), third.stderr
        assert b"then give --database-url" in first.stderr
        assert b"1 projects" in third.stdout

    def test_not_while_a_server_works_with_the_database(self, url, tmp_path):
        backed_up(tmp_path / "home", url, tmp_path / "b.tar")
        database = Database(url)
        Leases(database).enter("other/0", "other", "b1", iso(utc_now()), 600)
        done = self.restore(tmp_path, "--database-url", url)
        still = [each.executor for each in Leases(database).all()]
        database.close()

        assert done.returncode == 3
        assert b"the worker 'other/0' is alive" in done.stderr
        assert still == ["other/0"]
        assert not (tmp_path / "new").exists()

    @pytest.mark.parametrize("how", ["empty", "another"])
    def test_a_database_that_knows_nothing_of_the_backup(self, url, tmp_path, how):
        backed_up(tmp_path / "home", url, tmp_path / "b.tar")
        engine = create_engine(url)
        with engine.begin() as connection:
            if how == "empty":
                connection.execute(text("DROP SCHEMA public CASCADE"))
                connection.execute(text("CREATE SCHEMA public"))
            else:
                connection.execute(text("DELETE FROM pb_hosted"))
        done = self.restore(tmp_path, "--database-url", url)
        tables = inspect(engine).get_table_names()
        engine.dispose()

        assert done.returncode == 3
        assert b"restore" in done.stderr
        assert b"first, as with pg_restore" in done.stderr
        assert bool(tables) == (how == "another")  # what pg_restore will make is not made before
        assert not (tmp_path / "new").exists()

    @pytest.mark.parametrize(
        "command",
        [
            ("keys", "create"),
            ("keys", "list"),
            ("serve", "--check", "--port", "0"),
            ("migrate",),
            ("backup", "c.tar"),
        ],
    )
    def test_a_home_remembers_that_its_catalog_is_elsewhere(self, url, tmp_path, command):
        """A command without the URL would begin another server in the same home."""
        home = str(tmp_path / "home")
        options = ("--port", "0", "--check", "--database-url", url)
        assert preboard("serve", "--home", home, *options).returncode == 0
        before = sorted((tmp_path / "home").iterdir())
        done = preboard(*command, "--home", home)

        assert done.returncode == 2
        assert b"is in another database, and none is named" in done.stderr
        assert sorted((tmp_path / "home").iterdir()) == before
        assert not any(url.encode() in each.read_bytes() for each in before if each.is_file())


class TestMigrate:
    def test_brings_a_database_up_to_date(self, tmp_path):
        done = preboard("migrate", "--home", str(tmp_path / "home"))

        assert done.returncode == 0
        assert done.stdout.endswith(b"preboard.db: up to date, schema 0002\n")

    def test_not_while_a_server_runs(self, home):
        with only_server(read_settings(home)):
            done = preboard("migrate", "--home", str(home), "--to", "sqlite:////tmp/other.db")

        assert done.returncode == 3
        assert b"a server has " in done.stderr

    def test_not_into_a_database_that_holds_a_server(self, home, tmp_path):
        with serving(tmp_path / "other") as other:
            url = other.service.settings.catalog_url
        with pytest.raises(Conflict, match="holds a server already"):
            move(read_settings(home), url)

        assert (home / "preboard.db").exists()
        database = Database(url)
        with database.reading() as connection:
            assert connection.execute(select(func.count()).select_from(projects)).scalar() == 0
        database.close()

    @pytest.mark.skipif(not postgres.is_installed(), reason="needs a PostgreSQL to start")
    def test_to_postgresql_with_all_that_there_is_and_all_that_is_to_do(self, home):
        settings = read_settings(home)
        prepare(settings.catalog_url)
        with serving(home, with_key=False) as served:
            project = served.service.hosting.all()[0].project
            key = served.service.keys.create(Wished(owner=str(uuid4()), name="kept")).key
            wish = Wish(file="towns", group="checks")
            waiting = [str(uuid4()) for _ in range(3)]
            for job in waiting:
                new = NewJob(id=job, project=project, wish=wish, asked_by="a test")
                served.service.queue.accept(new)
            with served.service.database.writing() as connection:  # as a worker that died left it
                held = jobs.update().where(jobs.c.id == waiting[0])
                connection.execute(held.values(state="running", attempt=1, holder="local/0"))
                listed = connection.execute(select(entries)).mappings().all()
        with postgres.server() as url:
            moved = preboard("migrate", "--home", str(home), "--to", url)
            again = preboard("migrate", "--home", str(home), "--to", url)
            assert (moved.returncode, again.returncode) == (0, 2), moved.stderr
            assert b"3 jobs to do" in moved.stdout
            target = Database(url)
            with target.reading() as connection:
                assert connection.execute(select(entries)).mappings().all() == listed
            assert Keys(target).by_public_id(key.id) == key
            with target.writing() as connection:  # the counters go on
                row = {"time": iso(utc_now()), "key": "k", "action": "a", "outcome": "done"}
                connection.execute(audit.insert().values(row))
            target.close()
            with started(home, env={"PREBOARD_DATABASE_URL": url}) as server:
                server.wait_until_ready()
                states = until_ended(url, waiting)
        assert states == dict.fromkeys(waiting, "done")
        assert not (home / "preboard.db").exists() or not (home / "preboard.db").stat().st_size
        assert len(list(home.glob("preboard.db.moved-*"))) == 1


def until_ended(url, waiting):
    """Return the states of jobs when all have ended, or after a while."""
    database = Database(url)
    wait = Event()
    try:
        found = Jobs(database).standing(waiting)
        for _ in range(600):
            if all(each.state not in ("queued", "running") for each in found.values()):
                break
            wait.wait(0.1)
            found = Jobs(database).standing(waiting)
        return {job: each.state for job, each in found.items()}
    finally:
        database.close()
