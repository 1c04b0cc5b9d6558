"""Every route of the application, and whom it refuses: a new one must be entered here.

Five who ask: nobody, an unknown key, a key of another owner, a key without the scope that the route
needs, and a key that is limited to another project. What a route answers to them says nothing of
whether the project is there.
"""

from __future__ import annotations

import json
import re
from dataclasses import dataclass, field
from itertools import chain
from typing import TYPE_CHECKING, Any
from uuid import uuid4

import pytest
from fastapi.routing import APIRoute
from tests.integration.serving import Served, serving

from preboard.catalog.service.jobs import NewJob, Wish
from preboard.catalog.service.keys import SCOPES, Key, Wished, parts_of
from preboard.clock import iso, utc_now
from preboard.jobs.engine import prepare
from preboard.server.app import ALWAYS, V1, V2, create_app
from preboard.server.auth import UNKNOWN_PROJECT
from preboard.server.settings import read_settings

if TYPE_CHECKING:
    from collections.abc import Iterator

    import httpx

SERVER = "server"
"""An admin key of the server is needed."""
KEYS = {"key_name": "n", "key_owner_name": "o", "key_owner_contact": "c"}
HOOK = {
    "project": "{project}",
    "adapter": "sftpgo",
    "secret": {"header": "X-Token"},
    "named_file": "orders",
    "location": "sftp://sftp.example.com{path}",
}
RESULT = "/v2/archive/checks/2026-11-21_07-12-53"
CRON = {
    "name": "nightly", "cron": "0 3 * * *", "file_name": "orders", "validation_name": "checks",
}  # fmt: skip


@dataclass(frozen=True)
class Asked:
    """A request, and the scopes that it needs; `{project}` and other names are filled in.

    `of` says what it is about: a project, a key of an owner, or all that the key may see.
    """

    scopes: tuple[str, ...]
    params: dict[str, str] | None = None
    json: Any = None
    content: bytes | None = None
    of: str = "project"
    path: str | None = None


def by_query(*scopes: str, **params: str) -> Asked:
    """Return a request of v2 that names its project in the query."""
    return Asked(scopes, params={"project_name": "{project}", **params})


def by_body(*scopes: str, **body: Any) -> Asked:
    """Return a request that names its project in the body."""
    return Asked(scopes, json={"project_name": "{project}", **body})


def by_path(*scopes: str, body: Any = None) -> Asked:
    """Return a request that names its project in the path."""
    return Asked(scopes, json=body)


def by_name(*scopes: str, **body: Any) -> Asked:
    """Return a request of v1 that calls the project `name`."""
    return Asked(scopes, json={"name": "{project}", **body})


def of_key(body: Any = None) -> Asked:
    """Return a request about a key of an owner."""
    return Asked(("admin",), json=body, of="key")


def of_server(body: Any = None) -> Asked:
    """Return a request of administrators of the server."""
    return Asked((SERVER,), json=body, of="server")


def of_all(*scopes: str, body: Any = None) -> Asked:
    """Return a request about whatever the key may see or make."""
    return Asked(scopes, json=body, of="all")


