"""`Idempotency-Key`: what is sent again is answered again, and done once."""

from concurrent.futures import ThreadPoolExecutor

import pytest
from tests.integration.serving import serving

from preboard.server.idempotency import KEY_RULE


@pytest.fixture(scope="module")
def served(tmp_path_factory):
    with serving(tmp_path_factory.mktemp("again") / "home") as server:
        yield server


@pytest.fixture
def client(served):
    with served.client(served.plain_key()) as made:
        yield made


def create(client, key, name="acme", **more):
    headers = {"Idempotency-Key": key, **more}
    return client.post("/v2/projects", json={"name": name}, headers=headers)


def names(client):
    return client.get("/v2/projects").json()["names"]


def test_the_same_again_is_answered_as_before(client):
    first, second = create(client, "k1"), create(client, "k1")

    assert first.status_code == second.status_code == 201
    assert first.json() == second.json()
    assert "idempotency-replayed" not in first.headers
    assert second.headers["idempotency-replayed"] == "true"
    assert second.headers["content-type"] == "application/json"
    assert names(client) == ["acme"]


def test_another_body_with_the_key_is_a_conflict(client):
    create(client, "k1")
    answer = create(client, "k1", name="other")

    assert answer.status_code == 409
    assert "another" in answer.json()["hint"]
    assert names(client) == ["acme"]


def test_without_the_key_or_with_another_it_is_another_request(client):
    assert create(client, "k1").status_code == 201
    assert create(client, "k2").status_code == 409
    assert client.post("/v2/projects", json={"name": "acme"}).status_code == 409


def test_many_at_once_are_one(served, client):
    with ThreadPoolExecutor(8) as pool:
        answers = list(pool.map(lambda _: create(client, "k1"), range(16)))

    assert {answer.status_code for answer in answers} == {201}
    assert sum("idempotency-replayed" not in answer.headers for answer in answers) == 1
    assert names(client) == ["acme"]
    assert served.service.hosting.named("acme")


def test_a_key_is_of_its_owner(served, client):
    create(client, "k1")
    with served.client(served.plain_key()) as other:
        answer = create(other, "k1")

    assert answer.status_code == 201
    assert "idempotency-replayed" not in answer.headers


def test_what_failed_is_tried_again(client):
    assert create(client, "k1", name="..").status_code == 400
    assert create(client, "k1", name="acme").status_code == 201


def test_a_key_that_is_refused_is_told_so_and_nothing_is_kept(served, client):
    with served.client("") as nobody:
        assert create(nobody, "k1").status_code == 401
    assert create(client, "k1").status_code == 201


@pytest.mark.parametrize("key", ["", "a b", "x" * 256, "é".encode()])
@pytest.mark.parametrize(
    ("path", "body"),
    [
        ("/v2/projects", {"name": "other"}),
        ("/v2/runs", {"project_name": "acme", "file_name": "o", "validation_name": "c"}),
        ("/v2/registrations/o", {"project_name": "acme", "file_location": "/o.csv"}),
        ("/v2/files/o?project_name=acme&file_name=o.csv", {}),
        ("/csvpath/run", {"project_name": "acme", "file_name": "o", "path_name": "c"}),
    ],
    ids=str,
)
def test_what_is_no_key(client, key, path, body):
    create(client, "k1")
    answer = client.post(path, json=body, headers={"Idempotency-Key": key})

    assert answer.status_code == 400
    assert "Idempotency-Key" in answer.json()["detail"]


def test_the_document_says_what_a_key_is(client):
    start = client.get("/openapi.json").json()["paths"]["/v2/runs"]["post"]
    (said,) = [each for each in start["parameters"] if each["name"] == "Idempotency-Key"]

    assert said["schema"]["pattern"] == KEY_RULE


def test_a_secret_is_not_kept_and_no_second_key_is_made(served, client):
    wish = {"key_name": "n", "key_owner_name": "o", "key_owner_contact": ""}
    for path, status in (("/admin/new_key", 200), ("/v2/admin/keys", 201)):
        again = {"json": wish, "headers": {"Idempotency-Key": f"once {path}".replace(" ", "-")}}
        before = served.service.keys.count()
        first = client.post(path, **again)
        second = client.post(path, **again)

        assert (first.status_code, second.status_code) == (status, 409)
        assert served.service.keys.count() == before + 1
        assert first.json()["api_key"] not in second.text


def test_the_same_key_for_another_endpoint_is_another_request(client):
    create(client, "k1")
    wish = {"key_name": "n", "key_owner_name": "o", "key_owner_contact": ""}

    answer = client.post("/v2/admin/keys", json=wish, headers={"Idempotency-Key": "k1"})
    assert answer.status_code == 201


def test_what_only_reads_is_read_again_and_not_kept(served, client):
    create(client, "k1")
    headers = {"Idempotency-Key": "k3"}

    def read():
        return client.post("/projects/get_env_file", json={"name": "acme"}, headers=headers)

    before = read()
    client.patch("/v2/projects/acme/env/A", json={"value": "s3cret"}).raise_for_status()
    after = read()

    assert before.json() != after.json()
    assert "s3cret" in after.text
    assert "idempotency-replayed" not in after.headers
    for path in served.service.settings.home.glob("preboard.db*"):
        assert b"s3cret" not in path.read_bytes()
