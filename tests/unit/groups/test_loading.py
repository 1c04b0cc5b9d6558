"""Groups in a project: what is kept of each load, and what lies on disk of it."""

from __future__ import annotations

import hashlib
import json
import threading

import pytest

from preboard.errors import ConfigError, NameRefused, NotFound, Refused
from preboard.groups.faults import BrokenGroup
from preboard.groups.members import group_text, statements_in
from preboard.project.project import Project

YES = "$[*][ yes() ]"
NO = "$[*][ no() ]"
THIRD = "~ id: third ~ $[*][ yes() ]"


def home(project, name="g"):
    return project.root / "inputs/named_paths" / name


def on_disk(project, path="g/manifest.json"):
    return json.loads((project.root / "inputs/named_paths" / path).read_bytes())


def texts(project, name="g"):
    return [statements_in(load.text) for load in project.group_history(name)]


class TestLoading:
    def test_the_text_lies_in_group_csvpaths_under_its_fingerprint(self, project):
        load = project.load_group("g", [YES, THIRD])
        content = (home(project) / "group.csvpaths").read_bytes()
        assert content.decode() == load.text == group_text([YES, THIRD])
        assert load.fingerprint == hashlib.sha256(content).hexdigest()
        assert load.entry.named_paths_identities == ["0", "third"]

    def test_a_load_is_in_the_manifest_and_in_the_ledger(self, project):
        load = project.load_group("g", YES)
        (entry,), (row,) = on_disk(project), on_disk(project, "manifest.json")
        assert entry["uuid"] == row["uuid"] == load.id
        assert entry["named_paths"] == [YES]
        assert entry["file"] == entry["group_file_path"] == "inputs/named_paths/g/group.csvpaths"
        assert row["source_path"] is None

    def test_the_same_text_again_is_in_the_ledger_only(self, project):
        first, second = project.load_group("g", YES), project.load_group("g", YES + "\n")
        assert first.id == second.id
        assert len(on_disk(project)) == 1
        assert len(on_disk(project, "manifest.json")) == 2

    def test_every_text_is_kept_also_one_that_comes_again(self, project):
        for text in (YES, NO, YES):
            project.load_group("g", text)
        assert texts(project) == [[YES], [NO], [YES]]
        assert [entry["named_paths"] for entry in on_disk(project)] == [[YES], [NO], [YES]]

    def test_appended_statements_stand_behind_the_others(self, project):
        project.load_group("g", YES, append=True)
        project.load_group("g", [NO, THIRD], append=True)
        assert texts(project)[-1] == [YES, NO, THIRD]

    def test_appending_is_refused_when_the_whole_is_broken(self, project):
        project.load_group("g", THIRD)
        with pytest.raises(BrokenGroup, match="both called 'third'"):
            project.load_group("g", THIRD, append=True)
        assert texts(project) == [[THIRD]]

    def test_appending_at_once_loses_nothing(self, project):
        def append(number):
            with Project.open(project.root) as other:
                other.load_group("g", f"~ id: s{number} ~ {YES}", append=True)

        threads = [threading.Thread(target=append, args=(number,)) for number in range(6)]
        for thread in threads:
            thread.start()
        for thread in threads:
            thread.join()
        load = project.group_history("g")[-1]
        assert sorted(load.entry.named_paths_identities) == [f"s{number}" for number in range(6)]
        assert (home(project) / "group.csvpaths").read_text(encoding="utf-8") == load.text

    def test_a_broken_group_changes_nothing(self, project):
        project.load_group("g", YES)
        before = {path: path.read_bytes() for path in home(project).parent.rglob("*.*")}
        with pytest.raises(BrokenGroup) as caught:
            project.load_group("g", ["$[*][ a( ]", YES, "$[*][ b( ]"])
        assert [fault.place for fault in caught.value.faults] == [0, 2]
        after = {path: path.read_bytes() for path in home(project).parent.rglob("*.*")}
        assert after == before
        with pytest.raises(BrokenGroup):
            project.load_group("new", [])
        assert not home(project, "new").exists()

    @pytest.mark.parametrize(
        "name",
        ["", "a/b", "a.b", "..", "a#b", "$a", "a\\b", "é", "x" * 200, "a\nb", "a\0", " a", "1"],
    )
    def test_a_name_that_no_reference_can_address_is_refused(self, project, name):
        with pytest.raises(NameRefused):
            project.load_group(name, YES)
        assert project.group_names() == []

    def test_a_link_in_place_of_the_directory_is_not_followed(self, project, tmp_path):
        (tmp_path / "elsewhere").mkdir()
        home(project).symlink_to(tmp_path / "elsewhere")
        with pytest.raises(NameRefused):
            project.load_group("g", YES)
        assert list((tmp_path / "elsewhere").iterdir()) == []


