"""Functions of users that a project allows: `[functions] imports` in its config.ini.

Code that is named there runs with all rights of the process, so a process that opens projects of
others forbids it (`preboard.functions.forbid`), and they are refused. What one project allows,
every statement of the process may call.
"""

from __future__ import annotations

import logging
from typing import TYPE_CHECKING

from preboard.config.names import shown
from preboard.errors import ConfigError, NameRefused
from preboard.functions import use, use_installed
from preboard.storage.local import confined

if TYPE_CHECKING:
    from collections.abc import Iterable
    from pathlib import Path

INSTALLED = "*"
_FILE = ".py"

log = logging.getLogger("preboard.project")


def allow_functions(root: Path, sources: Iterable[str]) -> None:
    """Allow the functions of modules, of files below the project, or of all distributions.

    A file of another kind is passed over: an adopted project names its functions in one, which are
    none of ours.

    Raises:
        ConfigError: a source leads out of the project, can't be loaded or declares nothing; or
            functions of users are forbidden here.
    """
    for source in sources:
        if source == INSTALLED:
            use_installed()
        elif source.endswith(_FILE):
            use(_file(root, source))
        elif all(part.isidentifier() for part in source.split(".")) and not _lies(root, source):
            use(source)
        else:
            log.warning(
                "[functions] imports: %s is no module and no .py file: it is passed over",
                shown(source),
            )


def _lies(root: Path, source: str) -> bool:
    """Say whether a source is a file of the project, such as config/functions.imports."""
    return (root / source).is_file()


def _file(root: Path, source: str) -> Path:
    try:
        return confined(root, source)
    except NameRefused as error:
        raise ConfigError(
            f"[functions] imports: {shown(source)} is no file of the project",
            hint="give a path below the project, or the name of an installed module",
        ) from error
