"""Is the data valid so far: spec/functions-b.md section 4."""

from __future__ import annotations

from typing import TYPE_CHECKING

from preboard.language.functions.registry import function

if TYPE_CHECKING:
    from preboard.language.functions.call import Call


@function("fail", group="validity", gives="value", acts=True, fails=False)
def fail(call: Call) -> bool:
    """Marks the data invalid; the value is true."""
    call.run.fail()
    return True


@function("valid", group="validity", gives="match", fails=False)
def valid(call: Call) -> bool:
    """Matches while the data is not marked invalid."""
    return call.run.valid


@function("failed", group="validity", gives="match", fails=False)
def failed(call: Call) -> bool:
    """Matches when the data is marked invalid."""
    return not call.run.valid
