"""What groups are made of."""

from __future__ import annotations

import json
import os
from pathlib import Path

import pytest

from preboard.errors import InputError, NotFound, Refused
from preboard.groups.members import MOST_BYTES
from preboard.groups.sources import GroupRules, is_text, read_text, wanted_group, wanted_groups

YES = "$[*][ yes() ]"
NO = "$[*][ no() ]"
RULES = GroupRules(local=True, extensions=("csvpath", "csvpaths"))


def write(folder, **files):
    for name, text in files.items():
        (folder / name.replace("__", ".")).write_text(text, encoding="utf-8")


def test_text_holds_one_or_many(tmp_path):
    text = f"{YES}\n---- CSVPATH ----\n{NO}"
    assert wanted_group("g", text, RULES, tmp_path).statements == [YES, NO]


def test_a_list_holds_texts_of_one_or_many(tmp_path):
    wanted = wanted_group("g", [YES, f"{NO}\n---- CSVPATH ----\n{YES}"], RULES, tmp_path)
    assert wanted.statements == [YES, NO, YES]
    assert wanted.origin is None


def test_a_list_of_something_else_is_refused(tmp_path):
    with pytest.raises(InputError, match="a statement is a text, not int"):
        wanted_group("g", [YES, 3], RULES, tmp_path)  # type: ignore[list-item]


def test_a_file_is_found_from_the_working_directory(tmp_path):
    write(tmp_path, a__csvpath=YES)
    wanted = wanted_group("g", "a.csvpath", RULES, tmp_path)
    assert (wanted.statements, wanted.origin) == ([YES], "a.csvpath")
    assert wanted.files == (tmp_path / "a.csvpath",)


def test_a_directory_is_one_group_in_the_order_of_names(tmp_path):
    write(tmp_path, b__csvpath=NO, a__csvpaths=YES, c__txt="no statements", B__CSVPATH=YES)
    wanted = wanted_group("g", tmp_path, RULES, tmp_path)
    assert [file.name for file in wanted.files] == ["B.CSVPATH", "a.csvpaths", "b.csvpath"]
    assert wanted.statements == [YES, YES, NO]


def test_a_directory_without_a_name_is_a_group_a_file(tmp_path):
    write(tmp_path, b__csvpath=NO, a__csvpaths=YES, c__txt="no statements")
    wanted = wanted_groups(tmp_path, RULES, tmp_path)
    assert [(each.name, each.statements) for each in wanted] == [("a", [YES]), ("b", [NO])]


def test_two_files_of_one_stem_are_refused(tmp_path):
    write(tmp_path, a__csvpath=NO, a__csvpaths=YES)
    with pytest.raises(InputError, match="would both be the group 'a'"):
        wanted_groups(tmp_path, RULES, tmp_path)


def test_a_directory_without_statements_is_refused(tmp_path):
    with pytest.raises(InputError, match="holds no group"):
        wanted_groups(tmp_path, RULES, tmp_path)


def test_paths_in_a_definition_are_beside_it_else_below_the_working_directory(tmp_path):
    (tmp_path / "cp").mkdir()
    write(tmp_path / "cp", a__csvpath=YES)
    write(tmp_path, b__csvpath=NO)
    definition = {"one": ["a.csvpath", "b.csvpath"], "two": ["b.csvpath"], "_config": {}}
    (tmp_path / "cp" / "g.json").write_text(json.dumps(definition), encoding="utf-8")
    one, two = wanted_groups("cp/g.json", RULES, tmp_path)
    assert (one.name, one.statements, two.statements) == ("one", [YES, NO], [NO])
    assert one.definition == definition
    assert wanted_group("two", "cp/g.json", RULES, tmp_path) == two


@pytest.mark.parametrize(
    ("text", "told"),
    [
        ("{", "is no JSON"),
        ("[" * 100_000, "is no JSON"),
        ("[]", "holds no JSON object"),
        ('{"h": []}', "defines no group 'g'"),
        ('{"g": "a.csvpath"}', "is no list of paths"),
        ('{"g": [1]}', "is no list of paths"),
    ],
)
def test_a_definition_that_is_none_is_refused(tmp_path, text, told):
    (tmp_path / "g.json").write_text(text, encoding="utf-8")
    with pytest.raises(InputError, match=told):
        wanted_group("g", "g.json", RULES, tmp_path)


@pytest.mark.parametrize("path", ["none.csvpath", "x" * 5000, "a\0b", "\udc80"])
def test_a_path_that_leads_nowhere_is_not_found(tmp_path, path):
    with pytest.raises(NotFound):
        wanted_group("g", path, RULES, tmp_path)
    (tmp_path / "g.json").write_text(json.dumps({"g": [path]}), encoding="utf-8")
    with pytest.raises((NotFound, InputError)):
        wanted_group("g", "g.json", RULES, tmp_path)


def test_a_file_is_no_longer_than_the_limit_also_when_its_size_is_not_known(tmp_path):
    (tmp_path / "large").write_bytes(b" " * (MOST_BYTES + 1))
    endless = [Path("/dev/zero")] if os.name == "posix" else []
    for path in (tmp_path / "large", *endless):
        with pytest.raises(InputError, match="is larger than"):
            read_text(path)


def test_a_file_that_is_not_utf_8_is_refused_with_the_place(tmp_path):
    (tmp_path / "a.csvpath").write_bytes(b"ab\xe9")
    with pytest.raises(InputError, match="byte 0xe9") as caught:
        read_text(tmp_path / "a.csvpath")
    assert caught.value.byte_offset == 2


def test_a_byte_order_mark_is_no_part_of_the_text(tmp_path):
    (tmp_path / "a.csvpath").write_bytes(b"\xef\xbb\xbf$[*][]")
    assert read_text(tmp_path / "a.csvpath") == "$[*][]"


@pytest.mark.skipif(os.geteuid() == 0, reason="root may read everything")
def test_a_directory_that_may_not_be_read_is_an_error(tmp_path):
    (tmp_path / "no").mkdir(mode=0)
    with pytest.raises(InputError, match="can't be read"):
        wanted_group("g", tmp_path / "no", RULES, tmp_path)


def test_without_local_files_text_is_still_taken(tmp_path):
    write(tmp_path, a__csvpath=YES)
    rules = GroupRules(local=False, extensions=("csvpath",))
    assert wanted_group("g", YES, rules, tmp_path).statements == [YES]
    assert wanted_group("g", [YES], rules, tmp_path).statements == [YES]
    for source in ("a.csvpath", tmp_path, tmp_path / "a.csvpath", "none"):
        with pytest.raises(Refused, match="local files is not allowed"):
            wanted_group("g", source, rules, tmp_path)
        with pytest.raises(Refused, match="local files is not allowed"):
            wanted_groups(source, rules, tmp_path)


@pytest.mark.parametrize(
    ("text", "is_one"),
    [(YES, True), ("~ a ~\n$[*][]", True), ("a.csvpath", False), ("[a]/b$c", False), ("", False)],
)
def test_a_text_has_a_root_and_brackets(text, is_one):
    assert is_text(text) is is_one
