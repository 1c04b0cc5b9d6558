"""The walk through the API runs as it stands, against a server with a worker."""

from __future__ import annotations

import json
import shutil
import subprocess
from pathlib import Path

import pytest
from tests.docs.test_docs import blocks
from tests.integration.server.working import working

DOCUMENT = Path(__file__).parents[2] / "docs" / "how-to" / "use-the-api.md"
TIMEOUT_S = 60


@pytest.mark.skipif(
    not (shutil.which("curl") and shutil.which("jq")), reason="the document uses curl and jq"
)
def test_the_walk_through_the_api_runs(tmp_path):
    """Every command succeeds, in order, and leaves what the document says."""
    texts = [each.text for each in blocks(DOCUMENT.read_text("utf-8")) if each.language == "sh"]
    script = "\n".join(["shopt -s expand_aliases", "set -euo pipefail", "SERVER=$1 KEY=$2", *texts])
    (tmp_path / "walk.sh").write_text(script)
    with working(tmp_path / "home") as served:
        ran = subprocess.run(
            ["bash", "walk.sh", served.url, served.key],
            cwd=tmp_path,
            capture_output=True,
            text=True,
            timeout=TIMEOUT_S,
            check=False,
        )
    assert ran.returncode == 0, ran.stdout[-2000:] + ran.stderr[-2000:]
    run = json.loads((tmp_path / "run.json").read_text())
    assert (run["status"], run["valid"], run["error_count"]) == ("done", False, 1)
    assert (tmp_path / "unmatched.csv").read_text() == "2,US,many\n"
    sent = json.loads((tmp_path / "sent.json").read_text())
    assert sent["fingerprint"] in ran.stdout
