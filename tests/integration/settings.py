"""Settings of a project, changed as a person would in config.ini."""

from __future__ import annotations

from configparser import RawConfigParser
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from collections.abc import Mapping
    from pathlib import Path


def say(root: Path, *told: Mapping[str, Mapping[str, str]]) -> None:
    """Put values into the config.ini of a project, by section; the later ones win."""
    path = root / "config/config.ini"
    parser = RawConfigParser()
    parser.read_string(path.read_text(encoding="utf-8"))
    for sections in told:
        parser.read_dict(sections)
    with path.open("w", encoding="utf-8") as file:
        parser.write(file)
