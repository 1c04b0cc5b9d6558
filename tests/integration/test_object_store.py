"""Files of a real S3 API, fetched, listed and refused; and of stores that mean no good."""

import os
import socket
import tracemalloc
from contextlib import ExitStack
from dataclasses import replace
from time import monotonic

import pytest
from tests.integration.object_store import object_store
from tests.integration.program import preboard
from tests.integration.settings import say
from tests.integration.web_server import CONTENT, serving

from preboard.config.credentials import Credentials
from preboard.config.locations import location
from preboard.errors import ConfigError, InputError, NotFound, Refused
from preboard.manifests.staging import Provenance
from preboard.project.project import Project
from preboard.storage.remote import pages
from preboard.storage.remote.fetching import fetched
from preboard.storage.remote.listing import listed
from preboard.storage.remote.rules import RemoteRules

TOKEN = {"aws_session_token": "token"}
HERE = ("127.0.0.1",)
ODD = "orders/a b+ü%41?#&.csv"


@pytest.fixture(scope="module")
def store():
    with object_store() as made:
        made.make_bucket("acme-in", versions=True)
        for key in ("orders/a.csv", "orders/b.csv", "orders/eu/c.csv", ODD, "secret/s.csv"):
            made.put("acme-in", key, CONTENT)
        made.put("acme-in", "orders/", b"")  # how some tools make a folder
        made.put("acme-in", "orders/packed.csv", b"\x1f\x8b", **{"content-encoding": "gzip"})
        yield made


@pytest.fixture(scope="module")
def hostile():
    with serving() as made:
        yield made


def credentials(endpoint, **more):
    told = {
        "aws_access_key_id": "key",
        "aws_secret_access_key": "hush",
        "aws_endpoint_url": endpoint,
        **more,
    }
    return Credentials(values={f"s3.{key}": value for key, value in told.items() if value})


def rules(*entries, **more):
    found = tuple(location(one) for one in entries or ("s3://*/*",))
    return RemoteRules(locations=found, **{"private_hosts": HERE, **more})


def get(address, endpoint, by=None, **more):
    with fetched(address, by or rules(), credentials(endpoint, **more)) as found:
        return found.stream.read()


class TestFetched:
    def test_an_object_is_fetched_with_what_the_store_says_of_it(self, store):
        with fetched("s3://acme-in/orders/a.csv", rules(), credentials(store.endpoint)) as found:
            assert found.stream.read() == CONTENT
            assert found.told.etag == "e5ebd4c02cefbe7955977c67ada242b7"
            assert found.told.version
            assert found.told.modified.endswith("+00:00")

    def test_a_key_may_hold_every_sign(self, store):
        address = "s3://acme-in/orders/a%20b+%C3%BC%2541%3F%23&.csv"

        assert get(address, store.endpoint) == CONTENT

    def test_its_bytes_are_as_they_were_stored(self, store):
        """A store sends the encoding that was noted, whether or not it is true."""
        assert get("s3://acme-in/orders/packed.csv", store.endpoint) == b"\x1f\x8b"

    @pytest.mark.parametrize(
        ("address", "error", "message"),
        [
            ("s3://acme-in/none.csv", NotFound, "is not there: the store says 404, NoSuchKey"),
            ("s3://no-bucket/a.csv", NotFound, "404, NoSuchBucket"),
            ("s3://acme-in/orders/", Refused, "is a folder"),
            ("s3://acme-in", Refused, "is a folder"),
            ("s3://acme-in/orders/../secret/s.csv", Refused, "no address"),
            ("s3://key:hush@acme-in/a.csv", Refused, "no address"),
            ("s3://acme-in/a.csv?versionId=1", Refused, "question mark"),
        ],
    )
    def test_what_is_no_object_is_told(self, store, address, error, message):
        with pytest.raises(error, match=message) as caught:
            get(address, store.endpoint)
        assert "hush" not in str(caught.value)

    def test_only_what_is_listed_is_fetched(self, store):
        only = rules("s3://acme-in/orders/*")

        assert get("s3://acme-in/orders/a.csv", store.endpoint, only) == CONTENT
        for address in ("s3://acme-in/secret/s.csv", "s3://other/orders/a.csv"):
            with pytest.raises(Refused, match="the project does not list it"):
                get(address, store.endpoint, only)

    def test_what_is_too_large_is_refused(self, store):
        with pytest.raises(Refused, match="more than 3 bytes"):
            get("s3://acme-in/orders/a.csv", store.endpoint, rules(most_bytes=3))


