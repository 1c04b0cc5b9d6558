"""The directories of named-files: README, definition, removal, the sweep, verify."""

import io
import json

import pytest

from preboard.errors import ConfigError, NameRefused, NotFound
from preboard.project.project import Project
from preboard.staging.sweep import sweep_incoming
from preboard.storage.findings import Finding
from preboard.storage.incoming import Incoming
from preboard.storage.local import put_new

A, B = b"a,b\n1,2\n", b"a,b\n3,4\n"


def test_a_readme_that_somebody_wrote_stays(project, arrive, space):
    project.register("orders", arrive())
    readme = space / "orders/README.md"
    assert readme.read_text().startswith("# orders\n")
    readme.write_text("Ask Ada.\n")

    project.configure_named_file("orders", {})
    project.register("orders", arrive(content=B))

    assert readme.read_text() == "Ask Ada.\n"


BROKEN = [
    ([], ConfigError),
    ({"template": 3}, ConfigError),
    ({"template": "../:filename"}, NameRefused),
    ({"template": ":1/:run_dir"}, NameRefused),
    ({"on_arrival": "shipping"}, ConfigError),
    ({"on_arrival": {}}, ConfigError),
    ({"on_arrival": {"named_paths_group": 3}}, ConfigError),
    ({"on_arrival": {"named_paths_group": "a", "run_method": "rm -rf"}}, ConfigError),
    ({"sources": []}, ConfigError),
    ({"sources": {"a": "host"}}, ConfigError),
    ({"sources": {"a": {"address": "h", "shell": "x"}}}, ConfigError),
    ({"a": {1, 2}}, ConfigError),
    ({"a": float("nan")}, ConfigError),
    ({"a": "x" * 1_000_001}, ConfigError),
]


class TestDefinition:
    def test_it_is_kept_whole_with_keys_that_are_not_known(self, project, space):
        definition = {
            "template": ":1/:filename",
            "on_arrival": {"named_paths_group": "shipping", "run_method": "collect_paths"},
            "sources": {"a": {"address": "h", "port": 22, "username": "U", "password": "P"}},
            "owner": ["Ada"],
        }
        project.configure_named_file("orders", definition)

        assert project.named_file_definition("orders") == definition
        assert json.loads((space / "orders/definition.json").read_bytes()) == definition
        assert project.named_files() == ["orders"]
        assert project.versions("orders") == []

    @pytest.mark.parametrize(("definition", "error"), BROKEN)
    def test_one_that_can_t_be_is_refused_and_changes_nothing(self, project, definition, error):
        project.configure_named_file("orders", {"template": "a/:filename"})

        with pytest.raises(error):
            project.configure_named_file("orders", definition)
        assert project.named_file_definition("orders") == {"template": "a/:filename"}

    def test_there_is_none_of_a_name_that_is_none(self, project):
        with pytest.raises(NotFound):
            project.named_file_definition("orders")

    def test_a_file_that_was_deleted_comes_back_with_the_next_definition(self, project, space):
        project.configure_named_file("orders", {})
        (space / "orders/definition.json").unlink()
        project.configure_named_file("orders", {"a": 1})

        assert json.loads((space / "orders/definition.json").read_bytes()) == {"a": 1}


class TestEditedByHand:
    @pytest.fixture
    def file(self, project, space):
        project.configure_named_file("orders", {"template": "a/:filename"})
        return space / "orders/definition.json"

    def test_an_edit_is_taken_in(self, project, arrive, file):
        file.write_text('{"template": "b/:filename", "owner": "Ada"}')

        assert project.register("orders", arrive()).home == "b/orders.csv"
        assert project.named_file_definition("orders")["owner"] == "Ada"
        file.unlink()
        assert project.named_file_definition("orders")["owner"] == "Ada"

    def test_another_layout_of_the_same_is_no_edit(self, project, file):
        file.write_text('{"template":"a/:filename"}')

        assert project.named_file_definition("orders") == {"template": "a/:filename"}
        assert file.read_text() == '{"template":"a/:filename"}'

    @pytest.mark.parametrize(
        "text", ["", "{", "[]", '{"template": 3}', '{"template": "../:filename"}', "[" * 100_000]
    )
    def test_an_edit_that_can_t_be_is_told_and_nothing_is_registered(
        self, project, arrive, file, text
    ):
        file.write_text(text)

        with pytest.raises((ConfigError, NameRefused)):
            project.register("orders", arrive())
        assert project.versions("orders") == []
        assert file.read_text() == text

    def test_a_file_that_is_behind_the_catalog_is_no_edit(self, project, file, monkeypatch):
        """Its writer died between the commit and the file."""
        with monkeypatch.context() as dying:
            dying.setattr(project.staging.names, "write", lambda _name: None)
            project.configure_named_file("orders", {"template": "new/:filename"})

        assert project.named_file_definition("orders") == {"template": "new/:filename"}
        project.repair()
        assert json.loads(file.read_bytes()) == {"template": "new/:filename"}


