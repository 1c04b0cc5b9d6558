"""The reference pages say what the declarations, the commands and the decided cases say."""

import subprocess
import sys
from pathlib import Path

GENERATE = Path(__file__).parents[2] / "docs" / "generate.py"


def test_the_generated_pages_are_up_to_date():
    """`make docs` would change nothing: also what comes of each example is still so."""
    done = subprocess.run(
        [sys.executable, GENERATE, "--check"],
        capture_output=True,
        text=True,
        timeout=60,
        check=False,
    )

    assert (done.stderr, done.returncode) == ("", 0)
