"""What a statement of a project's run may reach outside of itself."""

from __future__ import annotations

import os
import shutil
from dataclasses import dataclass
from typing import TYPE_CHECKING

from preboard.engine.services import StandAlone
from preboard.language.functions.call import Fault
from preboard.runs.templates import Templates
from preboard.storage.local import READ_ONLY, fingerprint_of

if TYPE_CHECKING:
    from collections.abc import Mapping
    from pathlib import Path
    from types import TracebackType

    from preboard.engine.access import Access
    from preboard.language.values import Value
    from preboard.runs.assets import Assets
    from preboard.runs.lookups import GroupResults, Lookups
    from preboard.runs.signals import Signals


@dataclass(frozen=True, slots=True)
class Original:
    """The registered file that a run reads; `extension` is behind the first dot of its name."""

    path: Path
    fingerprint: str
    extension: str


class InProject(StandAlone):
    """The services of one statement of a run: its directory, and the others of the run."""

    def __init__(
        self,
        access: Access,
        home: Path,
        signals: Signals,
        fields: dict[str, Value],
        original: Original | None,
        lookups: Lookups,
        assets: Assets,
    ) -> None:
        super().__init__(access)
        self._lookups = lookups
        self._assets = assets
        self._templates = Templates(assets, home)
        self.looked_at: set[str] = set()
        """References to the runs whose results the statement looked at."""
        self._fields = fields
        self._home = home
        self._signals = signals
        self._original = original
        self.kept: Path | None = None
        """The copy of the source that collect_original() made."""

    def field(self, name: str) -> Value:
        """Return a runtime field of the run; KeyError if there is none."""
        return self._fields[name]

    def __exit__(
        self,
        kind: type[BaseException] | None,
        error: BaseException | None,
        trace: TracebackType | None,
    ) -> None:
        self._templates.close()
        super().__exit__(kind, error, trace)

    def asset(self, name: str, data_file: str) -> bytes:  # noqa: ARG002 - the protocol
        """Return the bytes of a file of the group."""
        return self._assets.read(name)

    def render(self, template: str, output: str, values: Mapping[str, Value]) -> None:
        """Fill in a template of the group and write it beside the results."""
        self._templates.render(template, output, values)

    def results(self, group: str) -> GroupResults:
        """Return the latest results of a group; of the own group, those so far."""
        found = self._lookups.results(group)
        if group in self._lookups.used:
            self.looked_at.add(self._lookups.used[group])
        return found

    def stop_all(self) -> None:
        """End every statement of the run."""
        self._signals.stopped = True

    def fail_all(self) -> None:
        """Mark the data invalid for every statement of the run."""
        self._signals.failed = True

    def skip_all(self) -> None:
        """Keep the statements behind this one from seeing the line."""
        self._signals.skips_line = True

    def advance_all(self, lines: int) -> None:
        """Let every statement jump over the next lines."""
        self._signals.to_jump = max(lines, self._signals.to_jump)

    def keep_original(self) -> str | None:
        """Put the registered file, as it came, beside the results; return its path.

        Raises:
            Fault: its bytes are no longer those that were registered.
        """
        if self._original is None:
            return None
        if self.kept is None:
            if fingerprint_of(self._original.path) != self._original.fingerprint:
                raise Fault("the registered file is no longer what was registered")
            extension = f".{self._original.extension}" if self._original.extension else ""
            self.kept = _linked(self._original.path, self._home / f"original{extension}")
        return str(self.kept)


def _linked(source: Path, target: Path) -> Path:
    """Give immutable bytes another name, or copy them where the file system has no links."""
    try:
        os.link(source, target)
    except OSError:
        shutil.copyfile(source, target)
        target.chmod(READ_ONLY)
    return target
