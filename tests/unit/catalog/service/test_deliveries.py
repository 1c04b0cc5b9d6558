"""What was asked before: the first one does it, the others are told."""

from concurrent.futures import ThreadPoolExecutor
from datetime import timedelta

import pytest

from preboard.catalog.database import Database, sqlite_url
from preboard.catalog.service.deliveries import KEPT, LONGEST_WORK, Asked, Deliveries, hashed
from preboard.clock import utc_now
from preboard.errors import Conflict

NOW = utc_now()


@pytest.fixture(scope="module")
def deliveries(tmp_path_factory):
    database = Database(sqlite_url(tmp_path_factory.mktemp("deliveries") / "preboard.db"))
    yield Deliveries(database)
    database.close()


@pytest.fixture
def asked(request):
    return Asked(scope=request.node.name[:60], key=hashed("key"), body=hashed("body"))


def test_of_many_at_once_one_is_the_first(deliveries, asked):
    with ThreadPoolExecutor(8) as pool:
        found = list(pool.map(lambda _: deliveries.begin(asked, NOW), range(16)))

    assert found.count(None) == 1
    assert all(each.is_open for each in found if each is not None)


def test_the_same_again_gets_the_answer_of_the_first(deliveries, asked):
    assert deliveries.begin(asked, NOW) is None
    deliveries.finish(asked, 201, '{"a": 1}')

    known = deliveries.begin(asked, NOW)
    assert (known.status, known.response, known.is_open) == (201, '{"a": 1}', False)


def test_something_else_with_the_key_is_a_conflict(deliveries, asked):
    deliveries.begin(asked, NOW)
    other = Asked(scope=asked.scope, key=asked.key, body=hashed("other"))

    with pytest.raises(Conflict, match="something else"):
        deliveries.begin(other, NOW)
    with pytest.raises(Conflict, match="something else"):
        deliveries.look(other)


def test_what_was_abandoned_is_tried_again_and_what_was_done_is_not(deliveries, asked):
    deliveries.begin(asked, NOW)
    deliveries.abandon(asked)
    assert deliveries.look(asked) is None

    assert deliveries.begin(asked, NOW) is None
    deliveries.finish(asked, 200, "{}")
    deliveries.abandon(asked)
    assert deliveries.begin(asked, NOW) is not None


def test_whoever_died_at_it_is_followed_by_the_next(deliveries, asked):
    deliveries.begin(asked, NOW)

    assert deliveries.begin(asked, NOW + LONGEST_WORK / 2).is_open
    assert deliveries.begin(asked, NOW + LONGEST_WORK + timedelta(seconds=1)) is None


def test_one_that_leads_to_a_job_is_never_open(deliveries, asked):
    with deliveries.database.writing() as connection:
        assert deliveries.claim(connection, asked, NOW, job="j1") is None

    known = deliveries.begin(asked, NOW + LONGEST_WORK * 2)
    assert (known.job, known.is_open) == ("j1", False)


def test_a_transaction_that_fails_leaves_no_trace(deliveries, asked):
    def fail():
        with deliveries.database.writing() as connection:
            deliveries.claim(connection, asked, NOW, job="j1")
            raise RuntimeError

    with pytest.raises(RuntimeError):
        fail()

    assert deliveries.look(asked) is None


def test_all_is_forgotten_in_the_end(deliveries, asked):
    deliveries.begin(asked, NOW)
    deliveries.finish(asked, 200, "{}")
    later = NOW + KEPT + timedelta(seconds=1)

    assert deliveries.begin(asked, later) is None
    assert deliveries.sweep(later + KEPT + timedelta(seconds=1)) >= 1
    assert deliveries.look(asked) is None


def test_what_leads_to_a_job_that_came_to_nothing_leads_to_another(deliveries, asked):
    with deliveries.database.writing() as connection:
        assert deliveries.claim(connection, asked, NOW, job="first") is None
        assert deliveries.lead_on(connection, asked, "first", "second")
        assert not deliveries.lead_on(connection, asked, "first", "third")

    found = deliveries.look(asked)
    assert found is not None
    assert found.job == "second"