class TestGroupsOfASource:
    def test_each_file_of_a_directory_is_a_group(self, project, tmp_path):
        (tmp_path / "cp").mkdir()
        for name, text in (("b", NO), ("a", YES)):
            (tmp_path / "cp" / f"{name}.csvpath").write_text(text, encoding="utf-8")
        loads = project.load_groups("cp")
        assert [(load.name, statements_in(load.text)) for load in loads] == [
            ("a", [YES]), ("b", [NO]),
        ]  # fmt: skip
        assert on_disk(project, "b/manifest.json")[0]["source_path"].endswith("cp/b.csvpath")

    def test_when_one_is_broken_none_is_loaded_and_each_is_told(self, project, tmp_path):
        (tmp_path / "cp").mkdir()
        for name, text in (("a", "$[*][ a( ]"), ("b", YES), ("c", "$[*][ lenght(#0) ]")):
            (tmp_path / "cp" / f"{name}.csvpath").write_text(text, encoding="utf-8")
        with pytest.raises(BrokenGroup, match="1 more groups are broken") as caught:
            project.load_groups("cp")
        told = caught.value.render()
        assert "group a:\n" in told
        assert "group c:\n" in told
        assert project.group_names() == []

    def test_a_file_whose_stem_can_be_no_name_is_refused(self, project, tmp_path):
        (tmp_path / "cp").mkdir()
        (tmp_path / "cp" / "a.b.csvpath").write_text(YES, encoding="utf-8")
        with pytest.raises(NameRefused, match=r"'a\.b'"):
            project.load_groups("cp")

    def test_a_definition_is_kept_with_each_of_its_groups(self, project, tmp_path):
        (tmp_path / "a.csvpath").write_text(YES, encoding="utf-8")
        given = {
            "one": ["a.csvpath"],
            "two": ["a.csvpath", "a.csvpath"],
            "_config": {"groups": {"one": {"template": ":1/:run_dir"}}},
        }
        (tmp_path / "g.json").write_text(json.dumps(given), encoding="utf-8")
        one, two = project.load_groups("g.json")
        assert on_disk(project, "one/definition.json") == given
        assert on_disk(project, "two/definition.json") == given
        assert project.group_settings("one") == {"template": ":1/:run_dir"}
        assert project.group_settings("two") == {}
        assert one.entry.template == ":1/:run_dir"
        assert statements_in(two.text) == [YES, YES]

    def test_local_files_that_are_not_allowed(self, tmp_path, monkeypatch):
        monkeypatch.chdir(tmp_path)
        with Project.create(tmp_path / "p"):
            pass
        config = tmp_path / "p/config/config.ini"
        text = config.read_text(encoding="utf-8")
        config.write_text(
            text.replace("allow_local_files = true", "allow_local_files = false"), encoding="utf-8"
        )
        (tmp_path / "a.csvpath").write_text(YES, encoding="utf-8")
        with Project.open(tmp_path / "p") as project:
            with pytest.raises(Refused):
                project.load_group("g", "a.csvpath")
            assert project.load_group("g", YES).entry.named_paths_count == 1
            assert project.find("$g.csvpaths.:0")[0].text == YES


