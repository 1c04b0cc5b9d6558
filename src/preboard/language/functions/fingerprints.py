"""Fingerprints of lines and files, and the original file: spec/functions-b.md section 8."""

from __future__ import annotations

import hashlib
from typing import TYPE_CHECKING

from preboard.language.functions.call import Fault
from preboard.language.functions.registry import function

if TYPE_CHECKING:
    from preboard.language.functions.call import Call

_ALGORITHM = "hash_algorithm"


class RunningDigest:
    """A SHA-256 that grows; its text is the digest so far."""

    def __init__(self) -> None:
        self._digest = hashlib.sha256()

    def update(self, text: str) -> None:
        """Add a text."""
        self._digest.update(text.encode("utf-8", "surrogatepass"))

    def __str__(self) -> str:
        return self._digest.hexdigest()

    __repr__ = __str__

    def __reduce__(self) -> tuple[type[str], tuple[str]]:
        """Say how to spool or copy it: as the text of the digest so far."""
        return str, (str(self),)


def _name(call: Call) -> str:
    return call.variable_name("by_line_fingerprint")


@function("line_fingerprint", group="misc", gives="nothing", acts=True)
def line_fingerprint(call: Call) -> None:
    """Adds the line to a running SHA-256, in the variable of the name qualifier.

    Without a name qualifier the variable is by_line_fingerprint. The text of the line is its list
    of cells as `['a', 'b']`.

    Example::

        $[1*][ line_fingerprint.lines() ]
    """
    digest = call.run.variables.setdefault(_name(call), RunningDigest())
    if not isinstance(digest, RunningDigest):
        raise Fault(f"@{_name(call)} is no running fingerprint")
    digest.update(str(call.run.row))


@function("store_line_fingerprint", group="misc", gives="nothing", acts=True, fails=False)
def store_line_fingerprint(call: Call) -> None:
    """Moves the running SHA-256 of line_fingerprint() to the metadata, under the same name.

    Example::

        $[1*][ line_fingerprint.lines() last.nocontrib() -> store_line_fingerprint.lines() ]
    """
    digest = call.run.variables.pop(_name(call), RunningDigest())
    call.run.metadata[_name(call)] = str(digest)
    call.run.metadata[_ALGORITHM] = "sha256"


@function("file_fingerprint", group="misc", gives="nothing", acts=True, needs_document=True)
def file_fingerprint(call: Call) -> None:
    """Puts the SHA-256 of the data file into the metadata.

    It stands there under the name qualifier, or `file_fingerprint`.

    Example::

        $[1][ file_fingerprint() ]
    """
    call.run.metadata[call.variable_name("file_fingerprint")] = call.run.fingerprint()
    call.run.metadata[_ALGORITHM] = "sha256"


@function("collect_original", group="misc", gives="value", acts=True)
def collect_original(call: Call) -> str | None:
    """Puts a copy of the registered source file into the results of a project's run, once.

    The value is its path there, None where there are no results.

    Example::

        $[1][ @copy = collect_original() ]
    """
    if call.state is None:
        call.state = (call.run.services.keep_original(),)
    kept: str | None = call.state[0]
    return kept
