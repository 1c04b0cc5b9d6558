"""The latest results of groups, for references in statements (spec/language.md 7.1, 8.2).

Of another group they are what its last complete run published, the same from the first look to the
end of the run; of the group that is running, what its statements have so far.
"""

from __future__ import annotations

from functools import cached_property
from typing import TYPE_CHECKING, Protocol

from preboard.archive import reading
from preboard.archive.files import DATA, META, VARS
from preboard.config.names import did_you_mean, shown
from preboard.errors import PreboardError
from preboard.language.functions.call import Fault
from preboard.language.functions.tables import RUNTIME_FIELDS
from preboard.runs.result import run_of
from preboard.storage.local import fingerprint_of

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator, Mapping, Sequence

    from preboard.catalog.catalog import Catalog
    from preboard.catalog.runs import RunRow
    from preboard.language.values import Value
    from preboard.runs.instances import Instance
    from preboard.runs.result import Instance as Published
    from preboard.storage.place import Place

MOST_VALUES = 5_000_000
"""Of a header, over the lines that a statement collected: they are held in memory."""
MOST_BYTES = 64 << 20
"""Of vars.json or meta.json."""
_LINES = "total_lines"
"""Of the file; a statement that stopped knows those that it has seen."""
_OF_FILE = ("delimiter", "quotechar", "file_name")
"""Runtime fields that are those of the file, the same for every statement."""


class Part(Protocol):
    """What one statement of a group has."""

    identity: str

    def variables(self) -> Mapping[str, Value]:
        """Return its variables."""

    def metadata(self) -> Mapping[str, Value]:
        """Return what its comment says."""

    def fields(self) -> Mapping[str, Value]:
        """Return its runtime fields."""

    def lines(self) -> Iterator[Sequence[Value]]:
        """Go over the lines that it collected."""


class GroupResults:
    """The results of a group: those of its statements, the last of a name before the others.

    Those of a run that was published are `lasting`: what is put together of them stays.
    """

    def __init__(self, group: str, parts: Sequence[Part], *, lasting: bool) -> None:
        self._group = group
        self._parts = parts
        self._lasting = lasting
        self._variables: dict[str, Value] | None = None
        self._columns: dict[tuple[str, str], list[Value]] = {}

    def variables(self) -> dict[str, Value]:
        """Return the variables of all statements."""
        if self._variables is None or not self._lasting:
            self._variables = {
                name: value for part in self._parts for name, value in part.variables().items()
            }
        return self._variables

    def metadata(self) -> dict[str, Value]:
        """Return the metadata of all statements."""
        return {name: value for part in self._parts for name, value in part.metadata().items()}

    def fields(self) -> dict[str, Value]:
        """Return the runtime fields: those of the file as they are, others by identity."""
        found: dict[str, Value] = {}
        milliseconds = 0.0
        for part in self._parts:
            for name, value in part.fields().items():
                if name == _LINES:
                    found[name] = max(value, found.get(name, 0))
                elif name in _OF_FILE:
                    found[name] = value
                elif name == "lines_time":
                    milliseconds += float(value)
                    found[name] = f"{milliseconds:.3f}"
                else:
                    found.setdefault(name, {})[part.identity] = value
        return found

    def column(self, header: str, identity: str | None) -> list[Value]:
        """Return the trimmed values of a header over collected lines; short lines have none.

        Raises:
            Fault: it is not said of which statement, there is no such one, it has no such header or
                has collected no lines yet, or there are too many.
        """
        part = self._part(identity)
        key = part.identity, header
        if key not in self._columns:
            self._columns[key] = self._read(part, header)
        return self._columns[key]

    def _part(self, identity: str | None) -> Part:
        named = [each for each in self._parts if identity in (None, each.identity)]
        if len(named) == 1:
            return named[0]
        known = ", ".join(each.identity for each in self._parts)
        if identity is None:
            raise Fault(
                f"{self._group!r} has several statements: say behind the header which one is "
                f"meant, of {known}"
            )
        raise Fault(f"{self._group!r} has no results of {identity!r}, only of {known}")

    def _read(self, part: Part, header: str) -> list[Value]:
        headers = part.fields().get("headers")
        if not isinstance(headers, list) or header not in headers:
            raise Fault(f"the results of {self._group!r} have no header {header!r}")
        index, values = headers.index(header), []
        for line in part.lines():
            if index < len(line):
                cell = line[index]
                values.append(cell.strip() if isinstance(cell, str) else cell)
                if len(values) > MOST_VALUES:
                    raise Fault(f"{header!r} has more than {MOST_VALUES:,} values")
        return values


