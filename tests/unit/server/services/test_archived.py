"""What an instance printed, stream by stream; and where what it left is told."""

from __future__ import annotations

from types import SimpleNamespace
from typing import TYPE_CHECKING, cast

import pytest

from preboard.errors import BadReference, NotFound
from preboard.runs.result import Instance
from preboard.server.services.archived import files_of, links_of, printouts_text

if TYPE_CHECKING:
    from pathlib import Path

    from preboard.manifests.archive import InstanceManifest

PRINTED = "---- PRINTOUT: default\nline 1\n\nline 2\n---- PRINTOUT: audit\nto audit\n"


@pytest.fixture
def instance(tmp_path: Path) -> Instance:
    (tmp_path / "printouts.txt").write_text(PRINTED)
    prints = {"data.csv": "0" * 64, "printouts.txt": "1" * 64}
    manifest = cast("InstanceManifest", SimpleNamespace(file_fingerprints=prints))
    return Instance("us only", "$checks.results.x.us only", tmp_path, manifest)


def test_a_stream_is_its_section(instance):
    assert printouts_text(instance, None).decode() == PRINTED
    assert printouts_text(instance, "default") == b"line 1\n\nline 2\n"
    assert printouts_text(instance, "audit") == b"to audit\n"


def test_a_stream_that_there_is_not_is_told_with_those_that_there_are(instance):
    with pytest.raises(NotFound) as error:
        printouts_text(instance, "../default")
    assert error.value.hint == "there is audit, default"
    with pytest.raises(BadReference):
        printouts_text(instance, "a\nb")


def test_links_lead_to_what_there_is(instance):
    links = links_of("acme & co", "checks", "out/2026-11-21_07-12-53", instance)
    at = "/v2/archive/checks/out/2026-11-21_07-12-53/us%20only"
    assert links["data"] == f"{at}/data?project_name=acme%20%26%20co"
    assert links["raw:data.csv"] == f"{at}/raw/data.csv?project_name=acme%20%26%20co"
    assert "unmatched" not in links
    assert files_of(instance) == ["data.csv", "printouts.txt", "manifest.json"]
