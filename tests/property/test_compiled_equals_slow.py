"""The compiled engine and the slow evaluator were written apart, and come to the same results."""

import random

from hypothesis import HealthCheck, Phase, given, settings
from hypothesis import strategies as st
from tests.slow.compare import differences, minimise
from tests.slow.generator import make_case
from tests.slow.run import describe


@settings(
    max_examples=1000,
    deadline=None,
    phases=(Phase.explicit, Phase.reuse, Phase.generate),  # minimise() does what shrinking would
    suppress_health_check=[HealthCheck.too_slow],
)
@given(st.integers(0, 2**64))
def test_the_compiled_engine_gives_what_the_slow_evaluator_gives(seed):
    """Any statement over any small file: same lines, variables, printouts, errors and counts."""
    case = make_case(random.Random(seed))  # noqa: S311 - no secret

    assert not differences(case), describe(minimise(case))