OPEN = {
    ("GET", "/"): "tells the version, and browsers the door",
    ("GET", "/healthz"): "for load balancers",
    ("GET", "/readyz"): "for load balancers",
    ("GET", "/docs"): "public unless public_docs is off",
    ("GET", "/redoc"): "public unless public_docs is off",
    ("GET", "/openapi.json"): "public unless public_docs is off",
    ("HEAD", "/"): "as GET",
    ("HEAD", "/healthz"): "as GET",
    ("HEAD", "/readyz"): "as GET",
    ("HEAD", "/docs"): "as GET",
    ("HEAD", "/redoc"): "as GET",
    ("HEAD", "/openapi.json"): "as GET",
    ("POST", "/login"): "where a key is given",
    ("POST", "/logout"): "ends the session of who asks",
    ("GET", "/overview.css"): "how the pages look",
    ("GET", "/overview.svg"): "how a tab with them looks",
    ("GET", "/overview/runs/{job}"): "needs a session: test_overview",
    ("POST", "/v2/hooks/{hook_id}"): "needs the secret of the hook: test_hooks",
    ("OPTIONS", "/v2/hooks/{hook_id}"): "needs the secret of the hook: test_hooks",
}
REFERENCE = "$checks.results.:last"
NEEDS: dict[tuple[str, str], Asked] = {
    ("GET", "/metrics"): of_server(),
    # v1
    ("POST", "/csvpath/register"): by_body("register", name="a", file_location="/in/a.csv"),
    ("POST", "/csvpath/register_file"): by_body("register", name="a", file_location="/in/a.csv"),
    ("POST", "/csvpath/register_csvpath_group"): by_body(
        "register", name="a", file_location="/in/a.csvpaths"
    ),
    ("POST", "/csvpath/run"): by_body("run", file_name="orders", path_name="checks"),
    ("POST", "/csvpath/register_and_run"): by_body(
        "register", "run", file_location="/in/a.csv", file_name="a", csvpaths_group_name="checks"
    ),
    **{
        (method, f"/csvpath/get_run_{what}"): by_body("read", run_reference=REFERENCE)
        for what in ("path", "errors", "metadata", "variables", "printouts")
        for method in ("GET", "POST")
    },
    **{
        (method, path): by_body("read", reference=REFERENCE)
        for path in (
            "/find/find_files", "/find/get_file", "/find/find_completed_runs",
            "/csvpath/find_completed_runs", "/find/find_results", "/find/get_result",
        )
        for method in ("GET", "POST")
    },
    ("GET", "/projects/get_project_names"): of_all("read"),
    ("POST", "/projects/get_project_names"): of_all("read"),
    ("POST", "/projects/new_project"): of_all("admin", body={"name": "made by v1"}),
    ("POST", "/projects/delete_project"): by_name("admin"),
    ("GET", "/projects/get_project_config"): by_name("admin"),
    ("POST", "/projects/get_project_config"): by_name("admin"),
    ("POST", "/projects/set_project_config"): by_name("admin", config_str="[errors]\n"),
    ("GET", "/projects/get_env_file"): by_name("admin"),
    ("POST", "/projects/get_env_file"): by_name("admin"),
    ("POST", "/projects/set_env_file"): by_name("admin", env_str="{}"),
    ("POST", "/projects/set_env_key"): by_name("admin", key="A", value="b"),
    ("POST", "/projects/add_file"): by_name("register", file_path="a.txt", file_content="YQ=="),
    ("POST", "/projects/get_file"): by_name("read", file_path="a.txt"),
    ("POST", "/admin/new_key"): of_all("admin", body=KEYS),
    ("POST", "/admin/make_admin_key"): of_server({"api_key": "{key}"}),
    ("GET", "/admin/active_runs"): of_server(),
    ("GET", "/admin/shutdown"): of_server(),
    # v2: keys and administration
    ("POST", "/v2/admin/keys"): of_all("admin", body=KEYS),
    ("GET", "/v2/admin/keys"): of_all("admin"),
    ("POST", "/v2/admin/keys/admin"): of_server({"api_key": "{key}"}),
    ("GET", "/v2/admin/keys/{key_id}"): of_key(),
    ("PATCH", "/v2/admin/keys/{key_id}"): of_key({"key_name": "other"}),
    ("DELETE", "/v2/admin/keys/{key_id}"): of_key(),
    ("POST", "/v2/admin/keys/{key_id}/rotate"): of_key(),
    ("POST", "/v2/admin/keys/{key_id}/demote"): of_server(),
    ("GET", "/v2/admin/local-files"): of_server(),
    ("PUT", "/v2/admin/local-files"): of_server({"allowed": False}),
    ("PUT", "/v2/admin/projects/{project_name}/local-files"): of_server(),
    ("DELETE", "/v2/admin/projects/{project_name}/local-files"): of_server(),
    ("GET", "/v2/admin/runs"): of_server(),
    ("GET", "/v2/admin/audit"): of_server(),
    ("POST", "/v2/admin/shutdown"): of_server(),
    # v2: projects
    ("GET", "/v2/projects"): of_all("read"),
    ("POST", "/v2/projects"): of_all("admin", body={"name": "made by v2"}),
    ("GET", "/v2/projects/{name}"): by_path("read"),
    ("PATCH", "/v2/projects/{name}"): by_path("admin", body={"most_running": 2}),
    ("DELETE", "/v2/projects/{name}"): by_path("admin"),
    ("GET", "/v2/projects/{name}/config"): by_path("admin"),
    ("PUT", "/v2/projects/{name}/config"): by_path("admin", body={"value": "[errors]\n"}),
    ("GET", "/v2/projects/{name}/config/{section}/{field}"): by_path("admin"),
    ("PATCH", "/v2/projects/{name}/config/{section}/{field}"): by_path(
        "admin", body={"value": "collect"}
    ),
    ("GET", "/v2/projects/{name}/env"): by_path("admin"),
    ("PUT", "/v2/projects/{name}/env"): by_path("admin", body={"value": "{}"}),
    ("GET", "/v2/projects/{name}/env/{env_key:key}"): by_path("admin"),
    ("PATCH", "/v2/projects/{name}/env/{env_key:key}"): by_path("admin", body={"value": "b"}),
    ("GET", "/v2/projects/{name}/files"): by_path("read"),
    ("HEAD", "/v2/projects/{name}/files/{file_path:path}"): by_path("read"),
    ("GET", "/v2/projects/{name}/files/{file_path:path}"): by_path("read"),
    ("PUT", "/v2/projects/{name}/files/{file_path:path}"): by_path(
        "register", body={"value": "YQ=="}
    ),
    ("DELETE", "/v2/projects/{name}/files/{file_path:path}"): by_path("register"),
    ("GET", "/v2/projects/{name}/find"): Asked(("read",), params={"reference": REFERENCE}),
    ("GET", "/v2/projects/{name}/arrivals"): by_path("read"),
    # v2: what arrives
    ("GET", "/v2/registrations"): by_query("read"),
    ("POST", "/v2/registrations/{name}"): by_body("register", file_location="/in/a.csv"),
    ("GET", "/v2/registrations/{name}"): by_query("read"),
    ("DELETE", "/v2/registrations/{name}"): by_query("register"),
    ("GET", "/v2/registrations/{name}/reference"): by_query("read", uuid="{run}"),
    ("GET", "/v2/registrations/{name}/status"): by_query("read", uuid="{run}"),
    ("GET", "/v2/registrations/{name}/content"): by_query("read"),
    ("GET", "/v2/registrations/{name}/raw"): by_query("read"),
    ("HEAD", "/v2/registrations/{name}/raw"): by_query("read"),
    ("GET", "/v2/registrations/{name}/definition"): by_query("register"),
    ("PUT", "/v2/registrations/{name}/definition"): by_body("register", definition={}),
    ("POST", "/v2/files/{name}"): Asked(
        ("register",),
        params={"project_name": "{project}", "file_name": "a.csv"},
        content=b"a,b\n1,2\n",
    ),
    # v2: statements
    ("GET", "/v2/validations"): by_query("read"),
    ("POST", "/v2/validations/{name}"): by_body("register", csvpaths="$[*][ yes() ]"),
    ("PUT", "/v2/validations/{name}"): Asked(
        ("register",), params={"project_name": "{project}"}, content=b"$[*][ yes() ]"
    ),
    ("GET", "/v2/validations/{name}"): by_query("read"),
    ("DELETE", "/v2/validations/{name}"): by_query("register"),
    ("GET", "/v2/validations/{name}/history"): by_query("read"),
    ("GET", "/v2/validations/{name}/definition"): by_query("register"),
    ("PUT", "/v2/validations/{name}/definition"): by_body("register", definition={}),
    # v2: runs
    ("POST", "/v2/runs"): by_body("run", file_name="orders", validation_name="checks"),
    ("GET", "/v2/runs"): of_all("read"),
    ("GET", "/v2/runs/{run_uuid}"): by_path("read"),
    ("GET", "/v2/runs/{name}/reference"): by_query("read", uuid="{run}"),
    ("POST", "/v2/runs/{run_uuid}/cancel"): by_path("run"),
    ("GET", "/v2/runs/{run_uuid}/events"): by_path("read"),
    ("GET", "/v2/runs/{run_uuid}/result"): by_path("read"),
    # v2: results
    ("GET", "/v2/archive"): by_query("read"),
    ("GET", "/v2/archive/{name}"): by_query("read"),
    **{
        (method, f"/v2/archive/{{name}}/{{run_dir:run}}{tail}"): by_query("read")
        for method, tail in (
            ("GET", ""), ("GET", "/trace"), ("GET", "/{csvpath_id}/errors"),
            ("GET", "/{csvpath_id}/meta"), ("GET", "/{csvpath_id}/variables"),
            ("GET", "/{csvpath_id}/data"), ("GET", "/{csvpath_id}/unmatched"),
            ("GET", "/{csvpath_id}/printouts"), ("GET", "/{csvpath_id}/files/{path:path}"),
            ("GET", "/{csvpath_id}/raw/{path:path}"), ("HEAD", "/{csvpath_id}/raw/{path:path}"),
        )
    },
    ("GET", "/v2/archive/{name}/{run_dir:path}"): by_query("read"),
    # v2: schedules and hooks
    ("POST", "/v2/schedules"): by_body("run", **CRON),
    ("GET", "/v2/schedules"): by_query("read"),
    ("GET", "/v2/schedules/{schedule_id}"): by_query("read"),
    ("DELETE", "/v2/schedules/{schedule_id}"): by_query("run"),
    ("POST", "/v2/schedules/{schedule_id}/pause"): by_query("run"),
    ("POST", "/v2/schedules/{schedule_id}/resume"): by_query("run"),
    ("POST", "/v2/hooks"): Asked(("admin", "register"), json=HOOK),
    ("GET", "/v2/hooks"): of_all("read"),
    ("GET", "/v2/hooks/{hook_id}"): by_path("read"),
    ("PATCH", "/v2/hooks/{hook_id}"): by_path("admin", body={"paused": False}),
    ("DELETE", "/v2/hooks/{hook_id}"): by_path("admin"),
    ("POST", "/v2/hooks/{hook_id}/rotate"): by_path("admin"),
    ("GET", "/v2/hooks/{hook_id}/arrivals"): by_path("read"),
}  # fmt: skip
OF_PROJECT = [route for route, asked in NEEDS.items() if asked.of == "project"]


