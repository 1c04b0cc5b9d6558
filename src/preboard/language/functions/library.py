"""All built-in functions by name and alias: importing this module declares every group."""

from __future__ import annotations

from preboard.language.functions import (  # noqa: F401 - importing a group declares its functions
    boolean,
    chance,
    comparing,
    counting,
    datatypes,
    dates,
    duplicates,
    fingerprints,
    formatting,
    groups,
    headers,
    json,
    lines,
    math,
    misc,
    parquet,
    patterns,
    placeholders,
    presence,
    printing,
    reshaping,
    schema,
    sightings,
    sql,
    stacks,
    statistics,
    strings,
    tables,
    testing,
    tracking,
    types,
    validity,
    variables,
    xml,
)
from preboard.language.functions.registry import REGISTRY, Function


def functions() -> dict[str, Function]:
    """Return every function by name and alias."""
    return REGISTRY
