"""Each dirty file is read right or refused loudly, from a path and from a pipe alike."""

import pytest
from tests.dirty.cases import HERE, check, differences, load

CASES = load()
KINDS = {
    "blank-lines", "byte-order-marks", "compressed", "damaged-encodings", "delimiters",
    "empty", "encodings", "excel", "headers", "jsonl", "large", "line-ends", "not-a-table",
    "nuls", "numbers", "one-column", "parquet", "preamble", "quoted-newlines", "ragged",
    "stray-quotes", "trailer", "unclosed-quotes",
}  # fmt: skip


@pytest.mark.parametrize("case", CASES, ids=lambda case: case.id)
def test_dirty_file(case, tmp_path):
    assert differences(case.expect, case.run(tmp_path)) == [], case.said["why"]


def test_each_kind_has_its_file():
    assert {path.stem for path in HERE.glob("*.jsonl")} == KINDS


def test_each_case_has_a_name_of_its_own():
    ids = [case.id for case in CASES]
    assert len(set(ids)) == len(ids)


@pytest.mark.parametrize(
    "said",
    [
        {"id": "a", "why": "x", "text": "", "expect": {}},
        {"id": "a", "why": "x", "text": "", "expect": {"lines": [], "error": "x"}},
        {"id": "a", "why": "x", "text": "", "bytes": "", "expect": {"lines": []}},
        {"id": "a", "why": "", "text": "", "expect": {"lines": []}},
        {"id": "a", "why": "x", "txt": "", "expect": {"lines": []}},
    ],
)
def test_a_case_that_shows_nothing_is_refused(said):
    with pytest.raises(ValueError, match="a:"):
        check(said)


def test_a_difference_is_told():
    found = {"lines": [["1"]], "told": "1 line is blank", "dialect": {"delimiter": ","}}
    assert differences({"lines": [["1"]], "told": "blank"}, found) == []
    assert len(differences({"lines": []}, found)) == 1
    assert len(differences({"told": "wide"}, found)) == 1
    assert len(differences({"dialect": {"delimiter": ";"}}, found)) == 1
    assert len(differences({"error": "input"}, found)) == 1
