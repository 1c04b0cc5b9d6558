"""Make the reference's virtual environment, once."""

from __future__ import annotations

import os
import shutil
import subprocess
import sys
from pathlib import Path

REFERENCE = "csvpath==0.0.630"
DIRECTORY = Path(__file__).parent / ".reference"
LOG = DIRECTORY.with_name(".data") / "reference-install.log"
_READY = DIRECTORY / "ready"


class SetupFailed(Exception):  # noqa: N818 - says what happened
    """The reference could not be installed; the message says what to do."""


def reference_python() -> Path:
    """Return the interpreter that has the reference, installing it on first use."""
    python = DIRECTORY / "bin" / "python"
    if _READY.exists() and _READY.read_text(encoding="utf-8") == REFERENCE:
        return python
    shutil.rmtree(DIRECTORY, ignore_errors=True)
    LOG.parent.mkdir(exist_ok=True)
    sys.stderr.write(f"installing {REFERENCE} into {DIRECTORY} (about 570 MB, first use only)\n")
    pip = ["-m", "pip", "install", "--quiet", "--disable-pip-version-check", REFERENCE]
    with LOG.open("w", encoding="utf-8") as log:
        for command in ([sys.executable, "-m", "venv", str(DIRECTORY)], [str(python), *pip]):
            done = subprocess.run(
                command, stdout=log, stderr=subprocess.STDOUT, env=environment(), check=False
            )
            if done.returncode:
                raise SetupFailed(_advice())
    _READY.write_text(REFERENCE, encoding="utf-8")
    return python


def environment() -> dict[str, str]:
    """Return the environment for the reference: ours without what points at our packages."""
    ours = {"PYTHONPATH", "PYTHONHOME", "VIRTUAL_ENV"}
    return {name: value for name, value in os.environ.items() if name not in ours}


def _advice() -> str:
    tail = "".join(f"    {line}\n" for line in LOG.read_text(encoding="utf-8").splitlines()[-8:])
    return (
        f"{REFERENCE} could not be installed. The end of {LOG}:\n{tail}"
        "It builds a MySQL driver from source, which needs a C compiler, pkg-config and the\n"
        "headers of libmysqlclient. On Debian and Ubuntu:\n"
        "    apt-get install gcc default-libmysqlclient-dev pkg-config\n"
        "Elsewhere: the package that has mysql.h and mysqlclient.pc (or mariadb.pc).\n"
    )