@dataclass
class World:
    """A server with two owners; what is asked for belongs to the first one."""

    served: Served
    key: Key
    hosted: str
    other: str
    names: dict[str, str]
    stranger: str
    client: httpx.Client
    keys: dict[tuple[object, ...], str] = field(default_factory=dict)

    def key_with(self, *scopes: str, projects: tuple[str, ...] | None = None) -> str:
        """Return a key of the first owner; an owner can't have any number."""
        kept = tuple(scope for scope in SCOPES if scope in scopes)
        if (kept, projects) not in self.keys:
            wished = Wished(owner=self.key.owner, name="some", scopes=kept, projects=projects)
            self.keys[kept, projects] = self.served.service.keys.create(wished).text
        return self.keys[kept, projects]

    def ask(self, route: tuple[str, str], key: str, /, **names: str) -> httpx.Response:
        """Ask for a route with a key."""
        asked, told = NEEDS[route], {**self.names, **names}
        path = asked.path or _as_told(route[1])
        for name, text in told.items():
            path = path.replace(f"{{{name}}}", text)
        filled = json.loads(_filled(json.dumps([asked.params, asked.json]), told))
        headers = {"access_token": key} if key else {}
        if asked.content is not None:
            headers["content-type"] = "text/plain"
        return self.client.request(
            route[0], path, params=filled[0], json=filled[1], content=asked.content, headers=headers
        )


