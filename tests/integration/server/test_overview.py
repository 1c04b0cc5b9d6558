"""The pages at / for a browser: a key opens them, and nothing in them can act."""

from __future__ import annotations

import re
from datetime import timedelta
from uuid import uuid4

import httpx
import pytest
from sqlalchemy import select
from tests.integration.patience import PATIENCE_S
from tests.integration.serving import serving

from preboard.catalog.service.hosting import Hosted
from preboard.catalog.service.jobs import NewJob, Wish
from preboard.catalog.service.keys import Wished
from preboard.catalog.service.tables import ended_sessions, jobs
from preboard.clock import iso, utc_now
from preboard.server.sessions import COOKIE, LASTS_S

HTML = {"Accept": "text/html,application/xhtml+xml,*/*;q=0.8"}
NASTY = "<script>alert('1')</script>"


@pytest.fixture(scope="module")
def served(tmp_path_factory):
    with serving(tmp_path_factory.mktemp("home")) as server:
        yield server


@pytest.fixture
def browser(served):
    with httpx.Client(base_url=served.url, headers=HTML, timeout=PATIENCE_S) as client:
        yield client


def owner_with_a_run(served, group="checks"):
    """Return a key, and the id of a run in a project of its owner."""
    made = served.service.keys.create(Wished(owner=str(uuid4()), name=f"key {NASTY}"))
    project, job, now = str(uuid4()), str(uuid4()), iso(utc_now())
    served.service.hosting.create(
        Hosted(project=project, owner=made.key.owner, name="acme", created=now)
    )
    wish = Wish(file=f"orders {NASTY}", group=group)
    new = NewJob(id=job, project=project, wish=wish, asked_by="a hook")
    with served.service.database.writing() as connection:
        served.service.jobs.add(connection, new, now)
        connection.execute(
            jobs.update()
            .where(jobs.c.id == job)
            .values(state="done", valid=False, errors=3, reason=f"why {NASTY}", attempt=1)
        )
    return made, job


def enter(browser, key):
    return browser.post("/login", data={"key": key})


def test_a_client_of_the_api_gets_json(served):
    for accept in ("*/*", "application/json"):
        answer = httpx.get(served.url, headers={"Accept": accept})
        assert answer.json()["message"]["api_versions"] == ["v1", "v2"]


def test_a_browser_without_a_session_is_asked_for_a_key(browser):
    answer = browser.get("/")

    assert answer.status_code == 200
    assert 'type="password"' in answer.text
    assert "Last runs" not in answer.text


def test_nothing_in_a_page_can_act(browser, served):
    made, _ = owner_with_a_run(served)
    enter(browser, made.text)
    answer = browser.get("/")

    policy = answer.headers["content-security-policy"]
    assert "default-src 'self'" in policy
    assert "script-src 'none'" in policy
    assert "frame-ancestors 'none'" in policy
    assert "<script" not in answer.text
    assert "style=" not in answer.text
    assert not re.search(r"(href|src)=.(https?:)?//", answer.text)
    assert browser.get("/overview.css").headers["content-type"].startswith("text/css")
    icon = browser.get("/overview.svg")
    assert icon.headers["content-type"] == "image/svg+xml"
    assert 'href="/overview.svg"' in answer.text


def test_a_key_shows_its_projects_and_runs_with_their_verdicts(browser, served):
    made, job = owner_with_a_run(served)
    entered = enter(browser, made.text)

    assert entered.status_code == 303
    page = browser.get("/").text
    assert "acme" in page
    assert "INVALID" in page
    assert f"/overview/runs/{job}" in page
    one = browser.get(f"/overview/runs/{job}").text
    assert "INVALID" in one
    assert "<th>errors</th><td>3</td>" in one
    assert "why &lt;script&gt;" in one


def test_the_cookie_holds_no_secret_and_stays_at_home(browser, served):
    made, _ = owner_with_a_run(served)
    set_cookie = enter(browser, made.text).headers["set-cookie"]

    assert made.text.removeprefix(made.key.shown) not in set_cookie
    assert "HttpOnly" in set_cookie
    assert "SameSite=strict" in set_cookie
    assert f"Max-Age={LASTS_S}" in set_cookie


def test_the_runs_of_others_are_not_there(browser, served):
    mine, _ = owner_with_a_run(served)
    _, theirs = owner_with_a_run(served, group="their-checks")
    enter(browser, mine.text)

    assert "their-checks" not in browser.get("/").text
    assert browser.get(f"/overview/runs/{theirs}").status_code == 404


def test_a_limited_key_sees_what_it_is_limited_to(browser, served):
    made, job = owner_with_a_run(served)
    limited = Wished(owner=made.key.owner, name="limited", projects=(str(uuid4()),))
    enter(browser, served.service.keys.create(limited).text)

    assert browser.get(f"/overview/runs/{job}").status_code == 404
    assert "acme" not in browser.get("/").text


