"""Arrays on disk as views of the catalog: written behind the commit, repaired at the next start."""

import errno
import json

import pytest

from preboard.catalog import documents as module

PATH = "inputs/manifest.json"


def add(catalog, *bodies, path=PATH):
    with catalog.database.writing() as connection:
        return [catalog.documents.add(connection, path, body.encode()) for body in bodies]


def on_disk(catalog, path=PATH):
    return json.loads((catalog.documents.root / path).read_bytes())


def test_entries_have_places_in_the_order_of_their_commits(catalog):
    assert add(catalog, "1", "2") == [0, 1]
    assert add(catalog, "3") == [2]
    assert catalog.documents.bodies(PATH) == [b"1", b"2", b"3"]


def test_a_document_is_written_and_grows(catalog):
    add(catalog, "1")
    catalog.documents.write(PATH)
    assert on_disk(catalog) == [1]
    add(catalog, "2", "3")
    catalog.documents.write(PATH)

    assert on_disk(catalog) == [1, 2, 3]
    assert catalog.documents.is_same(PATH)


def test_what_was_not_committed_is_not_written(catalog):
    def fail():
        with catalog.database.writing() as connection:
            catalog.documents.add(connection, PATH, b"1")
            raise KeyError

    with pytest.raises(KeyError):
        fail()
    catalog.documents.write(PATH)

    assert not (catalog.documents.root / PATH).exists()


def test_a_second_write_has_nothing_to_do(catalog):
    add(catalog, "1")
    catalog.documents.write(PATH)
    before = (catalog.documents.root / PATH).stat().st_mtime_ns
    catalog.documents.write(PATH)

    assert (catalog.documents.root / PATH).stat().st_mtime_ns == before


def test_repair_writes_what_is_unwritten_and_nothing_else(catalog):
    add(catalog, "1")
    add(catalog, "2", path="archive/manifest.json")
    catalog.documents.write(PATH)

    assert catalog.documents.repair() == ["archive/manifest.json"]
    assert catalog.documents.repair() == []
    assert on_disk(catalog, "archive/manifest.json") == [2]


@pytest.mark.parametrize(
    "damage",
    [b"", b"[", b"[\n1,\n2", b'[\n1\n]\n{"more": "than was known"}', b"[1]"],
    ids=["empty", "torn", "cut", "longer", "reformatted"],
)
def test_a_document_that_is_not_what_it_was_is_written_anew(catalog, damage):
    add(catalog, "1", "2")
    catalog.documents.write(PATH)
    (catalog.documents.root / PATH).write_bytes(damage)

    assert catalog.documents.is_same(PATH) is False
    add(catalog, "3")
    catalog.documents.write(PATH)

    assert on_disk(catalog) == [1, 2, 3]
    assert catalog.documents.is_same(PATH)


def test_a_document_that_was_deleted_is_written_anew(catalog):
    add(catalog, "1")
    catalog.documents.write(PATH)
    (catalog.documents.root / PATH).unlink()

    assert catalog.documents.is_same(PATH) is None
    catalog.documents.rewrite(PATH)
    assert on_disk(catalog) == [1]


def test_a_full_disk_is_no_error_of_what_happened(catalog, monkeypatch, caplog):
    """The entry is true, the file is behind: it is written when there is room again."""
    full = OSError(errno.ENOSPC, "No space left on device")

    def fail(*_args):
        raise full

    add(catalog, "1")
    with monkeypatch.context() as patched:
        patched.setattr(module, "write_array", fail)
        catalog.documents.write(PATH)
    assert "can't be written yet" in caplog.text
    assert not (catalog.documents.root / PATH).exists()

    catalog.documents.repair()
    assert on_disk(catalog) == [1]


def test_entries_that_are_not_written_yet_are_no_difference(catalog):
    add(catalog, "1")
    assert catalog.documents.is_same(PATH)
    catalog.documents.write(PATH)
    add(catalog, "2")

    assert catalog.documents.is_same(PATH)


def test_a_forgotten_document_begins_anew(catalog):
    add(catalog, "1", "2")
    catalog.documents.write(PATH)
    with catalog.database.writing() as connection:
        catalog.documents.forget(connection, PATH)
    assert catalog.documents.all() == []

    assert add(catalog, "3") == [0]
    catalog.documents.write(PATH)
    assert on_disk(catalog) == [3]


def test_two_projects_in_one_database_have_their_own(catalog, tmp_path):
    other = type(catalog)(catalog.database, "p2", tmp_path / "other")
    other.enter("now")
    add(catalog, "1")
    add(other, "2")
    catalog.documents.write(PATH)
    other.documents.repair()

    assert on_disk(catalog) == [1]
    assert on_disk(other) == [2]
