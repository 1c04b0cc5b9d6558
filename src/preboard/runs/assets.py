"""The files of a group that its statements name: schemas, templates (spec/functions-a.md 7).

They lie beside group.csvpaths, put there by whoever keeps the group, and nothing outside of that
directory is reached by a name.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

from preboard.config.names import shown
from preboard.engine.attachments import LARGEST_ASSET
from preboard.errors import NameRefused
from preboard.language.functions.call import Fault
from preboard.storage.local import confined

if TYPE_CHECKING:
    from pathlib import Path


class Assets:
    """The files in the directory of a group."""

    def __init__(self, directory: Path) -> None:
        self.directory = directory

    def read(self, name: str) -> bytes:
        """Return the bytes of a file.

        Raises:
            Fault: the name leads out of the directory, or there is no such file, or it is too large
                or cannot be read.
        """
        try:
            path = confined(self.directory, name)
        except NameRefused as error:
            raise Fault(f"{shown(name)} is no file of the group") from error
        try:
            if not path.is_file():
                raise Fault(f"the group has no file {shown(name)}: put it beside group.csvpaths")
            with path.open("rb") as file:
                found = file.read(LARGEST_ASSET + 1)
        except (OSError, ValueError) as error:
            raise Fault(f"the group's file {shown(name)} cannot be read: {error}") from error
        if len(found) > LARGEST_ASSET:
            raise Fault(f"the group's file {shown(name)} is larger than {LARGEST_ASSET:,} bytes")
        return found
