"""Registering: a source becomes the newest version of a name, or it is refused and noted."""

import gzip
import hashlib
import io
import json
import os
import uuid
import zipfile
from pathlib import Path

import pytest

from preboard.errors import (
    Conflict,
    InputError,
    NameRefused,
    NotFound,
    Refused,
    StoreError,
    Tampered,
)
from preboard.manifests.staging import Provenance
from preboard.staging import registrations
from preboard.storage.local import fingerprint_of

A, B = b"a,b\n1,2\n", b"a,b\n3,4\n"

# The keys of an entry, in the order in which the specification shows them (framework.md 1.1).
ENTRY = [
    "type", "reference", "file", "file_home", "fingerprint", "uuid", "time", "from", "template",
    "manifest_path", "file_name", "username", "hostname",
]  # fmt: skip
LEDGER = [
    "time", "uuid", "file_manifest", "username", "hostname", "type", "named_file_name",
    "origin_path", "fingerprint", "reference", "file_path", "file_home", "file_name", "name_home",
    "template", "manifest_path",
]  # fmt: skip


def test_a_file_lies_under_its_fingerprint_with_its_documents_beside_it(
    project, arrive, space, manifest, ledger
):
    version = project.register("orders", arrive())

    fingerprint = hashlib.sha256(A).hexdigest()
    stored = space / f"orders/orders.csv/{fingerprint}.csv"
    assert stored.read_bytes() == A
    assert stored.stat().st_mode & 0o222 == 0
    assert version.reference == f"$orders.files.{fingerprint}"
    assert {path.name for path in (space / "orders").iterdir()} == {
        "README.md", "definition.json", "manifest.json", "orders.csv",
    }  # fmt: skip
    assert json.loads((space / "orders/definition.json").read_bytes()) == {}

    (entry,) = manifest("orders")
    assert [key for key in entry if key in ENTRY] == ENTRY
    assert entry["file"] == f"inputs/named_files/orders/orders.csv/{fingerprint}.csv"
    assert entry["from"] == "in/orders.csv"
    assert entry["type"] == "csv"
    assert entry["uuid"] == version.id
    assert "mark" not in entry
    (row,) = ledger()
    assert [key for key in row if key in LEDGER] == LEDGER
    assert row["uuid"] == version.id
    assert row["file_path"] == entry["file"]
    assert "status" not in row


SOURCES = [
    ("path", lambda path: path),
    ("Path", Path),
    ("object", lambda path: Path(path).open("rb")),  # noqa: SIM115
    ("bytes", lambda path: io.BytesIO(Path(path).read_bytes())),
]


@pytest.mark.parametrize(("kind", "source"), SOURCES, ids=[kind for kind, _ in SOURCES])
def test_what_is_registered_may_be_a_path_or_a_file_object(project, arrive, kind, source):
    given = source(arrive())
    version = project.register("orders", given, file_name="o.csv" if kind == "bytes" else None)

    assert version.size == len(A)
    assert version.entry.file_name == ("o.csv" if kind == "bytes" else "orders.csv")
    if hasattr(given, "close"):
        given.close()


class TestUnchanged:
    def test_the_same_again_is_the_same_version(self, project, arrive, ledger):
        one = project.register("orders", arrive())
        two = project.register("orders", arrive())

        assert one.id == two.id
        assert len(ledger()) == 1

    def test_a_then_b_then_a_are_three(self, project, arrive, manifest, space):
        """The bare name means A again; its bytes are stored once."""
        ids = [project.register("orders", arrive(content=each)).id for each in (A, B, A)]

        assert len(set(ids)) == 3
        assert [entry["uuid"] for entry in manifest("orders")] == ids
        assert project.version("orders").id == ids[2]
        assert len(list((space / "orders/orders.csv").iterdir())) == 2

    @pytest.mark.parametrize(
        ("path", "template"), [("in/other.csv", ""), ("in/orders.csv", ":0/:filename")]
    )
    def test_the_same_bytes_in_another_home_are_a_version_of_their_own(
        self, project, arrive, path, template
    ):
        one = project.register("orders", arrive())
        two = project.register("orders", arrive(path), template=template)

        assert one.fingerprint == two.fingerprint
        assert one.file != two.file

    def test_the_case_of_the_home_makes_no_difference(self, project, arrive):
        one = project.register("orders", arrive("in/orders.csv"))
        two = project.register("orders", arrive("in/ORDERS.csv"))

        assert one.id == two.id

    def test_another_name_has_its_own(self, project, arrive):
        assert project.register("a", arrive()).id != project.register("b", arrive()).id