class _Published:
    """A statement of a run that was published: its files, as they were then."""

    def __init__(self, instance: Published) -> None:
        self._instance = instance
        self.identity = instance.identity

    def variables(self) -> Mapping[str, Value]:
        return self._variables

    def metadata(self) -> Mapping[str, Value]:
        found = dict(self._meta.get("metadata") or {})
        found.pop("NAME", None)  # the place of the statement, which no comment says
        return found

    def fields(self) -> Mapping[str, Value]:
        return self._meta.get("runtime_data") or {}

    def lines(self) -> Iterator[Sequence[Value]]:
        if DATA not in (self._instance.manifest.file_fingerprints or {}):
            raise Fault(f"the last run of {self.identity!r} collected no lines")
        self._check(DATA, None)
        try:
            yield from self._instance.lines()
        except PreboardError as error:
            raise Fault(error.message) from error

    @cached_property
    def _variables(self) -> dict[str, Value]:
        return self._document(VARS)

    @cached_property
    def _meta(self) -> dict[str, Value]:
        return self._document(META)

    def _document(self, name: str) -> dict[str, Value]:
        self._check(name, MOST_BYTES)
        try:
            return reading.document(self._instance.home, name)
        except PreboardError as error:
            raise Fault(error.message) from error

    def _check(self, name: str, most: int | None) -> None:
        """Refuse a file that is no longer what was published, or is too large to be held."""
        wanted = (self._instance.manifest.file_fingerprints or {}).get(name)
        path = self._instance.home / name
        if wanted is None or fingerprint_of(path) != wanted:
            raise Fault(f"{name} of {self._instance.reference} is no longer what was published")
        if most is not None and path.stat().st_size > most:
            raise Fault(f"{name} of {self._instance.reference} is larger than {most:,} bytes")


class _Ongoing:
    """A statement of the run that goes on."""

    def __init__(self, instance: Instance) -> None:
        self._instance = instance
        self.identity = instance.member.identity

    def variables(self) -> Mapping[str, Value]:
        runner = self._instance.runner
        return {} if runner is None else runner.run.variables

    def metadata(self) -> Mapping[str, Value]:
        runner = self._instance.runner
        return {} if runner is None else runner.run.metadata

    def fields(self) -> Mapping[str, Value]:
        runner, found = self._instance.runner, {}
        for name in RUNTIME_FIELDS if runner is not None else ():
            try:
                found[name] = runner.run.runtime(name)  # type: ignore[union-attr]
            except KeyError:
                continue
        return found

    def lines(self) -> Iterator[Sequence[Value]]:
        opened = self._instance.opened
        if DATA not in (opened.manifest.file_fingerprints or {}):
            raise Fault(f"the lines of {self.identity!r} can be reached when it has ended")
        yield from reading.lines(opened.home, DATA)


class Lookups:
    """What the statements of one run see of groups; `used` are the runs that they looked at."""

    def __init__(
        self,
        catalog: Catalog,
        place: Place,
        group: str,
        ongoing: Callable[[], Sequence[Instance]],
    ) -> None:
        self._catalog = catalog
        self._place = place
        self._group = group
        self._ongoing = ongoing
        self._known: dict[str, GroupResults] = {}
        self.used: dict[str, str] = {}
        """References to runs by the names of their groups."""

    def results(self, group: str) -> GroupResults:
        """Return the latest results of a group.

        Raises:
            Fault: there are none.
        """
        if group == self._group:
            return GroupResults(group, [_Ongoing(each) for each in self._ongoing()], lasting=False)
        if group not in self._known:
            run = self._latest(group)
            rows = self._catalog.runs.instances(run.id)
            found = run_of(run, rows, self._place)
            parts = [_Published(each) for each in found.instances]
            self._known[group] = GroupResults(group, parts, lasting=True)
            self.used[group] = run.reference
        return self._known[group]

    def _latest(self, group: str) -> RunRow:
        for run in self._catalog.runs.each(group, newest_first=True):
            if run.state == "complete":
                return run
        hint = did_you_mean(group, self._catalog.groups.all())
        more = f"; {hint}" if hint and group not in self._catalog.groups.all() else ""
        raise Fault(f"the group {shown(group)} has no results yet{more}")
