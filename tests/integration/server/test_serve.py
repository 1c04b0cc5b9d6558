"""`preboard serve`: a real server, started, watched and ended as an operator does it."""

from __future__ import annotations

import datetime as dt
import json
import os
import re
import signal
import socket
import ssl
import subprocess
import time
from ipaddress import ip_address
from pathlib import Path

import httpx
import pytest
from cryptography import x509
from cryptography.hazmat.primitives import hashes, serialization
from cryptography.hazmat.primitives.asymmetric import ec
from cryptography.x509.oid import NameOID
from sqlalchemy import create_engine, text
from tests.integration import postgres
from tests.integration.patience import PATIENCE_S
from tests.integration.program import preboard
from tests.integration.served import started

"""Where a server is still starting, it answers when it has."""


@pytest.fixture(scope="module")
def served(tmp_path_factory):
    """One server for all tests that leave it as it is."""
    with started(tmp_path_factory.mktemp("serving") / "home") as server:
        server.wait_until_ready()
        yield server


class TestStart:
    def test_one_message_says_where_it_is_and_how_to_make_the_first_key(self, served):
        first = served.words().split("{", 1)[0]

        assert first.startswith("preboard ")
        assert first.count(f"serves {served.url}, from {served.home}\n") == 1
        assert f"preboard keys create --home {served.home}" in first
        assert served.words().count("X-Bootstrap-Token: ") == 1

    def test_the_token_makes_the_first_key(self, tmp_path):
        body = {"key_name": "first", "key_owner_name": "me", "key_owner_contact": "me"}
        with started(tmp_path / "home") as server:
            found = re.search(r"X-Bootstrap-Token: (\S+)'", server.words())
            assert found
            url = f"{server.url}/v2/admin/keys"
            # A proxy stands between: who asks is not known to be on this machine.
            far = {"X-Forwarded-For": "192.0.2.1"}
            refused = httpx.post(url, json=body, headers=far, timeout=PATIENCE_S)
            allowed = {**far, "X-Bootstrap-Token": found[1]}
            made = httpx.post(url, json=body, headers=allowed, timeout=PATIENCE_S)
            log = (server.home / "logs" / "server.log").read_text()

        assert refused.status_code in (401, 403), refused.text
        assert made.status_code == 201
        assert found[1] not in log
        with started(tmp_path / "home") as server:
            assert "Token" not in server.words()

    def test_all_lines_of_the_log_are_json_also_in_the_file(self, served):
        with served.client("") as client:
            client.get("/healthz", headers={"X-Request-Id": "look-for-this"})
        log = served.home / "logs" / "server.log"
        until = time.monotonic() + PATIENCE_S
        # The lines are written behind what they tell.
        awaited = {"takes jobs", "look-for-this"}
        while awaited and time.monotonic() < until:
            awaited -= {each for each in awaited if each in log.read_text()}
            time.sleep(0.1)
        said = [line for line in served.words().splitlines() if line.startswith("{")]
        lines = log.read_text().splitlines()

        assert any("takes jobs" in json.loads(line)["message"] for line in lines)
        asked = [json.loads(line) for line in lines if "look-for-this" in line]
        assert [line["request_id"] for line in asked] == ["look-for-this"]
        assert len({json.loads(line)["process"] for line in said}) >= 2

    def test_home_and_what_is_in_it_are_private(self, served):
        assert served.home.stat().st_mode & 0o077 == 0
        for name in ("preboard.db", "session.secret", "server.lock"):
            assert (served.home / name).stat().st_mode & 0o077 == 0

    def test_check_only_looks(self, tmp_path):
        home = tmp_path / "home"
        done = preboard("serve", "--home", str(home), "--port", "0", "--check")

        assert done.returncode == 0
        assert re.fullmatch(
            rf"ready to serve http://127\.0\.0\.1:\d+, from {home}\n", done.stdout.decode()
        )
        assert done.stderr == b""

    def test_settings_come_from_the_file_too(self, tmp_path):
        home = tmp_path / "home"
        home.mkdir()
        (home / "server.toml").write_text('enabled_versions = ["v2"]\nhost = "127.0.0.1"\n')
        with started(home, "--role", "api") as server:
            told = httpx.get(server.url, timeout=PATIENCE_S).json()
            v1 = httpx.get(f"{server.url}/projects", timeout=PATIENCE_S)

        assert told["message"]["api_versions"] == ["v2"]
        assert v1.status_code == 404