class TestId:
    def test_a_ticket_that_was_handed_out_becomes_the_id(self, project, arrive, manifest):
        ticket = str(uuid.uuid4())

        assert project.register("orders", arrive(), id=ticket).id == ticket
        assert manifest("orders")[0]["uuid"] == ticket

    def test_registering_it_again_gives_what_it_made(self, project, arrive, ledger):
        ticket = str(uuid.uuid4())
        project.register("orders", arrive(), id=ticket)
        project.register("orders", arrive(content=B))

        assert project.register("orders", arrive(), id=ticket.upper()).id == ticket
        assert len(ledger()) == 2

    @pytest.mark.parametrize(("name", "content"), [("orders", B), ("stock", A)])
    def test_it_is_good_for_one_version_only(self, project, arrive, space, name, content):
        ticket = str(uuid.uuid4())
        project.register("orders", arrive(), id=ticket)

        with pytest.raises(Conflict, match="already another version"):
            project.register(name, arrive(content=content), id=ticket)
        assert project.verify() == []
        assert len(list(space.rglob("*.csv/*.csv"))) == 1

    def test_that_of_a_removed_version_is_taken_too(self, project, arrive, space):
        ticket = str(uuid.uuid4())
        project.register("orders", arrive(), id=ticket)
        project.remove_named_file("orders")

        with pytest.raises(Conflict, match="already another version"):
            project.register("orders", arrive(), id=ticket)
        assert list(space.rglob("*.csv")) == []

    @pytest.mark.parametrize("text", ["", "1", "x" * 36, "{" + "0" * 34 + "}", "0" * 32, "'; --"])
    def test_what_is_no_uuid_is_refused(self, project, arrive, text):
        with pytest.raises(NameRefused, match="can't be the id"):
            project.register("orders", arrive(), id=text)


REFUSED = [
    ("../etc", "in/orders.csv", NameRefused),
    ("a/b", "in/orders.csv", NameRefused),
    ("", "in/orders.csv", NameRefused),
    ("a.b", "in/orders.csv", NameRefused),
    ("$a", "in/orders.csv", NameRefused),
    ("a#b", "in/orders.csv", NameRefused),
    ("1a", "in/orders.csv", NameRefused),
    ("é", "in/orders.csv", NameRefused),
    ("a\0b", "in/orders.csv", NameRefused),
    ("a" * 129, "in/orders.csv", NameRefused),
    ("a\udce9", "in/orders.csv", NameRefused),
    ("orders", "in/none.csv", NotFound),
    ("orders", "in", InputError),
    ("orders", "", InputError),
    ("orders", "a\0b.csv", InputError),
    ("orders", "x" * 5000, InputError),
    ("orders", "in/orders.csv#two", InputError),
    ("orders", "http://127.0.0.1/a.csv", Refused),
    ("orders", "s3://bucket/a.csv", Refused),
]


@pytest.mark.parametrize(("name", "source", "error"), REFUSED)
def test_what_is_refused_is_noted_in_the_ledger(
    project, arrive, ledger, space, name, source, error
):
    arrive()

    with pytest.raises(error):
        project.register(name, source)

    (row,) = ledger()
    assert row["status"] == "Registration failed"
    assert row["reason"]
    assert row["type"] is row["fingerprint"] is row["reference"] is row["file_path"] is None
    assert row["file_manifest"] is None
    assert project.named_files() == []
    assert {path.name for path in space.iterdir()} <= {"manifest.json", ".incoming"}
    assert project.verify() == []


def test_what_a_ledger_is_told_is_cut(project, ledger):
    with pytest.raises(NameRefused):
        project.register("n" * 100_000, "s" * 100_000)

    assert len(json.dumps(ledger())) < 20_000


FILE_NAMES = [
    "..", ".", "/", "", "manifest.json", "README.md", "Definition.JSON", ".hidden",
    "a\nb.csv", "a\x7f.csv", "a.csv ", "a.", "é" * 100, "a\udce9.csv", "x" * 300,
]  # fmt: skip


