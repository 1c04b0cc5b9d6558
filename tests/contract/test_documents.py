"""The contract of the documents on disk: the keys that people and their programs read.

`keys.json` holds what the specification lists (spec/framework.md 1.1 to 1.3) and the least that the
seed asks for. The documents are those of a project that was really used.
"""

from __future__ import annotations

import copy
import json
from pathlib import Path

import jsonschema
import msgspec
import pytest

from preboard.errors import PreboardError
from preboard.manifests.meanings import COMMON, OF_RECORDS, OWN
from preboard.manifests.schemas import DOCUMENTS, schema_of
from preboard.project.project import Project

CONTRACT = json.loads(Path(__file__).with_name("keys.json").read_text(encoding="utf-8"))
PUBLISHED = Path(__file__).parents[2] / "docs/reference/schemas"
BY_NAME = {document.name: document for document in DOCUMENTS}
GROUP = [
    '~ id: errors ~ $[1*][ integer(#qty) print("$.csvpath.line_number") ]',
    "~ id: all files-mode: all unmatched-mode: keep source-mode: preceding ~ $[*][ #0 == 1 ]",
    '~ transfer-mode: data > where ~ $[*][ @where = "out.csv" @seen = count_lines() ]',
]
ENDED = {"time_completed", "all_completed", "all_valid", "error_count", "all_expected_files"}


def records():
    """Return the schema of every record that stands in a document, by its name."""
    found = {}
    for document in DOCUMENTS:
        found.update(schema_of(document).get("$defs", {}))
    return found


@pytest.fixture(scope="module")
def documents(tmp_path_factory):
    """Use a project in every way that makes documents; returns them by kind, each with its path."""
    folder = tmp_path_factory.mktemp("contract")
    (folder / "eu").mkdir()
    (folder / "eu/orders.csv").write_text("id,qty\n1,2\n2,x\n", encoding="utf-8")
    (folder / "rules.csvpath").write_text("\n---- CSVPATH ----\n".join(GROUP), encoding="utf-8")
    (folder / "defined.json").write_text(json.dumps(DEFINITION), encoding="utf-8")
    found = []
    with pytest.MonkeyPatch.context() as patch, Project.create(folder / "acme") as project:
        patch.chdir(folder)
        project.configure_named_file("orders", FILE_DEFINITION)
        project.register("orders", "eu/orders.csv")
        project.register("empty", "eu/orders.csv", template="")
        with pytest.raises(PreboardError):
            project.register("orders", "none.csv")
        project.load_group("rules", folder / "rules.csvpath", template=":0/:run_dir")
        project.load_group("text", "$[*][ yes() ]")
        project.load_group("broken", "~ validation-mode: raise ~ $[1*][ integer(#qty) ]")
        project.load_groups("defined.json")
        project.run("orders", "rules", extra_data={"why": "test"})
        project.run("orders", "text", method="fast_forward_by_line")
        with pytest.raises(PreboardError):
            project.run("orders", "broken")
        with project.lines("orders", "text", collect=True) as lines:
            next(lines)
            found += _read(project, "started")
        found += _read(project, "ended")
    return found


DEFINITION = {
    "defined": ["rules.csvpath"],
    "_config": {
        "groups": {
            "defined": {
                "template": ":0/:run_dir",
                "scripts": {"on_complete_all": "all.sh", "on_complete_error": None},
                "webhooks": {
                    "on_complete_all": {
                        "url": "https://host.example",
                        "payload": "a > b",
                        "headers": [{"name": "X", "value": "v"}],
                    }
                },
                "transfers": {"path_transfers": {"all": {"on_complete_all": [{"data": "v"}]}}},
                "destinations": {"label": {"address": "host", "port": 22}},
            }
        }
    },
}
FILE_DEFINITION = {
    "template": ":0/:filename",
    "on_arrival": {"named_paths_group": "text", "run_method": "collect_paths"},
    "sources": {"label": {"address": "host", "port": 22, "username": "u", "password": "p"}},
    "mine": 1,
}


