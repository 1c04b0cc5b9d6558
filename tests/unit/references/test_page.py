"""What the reference page says of references is so: each row of its examples is looked up."""

from __future__ import annotations

import re
from pathlib import Path

import pytest
from tests.unit.references.series import NOW, catalog

from preboard.errors import PreboardError
from preboard.groups.members import checked_group
from preboard.references.resolve import Resolver

PAGE = Path(__file__).parents[3] / "docs" / "reference" / "references.md"
ROW = re.compile(r"^\| `(?P<reference>[^`|]+)` \| (?P<leads>[^|]+) \|$", re.MULTILINE)
SECTION = re.compile(r"^## (Files|Csvpaths|Results)\n(.*?)(?=^## |\Z)", re.MULTILINE | re.DOTALL)
ROWS = [
    (section, row["reference"], row["leads"])
    for section, text in SECTION.findall(PAGE.read_text(encoding="utf-8"))
    for row in ROW.finditer(text)
]
STATEMENTS = ("~ id: first-one ~ $[*][ yes() ]", "$[*][ yes() ]", "~ id: third ~ $[*][ yes() ]")


@pytest.fixture(scope="module")
def resolver(tmp_path_factory):
    made = catalog(tmp_path_factory.mktemp("catalog"))
    yield Resolver(made, NOW)
    made.close()


def led_to(resolver, section, reference):
    if section == "Files":
        return [f"v{version.seq}" for version in resolver.versions(reference)]
    if section == "Csvpaths":
        members = resolver.members(reference, checked_group("lst", STATEMENTS))
        return [member.identity for member in members]
    return [
        each.run.id
        + (f"/{each.instance.identity}" if each.instance else "")
        + (f":{each.file}" if each.file else "")
        for each in resolver.results(reference)
    ]


def test_the_page_has_examples_of_every_type():
    assert {section for section, _, _ in ROWS} == {"Files", "Csvpaths", "Results"}
    assert len(ROWS) > 60


@pytest.mark.parametrize(("section", "reference", "leads"), ROWS, ids=str)
def test_an_example_leads_where_the_page_says(resolver, section, reference, leads):
    if leads.startswith("refused: "):
        with pytest.raises(PreboardError) as caught:
            led_to(resolver, section, reference)
        assert leads.removeprefix("refused: ") in caught.value.message
    else:
        assert led_to(resolver, section, reference) == ([] if leads == "nothing" else leads.split())
