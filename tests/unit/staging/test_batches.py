"""Several files at once: those of a directory, those that a mapping names."""

import json
import time

import pytest

from preboard.errors import (
    ConfigError,
    InputError,
    NameRefused,
    NotFound,
    PartlyRegistered,
    Refused,
)

TREE = ["in/b.csv", "in/a.csv", "in/eu/a.csv", "in/eu/deep/c.tsv", "in/note.txt", "in/.hidden.csv",
        "in/.git/x.csv", "in/z.csv.gz"]  # fmt: skip


# Of the files in the tree, in the order of their paths: the name, and which of its versions.
MADE = [("a", 0), ("b", 0), ("a", 1), ("c", 0), ("z", 0)]


@pytest.fixture
def tree(arrive):
    for number, path in enumerate(TREE):
        arrive(path, b"a,b\n%d,2\n" % number)


@pytest.mark.usefixtures("tree")
class TestDirectory:
    def test_each_file_goes_under_its_own_stem(self, project):
        versions = project.register_directory("in")

        assert [version.origin for version in versions] == [
            "in/a.csv", "in/b.csv", "in/eu/a.csv", "in/eu/deep/c.tsv", "in/z.csv.gz",
        ]  # fmt: skip
        assert [version.name for version in versions] == ["a", "b", "a", "c", "z"]
        assert project.named_files() == ["a", "b", "c", "z"]

    def test_all_go_under_one_name(self, project):
        versions = project.register_directory("in", name="all", recurse=False)

        assert [version.origin for version in project.versions("all")] == [
            "in/a.csv", "in/b.csv", "in/z.csv.gz",
        ]  # fmt: skip
        assert versions == project.versions("all")

    @pytest.mark.parametrize(
        ("regex", "found"),
        [
            ("eu/", ["in/eu/a.csv", "in/eu/deep/c.tsv"]),
            ("^in/[ab]", ["in/a.csv", "in/b.csv"]),
            ("q", []),
        ],
    )
    def test_a_pattern_is_searched_for_in_the_whole_path(self, project, regex, found):
        assert [v.origin for v in project.register_directory("in", regex=regex)] == found

    def test_the_template_holds_for_each(self, project):
        versions = project.register_directory(
            "in", name="all", template=":1/:filename", regex="eu/"
        )

        assert [version.home for version in versions] == ["eu/a.csv", "eu/c.tsv"]

    @pytest.mark.parametrize("regex", ["(", "a{1000000}", "(?R)", "x" * 20_000])
    def test_a_pattern_that_is_wrong_is_told(self, project, regex):
        with pytest.raises(InputError, match="the pattern"):
            project.register_directory("in", regex=regex)
        assert project.named_files() == []

    def test_a_pattern_that_never_ends_is_ended(self, project, arrive):
        arrive("in/" + "a" * 100 + ".csv")
        began = time.monotonic()

        with pytest.raises(InputError, match="takes longer"):
            project.register_directory("in", regex="(a|aa)+$^")
        assert time.monotonic() - began < 5

    def test_what_is_refused_is_told_and_the_others_stay(self, project, arrive):
        arrive("in/2026.01.csv")
        arrive("in/1.csv")

        with pytest.raises(PartlyRegistered, match="2 of 7 files were not registered") as told:
            project.register_directory("in")
        made = [project.versions(name)[at] for name, at in MADE]
        assert told.value.versions == tuple(made)
        assert [source for source, _ in told.value.failures] == ["in/1.csv", "in/2026.01.csv"]
        assert all(isinstance(error, NameRefused) for _, error in told.value.failures)
        assert project.named_files() == ["a", "b", "c", "z"]

    def test_a_link_that_leads_out_is_not_registered(self, project, tmp_path):
        (tmp_path / "secret.csv").write_bytes(b"s\n1\n")
        (tmp_path / "outside").mkdir()
        (tmp_path / "outside/x.csv").write_bytes(b"s\n1\n")
        (tmp_path / "in/secret.csv").symlink_to(tmp_path / "secret.csv")
        (tmp_path / "in/elsewhere").symlink_to(tmp_path / "outside")
        (tmp_path / "in/same.csv").symlink_to("a.csv")

        with pytest.raises(PartlyRegistered) as told:
            project.register_directory("in")
        ((source, error),) = told.value.failures
        assert source == "in/secret.csv"
        assert isinstance(error, Refused)
        assert project.named_files() == ["a", "b", "c", "same", "z"]

    def test_it_must_be_there_and_be_one(self, project):
        with pytest.raises(NotFound, match="no directory 'none'"):
            project.register_directory("none")
        with pytest.raises(InputError, match="is no directory"):
            project.register_directory("in/a.csv")

    def test_an_empty_one_gives_none(self, project, tmp_path):
        (tmp_path / "empty").mkdir()

        assert project.register_directory("empty") == []


class TestMapping:
    def test_each_name_has_its_path_and_its_definition(self, project, arrive):
        arrive("in/eu/o.csv")
        arrive("in/s.csv")
        versions = project.register_mapping(
            {
                "orders": "in/eu/o.csv",
                "stock": "in/s.csv",
                "_config": {"orders": {"template": ":1/:filename", "owner": "Ada"}},
            }
        )

        assert [version.home for version in versions] == ["eu/o.csv", "s.csv"]
        assert project.named_file_definition("orders")["owner"] == "Ada"
        assert project.named_file_definition("stock") == {}

    @pytest.mark.parametrize("beside", [True, False])
    def test_a_json_file_is_read_and_its_paths_are_relative_to_it(self, project, arrive, beside):
        arrive("maps/o.csv" if beside else "o.csv")
        arrive("maps/files.json", json.dumps({"orders": "o.csv"}).encode())

        assert [version.origin for version in project.register_mapping("maps/files.json")] == [
            "o.csv"
        ]

    def test_a_directory_means_the_files_right_in_it(self, project, arrive):
        for path in ("in/b.csv", "in/a.csv", "in/deep/c.csv"):
            arrive(path)

        project.register_mapping({"orders": "in"})
        assert [version.origin for version in project.versions("orders")] == [
            "in/a.csv",
            "in/b.csv",
        ]

    @pytest.mark.parametrize(
        ("mapping", "error"),
        [
            ({"orders": 3}, ConfigError),
            ({"orders": ["in/a.csv"]}, ConfigError),
            ({"_config": []}, ConfigError),
            ({"_config": {"orders": 3}}, ConfigError),
            ({"_config": {"orders": {"template": "x"}}}, NameRefused),
            ({"_config": {"../x": {}}}, NameRefused),
            ({"../x": "in/a.csv"}, PartlyRegistered),
            ({"orders": "none.csv"}, PartlyRegistered),
            ({"orders": "a\0b"}, PartlyRegistered),
        ],
    )
    def test_one_that_can_t_be_is_refused(self, project, arrive, mapping, error):
        arrive("in/a.csv")

        with pytest.raises(error):
            project.register_mapping(mapping)
        assert project.named_files() == []

    @pytest.mark.parametrize(
        "content", [b"", b"[]", b"{", b"\xff", b"[" * 100_000, b"[" + b" " * 10_000_001],
        ids=["empty", "list", "torn", "no text", "deep", "huge"],
    )  # fmt: skip
    def test_a_file_that_is_no_mapping_is_told(self, project, arrive, content):
        with pytest.raises(InputError):
            project.register_mapping(arrive("map.json", content))

    def test_a_file_that_is_not_there_is_told(self, project):
        with pytest.raises(NotFound):
            project.register_mapping("none.json")