class TestSettings:
    def test_a_group_without_any_has_its_name_in_the_definition(self, project):
        project.load_group("g", YES)
        assert on_disk(project, "g/definition.json") == {"g": []}
        assert "# g" in (home(project) / "README.md").read_text(encoding="utf-8")

    def test_what_somebody_wrote_into_the_readme_stays(self, project):
        project.load_group("g", YES)
        (home(project) / "README.md").write_text("mine", encoding="utf-8")
        project.load_group("g", NO)
        assert (home(project) / "README.md").read_text(encoding="utf-8") == "mine"

    def test_a_template_is_kept_and_in_the_entry(self, project):
        load = project.load_group("g", YES, template=":1/:run_dir")
        assert load.entry.template == ":1/:run_dir"
        project.load_group("g", NO)
        assert project.group_settings("g") == {"template": ":1/:run_dir"}

    def test_settings_are_replaced_whole_and_checked(self, project):
        project.load_group("g", YES, template=":1/:run_dir")
        warnings = project.configure_group("g", {"scripts": {}, "odd": 1})
        assert warnings == ["_config.groups.g: 'odd' is not known"]
        assert on_disk(project, "g/definition.json")["_config"] == {
            "groups": {"g": {"scripts": {}, "odd": 1}}
        }
        with pytest.raises(ConfigError):
            project.configure_group("g", {"scripts": []})
        with pytest.raises(NotFound):
            project.configure_group("other", {})
        assert project.group_settings("g") == {"scripts": {}, "odd": 1}


class TestRemoving:
    def test_directory_and_name_go_and_the_texts_stay_for_results(self, project):
        load = project.load_group("g", YES)
        project.remove_group("g")
        assert project.group_names() == []
        assert not home(project).exists()
        assert project.catalog.loads.by_id(load.id).text == load.text
        with pytest.raises(NotFound):
            project.remove_group("g")
        with pytest.raises(NotFound):
            project.group_history("g")

    def test_a_group_of_the_same_name_begins_anew(self, project):
        project.load_group("g", [YES, THIRD], template=":1/:run_dir")
        project.remove_group("g")
        project.load_group("g", NO)
        assert texts(project) == [[NO]]
        assert len(on_disk(project)) == 1
        assert project.group_settings("g") == {}

    def test_what_a_process_left_that_died_while_removing_goes_with_the_next_start(
        self, project, monkeypatch
    ):
        project.load_group("g", YES)
        with monkeypatch.context() as dying:
            dying.setattr(project.groups.directories, "write", lambda _name: None)
            project.remove_group("g")
        assert home(project).exists()
        with Project.open(project.root):
            assert not home(project).exists()


class TestEditingByHand:
    def test_an_edited_text_is_taken_in_when_the_group_is_read(self, project):
        project.load_group("g", YES)
        path = home(project) / "group.csvpaths"
        path.write_text(f"{THIRD}\n---- CSVPATH ----\n{NO}\n", encoding="utf-8")
        assert [found.text for found in project.find("$g.csvpaths.third:from")] == [THIRD, NO]
        assert texts(project) == [[YES], [THIRD, NO]]
        entry = on_disk(project)[1]
        assert entry["named_paths_home"] == "inputs/named_paths/g"
        assert entry["fingerprint"] == hashlib.sha256(path.read_bytes()).hexdigest()

    def test_space_that_was_added_is_no_new_text(self, project):
        project.load_group("g", YES)
        path = home(project) / "group.csvpaths"
        path.write_text(path.read_text(encoding="utf-8") + "\n\n", encoding="utf-8")
        assert texts(project) == [[YES]]
        assert len(on_disk(project, "manifest.json")) == 1

    def test_an_edit_back_to_an_earlier_text_is_an_edit(self, project):
        first = project.load_group("g", YES)
        project.load_group("g", NO)
        (home(project) / "group.csvpaths").write_text(first.text, encoding="utf-8")
        assert texts(project) == [[YES], [NO], [YES]]

    @pytest.mark.parametrize("text", ["$[*][ yes( ]", "", "~ id: ../x ~ $[*][]"])
    def test_a_broken_edit_is_refused_and_left_as_it_is(self, project, text):
        project.load_group("g", YES)
        path = home(project) / "group.csvpaths"
        path.write_text(text, encoding="utf-8")
        with pytest.raises(BrokenGroup, match=r"from group\.csvpaths, which was edited"):
            project.find("$g.csvpaths.:0")
        assert path.read_text(encoding="utf-8") == text
        assert len(on_disk(project)) == 1
        project.load_group("g", NO)
        assert texts(project) == [[YES], [NO]]

    def test_appending_takes_the_edit_in_first(self, project):
        project.load_group("g", YES)
        (home(project) / "group.csvpaths").write_text(NO, encoding="utf-8")
        project.load_group("g", THIRD, append=True)
        assert texts(project) == [[YES], [NO], [NO, THIRD]]

    def test_a_link_in_its_place_is_not_read(self, project, tmp_path):
        project.load_group("g", YES)
        (tmp_path / "secret").write_text(NO, encoding="utf-8")
        path = home(project) / "group.csvpaths"
        path.unlink()
        path.symlink_to(tmp_path / "secret")
        with pytest.raises(NameRefused, match="symbolic link"):
            project.find("$g.csvpaths.:0")