def _filled(text: str, names: dict[str, str]) -> str:
    for name in ("project", "run", "key"):
        text = text.replace(f"{{{name}}}", names[name])
    return text


@pytest.fixture(scope="module")
def world(tmp_path_factory) -> Iterator[World]:
    """Serve two owners; the first one has two projects, a run, a hook and a schedule."""
    home = tmp_path_factory.mktemp("scopes") / "home"
    home.mkdir()
    prepare(read_settings(home).catalog_url)
    with serving(home, refusals_per_minute=1_000_000, deprecated_docs=True) as served:
        service = served.service
        text = served.plain_key("owner")
        parts = parts_of(text)
        key = None if parts is None else service.keys.by_public_id(parts[0])
        assert key is not None
        with served.client(text) as client:
            for name in ("acme", "other"):
                client.post("/v2/projects", json={"name": name}).raise_for_status()
            hook = client.post("/v2/hooks", json={**HOOK, "project": "acme"})
            hook.raise_for_status()
        hosted, other = (service.hosting.by_name(key.owner, name) for name in ("acme", "other"))
        assert hosted is not None
        assert other is not None
        job = NewJob(
            id=str(uuid4()), project=hosted.project, asked_by="test",
            wish=Wish(file="orders", group="checks"),
        )  # fmt: skip
        with service.database.writing() as connection:
            service.jobs.add(connection, job, iso(utc_now()))
        names = {
            "project": "acme", "project_name": "acme", "run": job.id, "run_uuid": job.id,
            "hook_id": hook.json()["id"], "key": key.shown, "key_id": key.shown,
            "schedule_id": str(uuid4()), "section": "errors", "field": "csvpath", "env_key": "A",
            "file_path": "a.txt", "run_dir": "2026-11-21_07-12-53", "csvpath_id": "0",
            "path": "data.csv",
        }  # fmt: skip
        with served.client("") as client:
            stranger = served.plain_key("stranger")
            yield World(served, key, hosted.project, other.project, names, stranger, client)


