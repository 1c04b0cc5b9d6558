"""Rules of preboard.cli.targets: names of outputs, and which are refused."""

from pathlib import Path

import pytest

from preboard.cli.options import UsageError
from preboard.cli.targets import Wanted, file_name, refuse_bad, targets


@pytest.fixture(autouse=True)
def here(tmp_path, monkeypatch):
    monkeypatch.chdir(tmp_path)
    return tmp_path


def planned(wanted, data=("a.csv",), titles=(None,), inputs=()):
    paths = targets(wanted, data, titles)
    refuse_bad(paths, wanted, list(inputs))
    return {key: str(path) for key, path in paths.items()}


@pytest.mark.parametrize(
    ("data", "title", "number", "kind", "many", "name"),
    [
        ("a.csv", None, 1, "matched", False, "a.matched.csv"),
        ("in/a.csv", "rules", 1, "matched", False, "a.rules.matched.csv"),
        ("a.csv", None, 2, "unmatched", True, "a.statement-2.unmatched.csv"),
        ("a.TSV", "x", 1, "matched", True, "a.x.matched.TSV"),
        ("a.tsv", "x", 1, "errors", True, "a.x.errors.csv"),
        ("a.b.csv.gz", "x", 1, "matched", True, "a.b.x.matched.csv"),
        ("book.xlsx", "x", 1, "matched", True, "book.x.matched.csv"),
        ("-", "x", 1, "matched", True, "stdin.x.matched.csv"),
        ("a.csv", "../../etc/x", 1, "matched", True, "a.etc_x.matched.csv"),
        ("a.csv", "two\nlines\x1b", 1, "matched", True, "a.two_lines.matched.csv"),
        ("a.csv", "x" * 500, 1, "matched", True, f"a.{'x' * 80}.matched.csv"),
        ("..csv", "..", 1, "matched", True, "data.matched.csv"),
    ],
)
def test_outputs_are_named_after_file_statement_and_kind(data, title, number, kind, many, name):
    assert file_name(data, title, number, kind, many=many) == name


def test_a_file_is_for_one_file_and_statement():
    assert planned(Wanted(matched="out.csv")) == {("matched", "a.csv", 1): "out.csv"}

    with pytest.raises(UsageError, match="give a directory"):
        planned(Wanted(matched="out.csv"), data=("a.csv", "b.csv"))
    with pytest.raises(UsageError, match="give a directory"):
        planned(Wanted(unmatched="-"), titles=("one", "two"))


def test_a_directory_takes_all(here):
    found = planned(Wanted(unmatched="new/deep/"), ("a.csv", "b.csv"), ("one", None))

    assert sorted(found.values()) == [
        "new/deep/a.one.unmatched.csv", "new/deep/a.statement-2.unmatched.csv",
        "new/deep/b.one.unmatched.csv", "new/deep/b.statement-2.unmatched.csv",
    ]  # fmt: skip
    assert (here / "new" / "deep").is_dir()


def test_one_file_takes_the_errors_of_all():
    assert planned(Wanted(errors="e.csv"), ("a.csv", "b.csv"), ("one", "two")) == {}


@pytest.mark.parametrize(
    ("wanted", "data", "titles", "told"),
    [
        (Wanted("x.csv", "x.csv"), ("a.csv",), (None,), "two outputs would be called x.csv"),
        (Wanted("x.csv", errors="X.csv"), ("a.csv",), (None,), "two outputs"),
        (Wanted("out/"), ("a.csv", "in/a.csv"), (None,), "out/a.matched.csv"),
        (Wanted("out/"), ("a.csv",), ("one", "one"), "out/a.one.matched.csv"),
        (Wanted("-", "-"), ("a.csv",), (None,), "only one of"),
        (Wanted("no/x.csv"), ("a.csv",), (None,), "there is no directory no"),
        (Wanted(errors="no/x.csv"), ("a.csv",), (None,), "there is no directory no"),
    ],
)
def test_outputs_without_a_place_of_their_own_are_refused(wanted, data, titles, told):
    with pytest.raises(UsageError, match=told):
        planned(wanted, data, titles)


@pytest.mark.parametrize("name", ["a.csv", "./a.csv", "hard.csv", "soft.csv"])
@pytest.mark.parametrize("kind", ["matched", "unmatched", "errors"])
def test_an_input_is_never_overwritten(here, name, kind):
    (here / "a.csv").touch()
    (here / "hard.csv").hardlink_to("a.csv")
    (here / "soft.csv").symlink_to("a.csv")

    with pytest.raises(UsageError, match="is an input"):
        planned(Wanted(**{kind: name}), inputs=[Path("checks"), Path("a.csv")])


def test_nothing_is_lost_in_a_device():
    planned(Wanted("/dev/null", "/dev/null", "/dev/null"))
