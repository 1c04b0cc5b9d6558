"""When a folder is looked at next, and a file taken again that could not be fetched."""

from datetime import UTC, datetime, timedelta

import pytest

from preboard.catalog.service.seen import SeenFile
from preboard.clock import iso
from preboard.server.arrivals.polls import Poll
from preboard.server.polling import LONGEST_WAIT_S, wait_of
from preboard.server.services.folders import MOST_TRIES, is_tried_again

MINUTE = Poll(location="/in", every_s=60, settle_s=10)
DAY = Poll(location="/in", every_s=86_400)


@pytest.mark.parametrize(
    ("poll", "failures", "is_soon", "seconds"),
    [
        (MINUTE, 0, False, 60),
        (MINUTE, 0, True, 10),
        (Poll(location="/in", every_s=5, settle_s=0), 0, True, 1),
        (Poll(location="/in", every_s=5, settle_s=30), 0, True, 5),
        (MINUTE, 1, False, 60),
        (MINUTE, 2, True, 120),
        (MINUTE, 5, False, 960),
        (MINUTE, 9_999, False, LONGEST_WAIT_S),
        (DAY, 3, False, 86_400),
    ],
)
def test_wait(poll, failures, is_soon, seconds):
    assert wait_of(poll, failures, is_soon=is_soon) == seconds


@pytest.mark.parametrize(
    ("tries", "minutes", "is_taken"),
    [
        (1, 0.9, False),
        (1, 1, True),
        (2, 1.9, False),
        (2, 2, True),
        (4, 8, True),
        (MOST_TRIES, 10_000, False),
    ],
)
def test_another_try(tries, minutes, is_taken):
    now = datetime(2026, 11, 21, 12, tzinfo=UTC)
    failed = iso(now - timedelta(minutes=minutes))
    was = SeenFile("state", "2026-11-20", settled=True, tries=tries, failed=failed)
    assert is_tried_again(was, now) is is_taken


def test_what_was_fetched_is_not_tried_again():
    was = SeenFile("state", "2026-11-20", settled=True, tries=1)
    assert not is_tried_again(was, datetime(2026, 11, 21, tzinfo=UTC))
