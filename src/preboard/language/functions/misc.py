"""Functions on the statement itself: spec/functions-b.md section 8."""

from __future__ import annotations

from typing import TYPE_CHECKING

from preboard.language.functions.call import Fault
from preboard.language.functions.registry import function
from preboard.language.functions.signature import Anything, optional
from preboard.language.values import text_of

if TYPE_CHECKING:
    from preboard.language.functions.call import Call
    from preboard.language.values import Value


@function("metadata", group="misc", gives="value", args=[Anything], fails=False)
def metadata(call: Call, name: Value) -> str | None:
    """The value of a key in the comment of the statement, None if there is none.

    Example::

        ~ partner: Berg ~ $[1][ @partner = metadata("partner") ]
    """
    return call.run.metadata.get(str(name)) if name is not None else None


_Name = optional(Anything.called("name"))


@function("env", group="misc", gives="value", args=[_Name], fails=False)
def env(call: Call, name: Value = None) -> str | None:
    """The value of a name that the run may see of its environment, None if there is none.

    A run sees the names that its project allows, or that `--env` or the `access` of a call from
    Python name, and no others.

    Example::

        $[1][ empty(env("REGION")) -> print("no region is known") ]
    """
    return None if name is None else call.run.services.env(text_of(name).strip())


@function("runtime", group="misc", gives="value", args=[_Name])
def runtime(call: Call, name: Value = None) -> Value:
    """The value of a field of the run, such as line_number or valid; None if there is none.

    Example::

        $[1][ @file = runtime("file_name") ]
    """
    field = "" if name is None else text_of(name).strip()
    try:
        value = call.run.runtime(field)
    except KeyError:
        return None
    if field == "total_lines" and not value:
        raise Fault("the lines are only counted when the statement itself says total_lines")
    return list(value) if isinstance(value, list) else value