def _read(project, when):
    """Return kind, moment, path and content of every JSON document of a project."""
    for path in sorted(project.root.rglob("*.json")):
        relative = path.relative_to(project.root)
        if relative.parts[0] != ".preboard":
            content = json.loads(path.read_bytes())
            yield _kind(relative, content), when, relative.as_posix(), content


def _kind(path, content):
    """Return what kind of document lies at a path."""
    if path.name != "manifest.json" and path.parts[0] == "archive":
        return path.stem
    where = {"inputs/named_files": "files", "inputs/named_paths": "groups"}
    space = where.get("/".join(path.parts[:2]), "archive")
    if path.name == "definition.json":
        return {"files": "named-file-definition", "groups": "group-definition"}[space]
    if isinstance(content, dict):
        return "instance-manifest" if "instance_identity" in content else "run-manifest"
    is_root = len(path.parts) == (2 if space == "archive" else 3)
    names = {"files": "named-file-manifest", "groups": "group-manifest"}
    return f"{space}-ledger" if is_root else names[space]


def of_kind(documents, kind, when="ended"):
    found = [content for name, moment, _, content in documents if (name, moment) == (kind, when)]
    assert found
    return found


@pytest.mark.parametrize("kind", BY_NAME)
def test_every_document_is_as_its_schema_says(documents, kind):
    schema = schema_of(BY_NAME[kind])
    validator = jsonschema.Draft202012Validator(schema)
    validator.check_schema(schema)
    for when in ("started", "ended"):
        for content in of_kind(documents, kind, when):
            assert [
                f"{error.json_path}: {error.message}" for error in validator.iter_errors(content)
            ] == []


@pytest.mark.parametrize("kind", BY_NAME)
def test_every_document_is_read_back_into_its_record(documents, kind):
    for content in of_kind(documents, kind):
        msgspec.json.decode(json.dumps(content).encode(), type=BY_NAME[kind].type)


@pytest.mark.parametrize("kind", [kind for kind in BY_NAME if kind not in ("vars", "extra")])
def test_a_schema_refuses_what_is_not_so(documents, kind):
    """A document of another kind, or one with a value of another type, is refused."""
    validator = jsonschema.Draft202012Validator(schema_of(BY_NAME[kind]))
    assert not validator.is_valid(7)
    content = max(of_kind(documents, kind), key=len)
    entry = copy.deepcopy(content[0] if isinstance(content, list) else content)
    for key in entry:
        wrong = {**entry, key: [{"no": "such"}]}
        if key not in ("metadata", "mine"):
            assert not validator.is_valid([wrong] if isinstance(content, list) else wrong), key


@pytest.mark.parametrize("kind", CONTRACT)
def test_the_keys_are_those_of_the_specification_and_ours(kind):
    contract = CONTRACT[kind]
    name = contract["record"]
    part = records()[name]
    own = OWN.get(name, frozenset())
    keys = list(part["properties"])
    assert [key for key in keys if key not in own] == contract["keys"]
    assert own <= set(keys)
    always = [key for key in part["required"] if key not in own]
    assert always == [key for key in contract["keys"] if key not in contract["sometimes"]]
    assert set(contract.get("seed", ())) <= set(keys)


@pytest.mark.parametrize(
    # Definitions are what people write: they may hold more.
    "kind",
    [kind for kind in BY_NAME if kind in CONTRACT and not kind.endswith("definition")],
)
def test_no_document_lacks_a_key_or_has_one_that_is_not_told(documents, kind):
    contract = CONTRACT[kind]
    own = OWN.get(contract["record"], frozenset())
    needed = set(contract["keys"]) - set(contract["sometimes"])
    for content in of_kind(documents, kind):
        for entry in content if isinstance(content, list) else [content]:
            assert needed <= entry.keys() <= set(contract["keys"]) | own