def _as_told(path: str) -> str:
    """Return a path as the document tells it: without the kinds of its parts."""
    return re.sub(r":[a-z]+}", "}", path)


def _all_routes() -> set[tuple[str, str]]:
    found = set()
    for routers, prefix in ((ALWAYS, ""), (V1, ""), (V2, "/v2")):
        for router in routers:
            for route in router.routes:
                assert isinstance(route, APIRoute)
                found |= {(method, f"{prefix}{route.path}") for method in route.methods or ()}
    return found


def test_every_route_is_in_the_table_and_there_are_no_others(world):
    app = create_app(world.served.service)
    assert len(app.routes) == len(ALWAYS) + len(V1) + len(V2)  # none beside those of the routers
    assert _all_routes() == NEEDS.keys() | OPEN.keys()
    told = {
        (method.upper(), path)
        for path, operations in app.openapi()["paths"].items()
        for method in operations
    }
    assert told <= {(method, _as_told(path)) for method, path in _all_routes()}


def test_the_document_says_which_routes_need_a_key(world):
    needing = {(method, _as_told(path)) for method, path in NEEDS}
    optional = set()
    for path, operations in create_app(world.served.service).openapi()["paths"].items():
        for method, operation in operations.items():
            route, told = (method.upper(), path), operation.get("security", [])
            assert bool(told) is (route in needing), route
            if told:
                assert {*chain(*told)} == {"access_token", "bearer", "X-API-Key"}, route
            if {} in told:
                optional.add(route)
    assert optional == {
        ("GET", "/metrics"), ("POST", "/v2/admin/keys"), ("POST", "/admin/new_key"),
    }  # fmt: skip


def _name_of(route: tuple[str, str]) -> dict[str, str]:
    """Return what `{name}` is: a project, or something in one."""
    return {"name": "acme" if route[1].startswith("/v2/projects/") else "checks"}


@pytest.mark.parametrize("route", NEEDS, ids=" ".join)
def test_nobody_and_unknown_keys_are_refused(world, route):
    for key, status in (("", 401), ("pb_unknown0" + "u" * 43, 403), ("no key at all", 403)):
        answer = world.ask(route, key, **_name_of(route))
        assert answer.status_code == status, answer.text
        if route[0] != "HEAD":
            assert "acme" not in answer.json()["detail"]


@pytest.mark.parametrize("route", OF_PROJECT, ids=" ".join)
def test_what_belongs_to_another_owner_or_lies_beyond_the_limit_is_not_found(world, route):
    limited = world.key_with(*SCOPES, projects=(world.other,))
    nothing = world.key_with(*SCOPES, projects=())
    # The admin key of the server reaches hooks of all owners; projects it names by their owner.
    keys = [world.stranger, limited, nothing]
    for key in keys:
        answer = world.ask(route, key, **_name_of(route))
        assert answer.status_code == 404, answer.text
        if route[0] != "HEAD":
            detail = answer.json()["detail"]
            run = f"Run '{world.names['run']}' not found"
            assert detail in (UNKNOWN_PROJECT, run, "there is no such hook"), detail