class TestRefusal:
    def test_a_port_that_is_taken(self, served, tmp_path):
        port = served.url.rpartition(":")[2]
        done = preboard("serve", "--home", str(tmp_path / "other"), "--port", port)

        assert done.returncode == 3
        assert f"127.0.0.1:{port} is taken by another program".encode() in done.stderr
        assert b"hint: " in done.stderr

    def test_a_home_that_has_a_server(self, served):
        done = preboard("serve", "--home", str(served.home), "--port", "0")

        assert done.returncode == 3
        assert b"a server has " in done.stderr
        assert f"the process {served.process.pid}".encode() in done.stderr

    def test_a_database_that_is_newer(self, tmp_path):
        home = tmp_path / "home"
        assert preboard("serve", "--home", str(home), "--port", "0", "--check").returncode == 0
        engine = create_engine(f"sqlite:///{home}/preboard.db")
        with engine.begin() as connection:
            connection.execute(text("UPDATE pb_schema SET version_num = '9999'"))
        engine.dispose()
        done = preboard("serve", "--home", str(home), "--port", "0")

        assert done.returncode == 3
        assert b"the catalog is newer than this program" in done.stderr

    def test_a_database_that_can_not_be_reached_without_its_password(self, tmp_path):
        with socket.socket() as free:
            free.bind(("127.0.0.1", 0))
            port = free.getsockname()[1]
        url = f"postgresql+psycopg://pb:hush@127.0.0.1:{port}/pb"
        env = {"PREBOARD_DATABASE_URL": url}
        done = preboard("serve", "--home", str(tmp_path / "h"), "--port", "0", env=env)

        assert done.returncode == 3
        assert b"can't be opened" in done.stderr
        assert b"hush" not in done.stderr
        assert b"Traceback" not in done.stderr

    @pytest.mark.parametrize(
        ("toml", "told"),
        [
            ("porrt = 1", b"server.toml: there is no setting"),
            ("port = 70000", b"port: "),
            ("tls_cert = '/x'", b"tls_cert and tls_key"),
            ("port =", b"server.toml can't be read"),
            ("host_name = 'a/b'", b"host_name: "),
        ],
    )
    def test_a_wrong_setting(self, tmp_path, toml, told):
        (tmp_path / "server.toml").write_text(toml)
        done = preboard("serve", "--home", str(tmp_path), "--check")

        assert done.returncode == 2
        assert told in done.stderr

    def test_a_certificate_that_is_none(self, tmp_path):
        (tmp_path / "no.pem").write_text("no certificate")
        toml = f"tls_cert = '{tmp_path}/no.pem'\ntls_key = '{tmp_path}/no.pem'\n"
        (tmp_path / "server.toml").write_text(toml)
        done = preboard("serve", "--home", str(tmp_path), "--port", "0")

        assert done.returncode == 2
        assert b"the certificate can't be used" in done.stderr

    def test_a_home_that_is_a_file(self, tmp_path):
        (tmp_path / "file").touch()
        done = preboard("serve", "--home", str(tmp_path / "file"), "--check")

        assert done.returncode == 3
        assert b"can't be used" in done.stderr


