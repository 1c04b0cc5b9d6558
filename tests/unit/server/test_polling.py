"""When a folder is looked at next."""

import pytest

from preboard.server.arrivals.polls import Poll
from preboard.server.polling import LONGEST_WAIT_S, wait_of

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
