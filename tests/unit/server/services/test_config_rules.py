"""What a hosted project's config.ini comes to, a case a line; and single fields by the same rules.

A case has a `text` and what the stored one `says` by `section.key`, or the pattern of the refusal.
Its project lies in /srv/pb/projects/1b2c.
"""

from __future__ import annotations

import json
import re
from importlib.resources import files
from pathlib import Path, PurePosixPath

import pytest
from hypothesis import given
from hypothesis import strategies as st

from preboard.config.editing import edited, sections_in
from preboard.errors import ConfigError, NotFound, PreboardError
from preboard.server.services.config_rules import (
    FORCED,
    MANAGED,
    MOST_BYTES,
    PATHS,
    Where,
    field_of,
    forced,
    with_field,
)

HERE = Path(__file__).parent
CASES = [
    json.loads(line)
    for line in (HERE / "config_rules.jsonl").read_text(encoding="utf-8").splitlines()
]
WHERE = Where(root=PurePosixPath("/srv/pb/projects/1b2c"))
REFERENCE = HERE.parent.parent / "config" / "reference_config.ini"
DEFAULT = files("preboard.project").joinpath("default_config.ini").read_text("utf-8")


def where(case):
    return Where(
        root=WHERE.root,
        local_files=case.get("local_files", False),
        integrations=frozenset(case.get("integrations", ())),
    )


@pytest.mark.parametrize("case", CASES, ids=lambda case: case["id"])
def test_a_config_is_stored_as_the_rules_want_it(case):
    if "refused" in case:
        with pytest.raises(ConfigError, match=case["refused"]):
            forced(case["text"], where(case))
        return
    stored = forced(case["text"], where(case))
    said = {f"{s}.{k}": v for s, values in sections_in(stored).items() for k, v in values.items()}
    assert {name: said[name] for name in case["says"]} == case["says"]
    assert not set(case.get("says_not", ())) & set(said)
    assert case.get("has", "") in stored
    assert forced(stored, where(case)) == stored


def test_every_forced_setting_is_forced_whatever_the_text_says():
    said: dict[str, str] = {}
    for section, key in FORCED:
        said[section] = said.get(section, f"[{section}]\n") + f"{key} = other\n"
    stored = sections_in(forced("".join(said.values()), WHERE))
    assert {place: stored[place[0]][place[1]] for place in FORCED} == FORCED


def test_comments_blank_lines_and_order_stay():
    stored = forced(DEFAULT, WHERE)
    told = [line for line in DEFAULT.splitlines() if line.startswith((";", "["))]
    assert [line for line in stored.splitlines() if line in told][: len(told)] == told
    assert "; 0 is no limit\nmax_file_bytes = 0\n" in stored


def test_the_config_that_the_reference_generates_is_taken():
    said = sections_in(forced(REFERENCE.read_text(encoding="utf-8"), WHERE))
    assert said["listeners"] == {"groups": "default,activation"}
    assert not any(value.startswith("from ") for section in said.values() for value in section)


