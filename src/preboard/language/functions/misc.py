"""Functions on the statement itself: spec/functions-b.md section 8."""

from __future__ import annotations

from typing import TYPE_CHECKING

from preboard.language.functions.registry import function
from preboard.language.functions.signature import Anything

if TYPE_CHECKING:
    from preboard.language.functions.call import Call
    from preboard.language.values import Value


@function("metadata", group="misc", gives="value", args=[Anything], fails=False)
def metadata(call: Call, name: Value) -> str | None:
    """The value of a key in the comment of the statement, None if there is none."""
    return call.run.metadata.get(str(name)) if name is not None else None