class TestEnd:
    @pytest.mark.parametrize("how", [signal.SIGTERM, signal.SIGINT])
    def test_a_signal_ends_all_processes(self, tmp_path, how):
        with started(tmp_path / "home") as server:
            server.wait_until_ready()
            below = server.children()
            code = server.end(how)

        assert code == 0
        assert len(below) >= 3  # what answers, a worker, and what its children come from
        assert not [pid for pid in below if Path(f"/proc/{pid}").exists()]

    def test_what_is_asked_is_answered_and_nobody_new_is_let_in(self, tmp_path):
        with started(tmp_path / "home", "--role", "api") as server:
            url = httpx.URL(server.url)
            address = (url.host, url.port)
            httpx.get(f"{server.url}/healthz", timeout=PATIENCE_S)
            body = b'{"name": "acme"}'
            head = (
                f"POST /v2/projects HTTP/1.1\r\nHost: x\r\naccess_token: {server.key()}\r\n"
                f"Content-Type: application/json\r\nContent-Length: {len(body)}\r\n\r\n"
            ).encode()
            with socket.create_connection(address) as going_on:
                going_on.sendall(head + body[:5])
                time.sleep(0.3)
                server.process.terminate()
                time.sleep(0.5)
                with pytest.raises(ConnectionError):
                    socket.create_connection(address, timeout=5).close()
                going_on.sendall(body[5:])
                answer = going_on.recv(65536)
            code = server.process.wait(20)

        assert answer.startswith(b"HTTP/1.1 201")
        assert code == 0

    def test_shutdown_over_http_ends_the_whole_server(self, tmp_path):
        with started(tmp_path / "home", "--workers", "2") as server:
            server.wait_until_ready()
            with server.client() as client:
                answer = client.post("/v2/admin/shutdown")
            code = server.process.wait(30)

        assert answer.json() == {"message": "Server is shutting down."}
        assert code == 0

    def test_the_death_of_the_parent_is_the_end_of_all(self, tmp_path):
        with started(tmp_path / "home") as server:
            server.wait_until_ready()
            below = server.children()
            server.process.kill()
            server.process.wait(10)
            until = time.monotonic() + PATIENCE_S
            left = below
            while time.monotonic() < until:
                left = [pid for pid in below if _is_running(pid)]
                if not left:
                    break
                time.sleep(0.05)

        assert left == []

    def test_what_answers_is_started_again_on_the_same_port(self, tmp_path):
        with started(tmp_path / "home", "--role", "api") as server:
            httpx.get(f"{server.url}/healthz", timeout=PATIENCE_S)
            os.kill(server.children()[0], signal.SIGKILL)
            answer = httpx.get(
                f"{server.url}/healthz", timeout=PATIENCE_S
            )  # waits, and is not refused

        assert answer.status_code == 200


def _is_running(pid):
    try:
        return Path(f"/proc/{pid}/stat").read_text().rpartition(")")[2].split()[0] != "Z"
    except FileNotFoundError:
        return False


@pytest.fixture(scope="module")
def address(tmp_path_factory):
    """Return the address of a server without much patience."""
    home = tmp_path_factory.mktemp("patience") / "home"
    env = {"PREBOARD_HEAD_S": "0.5", "PREBOARD_KEEP_ALIVE_S": "1"}
    with started(home, "--role", "api", env=env) as server:
        httpx.get(f"{server.url}/healthz", timeout=PATIENCE_S)
        url = httpx.URL(server.url)
        yield url.host, url.port