def test_a_text_that_is_too_long_is_refused():
    with pytest.raises(ConfigError, match="larger than 131,072 bytes"):
        forced("[x]\n" + "; é\n" * (MOST_BYTES // 5), WHERE)


def test_a_message_does_not_grow_with_what_is_wrong():
    with pytest.raises(ConfigError) as refused:
        forced("[a]\n" + "b\n" * 10_000, WHERE)
    assert len(refused.value.message) < 400


class TestFields:
    TEXT = "; mine\n[results]\narchive = archive\n[listeners]\n[sql]\n[sftp]\nserver = a\n"

    @pytest.mark.parametrize("place", sorted(MANAGED), ids=".".join)
    def test_what_the_server_manages_can_not_be_set(self, place):
        with pytest.raises(ConfigError) as refused:
            with_field(self.TEXT, (place[0].upper(), place[1].upper()), "x", WHERE)
        assert refused.value.message == (
            f"Field '{place[0]}.{place[1]}' is managed by the server and cannot be set via the API."
        )

    @pytest.mark.parametrize("value", ["../out", "{X}", "ARCHIVE", "s3://b/x", "~/x", "config"])
    @pytest.mark.parametrize("place", sorted(PATHS), ids=".".join)
    def test_paths_have_the_rules_that_they_have_in_a_whole_text(self, place, value):
        """Weakness A9."""
        text = forced(self.TEXT, WHERE)
        with pytest.raises(ConfigError):
            with_field(text, place, value, WHERE)

    def test_an_absolute_path_is_taken_inside(self):
        stored = with_field(self.TEXT, ("results", "archive"), "/etc/out", WHERE)
        assert field_of(stored, ("results", "ARCHIVE")) == "out"
        assert stored.startswith("; mine\n")

    def test_an_import_does_not_become_a_listener(self):
        stored = with_field(self.TEXT, ("listeners", "a.file"), "from x import Y", WHERE)
        with pytest.raises(NotFound):
            field_of(stored, ("listeners", "a.file"))

    def test_a_field_that_was_not_there_is_made(self):
        stored = with_field(self.TEXT, ("sftp", "Port"), "22", WHERE)
        assert field_of(stored, ("sftp", "port")) == "22"
        assert "server = a\nport = 22\n" in stored

    @pytest.mark.parametrize("value", ["50%", "s3://in/a%20b/*", "%%", "%(server)s"])
    def test_a_percent_sign_is_itself_however_it_is_set(self, value):
        """Nothing that reads a config takes it for anything else."""
        place = ("sftp", "x")
        alone = with_field(self.TEXT, place, value, WHERE)
        whole = forced(self.TEXT + f"x = {value}\n", WHERE)
        assert [field_of(stored, place) for stored in (alone, whole)] == [value, value]

    @pytest.mark.parametrize(
        ("place", "value", "kind", "message"),
        [
            (("nosuch", "x"), "1", NotFound, "no section 'nosuch'"),
            (("Results", "archive"), "x", NotFound, "no section 'Results'"),
            (("DEFAULT", "imports"), "x", NotFound, "no section 'DEFAULT'"),
            (("sftp", "a=b"), "1", ConfigError, "name of a field"),
            (("sftp", "; x"), "1", ConfigError, "name of a field"),
            (("sftp", "[x"), "1", ConfigError, "name of a field"),
            (("sftp", ""), "1", ConfigError, "name of a field"),
            (("sftp", "x"), "1\n[functions]\nimports = evil", ConfigError, "one line"),
            (("sftp", "x"), "1\r[functions]", ConfigError, "one line"),
            (("sftp", "x"), "1" * 8_001, ConfigError, "at most 8,000 characters"),
            (("sql", "dialect"), "SQLITE", ConfigError, "sqlite dialect is not permitted"),
        ],
    )
    def test_what_can_not_be_is_refused(self, place, value, kind, message):
        with pytest.raises(kind, match=re.escape(message)):
            with_field(self.TEXT, place, value, WHERE)

    def test_a_refusal_tells_no_value(self):
        with pytest.raises(ConfigError) as refused:
            with_field(self.TEXT, ("sftp", "password"), "s3cret\n", WHERE)
        assert "s3cret" not in str(refused.value)

    def test_an_unknown_field_is_not_found(self):
        with pytest.raises(NotFound, match="no field 'archiv'") as missing:
            field_of(self.TEXT, ("results", "archiv"))
        assert missing.value.hint == "did you mean archive?"


pieces = st.sampled_from(
    ["[functions]", "[results]", "[Results]", "[a]b]", "[listeners]", "imports = evil",
     "archive: x", " continued", "\tx = y", "", "  ", "; comment", "  # comment", "=", "key",
     "x = 1", "Y : 2", "[", "]", "[]", "x == 1", "a.file = from x import y", "\x0c",
     "\x85z = 1", "\u2028q = 2", "imports", "\x1cx = 3", "[DEFAULT]"]
)  # fmt: skip


@given(st.lists(pieces, max_size=12), st.sampled_from(["\n", "\r\n", "\r"]))
def test_no_text_slips_past_what_is_forced(lines, end):
    """Whatever a text looks like, what is stored says what the server wants, to who reads it."""
    text = end.join(lines)
    try:
        stored = forced(text, WHERE)
    except PreboardError:
        return
    said = sections_in(stored)
    assert {place: said[place[0]][place[1]] for place in FORCED} == FORCED
    assert "from x import y" not in said.get("listeners", {}).values()
    assert forced(stored, WHERE) == stored


@given(st.lists(pieces, max_size=12), st.sampled_from(["1", "two words", ""]))
def test_an_edit_changes_nothing_else(lines, value):
    text = "\n".join(lines)
    try:
        before = sections_in(text)
    except ConfigError:
        return
    after = sections_in(edited(text, {("results", "new"): value}))
    assert after.pop("results") == {**before.pop("results", {}), "new": value}
    assert after == before
