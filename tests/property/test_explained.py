"""To explain a line changes nothing: the same lines, variables, printouts and errors come out."""

import io
import random
from collections import Counter
from dataclasses import replace

from hypothesis import HealthCheck, Phase, given, settings
from hypothesis import strategies as st
from tests.slow.compare import alike
from tests.slow.generator import make_case

import preboard
from preboard.errors import PreboardError
from preboard.language.modes import ErrorPolicy
from preboard.language.statement import Statement

SEEDS = st.integers(0, 2**64)
PHASES = (Phase.explicit, Phase.reuse, Phase.generate)
SLOW = [HealthCheck.too_slow]


def options(case):
    return {"delimiter": ",", "on_error": list(case.on_error)}


def told(case, statement):
    """Return everything that a run comes to."""
    try:
        report = preboard.validate(statement, io.BytesIO(case.data), **options(case))
    except (PreboardError, RecursionError) as error:  # a list that holds itself, compared
        return type(error)
    return {
        "lines": report.lines,
        "unmatched": report.unmatched,
        "variables": report.variables,
        "valid": report.valid,
        "stopped": (report.stopped, report.stopped_by),
        "headers": report.headers,
        "printouts": {stream: list(texts) for stream, texts in report.printouts.items()},
        "errors": [(error.line, error.source, error.message) for error in report.errors],
        "counts": report.counts,
    }


@settings(max_examples=200, deadline=None, phases=PHASES, suppress_health_check=SLOW)
@given(SEEDS)
def test_a_run_whose_every_step_is_told_comes_to_the_same(seed):
    """Code that tells its steps does what code that is silent does."""
    case = make_case(random.Random(seed))  # noqa: S311 - no secret
    statement = Statement.parse(case.text)
    telling = replace(statement, modes=replace(statement.modes, explains=True))

    plain, explained = told(case, statement), told(case, telling)

    if isinstance(plain, dict) and isinstance(explained, dict):
        assert [name for name in plain if not alike(plain[name], explained[name])] == [], case.text
    else:
        assert plain is explained, case.text


@settings(max_examples=80, deadline=None, phases=PHASES, suppress_health_check=SLOW)
@given(SEEDS)
def test_the_lines_explained_one_by_one_are_those_of_the_run(seed):
    """Each line matches, fails and is passed over as in the run that looks at all of them."""
    case = make_case(random.Random(seed))  # noqa: S311 - no secret
    whole = told(case, case.text)
    if not isinstance(whole, dict):
        return

    explained = [
        preboard.explain(case.text, io.BytesIO(case.data), line=number, **options(case))
        for number in range(len(case.rows) + 1)
    ]

    matched = [each for each in explained if each.matched]
    assert len(matched) == whole["counts"].matches, case.text
    policy = ErrorPolicy.of(case.on_error).overridden(Statement.parse(case.text).modes.validation)
    if policy.collects:
        wanted = Counter(line for line, _, _ in whole["errors"])
        assert Counter({e.line: len(e.errors) for e in explained if e.errors}) == wanted, case.text
    for each in explained:
        assert_told(each, case.text)


def assert_told(explanation, text):
    """Every part says what it came to, or why it came to nothing."""
    if explanation.status == "unmatched" and explanation.parts:
        assert explanation.decided_by, text
    waiting = list(explanation.parts)
    spans = set()
    while waiting:
        part = waiting.pop()
        assert part.span not in spans, text
        spans.add(part.span)
        assert part.text == text[part.span.start : part.span.end]
        assert part.evaluated == (part.reason is None), (part, text)
        waiting += part.children