class TestPatience:
    """Who says nothing, or never ends, holds a place for a moment only."""

    @pytest.mark.parametrize("said", [b"", b"GET / HT", b"GET / HTTP/1.1\r\nHost: x\r\n"])
    def test_a_head_that_does_not_end_in_time(self, address, said):
        with socket.create_connection(address, timeout=PATIENCE_S) as slow:
            slow.sendall(said)
            begun = time.monotonic()

            assert slow.recv(100) == b""
        assert time.monotonic() - begun < PATIENCE_S

    def test_a_head_that_is_too_long(self, address):
        with socket.create_connection(address, timeout=PATIENCE_S) as long:
            long.sendall(b"GET / HTTP/1.1\r\nHost: x\r\nX-Long: ")
            answer = b""
            try:
                for _ in range(100):
                    long.sendall(b"a" * 10_000)
                    time.sleep(0.001)
            except ConnectionError:
                pass
            else:
                pytest.fail("a header of a megabyte was taken")
            try:
                answer = long.recv(1000)
            except ConnectionError:
                return
        assert answer == b"" or answer.startswith(b"HTTP/1.1 431")

    @pytest.mark.parametrize(
        ("sent", "status"),
        [
            (b"GET / HTTP/1.1\r\nHost: x\r\nX-Long: %b\r\n\r\n", b"200"),
            (b"GET /%b HTTP/1.1\r\nHost: x\r\n\r\n", b"404"),
        ],
        ids=["a header", "a path"],
    )
    def test_one_that_is_too_long_and_comes_at_once(self, address, sent, status):
        for size, expected in ((60_000, status), (66_000, b"431")):
            with socket.create_connection(address, timeout=PATIENCE_S) as long:
                long.sendall(sent % (b"a" * size))

                assert long.recv(1000).startswith(b"HTTP/1.1 " + expected)

    def test_a_slow_body_is_no_slow_head(self, address):
        with socket.create_connection(address, timeout=PATIENCE_S) as slow:
            slow.sendall(b"POST /v2/projects HTTP/1.1\r\nHost: x\r\nContent-Length: 4\r\n\r\n")
            time.sleep(1)
            slow.sendall(b"null")

            assert slow.recv(1000).startswith(b"HTTP/1.1 4")


class TestTls:
    def test_with_a_certificate_of_its_own(self, tmp_path):
        cert, key = _certificate(tmp_path)
        env = {"PREBOARD_TLS_CERT": str(cert), "PREBOARD_TLS_KEY": str(key),
               "PREBOARD_TLS_KEY_PASSWORD": "hush"}  # fmt: skip
        with started(tmp_path / "home", "--role", "api", env=env) as server:
            assert server.url.startswith("https://127.0.0.1:")
            trusting = ssl.create_default_context(cafile=str(cert))
            answer = httpx.get(f"{server.url}/healthz", verify=trusting, timeout=PATIENCE_S)
            entered = httpx.post(
                f"{server.url}/login",
                data={"key": server.key()},
                verify=trusting,
                timeout=PATIENCE_S,
            )

        assert answer.status_code == 200
        assert "; Secure" in entered.headers["set-cookie"]


def _certificate(where):
    """Return the files of a certificate for this machine, and of its key with a password."""
    key = ec.generate_private_key(ec.SECP256R1())
    name = x509.Name([x509.NameAttribute(NameOID.COMMON_NAME, "localhost")])
    now = dt.datetime.now(dt.UTC)  # noqa: TID251 - when a certificate begins
    made = (
        x509.CertificateBuilder()
        .subject_name(name)
        .issuer_name(name)
        .public_key(key.public_key())
        .serial_number(1)
        .not_valid_before(now - dt.timedelta(hours=1))
        .not_valid_after(now + dt.timedelta(days=1))
        .add_extension(
            x509.SubjectAlternativeName([x509.IPAddress(ip_address("127.0.0.1"))]),
            critical=False,
        )
        .sign(key, hashes.SHA256())
    )
    cert_file, key_file = where / "cert.pem", where / "key.pem"
    cert_file.write_bytes(made.public_bytes(serialization.Encoding.PEM))
    key_file.write_bytes(
        key.private_bytes(
            serialization.Encoding.PEM,
            serialization.PrivateFormat.PKCS8,
            serialization.BestAvailableEncryption(b"hush"),
        )
    )
    return cert_file, key_file


@pytest.mark.skipif(not postgres.is_installed(), reason="needs a PostgreSQL to start")
def test_on_postgresql(tmp_path):
    with (
        postgres.server() as url,
        started(tmp_path / "home", env={"PREBOARD_DATABASE_URL": url}) as server,
    ):
        server.wait_until_ready()
        words = subprocess.run(["ps", "-eo", "args"], capture_output=True, check=True).stdout
        code = server.end()

    assert code == 0
    assert not list((tmp_path / "home").glob("preboard.db?*"))
    assert url.encode() not in words  # what may hold a password is in no list of processes