class TestRemove:
    def test_the_directory_goes_and_the_ledger_stays(self, project, arrive, space, ledger):
        project.register("orders", arrive())
        project.register("stock", arrive())
        project.remove_named_file("orders")

        assert project.named_files() == ["stock"]
        assert not (space / "orders").exists()
        assert list((space / ".incoming").iterdir()) == []
        assert [row["named_file_name"] for row in ledger()] == ["orders", "stock"]
        assert project.verify() == []
        with pytest.raises(NotFound):
            project.versions("orders")
        with pytest.raises(NotFound):
            project.version("orders")

    def test_the_rows_stay_and_are_marked(self, project, arrive):
        version = project.register("orders", arrive())
        project.remove_named_file("orders")

        with project.catalog.database.reading() as connection:
            rows = connection.exec_driver_sql("SELECT id, removed FROM pb_version").all()
        assert [row.id for row in rows] == [version.id]
        assert rows[0].removed

    def test_the_name_can_be_used_anew(self, project, arrive, manifest):
        project.register("orders", arrive())
        project.configure_named_file("orders", {"template": "a/:filename"})
        project.remove_named_file("orders")
        version = project.register("orders", arrive())

        assert version.home == "orders.csv"
        assert [entry["uuid"] for entry in manifest("orders")] == [version.id]
        assert project.verify() == []

    def test_what_never_was_can_t_be(self, project):
        with pytest.raises(NotFound, match="no named-file 'orders'"):
            project.remove_named_file("orders")
        with pytest.raises(NotFound):
            project.remove_named_file("../..")


class TestSweep:
    def test_bytes_that_were_linked_and_not_accepted_go(self, project, space):
        part = Incoming(space, "0" * 32, "orders")
        part.take(io.BytesIO(A))
        put_new(part.path, space / "orders/o.csv/one.csv")

        assert sweep_incoming(project.catalog, project.place) == [
            space / "orders/o.csv/one.csv", part.path,
        ]  # fmt: skip
        assert not (space / "orders").exists()

    def test_bytes_that_were_accepted_stay(self, project, arrive, space):
        version = project.register("orders", arrive())
        stored = project.root / version.entry.file
        left = space / ".incoming" / f"{'0' * 32}.{'1' * 32}.orders"
        left.hardlink_to(stored)

        assert sweep_incoming(project.catalog, project.place) == [left]
        assert stored.read_bytes() == A

    @pytest.mark.parametrize("name", ["x", "x.y", "x.y...", "x.y.a b/", "..x", "x.y.\udce9"])
    def test_whatever_lies_there_is_removed_and_nothing_else(self, project, space, name):
        (space / ".incoming").mkdir(exist_ok=True)
        planted = space / ".incoming" / name
        if name.endswith("/"):
            planted.mkdir()
            (planted / "x").write_bytes(b"")
        else:
            planted.write_bytes(b"")
        (space / ".incoming/x.y.link").symlink_to(project.root / "config")

        Project.open(project.root).close()

        assert list((space / ".incoming").iterdir()) == []
        assert (project.root / "config/config.ini").exists()


class TestVerify:
    @pytest.fixture
    def versions(self, project, arrive):
        return [project.register("orders", arrive(content=content)) for content in (A, B, A)]

    @pytest.mark.usefixtures("versions")
    def test_nothing_is_found_where_nothing_was_changed(self, project):
        assert project.verify() == []

    def test_changed_and_missing_bytes_are_found_once(self, project, versions):
        one, two = (project.root / version.entry.file for version in versions[:2])
        one.chmod(0o644)
        one.write_bytes(B)
        two.unlink()

        assert project.verify() == [
            Finding(versions[0].entry.file, "changed", versions[0].reference),
            Finding(versions[1].entry.file, "missing", versions[1].reference),
        ]

    def test_a_link_in_the_place_of_the_bytes_is_found(self, project, versions, tmp_path):
        path = project.root / versions[1].entry.file
        (tmp_path / "same").write_bytes(B)
        path.unlink()
        path.symlink_to(tmp_path / "same")

        assert [finding.fault for finding in project.verify()] == ["missing"]

    @pytest.mark.usefixtures("versions")
    def test_a_file_that_nobody_registered_is_found(self, project, space):
        (space / "orders/orders.csv/extra.csv").write_bytes(b"")
        (space / "orders/deep/er").mkdir(parents=True)
        (space / "orders/deep/er/manifest.json").write_bytes(b"")

        assert [(finding.path, finding.fault) for finding in project.verify()] == [
            ("inputs/named_files/orders/deep/er/manifest.json", "unknown"),
            ("inputs/named_files/orders/orders.csv/extra.csv", "unknown"),
        ]

    @pytest.mark.usefixtures("versions")
    def test_a_directory_of_no_name_is_found(self, project, space):
        (space / "nobody").mkdir()

        assert project.verify() == [Finding("inputs/named_files/nobody", "unknown")]

    @pytest.mark.usefixtures("versions")
    @pytest.mark.parametrize("document", ["manifest.json", "orders/manifest.json"])
    def test_a_manifest_that_somebody_edited_is_found(self, project, space, document):
        path = space / document
        path.write_bytes(path.read_bytes().replace(b"in/orders.csv", b"in/0rders.csv", 1))

        assert project.verify() == [Finding(f"inputs/named_files/{document}", "changed")]
        path.unlink()
        assert project.verify() == [Finding(f"inputs/named_files/{document}", "missing")]