def test_a_session_reads_and_changes_nothing(browser, served):
    made, _ = owner_with_a_run(served)
    enter(browser, made.text)

    assert browser.get("/v2/projects").json()["names"] == ["acme"]
    assert browser.post("/v2/projects", json={"name": "more"}).status_code == 401
    assert browser.get("/admin/shutdown").status_code == 401
    assert not served.stopped.is_set()


@pytest.mark.parametrize("change", ["revoke", "rotate", "forge", "age", "leave"])
def test_a_session_ends(browser, served, change):
    made, _ = owner_with_a_run(served)
    enter(browser, made.text)
    keys, sessions, now = served.service.keys, served.service.sessions, utc_now()
    other, _ = owner_with_a_run(served)
    match change:
        case "revoke":
            keys.revoke(made.key.id, iso(now))
        case "rotate":
            keys.rotate(made.key.id)
        case "forge":  # the signature of one key under the name of another
            cookie = sessions.cookie_for(other.key, now).replace(other.key.id, made.key.id)
            browser.cookies.set(COOKIE, cookie, domain=httpx.URL(served.url).host)
        case "age":
            old = sessions.cookie_for(made.key, now - timedelta(seconds=LASTS_S))
            browser.cookies.set(COOKIE, old, domain=httpx.URL(served.url).host)
        case "leave":  # the cookie is good for nobody who has it
            cookie = browser.cookies[COOKIE]
            assert browser.post("/logout").status_code == 303
            assert COOKIE not in browser.cookies
            browser.cookies.set(COOKIE, cookie, domain=httpx.URL(served.url).host)

    assert "Last runs" not in browser.get("/").text
    assert browser.get("/v2/projects").status_code == 401


def test_who_leaves_one_browser_stays_in_another(browser, served):
    made, _ = owner_with_a_run(served)
    enter(browser, made.text)
    with httpx.Client(base_url=served.url, headers=HTML, timeout=PATIENCE_S) as another:
        enter(another, made.text)
        another.post("/logout")
        another.post("/logout")  # there is none any more

    assert browser.get("/v2/projects").status_code == 200


def test_sessions_that_were_left_are_forgotten_in_time(served):
    made, _ = owner_with_a_run(served)
    keys, sessions, now = served.service.keys, served.service.sessions, utc_now()
    for ago in (2 * LASTS_S, 0):
        then = now - timedelta(seconds=ago)
        sessions.end(sessions.cookie_for(made.key, then), keys, then)
    with served.service.database.reading() as connection:
        kept = connection.execute(select(ended_sessions.c.until)).scalars().all()

    assert all(until > iso(now) for until in kept)


def test_what_is_no_key_opens_nothing(browser):
    answer = enter(browser, "pb_aaaaaaaa" + "A" * 43)

    assert answer.status_code == 403
    assert "set-cookie" not in answer.headers
    assert "This is no key" in answer.text


@pytest.mark.parametrize(
    "sent",
    [
        {"Sec-Fetch-Site": "same-origin", "Origin": "null"},
        {"Sec-Fetch-Site": "none"},
        {"Origin": "{here}"},
        {},
    ],
)
def test_a_form_of_ours_is_taken_whatever_the_browser_tells(browser, served, sent):
    made, _ = owner_with_a_run(served)
    headers = {name: value.format(here=served.url) for name, value in sent.items()}
    answer = browser.post("/login", data={"key": made.text}, headers=headers)

    assert answer.status_code == 303
    assert browser.get("/").headers["referrer-policy"] == "same-origin"


@pytest.mark.parametrize(
    "sent",
    [
        {"Origin": "https://elsewhere.example"},
        {"Origin": "null"},
        {"Sec-Fetch-Site": "cross-site"},
        {"Sec-Fetch-Site": "same-site"},
    ],
)
def test_a_form_on_another_page_is_refused(browser, served, sent):
    made, _ = owner_with_a_run(served)
    answer = browser.post("/login", data={"key": made.text}, headers=sent)

    assert answer.status_code == 403
    assert "set-cookie" not in answer.headers


def test_guessing_is_slowed_down(tmp_path):
    with (
        serving(tmp_path / "home", refusals_per_minute=3) as server,
        httpx.Client(base_url=server.url, headers=HTML) as browser,
    ):
        told = [enter(browser, f"guess {number}").status_code for number in range(6)]

    assert told[0] == 403
    assert told[-1] == 429


def test_the_sessions_of_a_home_outlive_a_start(tmp_path):
    with (
        serving(tmp_path / "home") as server,
        httpx.Client(base_url=server.url, headers=HTML) as browser,
    ):
        enter(browser, server.key)
        cookie = browser.cookies[COOKIE]
    with serving(tmp_path / "home", with_key=False) as server:
        again = httpx.get(server.url, headers=HTML, cookies={COOKIE: cookie})

    assert "Last runs" in again.text
    assert (tmp_path / "home" / "session.secret").stat().st_mode & 0o777 == 0o600
