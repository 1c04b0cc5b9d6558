"""What tests of hooks share: a server whose project may fetch from an SFTP server and a store."""

from __future__ import annotations

import base64
import hmac
import json
import time
from contextlib import contextmanager
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any
from uuid import uuid4

from tests.integration.object_store import ObjectStore, object_store
from tests.integration.patience import PATIENCE_S
from tests.integration.server.working import working
from tests.integration.settings import say
from tests.integration.sftp_server import SftpServer, sftp_server

from preboard.catalog.service import tables
from preboard.clock import iso, utc_now

if TYPE_CHECKING:
    from collections.abc import Iterator
    from pathlib import Path

    import httpx
    from tests.integration.serving import Served

GOOD = b"id,name,amount\n1,Ann,3\n2,Bob,4\n"
BAD = b"id,name,amount\n1,Ann,3\n2,Bob,-4\n"
CHECKS = ["~ id: amounts ~ $[1*][ below(#amount, 0) -> fail() ]"]
BUCKET = "acme-in"
EVENT = {
    "event": "upload",
    "status": "1",
    "path": "/orders/may.csv",
    "location": "/srv/sftpgo/alder/orders/may.csv",
    "size": "30",
    "account": "alder",
    "protocol": "SFTP",
    "address": "203.0.113.9",
    "time": "1795245120000000000",
}


def event(**changed: str) -> dict[str, str]:
    """Return an event as SFTPGo sends one, unlike every other."""
    return {**EVENT, "id": str(uuid4()), **changed}


@dataclass(frozen=True, slots=True)
class Hooked:
    """A server with the project `acme`, and where its files come from."""

    served: Served
    api: httpx.Client
    sender: httpx.Client
    sftp: SftpServer
    store: ObjectStore
    inbox: Path

    def hook(self, adapter: str, **definition: Any) -> dict[str, Any]:
        """Make a hook; the secret is in the header X-Token if nothing else is said."""
        told = {"project": "acme", "named_file": "orders", **definition}
        if adapter != "poll":
            told = {"adapter": adapter, "secret": {"header": "X-Token"}, **told}
        answer = self.api.post("/v2/hooks", json=told)
        assert answer.status_code == 201, answer.text
        made: dict[str, Any] = answer.json()
        return made

    def call(self, made: dict[str, Any], body: Any, **more: Any) -> httpx.Response:
        """Call a hook as its sender does, without a key of the API."""
        content = body if isinstance(body, bytes) else json.dumps(body).encode()
        headers, query = sent(made, content)
        headers |= more.pop("headers", {})
        path = f"/v2/hooks/{made['id']}"
        return self.sender.post(path, content=content, headers=headers, params=query, **more)

    def ended(self, run: str) -> dict[str, Any]:
        """Wait for the end of what a hook started."""
        until = time.monotonic() + PATIENCE_S
        while time.monotonic() < until:
            job = self.served.service.jobs.by_id(run)
            assert job is not None
            if not job.is_open:
                return {"state": job.state, "valid": job.valid, "error": job.error, "job": job}
            time.sleep(0.02)
        raise AssertionError(f"{run} goes on")

    def postponed(self, run: str) -> dict[str, Any]:
        """Wait until a run waits for its file, and return how it stands."""
        until = time.monotonic() + PATIENCE_S
        while time.monotonic() < until:
            status: dict[str, Any] = self.api.get(f"/v2/runs/{run}").json()
            if status["next_attempt"] is not None:
                return status
            time.sleep(0.02)
        raise AssertionError(f"{run} waits for nothing")

    def hasten(self, run: str, **values: object) -> None:
        """Let a run wait no longer for its file."""
        table, soon = tables.jobs, {"again": iso(utc_now())}
        with self.served.service.database.writing() as connection:
            connection.execute(table.update().where(table.c.id == run).values(**soon, **values))

    def arrivals(self, made: dict[str, Any], **query: str) -> list[dict[str, Any]]:
        """Return what arrived by a hook, newest first."""
        answer = self.api.get(f"/v2/hooks/{made['id']}/arrivals", params=query)
        assert answer.status_code == 200, answer.text
        found: list[dict[str, Any]] = answer.json()["arrivals"]
        return found

    def version(self, run: str) -> Any:
        """Return the version that a run registered."""
        job = self.ended(run)["job"]
        project = self.served.service.project(job.project)
        return project.version(job.registration)

    def put(self, location: str, content: bytes = GOOD) -> None:
        """Put a file where a location leads to."""
        from urllib.parse import unquote, urlsplit  # noqa: PLC0415 - one use

        if location.startswith("s3://"):
            split = urlsplit(location)
            # Without a key the store lets nobody put anything in place of what is there.
            key = {"Authorization": "AWS key:signature"}
            self.store.put(split.netloc, unquote(split.path[1:]), content, **key)
            return
        if location.startswith("sftp://"):
            path = self.sftp.root / unquote(urlsplit(location).path).lstrip("/")
        else:
            path = type(self.inbox)(location)
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_bytes(content)


def sent(made: dict[str, Any], content: bytes) -> tuple[dict[str, str], dict[str, str]]:
    """Return headers and query with the secret of a hook, as its definition says."""
    told, secret = made["definition"]["secret"], made["secret"]
    if "header" in told:
        return {told["header"]: told.get("prefix", "") + secret}, {}
    if "query" in told:
        return {}, {told["query"]: secret}
    if "basic" in told:
        user = told["basic"].get("user", "anybody")
        coded = base64.b64encode(f"{user}:{secret}".encode()).decode()
        return {"Authorization": f"Basic {coded}"}, {}
    signed = told["hmac"]
    digest = hmac.new(secret.encode(), content, signed.get("algorithm", "sha256")).hexdigest()
    return {signed["header"]: signed.get("prefix", "") + digest}, {}


@contextmanager
def hooked(tmp: Path, **settings: Any) -> Iterator[Hooked]:
    """Give a server with a worker, an SFTP server and a store."""
    root, inbox = tmp / "sftp", tmp / "inbox"
    root.mkdir()
    inbox.mkdir()
    with (
        sftp_server(root) as sftp,
        object_store() as store,
        working(
            tmp / "home",
            local_files=True,
            local_roots=[inbox],
            private_hosts=["127.0.0.1"],
            refusals_per_minute=6000,
            **settings,
        ) as served,
        served.client() as api,
        served.client("") as sender,
    ):
        store.make_bucket(BUCKET)
        assert api.post("/v2/projects", json={"name": "acme"}).status_code == 201
        assert api.put("/v2/admin/projects/acme/local-files").status_code == 200
        allow(served, sftp, store)
        load(api, "order-checks")
        yield Hooked(served, api, sender, sftp, store, inbox)


def allow(served: Served, sftp: SftpServer, store: ObjectStore, project: str = "acme") -> None:
    """Let a project fetch from both, with its own credentials."""
    hosted = served.service.hosting.named(project)[0]
    where = f"{sftp.url}/*, s3://{BUCKET}/*"
    more = {"inputs": {"remote_locations": where, "allow_local_files": "yes"}}
    say(served.service.directory(hosted.project), store.settings, sftp.settings, more)


def load(api: httpx.Client, group: str) -> None:
    """Load a group into the project."""
    told = api.post(f"/v2/validations/{group}", json={"project_name": "acme", "csvpaths": CHECKS})
    assert told.status_code == 201, told.text