def test_every_key_has_a_meaning_and_every_meaning_a_key():
    """What is told of a key that is gone would mislead; `schema_of` fails for one without."""
    found = records()
    assert OF_RECORDS.keys() <= found.keys()
    for name, meanings in OF_RECORDS.items():
        assert meanings.keys() <= found[name]["properties"].keys()
    assert COMMON.keys() <= {key for part in found.values() for key in part["properties"]}


def test_the_schemas_are_published_as_they_are():
    published = {path.name for path in PUBLISHED.iterdir()}
    assert published == {f"{name}.schema.json" for name in BY_NAME}
    for name, document in BY_NAME.items():
        text = (PUBLISHED / f"{name}.schema.json").read_text(encoding="utf-8")
        assert json.loads(text) == schema_of(document), "make docs writes them"


class TestStartAndEnd:
    def test_a_run_that_goes_on_says_nothing_of_its_end(self, documents):
        started = [
            each
            for each in of_kind(documents, "run-manifest", "started")
            if each["status"] == "started"
        ]
        (run,) = started
        assert not ENDED & run.keys()

    def test_a_run_that_ended_says_how(self, documents):
        runs = of_kind(documents, "run-manifest")
        assert {run["status"] for run in runs} == {"complete", "failed"}
        for run in runs:
            if run["status"] == "complete":
                assert run.keys() >= ENDED
                assert "reason" not in run
            else:
                assert run["reason"]

    def test_an_instance_that_goes_on_promises_nothing(self, documents):
        going_on = [
            each
            for each in of_kind(documents, "instance-manifest", "started")
            if each["file_fingerprints"] is None
        ]
        (instance,) = going_on
        assert (instance["valid"], instance["completed"], instance["files_expected"]) == (
            "", False, False,
        )  # fmt: skip

    def test_an_instance_that_ended_has_the_fingerprints_of_its_files(self, documents):
        ended = {
            each["instance_identity"]: each for each in of_kind(documents, "instance-manifest")
        }
        files = ended["errors"]["file_fingerprints"].keys()
        assert files >= {"data.csv", "meta.json", "vars.json", "errors.json", "printouts.txt"}
        assert all(len(each) == 64 for each in ended["errors"]["file_fingerprints"].values())
        assert ended["errors"]["error_count"] == 1

    def test_keys_that_only_some_have_are_there_for_those(self, documents):
        ended = {
            each["instance_identity"]: each for each in of_kind(documents, "instance-manifest")
        }
        assert ended["all"]["preceding_instance_identity"] == "errors"
        assert "preceding_instance_identity" not in ended["errors"]
        assert ended["2"]["transfers"][0][0] == "data.csv"
        assert "transfers" not in ended["errors"]


def test_meta_json_says_what_exactly_was_run(documents):
    for meta in of_kind(documents, "meta"):
        runtime = meta["runtime_data"]
        assert runtime["scan_part"].startswith(f"${runtime['file_name']}[")
        assert runtime["match_part"].startswith("[")
        assert runtime["identity"] == meta["identity"]
        assert meta["metadata"]["NAME"] == meta["run_index"] == runtime["run_index"]


def test_the_time_of_the_archive_has_a_blank_and_all_others_a_t(documents):
    for kind, _, _, content in documents:
        for entry in content if isinstance(content, list) else [content]:
            if "time" in entry and kind != "vars":
                assert entry["time"][10] == (" " if kind == "archive-ledger" else "T")


def test_paths_in_documents_lead_to_files_of_the_project(documents):
    paths = {path for _, _, path, _ in documents}
    for kind, _, path, content in documents:
        for entry in content if isinstance(content, list) else [content]:
            if "manifest_path" in entry:
                assert entry["manifest_path"] == path, kind
            for key in ("file_manifest", "paths_manifest"):
                assert entry.get(key) is None or entry[key] in paths
