"""All built-in functions by name and alias: importing this module declares every group."""

from __future__ import annotations

from preboard.language.functions import (
    boolean,
    counting,
    headers,
    lines,
    math,
    misc,
    printing,
    schema,
    strings,
    types,
    validity,
    variables,
)
from preboard.language.functions.registry import REGISTRY, Function

GROUPS = (
    boolean,
    counting,
    headers,
    lines,
    math,
    misc,
    printing,
    schema,
    strings,
    types,
    validity,
    variables,
)


def functions() -> dict[str, Function]:
    """Return every function by name and alias."""
    return REGISTRY