class TestListed:
    def keys(self, store, address="s3://acme-in/orders/", by=None, **more):
        found = listed(address, by or rules(), credentials(store.endpoint), **more)
        return [one.path for one in found.files], found.is_cut

    def test_a_folder_is_listed_in_the_order_of_its_keys(self, store):
        plain = [ODD, "orders/a.csv", "orders/b.csv", "orders/packed.csv"]

        assert self.keys(store) == (plain, False)
        only = rules("s3://acme-in/orders/*")
        assert self.keys(store, "s3://acme-in/orders", by=only) == (plain, False)
        assert self.keys(store, recurse=True)[0] == [*plain[:3], "orders/eu/c.csv", plain[3]]
        assert self.keys(store, "s3://acme-in/none/") == ([], False)

    def test_it_goes_on_where_it_was_left_and_ends_at_a_number(self, store):
        few = rules(most_listed=2)

        assert self.keys(store, by=few, after="orders/a.csv") == (
            ["orders/b.csv", "orders/packed.csv"],
            False,
        )
        assert self.keys(store, by=few) == ([ODD, "orders/a.csv"], True)

    def test_what_is_listed_can_be_fetched(self, store):
        first = listed("s3://acme-in/orders/", rules(), credentials(store.endpoint)).files[0]

        assert get(first.address, store.endpoint) == CONTENT
        assert (first.size, first.etag) == (len(CONTENT), "e5ebd4c02cefbe7955977c67ada242b7")

    def test_more_than_a_page_is_listed(self, store, monkeypatch):
        monkeypatch.setattr(pages, "_AT_ONCE", "2")

        assert len(self.keys(store)[0]) == 4
        assert len(self.keys(store, recurse=True, after="orders/a.csv")[0]) == 3

    def test_a_list_without_end_ends(self, hostile):
        with pytest.raises(InputError, match=r"took longer than"):
            listed("s3://pages/", rules(total_s=0.3), credentials(hostile.site))

    def test_what_is_no_list_is_told(self, hostile):
        with pytest.raises(InputError, match="can't be listed: the store's answer is no list"):
            listed("s3://orders/", rules(), credentials(hostile.site))

    def test_a_web_server_has_none(self):
        with pytest.raises(Refused, match="can't be listed"):
            listed("https://files.example/", rules("https://files.example/*"), Credentials())


class TestEndpoints:
    @pytest.mark.parametrize("entry", ["s3://*/*", "https://elsewhere.example"])
    def test_another_store_must_be_listed(self, entry):
        with pytest.raises(Refused, match=r"store at https://minio\.example:9000 is not allowed"):
            get("s3://acme-in/a.csv", "https://minio.example:9000", rules("s3://acme-in/*", entry))

    def test_another_store_is_asked_over_tls(self):
        both = rules("s3://acme-in/*", "http://minio.example:9000")

        with pytest.raises(Refused, match="can't be asked without TLS"):
            get("s3://acme-in/a.csv", "http://minio.example:9000", both)

    @pytest.mark.parametrize("host", ["127.0.0.1", "localhost", "169.254.169.254", "[::1]"])
    def test_a_private_store_is_asked_only_where_that_is_allowed(self, hostile, host):
        hostile.seen.clear()
        endpoint = f"https://{host}:{hostile.port}"
        listed_too = replace(rules("s3://acme-in/*", endpoint), private_hosts=())

        with pytest.raises(Refused, match=r"the host .* is not allowed"):
            get("s3://acme-in/a.csv", endpoint, listed_too)
        assert hostile.seen == []

    def test_a_redirect_is_not_followed(self, hostile):
        """A library would carry the session's token to wherever it leads."""
        hostile.seen.clear()

        with pytest.raises(InputError, match="the store says 302"):
            get("s3://moved/a.csv", hostile.site, **TOKEN)
        assert len(hostile.seen) == 1

    @pytest.mark.parametrize("status", [401, 403])
    def test_what_the_store_refuses_is_told_with_where_credentials_stand(self, hostile, status):
        with pytest.raises(InputError, match=rf"the store says {status}.*\[s3\]") as caught:
            get(f"s3://status/{status}", hostile.site)
        assert "Signature" not in str(caught.value)