@pytest.mark.parametrize("route", NEEDS, ids=" ".join)
def test_each_scope_that_is_needed_is_asked_for(world, route):
    needed = NEEDS[route].scopes
    for missing in needed:
        key = world.key_with(*(scope for scope in SCOPES if scope != missing))
        answer = world.ask(route, key, **_name_of(route))
        assert answer.status_code == 403, (missing, answer.text)
    if SERVER in needed:  # all scopes of projects together are no admin key
        answer = world.ask(route, world.key_with(*SCOPES), **_name_of(route))
        assert answer.status_code == 403
        assert world.served.stopped.is_set() is False


@pytest.mark.parametrize(
    "route", [route for route, asked in NEEDS.items() if SERVER not in asked.scopes], ids=" ".join
)
def test_no_more_than_the_scopes_that_are_needed_is_asked_for(world, route):
    """Where this fails the table says too little; there is a project that may be spoilt."""
    service, needed = world.served.service, NEEDS[route].scopes
    name = "to be spoilt"
    with world.served.client(world.key_with(*SCOPES)) as client:
        assert client.post("/v2/projects", json={"name": name}).status_code in (201, 409)
        names = {"project": name}
        if "{hook_id}" in route[1]:
            names["hook_id"] = client.post("/v2/hooks", json={**HOOK, "project": name}).json()["id"]
    hosted = service.hosting.by_name(world.key.owner, name)
    assert hosted is not None
    if "{key_id}" in route[1]:  # keys are changed by such as can do no less
        weak = service.keys.create(Wished(owner=world.key.owner, name="weak", scopes=()))
        names["key_id"] = weak.key.shown
    if route[1].startswith("/v2/projects/"):
        names["name"] = name
    else:
        names["name"] = "checks"
    if "{run_uuid}" in route[1]:  # one that has ended: it is followed to its end
        job = NewJob(
            id=str(uuid4()), project=hosted.project, wish=Wish(file="a", group="b"), asked_by="me"
        )
        now = iso(utc_now())
        with service.database.writing() as connection:
            service.jobs.add(connection, job, now)
            service.jobs.end_queued(connection, job.id, {"state": "cancelled", "ended": now})
        names["run_uuid"] = job.id
    limit = None if NEEDS[route].of != "project" else (hosted.project,)
    answer = world.ask(route, world.key_with(*needed, projects=limit), **names)
    assert answer.status_code not in (401, 403), answer.text
    assert answer.status_code < 500
    if route[0] != "HEAD":
        assert UNKNOWN_PROJECT not in answer.text


def test_what_lists_everything_lists_nothing_of_others(world):
    for key in (
        world.stranger, world.key_with(*SCOPES, projects=()),
        world.key_with(*SCOPES, projects=(world.other,)),
    ):  # fmt: skip
        for route in (
            ("GET", "/projects/get_project_names"), ("GET", "/v2/projects"), ("GET", "/v2/runs"),
            ("GET", "/v2/hooks"),
        ):  # fmt: skip
            answer = world.ask(route, key)
            assert answer.status_code == 200
            for told in ("acme", world.names["run"], world.names["hook_id"], world.hosted):
                assert told not in answer.text


def test_keys_of_others_are_not_found_and_not_listed(world):
    for route, asked in NEEDS.items():
        if asked.of == "key":
            assert world.ask(route, world.stranger).status_code == 404
    assert world.key.shown not in world.ask(("GET", "/v2/admin/keys"), world.stranger).text


def test_a_key_changes_none_that_can_do_more(world):
    weak = world.key_with("admin", projects=(world.other,))
    strong = world.served.service.keys.create(Wished(owner=world.key.owner, name="strong")).key
    for route, asked in NEEDS.items():
        if asked.of == "key" and route[0] != "GET":
            answer = world.ask(route, weak, key_id=strong.shown)
            assert answer.status_code == 403, route
    answer = world.ask(("POST", "/v2/admin/keys"), weak)
    assert answer.status_code == 201
    parts = parts_of(answer.json()["api_key"])
    made = None if parts is None else world.served.service.keys.by_public_id(parts[0])
    assert made is not None
    assert (made.scopes, made.projects) == (("admin",), (world.other,))
    answer = world.ask(("POST", "/v2/projects"), weak)
    assert answer.status_code == 403
