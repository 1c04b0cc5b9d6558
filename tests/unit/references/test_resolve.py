"""References on versions and runs of known times: a case a line of cases.jsonl.

Where a case differs from what was recorded of the reference implementation, `differs` says why.
"""

from __future__ import annotations

import json
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st
from tests.unit.references.series import NOW, catalog, fingerprint

from preboard.errors import BadReference, PreboardError
from preboard.references.resolve import Resolver
from preboard.references.syntax import parse_reference

CASES = [
    json.loads(line) for line in Path(__file__).with_name("cases.jsonl").read_text().splitlines()
]


@pytest.fixture(scope="module")
def resolver(tmp_path_factory):
    made = catalog(tmp_path_factory.mktemp("catalog"))
    yield Resolver(made, NOW)
    made.close()


def resolved(resolver, case):
    text = case["reference"].replace("<fingerprint of v2>", fingerprint("v2"))
    if case["kind"] == "files":
        return [f"v{version.seq}" for version in resolver.versions(text)]
    return [
        each.run.id
        + (f"/{each.instance.identity}" if each.instance else "")
        + (f"/{each.file}.csv" if each.file else "")
        for each in resolver.results(text)
    ]


@pytest.mark.parametrize("case", CASES, ids=lambda case: case["reference"])
def test_reference(resolver, case):
    if "refused" in case:
        with pytest.raises(PreboardError, match=case["refused"]):
            resolved(resolver, case)
    else:
        assert resolved(resolver, case) == case["resolves"]


@given(st.text("$ab.:/#_-0123456789files results:last", max_size=60))
def test_any_text_is_a_reference_or_refused_at_a_place(text):
    try:
        parse_reference(text)
        at = 0
    except BadReference as error:
        at = error.at
    assert 0 <= at <= len(text)


@given(st.text(max_size=40))
def test_any_step_is_read_or_refused(text):
    for kind in ("files", "csvpaths", "results"):
        try:
            reference = parse_reference(f"$name.{kind}.{text}")
        except BadReference:
            continue
        assert reference.name == "name"
        assert reference.kind == kind