@pytest.mark.parametrize("file_name", FILE_NAMES)
def test_a_file_name_that_can_name_no_directory_is_refused(project, space, file_name):
    with pytest.raises((NameRefused, InputError)):
        project.register("orders", io.BytesIO(A), file_name=file_name)

    assert list(space.rglob("*.csv")) == []


@pytest.mark.parametrize(
    ("file_name", "stored"),
    [("o.csv", ".csv"), ("o.csv.gz", ".csv.gz"), ("o", ""), ("o.csv?x=1&y", ".csv_x_1_y")],
)
def test_the_extension_is_all_behind_the_first_dot(project, file_name, stored):
    version = project.register("orders", io.BytesIO(A), file_name=file_name)

    assert Path(version.file).name == version.fingerprint + stored


def test_a_file_without_extension_has_a_type_that_says_so(project):
    assert project.register("a", io.BytesIO(A), file_name="a").entry.type == "Unknown type"


class TestTemplate:
    def test_that_of_the_call_wins_over_that_of_the_name(self, project, arrive):
        project.configure_named_file("orders", {"template": "kept/:filename"})

        assert project.register("orders", arrive()).home == "kept/orders.csv"
        assert project.register("orders", arrive(), template=":0/:filename").home == "in/orders.csv"
        assert project.register("orders", arrive(), template="").home == "orders.csv"
        assert project.named_file_definition("orders") == {"template": "kept/:filename"}

    @pytest.mark.parametrize("document", ["manifest.json", "README.md", "Definition.json"])
    def test_a_part_of_the_path_can_t_take_the_place_of_a_document(self, project, arrive, document):
        source = arrive(f"{document}/o.csv")

        with pytest.raises(NameRefused, match="a document's name"):
            project.register("orders", source, template=":0/:filename")
        assert project.named_files() == []

    def test_dots_of_the_path_are_no_parts(self, project, arrive, tmp_path):
        arrive("x/o.csv")

        version = project.register(
            "orders", "../" + tmp_path.name + "/x/o.csv", template=":1/:filename"
        )
        assert version.home == "x/o.csv"


class TestHostile:
    def test_a_link_in_the_space_is_not_followed(self, project, arrive, space, tmp_path):
        (tmp_path / "outside").mkdir()
        (space / "orders").symlink_to(tmp_path / "outside")

        with pytest.raises(NameRefused, match="leads out"):
            project.register("orders", arrive())
        assert list((tmp_path / "outside").iterdir()) == []

    def test_bytes_that_lie_in_the_place_already_are_looked_at(self, project, arrive, space):
        """A file of that name which is something else is not taken for the version."""
        planted = space / f"orders/orders.csv/{hashlib.sha256(A).hexdigest()}.csv"
        planted.parent.mkdir(parents=True)
        planted.write_bytes(B)

        with pytest.raises(Tampered, match="not what their name says"):
            project.register("orders", arrive())
        assert project.named_files() == []

    def test_changed_bytes_are_noticed_when_they_come_again(self, project, arrive):
        path = project.root / project.register("orders", arrive()).entry.file
        project.register("orders", arrive(content=B))
        path.chmod(0o644)
        path.write_bytes(B)

        with pytest.raises(Tampered):
            project.register("orders", arrive())

    def test_bytes_that_come_again_are_read_while_others_may_write(
        self, project, arrive, monkeypatch
    ):
        """All projects of a server share a catalog: nobody holds it as long as a file is read."""
        for content in (A, B):
            project.register("orders", arrive(content=content))
        held = []

        def read(path):
            held.append(project.catalog.database._writer.locked())
            return fingerprint_of(path)

        monkeypatch.setattr("preboard.staging.registrations.fingerprint_of", read)
        assert project.register("orders", arrive(content=A)).seq == 2
        assert held == [False]

    @pytest.mark.skipif(not hasattr(os, "mkfifo"), reason="there are no pipes with names")
    def test_a_pipe_is_no_file(self, project, tmp_path):
        os.mkfifo(tmp_path / "pipe.csv")

        with pytest.raises(InputError, match="a device or a pipe"):
            project.register("orders", "pipe.csv")

    @pytest.mark.skipif(not Path("/dev/zero").exists(), reason="there are no devices")
    def test_a_device_is_no_file(self, project):
        with pytest.raises(InputError, match="a device or a pipe"):
            project.register("orders", "/dev/zero")

    def test_a_path_that_is_no_utf_8_can_be_told(self, project, arrive, manifest):
        arrive(os.fsdecode(b"in-\xe9/o.csv"))

        project.register("orders", os.fsdecode(b"in-\xe9/o.csv"))
        assert manifest("orders")[0]["from"] == "in-\\udce9/o.csv"

    def test_a_file_in_the_place_of_the_name_s_directory_is_told(self, project, arrive, space):
        (space / "orders").write_bytes(b"")

        with pytest.raises(StoreError, match="can't be stored"):
            project.register("orders", arrive())

    def test_what_unpacks_to_far_more_is_kept_and_not_unpacked(self, project):
        packed = gzip.compress(b"a" * (64 << 20))

        version = project.register("orders", io.BytesIO(packed), file_name="a.csv.gz")
        assert version.entry.profile.unread
        assert version.size == len(packed)

    def test_a_path_in_an_archive_leads_nowhere(self, project, space, tmp_path):
        packed = io.BytesIO()
        with zipfile.ZipFile(packed, "w") as archive:
            archive.writestr("../../evil.csv", "a,b\n1,2\n")
        packed.seek(0)
        project.register("orders", packed, file_name="a.zip")

        assert list(tmp_path.rglob("evil*")) == []
        assert [path.suffix for path in (space / "orders/a.zip").iterdir()] == [".zip"]

    def test_a_text_stream_is_no_source(self, project, arrive):
        with Path(arrive()).open() as text, pytest.raises(InputError, match='mode "rb"'):
            project.register("orders", text)

    def test_an_object_without_a_name_needs_one(self, project):
        with pytest.raises(InputError, match="has no name"):
            project.register("orders", io.BytesIO(A))


