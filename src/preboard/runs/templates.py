"""jinja(): templates of a group, filled in and written beside the results (functions-b 6).

The filling in is done by `runs.rendering` in a process of its own, which begins with the first
template and serves all of a statement's.
"""

from __future__ import annotations

import json
import subprocess
import sys
from threading import Timer
from typing import TYPE_CHECKING, Any, Self

from preboard.archive.files import DATA, ERRORS, META, PRINTOUTS, UNMATCHED, VARS, plain
from preboard.archive.runs import MANIFEST
from preboard.config.names import can_name_a_file, shown
from preboard.language.functions.call import Fault
from preboard.storage.local import replace_file

if TYPE_CHECKING:
    from collections.abc import Mapping
    from pathlib import Path
    from types import TracebackType

    from preboard.language.values import Value
    from preboard.runs.assets import Assets

MOST_SECONDS = 10
"""For one filling in."""
_PROGRAM = """
import json, sys
sys.path[:] = json.loads(sys.argv[1])
from preboard.runs.rendering import main
main()
"""
_LONGEST_NAME = 200
_MOST_FILES = 1_000
_TAKEN = frozenset({DATA, UNMATCHED, META, VARS, ERRORS, PRINTOUTS, MANIFEST})
"""What the run itself writes; so is what is called original or ends with .parquet."""


class Templates:
    """Fills in templates of a group; what comes of them goes to the directory of a statement."""

    def __init__(self, assets: Assets, home: Path) -> None:
        self._assets = assets
        self._home = home
        self._written: set[str] = set()
        self._process: subprocess.Popen[bytes] | None = None

    def __enter__(self) -> Self:
        return self

    def __exit__(
        self,
        kind: type[BaseException] | None,
        error: BaseException | None,
        trace: TracebackType | None,
    ) -> None:
        self.close()

    def close(self) -> None:
        """End the process that fills in, if there is one."""
        process, self._process = self._process, None
        if process is None:
            return
        process.kill()
        for pipe in (process.stdin, process.stdout):
            if pipe is not None:
                try:
                    pipe.close()
                except OSError:  # what it was not told any more
                    continue
        process.wait()

    def render(self, template: str, output: str, values: Mapping[str, Value]) -> None:
        """Fill in a template and write the text to a file, in place of what it wrote there before.

        Raises:
            Fault: there is no such template, it is wrong or takes too much, or the output has a
                name that can't be.
        """
        self._check(output)
        self._assets.read(template)  # its own message, before a process begins
        request = {"template": template, "values": plain(dict(values))}
        answer = self._answer(json.dumps(request).encode() + b"\n")
        if "text" not in answer:
            told = answer.get("error", f"it takes more than {MOST_SECONDS} seconds, or too much")
            raise Fault(f"the template {shown(template)} can't be filled in: {told}")
        self._written.add(output)
        text = answer["text"].encode("utf-8", "replace")
        try:
            replace_file(self._home / output, text, durable=False)
        except OSError as error:
            raise Fault(f"{shown(output)} can't be written: {error.strerror}") from error

    def _check(self, output: str) -> None:
        """Refuse the name of an output that is no plain name, or that of another file."""
        if not can_name_a_file(output, _LONGEST_NAME) or output.startswith("."):
            raise Fault(f"{shown(output)} can't be the name of a file beside the results")
        low = output.lower()
        if low in _TAKEN or low.partition(".")[0] == "original" or low.endswith(".parquet"):
            raise Fault(f"{shown(output)} is what the run itself writes: give another name")
        if output not in self._written:
            if (self._home / output).exists():
                raise Fault(f"there is a file {shown(output)} already")
            if len(self._written) >= _MOST_FILES:
                raise Fault(f"jinja() writes {_MOST_FILES:,} files at the most")

    def _answer(self, request: bytes) -> dict[str, Any]:
        """Return what the process says, `{}` if it was ended."""
        process = self._started()
        assert process.stdin is not None  # noqa: S101 - both are pipes
        assert process.stdout is not None  # noqa: S101
        timer = Timer(MOST_SECONDS, process.kill)
        timer.start()
        try:
            process.stdin.write(request)
            process.stdin.flush()
            line = process.stdout.readline()
        except OSError:
            line = b""
        finally:
            timer.cancel()
        if not line.endswith(b"\n"):
            self.close()
            return {}
        found: dict[str, Any] = json.loads(line)
        return found

    def _started(self) -> subprocess.Popen[bytes]:
        if self._process is None:
            request = json.dumps(
                {"directory": str(self._assets.directory), "seconds": MOST_SECONDS + 1}
            )
            command = [sys.executable, "-P", "-c", _PROGRAM, json.dumps(sys.path), request]
            try:
                self._process = subprocess.Popen(  # noqa: S603 - our own program and interpreter
                    command,
                    stdin=subprocess.PIPE,
                    stdout=subprocess.PIPE,
                    stderr=subprocess.DEVNULL,
                )
            except OSError as error:
                raise Fault(f"the process for templates does not start: {error}") from error
        return self._process
