"""`preboard keys`: the keys of a server, for whoever runs it on the machine."""

import json
import re
import shlex
import subprocess
import sys

import pytest
from tests.integration.program import AS_ROOT, PROGRAM
from tests.integration.serving import serving

from preboard.cli.app import run


@pytest.fixture(autouse=True)
def home(tmp_path, monkeypatch):
    monkeypatch.chdir(tmp_path)
    monkeypatch.setenv("PREBOARD_HOME", "server")
    return tmp_path / "server"


@pytest.fixture
def keys(capsysbinary):
    """Return what runs the command in this process: its answer and its messages."""

    def ran(*words, code=0):
        ended = run(["keys", *words])
        out, err = (text.decode() for text in capsysbinary.readouterr())
        assert ended == code, err
        return out, err

    return ran


@pytest.fixture
def listed(keys):
    return lambda: [json.loads(line) for line in keys("list", "--json")[0].splitlines()]


def test_the_first_is_an_admin_key_and_the_next_is_not(keys, listed):
    first, told = keys("create", "--name", "first")
    keys("create", "--name", "second", "--owner", "Acme", "--scope", "read")

    assert re.fullmatch(r"pb_[a-z0-9]{8}[A-Za-z0-9_-]{43}\n", first)
    assert "admin key" in told
    found = listed()
    assert [(key["name"], key["admin"], key["scopes"]) for key in found] == [
        ("first", True, ["register", "run", "read", "admin"]),
        ("second", False, ["read"]),
    ]
    assert found[1]["owner_name"] == "Acme"
    assert first.strip()[11:] not in json.dumps(found)
    table, _ = keys("list")
    assert table.splitlines()[0].split() == [
        "KEY", "NAME", "OWNER", "MAY", "STATE", "CREATED", "LAST", "USED",
    ]  # fmt: skip


def test_what_is_done_here_holds_in_a_server_that_runs(keys, home):
    with serving(home, with_key=False) as server:
        first = keys("create")[0].strip()
        with server.client(first) as admin:
            assert admin.get("/v2/admin/runs").status_code == 200
            other = json.loads(keys("create", "--json", "--same-owner", first[:11])[0])
            assert other["owner"] == admin.get("/v2/admin/keys").json()["keys"][0]["owner"]

            with server.client(other["api_key"]) as client:
                assert client.get("/v2/admin/runs").status_code == 403
                assert keys("promote", other["id"])[0] == f"{other['id']}\n"
                assert client.get("/v2/admin/runs").status_code == 200
                keys("demote", other["id"])
                assert client.get("/v2/admin/runs").status_code == 403
                keys("rotate", other["id"], "--grace", "60")
                assert client.get("/v2/admin/keys").status_code == 200
                rotated = keys("rotate", other["id"])[0].strip()
                assert client.get("/v2/admin/keys").status_code == 403
            with server.client(rotated) as client:
                assert client.get("/v2/admin/keys").status_code == 200
                keys("revoke", other["id"])
                assert client.get("/v2/admin/keys").status_code == 403
            deeds = admin.get("/v2/admin/audit").json()["deeds"]
    assert [deed["action"] for deed in deeds[:2]] == ["key.revoke", "key.rotate"]
    assert deeds[0]["key"].startswith("the operator")


def test_one_that_ends(keys, listed):
    keys("create")
    keys("create", "--name", "short", "--expires", "2100-01-01")

    assert listed()[1]["expires"] == "2100-01-01T00:00:00.000000+00:00"
    _, told = keys("create", "--expires", "2000-01-01", code=2)
    assert "past" in told


@pytest.mark.parametrize(
    ("words", "code", "told"),
    [
        (["revoke", "pb_00000000"], 3, "keys list"),
        (["rotate"], 2, "takes the id of a key"),
        (["list", "pb_00000000"], 2, "takes no key"),
        (["list", "--home", "nosuch"], 3, "no server"),
        (["list", "--home", ""], 2, "empty"),
        (["burn", "x"], 2, "burn"),
        (["create", "--scope", "all"], 2, "all"),
        (["create", "--same-owner", "pb_00000000"], 3, "no key"),
        (["list", "--database-url", "mysql://x/y"], 2, "database"),
    ],
)
def test_what_is_not_right(words, code, told, keys):
    keys("create")
    out, err = keys(*words, code=code)

    assert out == ""
    assert told in err


def test_the_last_admin_key_stays(keys):
    first = keys("create")[0][:11]

    for word in ("revoke", "demote"):
        assert "last admin key" in keys(word, first, code=3)[1]


def test_settings_of_the_server_that_are_wrong(keys, home):
    keys("create")
    (home / "server.toml").write_text("port = 'x'\n")

    assert "port" in keys("list", code=2)[1]


def test_without_what_a_server_needs(home):
    """The base install has the command, which says what to install."""
    code = (
        "import sys; sys.modules['pydantic_settings'] = None; from preboard.cli import main; main()"
    )
    done = subprocess.run(
        [sys.executable, "-c", code, "keys", "list", "--home", str(home)],
        capture_output=True,
        text=True,
        timeout=60,
        check=False,
    )

    assert done.returncode == 2
    assert "pip install 'preboard[server]'" in done.stderr


@pytest.mark.parametrize("words", [("list",), ("revoke", "pb_abcdefgh")])
def test_what_makes_no_key_makes_no_database(keys, home, words):
    home.mkdir()
    _, told = keys(*words, code=3)

    assert "there is no server in" in told
    assert list(home.iterdir()) == []


@pytest.mark.parametrize(
    ("words", "told"),
    [
        (("rotate", "pb_abcdefgh", "--scope", "read"), "--scope is for `keys create`"),
        (("revoke", "pb_abcdefgh", "--admin"), "--admin is for `keys create`"),
        (("list", "--name", "key"), "--name is for `keys create`"),
        (("create", "--grace", "5"), "--grace is for `keys rotate`"),
    ],
)
def test_no_option_is_passed_over(keys, words, told):
    assert told in keys(*words, code=2)[1]


@pytest.mark.skipif(not AS_ROOT, reason="needs to mount")
@pytest.mark.parametrize("words", [("list",), ("create",)])
def test_a_home_on_a_disk_that_is_read_only(keys, home, words):
    keys("create")
    mounted = f"mount --bind {home} {home} && mount -o remount,bind,ro {home} && exec"
    line = f"{mounted} {shlex.join([*PROGRAM, 'keys', *words])}"
    done = subprocess.run(
        ["unshare", "--mount", "/bin/sh", "-c", line], capture_output=True, check=False
    )
    if b"unshare" in done.stderr or b"mount:" in done.stderr:
        pytest.skip("may not mount")

    assert done.returncode == 3
    assert b"internal error" not in done.stderr
