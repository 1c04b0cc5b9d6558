"""Say where the outcomes of two runs differ."""

from __future__ import annotations

import math
import re
from typing import Any

_DIGEST = re.compile(r"[0-9a-f]{32,64}")
_LONGEST_SHOWN = 200
_MOST_SHOWN = 5

COUNTS = ("lines", "scans", "matches", "valid")


def differences(reference: dict[str, Any], ours: dict[str, Any]) -> list[str]:
    """Return one sentence for each thing in which the two outcomes differ.

    Compared are the counts, the verdict, the variables, the printed lines and the numbers of the
    lines with errors. Not compared are the wording and the number of the error records.
    """
    found = [
        f"{name}: reference {reference[name]!r}, ours {ours[name]!r}"
        for name in COUNTS
        if reference[name] != ours[name]
    ]
    found += _variables(reference["variables"], ours["variables"])
    found += _error_lines(set(reference["error_lines"]), set(ours["error_lines"]))
    found += _printed(reference["printed"], ours["printed"])
    return found


def same(a: Any, b: Any) -> bool:
    """Tell whether two values are equal up to rounding; True is not 1.

    Of a table whose keys are digests only the values are compared: which digest is free.
    """
    if isinstance(a, bool) or isinstance(b, bool):
        return a is b
    if isinstance(a, int | float) and isinstance(b, int | float):
        return a == b or math.isclose(a, b, rel_tol=1e-9, abs_tol=1e-9) or (a != a and b != b)  # noqa: PLR0124
    if isinstance(a, dict) and isinstance(b, dict):
        if a and b and all(map(_DIGEST.fullmatch, [*a, *b])):
            return sorted(map(repr, a.values())) == sorted(map(repr, b.values()))
        return a.keys() == b.keys() and all(same(a[key], b[key]) for key in a)
    if isinstance(a, list) and isinstance(b, list):
        return len(a) == len(b) and all(map(same, a, b))
    return bool(a == b)


def _variables(reference: dict[str, Any], ours: dict[str, Any]) -> list[str]:
    found = []
    for name in sorted(reference.keys() | ours.keys()):
        if name not in ours:
            found.append(f"variable {name}: missing from ours, reference {_short(reference[name])}")
        elif name not in reference:
            found.append(f"variable {name}: not in the reference, ours {_short(ours[name])}")
        elif not same(reference[name], ours[name]):
            theirs, own = _short(reference[name]), _short(ours[name])
            found.append(f"variable {name}: reference {theirs}, ours {own}")
    return found


def _error_lines(reference: set[int], ours: set[int]) -> list[str]:
    found = []
    for side, lines in (("the reference", reference - ours), ("ours", ours - reference)):
        if lines:
            first = ", ".join(map(str, sorted(lines)[:_MOST_SHOWN]))
            found.append(f"error lines: {len(lines)} only in {side}, the first {first}")
    return found


def _printed(reference: list[str], ours: list[str]) -> list[str]:
    if reference == ours:
        return []
    pairs = zip(reference, ours, strict=False)
    shorter = min(len(reference), len(ours))
    at = next((i for i, (a, b) in enumerate(pairs) if a != b), shorter)
    theirs, own = (_short(side[at : at + 1]) for side in (reference, ours))
    counts = f"reference {len(reference)} lines, ours {len(ours)}"
    return [f"printed: {counts}; the first difference is at {at}: reference {theirs}, ours {own}"]


def _short(value: Any) -> str:
    text = repr(value)
    return text if len(text) <= _LONGEST_SHOWN else f"{text[:_LONGEST_SHOWN]}..."
