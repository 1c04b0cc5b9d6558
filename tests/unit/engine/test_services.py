"""What a run reaches outside of itself: databases, the environment, the file it reads."""

import gzip
import hashlib
import io
import sqlite3

import pytest

import preboard
from preboard.engine.access import Access
from preboard.engine.databases import Databases
from preboard.engine.services import StandAlone
from preboard.language.functions.call import Fault
from preboard.language.functions.services import Bound


@pytest.fixture
def fruit(tmp_path):
    path = tmp_path / "fruit.db"
    connection = sqlite3.connect(path)
    connection.execute('create table fruit(k text, n integer, "Odd Name" text, b blob)')
    connection.executemany(
        "insert into fruit values(?, ?, ?, ?)",
        [("a", 1, "x:y", b"raw"), ("b", 2, "it's", None), (None, 3, "", None)],
    )
    connection.commit()
    connection.close()
    return f"sqlite:///{path}"


@pytest.fixture
def databases():
    opened = Databases()
    yield opened
    opened.close()


def run(statement, text="k\na\n"):
    return preboard.validate(statement, io.BytesIO(text.encode()), delimiter=",")


def value_of(expression, fruit, before=""):
    report = run(f"$[1][ {before} @v = {expression.replace('DB', fruit)} ]")
    return report.variables["v"], [error.message for error in report.errors]


@pytest.mark.parametrize(
    ("expression", "expected"),
    [
        ('select("k", "fruit", "k = @k", "DB")', ["a"]),
        ("select(\"k\", \"fruit\", \"k = '@k'\", \"DB\")", ["a"]),
        ("select(\"k\", \"fruit\", \"k = '@other'\", \"DB\")", []),
        ("select(\"n\", \"fruit\", \"k <> 'drop' and n >= @n\", \"DB\")", [2]),
        ('select("k", "fruit", "where n in @all", "DB")', ["a", "b"]),
        ('select("Odd Name", "fruit", "n = 1", "DB")', ["x:y"]),
        ('select("b", "fruit", "n = 1", "DB")', ["raw"]),
        ('sql_in("b", "fruit", "k", "DB")', True),
        ('sql_in(2, "fruit", "n", "DB", yes())', True),
        ('sql_in("2.0", "fruit", "n", "DB", yes())', True),
        ('sql_in("a", "fruit", "n", "DB", yes())', False),
        ('sql_in(none(), "fruit", "k", "DB")', True),
    ],
)  # fmt: skip
def test_lookups(expression, expected, fruit):
    before = '@k = "a" @kk = "b" @n = 2 push("all", 1, 2)'
    assert value_of(expression, fruit, before) == (expected, [])


@pytest.mark.parametrize(
    ("expression", "told"),
    [
        ('select("zz", "fruit", "", "DB")', "no such column"),
        ('select("Zz", "fruit", "", "DB")', "no such column"),
        ('select("k", "nosuch", "", "DB")', "no such table"),
        ('select("k", "fruit; drop table fruit", "", "DB")', "no such table"),
        ('select("k", "fruit", @where, "DB")', "cannot hold 'union'"),
        ('select("k", "fruit", "k = @nosuch", "DB")', "no variable nosuch"),
        ('sql_in(stack("s"), "fruit", "k", "DB")', "one value"),
        ('select("k", "t", "", "postgresql://u:secret@h/x")', "'postgresql'"),
        ('select("k", "t", "", "sqlite:///nosuch.db")', "there is no file nosuch.db"),
        ('select("k", "t", "", "sqlite://")', "'sqlite'"),
    ],
)
def test_what_is_refused_is_an_error_of_the_line(expression, told, fruit):
    value, messages = value_of(expression, fruit, '@where = "1 union all"')
    assert not value
    assert len(messages) == 1
    assert told in messages[0]
    assert "secret" not in messages[0]


