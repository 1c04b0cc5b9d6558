"""JSON arrays that grow at their end."""

import json
import os
import threading

import pytest
from hypothesis import given
from hypothesis import strategies as st

from preboard.errors import StoreError
from preboard.manifests.arrays import append_entries, is_array, read_array, write_array

fcntl = pytest.importorskip("fcntl")

ENTRIES = [b'{"a":1}', b'{"b":"\xc3\xa9"}', b"[]"]

entry = st.recursive(
    st.none() | st.booleans() | st.integers() | st.text(st.characters(codec="utf-8")),
    lambda inner: st.lists(inner, max_size=3) | st.dictionaries(st.text(max_size=5), inner),
    max_leaves=5,
).map(lambda value: json.dumps(value).encode())


@pytest.mark.parametrize("count", [0, 1, 3])
def test_what_is_written_is_an_array(tmp_path, count):
    path = tmp_path / "deep/manifest.json"

    size = write_array(path, ENTRIES[:count])

    assert json.loads(path.read_bytes()) == [json.loads(body) for body in ENTRIES[:count]]
    assert size == path.stat().st_size
    assert read_array(path) == json.loads(path.read_bytes())
    assert is_array(path, ENTRIES[:count])


@given(st.lists(entry, min_size=1, max_size=4), st.lists(st.lists(entry, max_size=3), max_size=4))
def test_appending_gives_what_writing_all_at_once_gives(tmp_path_factory, first, more):
    path = tmp_path_factory.mktemp("arrays") / "manifest.json"
    size = write_array(path, first)
    whole = list(first)
    for block in filter(None, more):
        grown = append_entries(path, block, size)
        assert grown is not None
        size = grown
        whole += block

        assert size == path.stat().st_size
        assert json.loads(path.read_bytes()) == [json.loads(body) for body in whole]

    together = path.with_name("together.json")
    write_array(together, whole)
    assert path.read_bytes() == together.read_bytes()


@given(st.lists(entry, min_size=1, max_size=4), st.data())
def test_a_file_that_was_cut_anywhere_is_not_appended_to(tmp_path_factory, entries, data):
    path = tmp_path_factory.mktemp("arrays") / "manifest.json"
    size = write_array(path, entries)
    at = data.draw(st.integers(0, size - 1))
    os.truncate(path, at)

    assert append_entries(path, [b"1"], size) is None
    assert path.stat().st_size == at
    assert not is_array(path, entries)


class TestAppend:
    def test_cost_is_that_of_the_new_entries(self, tmp_path):
        """What lies before the end is not read, much less written."""
        path = tmp_path / "manifest.json"
        size = write_array(path, [b'"old"'])
        before = path.read_bytes()
        path.write_bytes(b"x" * (size - 3) + b"\n]\n")

        append_entries(path, [b'"new"'], size)

        assert path.read_bytes() == b"x" * (size - 3) + b',\n"new"\n]\n'
        assert len(before) == size

    @pytest.mark.parametrize(
        "foreign",
        [
            b"[\n1,\n2,\n3\n]\n",
            b"[\n1\n]",
            b"[1]\n\n\n",
            b"",
            b'[\n{"torn": "ent',
        ],
        ids=["longer", "shorter", "same size", "empty", "torn"],
    )
    def test_a_file_that_somebody_else_changed_is_left_as_it_is(self, tmp_path, foreign):
        path = tmp_path / "manifest.json"
        size = write_array(path, [b"1"])
        path.write_bytes(foreign)

        assert append_entries(path, [b"2"], size) is None
        assert path.read_bytes() == foreign

    @pytest.mark.parametrize("known", [0, 1, 3])
    def test_what_never_was_written_is_not_appended_to(self, tmp_path, known):
        write_array(tmp_path / "manifest.json", [])

        assert append_entries(tmp_path / "manifest.json", [b"1"], known) is None

    def test_a_missing_file_is_not_made(self, tmp_path):
        assert append_entries(tmp_path / "manifest.json", [b"1"], 10) is None
        assert list(tmp_path.iterdir()) == []

    def test_a_directory_in_its_place_is_no_file(self, tmp_path):
        (tmp_path / "manifest.json").mkdir()

        assert append_entries(tmp_path / "manifest.json", [b"1"], 10) is None

    def test_a_link_is_not_followed(self, tmp_path):
        outside = tmp_path / "outside"
        size = write_array(outside, [b"1"])
        (tmp_path / "manifest.json").symlink_to(outside)

        assert append_entries(tmp_path / "manifest.json", [b"2"], size) is None
        assert read_array(outside) == [1]


class TestRead:
    def test_a_reader_waits_for_the_one_who_writes(self, tmp_path):
        path = tmp_path / "manifest.json"
        write_array(path, [b"1"])
        seen = []
        reader = threading.Thread(target=lambda: seen.append(read_array(path)))

        with path.open("r+b") as file:
            fcntl.flock(file, fcntl.LOCK_EX)
            file.write(b"[\n1,\n2")
            file.flush()
            reader.start()
            reader.join(0.05)
            assert seen == []
            file.write(b"\n]\n")
            file.flush()
            fcntl.flock(file, fcntl.LOCK_UN)
        reader.join()

        assert seen == [[1, 2]]

    def test_there_is_none(self, tmp_path):
        assert read_array(tmp_path / "manifest.json") is None
        assert is_array(tmp_path / "manifest.json", []) is None

    @pytest.mark.parametrize(
        "content", [b"", b"{}", b"[1", b"\xff\xfe", b"[" * 100_000], ids=["empty", "object",
        "torn", "no text", "deep"]
    )  # fmt: skip
    def test_what_is_no_array_is_told(self, tmp_path, content):
        (tmp_path / "manifest.json").write_bytes(content)

        with pytest.raises(StoreError, match=r"manifest.json holds no JSON array") as told:
            read_array(tmp_path / "manifest.json")
        assert told.value.hint


@pytest.mark.parametrize(
    "content", [b"[\n1,\n3\n]\n", b"[\n1\n]\n", b"[1,2]", b"[\n1,\n2\n]\n\n", b"[]\n"]
)
def test_another_array_is_another(tmp_path, content):
    (tmp_path / "manifest.json").write_bytes(content)

    assert is_array(tmp_path / "manifest.json", [b"1", b"2"]) is False
