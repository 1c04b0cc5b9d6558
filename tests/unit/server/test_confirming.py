"""Subscriptions that are confirmed behind the answer to who asked."""

from threading import Event

import pytest

from preboard.catalog.service.hooks import Arrivals, Hook
from preboard.errors import InputError, StoreError
from preboard.server.confirming import _MOST_WAITING, Confirmations, fetched_status

HOOK = Hook(id="h", project="p", name="h", mapping="{}", secret=None, created="2026")
URL = "https://sns.eu-west-1.amazonaws.com/?Action=ConfirmSubscription&Token=hidden"


class Rows(Arrivals):
    """What was noted."""

    def __init__(self):
        self.rows = []

    def note(self, row):
        self.rows.append(row)


def confirmed(fetch):
    """Return what is noted of one subscription."""
    rows = Rows()
    confirmations = Confirmations(rows, fetch=fetch)
    confirmations.confirm(HOOK, URL)
    confirmations._threads.shutdown(wait=True)
    (row,) = rows.rows
    assert "hidden" not in row.reason
    return row.outcome, row.reason


@pytest.mark.parametrize(
    ("status", "outcome", "reason"),
    [
        (200, "left", "the subscription was confirmed"),
        (302, "refused", "the subscription could not be confirmed: it answered 302"),
        (500, "refused", "the subscription could not be confirmed: it answered 500"),
    ],
)
def test_what_the_topic_answers_is_noted(status, outcome, reason):
    assert confirmed(lambda _url, _hosts: status) == (outcome, reason)


@pytest.mark.parametrize("error", [StoreError("no way"), InputError("no way")])
def test_what_can_not_be_reached_is_noted(error):
    def fetch(_url, _hosts):
        raise error

    told = "the subscription could not be confirmed: no way"
    assert confirmed(fetch) == ("refused", told)


def test_no_more_wait_than_some():
    go_on = Event()
    confirmations = Confirmations(Rows(), fetch=lambda _url, _hosts: go_on.wait(10) and 200)
    for _ in range(_MOST_WAITING):
        confirmations.confirm(HOOK, URL)

    with pytest.raises(StoreError, match="too many"):
        confirmations.confirm(HOOK, URL)

    go_on.set()
    confirmations.close()
    with pytest.raises(StoreError):
        confirmations.confirm(HOOK, URL)


def test_a_private_address_is_not_asked():
    with pytest.raises((InputError, StoreError), match="not allowed"):
        fetched_status("https://127.0.0.1:1/", ())


def test_a_host_that_does_not_answer_is_told():
    with pytest.raises(StoreError, match="refused"):
        fetched_status("https://127.0.0.1:1/", ("127.0.0.1",))
