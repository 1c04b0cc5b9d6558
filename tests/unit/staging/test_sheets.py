"""Worksheets: `book.xlsx#sheet`, registered so, or meant by name and by reference."""

import pytest

from preboard.errors import InputError

openpyxl = pytest.importorskip("openpyxl")


@pytest.fixture
def book(tmp_path):
    made = openpyxl.Workbook()
    made.active.title = "one"
    made.active.append(["a", "b"])
    made.active.append([1, 2])
    second = made.create_sheet("two words")
    second.append(["c"])
    second.append(["x"])
    second.append(["y"])
    made.save(tmp_path / "book.xlsx")
    return "book.xlsx"


def test_the_whole_workbook_is_stored_and_the_sheet_is_its_mark(project, book, manifest, ledger):
    version = project.register("orders", f"{book}#two words")

    assert version.mark == "two words"
    assert version.entry.profile.header == ["c"]
    assert version.entry.profile.lines == 3
    assert version.file.endswith(".xlsx")
    assert manifest("orders")[0]["mark"] == ledger()[0]["mark"] == "two words"
    assert manifest("orders")[0]["from"] == "book.xlsx#two words"
    assert manifest("orders")[0]["type"] == "xlsx"


def test_without_a_mark_the_first_sheet_is_meant(project, book):
    version = project.register("orders", book)

    assert version.mark == ""
    assert version.entry.profile.header == ["a", "b"]


def test_another_sheet_of_the_same_workbook_is_another_version(project, book, space):
    """The reference adds nothing then, since the bytes are the same."""
    ids = [project.register("orders", book + mark).id for mark in ("", "#one", "#two words", "")]

    assert len(set(ids)) == 4
    assert len(list(space.rglob("*.xlsx/*.xlsx"))) == 1
    assert project.verify() == []


@pytest.mark.parametrize(
    "reference",
    [
        "orders#one",
        "$orders#one.files.:last",
        "$orders.files.:last#one",
        "$orders.files.{fingerprint}#one",
        "$orders.files.book_xlsx#one",
    ],
)
def test_a_sheet_may_be_meant_by_name_and_by_reference(project, book, reference):
    stored = project.register("orders", f"{book}#two words")

    found = project.version(reference.format(fingerprint=stored.fingerprint))
    assert (found.mark, found.id) == ("one", stored.id)
    assert project.version("orders").mark == "two words"


@pytest.mark.parametrize("mark", ["three", "ONE ", "../one"])
def test_a_sheet_that_is_not_there_is_told(project, book, mark):
    with pytest.raises(InputError):
        project.register("orders", f"{book}#{mark}")
    assert project.named_files() == []


def test_a_file_whose_name_has_the_sign_is_one(project, arrive):
    version = project.register("orders", arrive("in/a#b.csv"))

    assert version.mark == ""
    assert version.entry.file_name == "a#b.csv"
