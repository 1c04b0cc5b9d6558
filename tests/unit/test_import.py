"""What `import preboard` costs: almost nothing, and nothing that can be seen."""

from __future__ import annotations

import json
import subprocess
import sys

import preboard

LOOK = """
import json, os, sys
import preboard
mine = sorted(name for name in sys.modules if name.split(".")[0] == "preboard")
heavy = sorted({"lark", "regex", "csv", "typer", "rich", "asyncio", "tempfile"} & set(sys.modules))
print(json.dumps({"mine": mine, "heavy": heavy, "files": os.listdir(".")}))
"""


def test_importing_loads_and_makes_nothing(tmp_path):
    """The package itself is the only module of ours that is loaded; nothing is written."""
    done = subprocess.run(
        [sys.executable, "-c", LOOK], cwd=tmp_path, capture_output=True, text=True, check=True
    )
    assert json.loads(done.stdout) == {"mine": ["preboard"], "heavy": [], "files": []}
    assert done.stderr == ""


def test_importing_prints_nothing(tmp_path):
    """Neither output stream gets a character."""
    done = subprocess.run(
        [sys.executable, "-c", "import preboard"], cwd=tmp_path, capture_output=True, check=True
    )
    assert done.stdout == b""
    assert done.stderr == b""


def test_the_public_names_are_these():
    """`__all__` is sorted and every name of it can be had; a change of the list is a decision."""
    assert preboard.__all__ == [
        "Access", "BadReference", "ConfigError", "Conflict", "Counts", "DataError", "Diagnostic",
        "Dialect", "Explanation", "InputError", "Limits", "LineError", "Lines", "Load",
        "NameRefused", "NotFound", "Part", "PreboardError", "Progress", "Project", "Provenance",
        "Refused", "Report", "Run", "RunInterrupted", "Span", "Statement", "StatementError",
        "StoreError", "Tampered", "Version", "explain", "explain_all", "scan", "validate",
        "validate_all",
    ]  # fmt: skip
    assert all(getattr(preboard, name) is not None for name in preboard.__all__)
