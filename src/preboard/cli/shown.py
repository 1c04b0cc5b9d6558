"""Values and counts in short, as they are shown to people."""

from __future__ import annotations

from typing import Any

from preboard.cli.visible import cut, visible

WIDEST = 100
"""Rules and values are cut to this many characters, whatever the width of the terminal."""
_MOST_ENTRIES = 10


def shown(value: Any) -> str:
    """Return a value in short: text in quotes, the number of entries of what is large.

    >>> print(shown({"DE": 3, "a": [None, "  x"]}), shown(list(range(2995))))
    {DE: 3, a: [none, '  x']} 2,995 entries
    """
    return cut(_raw(value), WIDEST)


def _raw(value: Any) -> str:
    if value is None:
        return "none"
    if isinstance(value, str):
        return f"'{visible(cut(value, WIDEST - 2))}'"
    if isinstance(value, dict | list | tuple | set | frozenset):
        if len(value) > _MOST_ENTRIES:
            return f"{len(value):,} entries"
        if isinstance(value, dict):
            items = (f"{visible(str(key))}: {_raw(item)}" for key, item in value.items())
            return f"{{{', '.join(items)}}}"
        return f"[{', '.join(map(_raw, value))}]"
    if isinstance(value, int) and value.bit_length() > _MOST_BITS:
        return f"a number of {value.bit_length():,} bits"
    return visible(str(value))


_MOST_BITS = 10_000
"""Python refuses to write numbers much longer than that in decimal."""


def many(count: int, what: str) -> str:
    """Return a count with its noun.

    >>> many(1, "line"), many(2995, "line")
    ('1 line', '2,995 lines')
    """
    return f"{count:,} {what}{'' if count == 1 else 's'}"
