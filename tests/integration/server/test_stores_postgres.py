"""The stores of a server on PostgreSQL, where writers do not wait for one another by themselves."""

from concurrent.futures import ThreadPoolExecutor
from contextlib import suppress

import pytest
from tests.integration import postgres
from tests.integration.serving import serving

from preboard.catalog.service.deliveries import Asked, hashed
from preboard.catalog.service.keys import Wished
from preboard.clock import iso, utc_now
from preboard.errors import Conflict
from preboard.server.service import Service
from preboard.server.settings import read_settings

pytestmark = [
    pytest.mark.slow,
    pytest.mark.skipif(not postgres.is_installed(), reason="needs PostgreSQL"),
]


@pytest.fixture(scope="module")
def url():
    with postgres.server() as started:
        yield started


@pytest.fixture(scope="module")
def service(url, tmp_path_factory):
    made = Service(read_settings(tmp_path_factory.mktemp("pg") / "home", database_url=url))
    yield made
    made.close()


def at_once(do, count=16):
    with ThreadPoolExecutor(8) as pool:
        return list(pool.map(do, range(count)))


def test_of_many_who_begin_at_once_one_makes_the_first_key(service):
    made = at_once(lambda _: service.keys.create_first(Wished(owner="o1", name="first")))

    assert sum(each is not None for each in made) == 1
    assert service.keys.count() == 1


def test_of_two_admin_keys_that_are_revoked_at_once_one_stays(service):
    for _ in range(5):
        service.keys.create(Wished(owner="o1", name="admin", admin=True))
    now = iso(utc_now())
    ids = [key.id for key in service.keys.list(100) if key.admin]

    def revoke(at):
        with suppress(Conflict):
            service.keys.revoke(ids[at], now)

    at_once(revoke, len(ids))
    assert sum(key.admin and key.is_good(now) for key in service.keys.list(100)) == 1


def test_of_many_who_ask_the_same_at_once_one_does_it(service):
    asked = Asked(scope="o1", key=hashed("k"), body=hashed("b"))
    found = at_once(lambda _: service.deliveries.begin(asked, utc_now()))
    assert found.count(None) == 1

    service.deliveries.abandon(asked)
    assert at_once(lambda _: service.deliveries.begin(asked, utc_now())).count(None) == 1


def test_a_switch_is_written_by_many(service):
    at_once(lambda at: service.switches.put("x", str(at)))

    assert service.switches.get("x") in map(str, range(16))
    service.switches.set_local_files(allowed=True)
    assert service.switches.local_files() is True


def test_what_no_text_of_it_can_hold_is_refused_and_not_a_fault(url, tmp_path):
    with (
        serving(tmp_path / "home", with_key=False, database_url=url) as server,
        server.client(server.plain_key(admin=True)) as admin,
    ):
        for path in (
            "/v2/admin/keys/pb_00000000",
            "/v2/admin/projects/a%00b/local-files",
        ):
            assert admin.request("DELETE", path).status_code in (404, 422)
        wish = {"key_name": "a\0", "key_owner_name": "o", "key_owner_contact": ""}
        assert admin.post("/v2/admin/keys", json=wish).status_code == 422
        cursor = "WyJhXHUwMDAwIiwgImIiXQ"
        assert admin.get("/v2/admin/keys", params={"cursor": cursor}).status_code == 400