class TestTime:
    @pytest.mark.parametrize(
        ("bucket", "limits"),
        [
            ("slow", {"timeout_s": 0.1}),
            ("drip", {"total_s": 0.2}),
            ("drip-head", {"total_s": 0.2}),
            ("endless", {"total_s": 0.2}),
            ("endless", {"most_bytes": 1_000_000}),
        ],
    )
    def test_a_store_that_takes_too_long_or_gives_too_much_is_left(self, hostile, bucket, limits):
        began = monotonic()

        with pytest.raises((InputError, Refused)):
            get(f"s3://{bucket}/a.csv", hostile.site, rules(**limits))

        assert monotonic() - began < 30

    def test_a_store_that_can_t_be_reached_is_not_waited_for(self):
        """Its queue is full: nobody answers, and nobody refuses."""
        with ExitStack() as stack:
            full = stack.enter_context(socket.create_server(("127.0.0.1", 0), backlog=0))
            for _ in range(4):
                waiting = stack.enter_context(socket.socket())
                waiting.setblocking(False)
                waiting.connect_ex(full.getsockname())
            began = monotonic()

            with pytest.raises(InputError, match="can't be fetched"):
                get(
                    "s3://acme-in/a.csv",
                    f"http://127.0.0.1:{full.getsockname()[1]}",
                    rules(connect_s=0.3),
                )
            assert monotonic() - began < 8

    def test_a_large_object_does_not_lie_in_memory(self, hostile):
        size = 100_000_000
        get("s3://large/1", hostile.site)  # what is imported on the way is none of it
        tracemalloc.start()
        try:
            with fetched(f"s3://large/{size}", rules(), credentials(hostile.site)) as found:
                _, peak = tracemalloc.get_traced_memory()
                assert found.stream.seek(0, os.SEEK_END) == size
        finally:
            tracemalloc.stop()
        # The server of the test has the object once, and its thread counts.
        assert peak - size < 30_000_000


class TestCredentials:
    def test_those_of_the_process_are_not_used(self, hostile, monkeypatch, tmp_path):
        for name in ("AWS_ACCESS_KEY_ID", "AWS_SECRET_ACCESS_KEY", "AWS_SESSION_TOKEN"):
            monkeypatch.setenv(name, "AMBIENT")
        monkeypatch.setenv("AWS_ENDPOINT_URL", "http://127.0.0.1:1")
        (tmp_path / ".aws").mkdir()
        (tmp_path / ".aws/credentials").write_text(
            "[default]\naws_access_key_id = AMBIENT\naws_secret_access_key = AMBIENT\n"
        )
        monkeypatch.setenv("HOME", str(tmp_path))
        hostile.seen.clear()

        without = credentials(hostile.site, aws_access_key_id="", aws_secret_access_key="")
        with fetched("s3://acme-in/a.csv", rules(), without):
            pass

        assert [path for path, _ in hostile.seen] == ["/acme-in/a.csv"]

    def test_half_of_them_is_told(self, hostile):
        with pytest.raises(ConfigError, match=r"\[s3\] has one of"):
            get("s3://acme-in/a.csv", hostile.site, aws_secret_access_key="")


class TestRegistering:
    def test_a_project_registers_an_object_and_keeps_what_the_store_said(self, store, tmp_path):
        Project.create(tmp_path / "acme").close()
        say(
            tmp_path / "acme",
            store.settings,
            {"inputs": {"remote_locations": "s3://acme-in/orders/*"}},
        )
        with Project.open(tmp_path / "acme") as project:
            version = project.register(
                "orders", "s3://acme-in/orders/eu/c.csv", template=":2/:filename"
            )
            with pytest.raises(Refused):
                project.register("orders", "s3://acme-in/secret/s.csv")

        assert (version.home, version.origin) == ("eu/c.csv", "s3://acme-in/orders/eu/c.csv")
        told = version.entry.provenance
        assert isinstance(told, Provenance)
        assert told.etag == "e5ebd4c02cefbe7955977c67ada242b7"
        assert told.version_id

    def test_the_command_line_takes_credentials_from_the_project_s_variables(self, store, tmp_path):
        root = tmp_path / "acme"
        Project.create(root).close()
        (root / "config/env.json").write_text(
            '{"AWS_ACCESS_KEY_ID": "key", "AWS_SECRET_ACCESS_KEY": "secret",'
            f' "AWS_ENDPOINT_URL": "{store.endpoint}"}}'
        )
        say(
            root,
            {
                "config": {"var_sub_source": "config/env.json"},
                "inputs": {"remote_locations": "s3://acme-in/*", "private_hosts": "127.0.0.0/8"},
            },
        )

        done = preboard("register", "orders", "s3://acme-in/orders/a.csv", "--project", str(root))
        assert done.returncode == 0, done.stderr
        assert b"inputs/named_files/orders/a.csv/" in done.stdout

        done = preboard("register", "orders", "s3://other/a.csv", "--project", str(root))
        assert done.returncode == 3
        assert b"s3://other/*" in done.stderr  # the hint