def test_a_commit_that_fails_leaves_no_bytes(project, arrive, space, monkeypatch):
    def fail(*_args, **_options):
        raise Conflict("something else was done")

    monkeypatch.setattr(registrations, "ledger_entry", fail)
    with pytest.raises(Conflict):
        project.register("orders", arrive())

    assert list(space.rglob("*.csv")) == []
    assert list((space / ".incoming").iterdir()) == []
    assert project.named_files() == []


class TestSettings:
    def test_local_files_may_be_refused_and_objects_not(self, setting, arrive):
        strict = setting("allow_local_files = true", "allow_local_files = false")

        with pytest.raises(Refused, match="local files is not allowed"):
            strict.register("orders", arrive())
        with pytest.raises(Refused, match="local files is not allowed"):
            strict.register_directory("in")
        assert strict.register("orders", io.BytesIO(A), file_name="o.csv").size == len(A)

    def test_a_file_may_be_too_large(self, setting, arrive):
        strict = setting("max_file_bytes = 0", "max_file_bytes = 5")

        with pytest.raises(Refused, match="larger than 5 bytes") as refused:
            strict.register("orders", arrive())
        assert "max_file_bytes" in str(refused.value)


class TestProvenance:
    def test_what_is_known_is_kept_with_the_version(self, project, arrive, manifest):
        told = Provenance(
            partner="ACME", account="acme-sftp", protocol="sftp", address="192.0.2.7",
            event_id="e1", event_time="2026-11-21T07:00:00Z", original_path="/out/o.csv",
            registered_by="key-7",
        )  # fmt: skip
        version = project.register("orders", arrive(), provenance=told)

        assert version.entry.provenance == told
        assert project.version("orders").entry.provenance == told
        assert manifest("orders")[0]["provenance"]["partner"] == "ACME"

    def test_the_user_registers_if_nobody_else_is_named(self, project, arrive, manifest):
        project.register("orders", arrive())

        entry = manifest("orders")[0]
        assert entry["provenance"] == {"registered_by": entry["username"]}

    def test_a_novel_is_no_provenance(self, project, arrive):
        with pytest.raises(NameRefused, match="account of the provenance"):
            project.register("orders", arrive(), provenance=Provenance(account="x" * 2001))

    def test_what_is_no_text_in_utf_8_is_escaped(self, project, arrive, manifest):
        project.register("orders", arrive(), provenance=Provenance(partner="a\udce9\0"))

        assert manifest("orders")[0]["provenance"]["partner"] == "a\\udce9\\x00"