@pytest.mark.parametrize(
    ("where", "code"),
    [("k in (select k from t)", "bad-condition"), ("1; drop table t", "bad-condition")],
)
def test_a_literal_condition_is_checked_before_a_line_is_read(where, code):
    with pytest.raises(preboard.StatementError) as told:
        run(f'$[1][ @v = select("k", "t", "{where}", "sqlite:///x.db") ]')
    assert told.value.diagnostics[0].code == code


def test_a_connection_that_the_run_does_not_have_is_refused_before_a_line_is_read():
    """Whichever of several statements names it; the names that there are, are told."""
    statement = '$[1][ @v = select("k", "t", "", "warehouse") ]'
    source = io.BytesIO(b"k\na\n")
    for access, known in ((Access(), "has none"), (Access(connections={"shop": "x"}), "is shop")):
        with pytest.raises(preboard.StatementError, match=known) as told:
            preboard.validate_all(["$[*][]", statement], source, access=access)
        assert told.value.diagnostics[0].code == "unknown-connection"
    assert source.tell() == 0


@pytest.mark.parametrize(
    "expression", ['select("k", "fruit", "n = 1", "shop")', 'sql_in("a", "fruit", "k", "shop")']
)
def test_a_statement_reaches_the_connections_that_its_run_has(expression, fruit):
    """By name; and they may be all that it reaches."""
    access = Access(connections={"shop": fruit}, sqlite_files=False)
    statement = f"$[1][ @v = {expression} ]"
    report = preboard.validate(statement, io.BytesIO(b"k\na\n"), delimiter=",", access=access)
    assert report.variables["v"] in (["a"], True)
    assert list(report.errors) == []


def test_a_database_is_only_read(fruit, databases):
    where = ["k = ", Bound("a'; drop table fruit; --")]
    assert databases.open(fruit).values("fruit", "k", where) == []
    assert databases.open(fruit).values("fruit", "n") == [1, 2, 3]
    assert databases.open(fruit) is databases.open(fruit)


def test_a_run_may_open_named_connections_only(fruit):
    databases = Databases({"shop": fruit}, sqlite_files=False)
    assert databases.open("shop").holds("fruit", "k", "a")
    with pytest.raises(Fault, match="may not open"):
        databases.open(fruit)
    with pytest.raises(Fault, match="there are: shop"):
        databases.open("stock")
    databases.close()


def test_a_run_sees_no_name_of_the_environment_that_nobody_allowed(monkeypatch):
    monkeypatch.setenv("SECRET", "x")
    assert run('$[1][ @v = env("SECRET") ]').variables["v"] is None
    assert StandAlone(Access(env={"A": "b"})).env("A") == "b"


def test_the_fingerprint_of_a_packed_file_is_that_of_the_file_as_it_came(tmp_path):
    """As a program outside would make it; reading goes on where it was."""
    lines = b"".join(b"%d,%x\n" % (at, at * 2654435761 % 2**32) for at in range(100_000))
    path = tmp_path / "a.csv.gz"
    path.write_bytes(gzip.compress(b"n,x\n" + lines))

    report = preboard.validate("$[1*][ file_fingerprint() #n ]", path, collect=False)

    packed = hashlib.sha256(path.read_bytes()).hexdigest()
    assert report.metadata["file_fingerprint"] == packed
    assert report.counts.matches == 100_000


@pytest.mark.parametrize("again", [True, False])
def test_the_fingerprint_is_that_of_the_whole_file(tmp_path, again):
    """Also of a stream that cannot be read twice, and reading goes on where it was."""
    data = b"a\n" + b"1\n" * 200_000
    path = tmp_path / "a.csv"
    path.write_bytes(data)

    class Pipe(io.RawIOBase):
        rest = io.BytesIO(data)

        def readable(self):
            return True

        def readinto(self, buffer):
            return self.rest.readinto(buffer)

    source = path if again else io.BufferedReader(Pipe())
    report = preboard.validate(
        "$[*][ file_fingerprint() ]", source, collect=False, delimiter=","
    )  # fmt: skip

    assert report.metadata["file_fingerprint"] == hashlib.sha256(data).hexdigest()
    assert report.counts.matches == 200_001
