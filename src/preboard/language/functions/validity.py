"""Is the data valid so far: spec/functions-b.md section 4."""

from __future__ import annotations

from typing import TYPE_CHECKING

from preboard.language.functions.registry import function

if TYPE_CHECKING:
    from preboard.language.functions.call import Call


@function("fail", group="validity", gives="value", acts=True, fails=False)
def fail(call: Call) -> bool:
    """Marks the data invalid; the value is true.

    Example::

        $[1*][ empty(#email) -> fail() ]
    """
    call.run.fail()
    return True


@function("fail_all", group="validity", gives="value", acts=True, fails=False)
def fail_all(call: Call) -> bool:
    """Marks the data invalid for every statement of the group; the value is true.

    Example::

        $[1*][ empty(#email) -> fail_all() ]
    """
    call.run.fail()
    call.run.services.fail_all()
    return True


@function("valid", group="validity", gives="match", fails=False)
def valid(call: Call) -> bool:
    """Matches while the data is not marked invalid.

    Example::

        $[1*][ valid() empty.nocontrib(#email) -> fail() ]
    """
    return call.run.valid


@function("failed", group="validity", gives="match", fails=False)
def failed(call: Call) -> bool:
    """Matches when the data is marked invalid.

    Example::

        $[1*][ empty.nocontrib(#email) -> fail() failed() ]
    """
    return not call.run.valid


@function("matches", group="validity", gives="match", asks_verdict=True, fails=False)
def matches(call: Call) -> bool:
    """Matches when all other components of the line match.

    Example::

        $[1*][ #country == "DE" matches.nocontrib() -> push("german", #order) ]
    """
    return call.run.verdict


@function("percent_matching", group="validity", gives="value", fails=False)
def percent_matching(call: Call) -> float:
    """The matches so far as a percentage of the data lines so far, from the top of the file.

    The current line's own match is not counted yet.

    Example::

        $[1*][ #country == "DE" @share = percent_matching() ]
    """
    return call.run.matches / (call.run.data_lines or 1) * 100
