"""Register files and run a group over each with the reference; print one JSON line.

usage: reference_runs.py STATEMENTS.json FILE [FILE ...]

Needs an interpreter that has `csvpath`, and an empty working directory. The clock covers
registration and run of all files with one CsvPaths; imports and the loading of the group are left
out.
"""

from __future__ import annotations

import contextlib
import importlib
import io
import json
import sys
from pathlib import Path
from typing import Any

from measure import Clock
from reference_run import CONFIG


def main() -> None:
    """Run the statements over the files that the command line names."""
    statements, *files = sys.argv[1:]
    for directory in ("config", "logs"):
        Path(directory).mkdir()
    config = CONFIG.replace("groups =\n", "groups = default\n" + LEDGERS)
    Path("config/config.ini").write_text(config, encoding="utf-8")
    csvpath: Any = importlib.import_module("csvpath")
    with contextlib.redirect_stdout(io.StringIO()):
        paths = csvpath.CsvPaths()
        texts = json.loads(Path(statements).read_text(encoding="utf-8"))
        paths.paths_manager.add_named_paths(name="checks", paths=texts)
        clock = Clock()
        for file in files:
            paths.file_manager.add_named_file(name="orders", path=file)
            paths.collect_paths(filename="orders", pathsname="checks")
        times = clock.read()
    runs = list(Path("archive/checks").glob("*/manifest.json"))
    sys.stdout.write(json.dumps({**times, "runs": len(runs)}) + "\n")


LEDGERS = """default.file = from csvpath.managers.files.files_listener import FilesListener
default.paths = from csvpath.managers.paths.paths_listener import PathsListener
"""


if __name__ == "__main__":
    main()