class TestCrashes:
    """A loader that died between the commit and its files: the catalog has it, the disk not."""

    @pytest.fixture
    def dying(self, project, monkeypatch):
        def load(text, *, written):
            with monkeypatch.context() as death:
                death.setattr(project.groups.directories, "write", lambda *_a, **_k: None)
                death.setattr(project.groups.catalog.documents, "write", lambda *_a: None)
                loaded = project.load_group("g", text)
            assert (home(project) / "group.csvpaths").exists() is written
            return loaded

        return load

    def test_the_first_load_is_written_by_the_next_start(self, project, dying):
        load = dying(YES, written=False)
        with Project.open(project.root):
            path = home(project) / "group.csvpaths"
            assert path.read_text(encoding="utf-8") == load.text
            assert len(on_disk(project)) == len(on_disk(project, "manifest.json")) == 1
            assert on_disk(project, "g/definition.json") == {"g": []}

    def test_a_file_that_is_behind_is_brought_up_to_date_and_is_no_edit(self, project, dying):
        project.load_group("g", YES)
        load = dying(NO, written=True)
        assert project.find("$g.csvpaths.:0")[0].text == NO
        assert (home(project) / "group.csvpaths").read_text(encoding="utf-8") == load.text
        assert texts(project) == [[YES], [NO]]

    def test_the_next_start_does_not_take_an_edit_for_a_file_that_is_behind(self, project, dying):
        project.load_group("g", YES)
        dying(NO, written=True)
        (home(project) / "group.csvpaths").write_text(THIRD, encoding="utf-8")
        with Project.open(project.root) as other:
            assert texts(other) == [[YES], [NO], [THIRD]]

    def test_what_a_dead_process_put_aside_goes_with_the_next_start(self, project):
        aside = home(project, ".incoming") / f"{'0' * 32}.{'1' * 32}.g"
        aside.mkdir(parents=True)
        (aside / "group.csvpaths").write_text(YES, encoding="utf-8")
        with Project.open(project.root):
            assert not aside.exists()

    def test_a_file_that_is_gone_is_written_again(self, project):
        load = project.load_group("g", YES)
        (home(project) / "group.csvpaths").unlink()
        project.load_group("g", YES)
        assert (home(project) / "group.csvpaths").read_text(encoding="utf-8") == load.text


def test_a_disk_that_cannot_be_written_does_not_undo_what_was_accepted(project, monkeypatch):
    def full(*_arguments, **_keywords):
        raise OSError(28, "No space left on device")

    with monkeypatch.context() as broken:
        broken.setattr("preboard.groups.directories.replace_file", full)
        load = project.load_group("g", YES)
    assert project.catalog.loads.latest("g").id == load.id
    project.repair()
    assert (home(project) / "group.csvpaths").read_text(encoding="utf-8") == load.text


def test_a_run_names_the_text_that_it_ran_whatever_comes_later(project, tmp_path):
    (tmp_path / "d.csv").write_text("a\n1\n", encoding="utf-8")
    project.register("d", "d.csv")
    first = project.load_group("g", YES)
    run = project.run("d", "g")
    project.load_group("g", NO)
    project.remove_group("g")
    assert run.manifest.named_paths_uuid == first.id
    assert run.manifest.named_paths_fingerprint == first.fingerprint
    assert project.catalog.loads.by_id(run.manifest.named_paths_uuid).text == first.text
