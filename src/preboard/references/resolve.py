"""What references mean in a project: versions, statements of a group, runs and their files (3)."""

from __future__ import annotations

from dataclasses import dataclass, replace
from typing import TYPE_CHECKING, cast

from preboard.catalog.span import Span
from preboard.clock import utc_now
from preboard.config.names import did_you_mean, shown
from preboard.errors import NotFound
from preboard.references.dates import period_of
from preboard.references.series import RANGES, Choice, choose
from preboard.references.syntax import is_reference, parse_reference

if TYPE_CHECKING:
    from collections.abc import Iterator
    from datetime import datetime

    from preboard.catalog.catalog import Catalog
    from preboard.catalog.runs import InstanceRow, RunRow
    from preboard.catalog.versions import Version
    from preboard.groups.members import Group, Member
    from preboard.references.syntax import Reference, ResultFile, Step

_FINGERPRINT_DIGITS = 64


@dataclass(frozen=True, slots=True)
class Result:
    """A run, one of its instances, or a file of either."""

    run: RunRow
    instance: InstanceRow | None = None
    file: ResultFile | None = None


class Resolver:
    """Looks references up in one project, at one moment."""

    def __init__(self, catalog: Catalog, now: datetime | None = None) -> None:
        self.catalog = catalog
        self.now = now or utc_now()

    def versions(self, text: str) -> list[Version]:
        """Return the versions that a name or a files reference means, in order of arrival.

        A name means its newest version. `name#sheet` and `$name#sheet.files…` mean that worksheet.

        Raises:
            BadReference: the text is none, or one of another type.
            NotFound: there is no such named-file.
        """
        if not is_reference(text):
            name, _, sheet = text.partition("#")
            found = self._versions_of(name, Choice(Span(), -1))
            if not found:
                self._known(name)
            return self._of_sheet(found, sheet)
        reference = self._of_kind(text, "files")
        self._known(reference.name)
        path, _, named = reference.one.path.partition("#")
        if len(path) == _FINGERPRINT_DIGITS and not reference.one.pointers:
            version = self.catalog.versions.by_fingerprint(reference.name, path)
            only = [] if version is None else [version]
            return self._of_sheet(only, named or reference.minor or "")
        sheet = reference.minor or ""
        choice = Choice(Span())
        for step in (reference.one, reference.two):
            if step is not None:
                plain, sheet = _without_sheet(step, sheet)
                _check_second(reference, step)
                choice = self._files_step(reference, plain, choice)
        return self._of_sheet(self._versions_of(reference.name, choice), sheet)

    def members(self, text: str, group: Group) -> tuple[Member, ...]:
        """Return the statements of a group that a name, `name#one` or a reference means.

        Raises:
            BadReference: the text is none, or points to what statements don't have.
            NotFound: the group has no such statement.
        """
        if not is_reference(text):
            word = text.partition("#")[2]
            return (group.members[_place(group, word)],) if word else group.members
        reference = self._of_kind(text, "csvpaths")
        if reference.two is not None:
            raise reference.refused(reference.two.at, "statements have no second step")
        return _chosen(reference, group)

    def results(self, text: str) -> list[Result]:
        """Return the runs, instances or files that a results reference means, oldest first.

        A plain name means the last run of the group.

        Raises:
            BadReference: the text is none, or one of another type.
        """
        if not is_reference(text):
            last = self.catalog.runs.pick(text, Span(), -1)
            return [] if last is None else [Result(last)]
        reference = self._of_kind(text, "results")
        one, file = _without_file(reference, reference.one)
        narrows = reference.two is not None and _is_range(reference.two)
        identity, instance_file = "", None
        if reference.two is not None and not narrows:
            two, instance_file = _without_file(reference, reference.two)
            if two.pointers:
                raise reference.refused(two.pointers[0].at, "an instance has files, nothing else")
            identity = two.path
        exact = self.catalog.runs.named(reference.name, one.path) if not one.pointers else None
        if exact is not None and not narrows:
            runs = [exact]
        else:
            choice = self._results_step(reference, one, Choice(Span()))
            if narrows:
                choice = self._results_step(reference, cast("Step", reference.two), choice)
            runs = list(self._runs_of(reference.name, choice, identity))
        if not identity:
            return [Result(run, None, file) for run in runs]
        found = [(run, self._instance(run, identity)) for run in runs]
        return [Result(run, each, instance_file) for run, each in found if each is not None]

    def _of_kind(self, text: str, kind: str) -> Reference:
        reference = parse_reference(text)
        if reference.kind != kind:
            at = text.index(reference.kind, len(reference.name))
            raise reference.refused(at, f"here a reference to {kind} is wanted")
        return reference

    def _known(self, name: str) -> None:
        if not self.catalog.files.exists(name):
            raise NotFound(
                f"there is no named-file {shown(name)}",
                hint=did_you_mean(name, self.catalog.files.all()),
            )

    def _files_step(self, reference: Reference, step: Step, before: Choice) -> Choice:
        def first_of(choice: Choice) -> int | None:
            found = self.catalog.versions.pick(reference.name, choice.span, 0)
            return None if found is None else found.seq

        return choose(reference, step, before, self.now, first_of, _under)

    def _results_step(self, reference: Reference, step: Step, before: Choice) -> Choice:
        def first_of(choice: Choice) -> int | None:
            run = self.catalog.runs.pick(reference.name, choice.span, 0, directory=choice.directory)
            return None if run is None else run.seq

        return choose(reference, step, before, self.now, first_of, _under_or_named)

    def _versions_of(self, name: str, choice: Choice) -> list[Version]:
        if choice.place is None:
            return list(self.catalog.versions.each(name, choice.span))
        found = self.catalog.versions.pick(name, choice.span, choice.place)
        return [] if found is None else [found]

    def _of_sheet(self, versions: list[Version], sheet: str) -> list[Version]:
        return [replace(each, mark=sheet) for each in versions] if sheet else versions

    def _runs_of(self, group: str, choice: Choice, identity: str) -> Iterator[RunRow]:
        runs, directory = self.catalog.runs, choice.directory
        if choice.place is None:
            yield from runs.select(group, choice.span, directory=directory, identity=identity)
            return
        # `:last.checks` is the last run that has checks; another place is that of all runs.
        having = identity if choice.place < 0 else ""
        run = runs.pick(group, choice.span, choice.place, directory=directory, identity=having)
        if run is not None:
            yield run

    def _instance(self, run: RunRow, word: str) -> InstanceRow | None:
        instances = self.catalog.runs.instances(run.id)
        by_identity = (each for each in instances if each.identity == word)
        by_place = (each for each in instances if str(each.place) == word)
        return next(by_identity, None) or next(by_place, None)


def _under(choice: Choice, path: str) -> Choice:
    return replace(choice, span=choice.span.within(Span(under=path)))


def _under_or_named(choice: Choice, path: str) -> Choice:
    """Take a path for the beginning of a run directory's name when it begins like a time."""
    if path[0].isdigit() and "/" not in path:
        return replace(choice, directory=path)
    return _under(choice, path)


def _check_second(reference: Reference, step: Step) -> None:
    """Refuse a path behind a dot: it is most likely a file name with its dot."""
    if step is reference.two and step.path and period_of(step.path) is None:
        raise reference.refused(step.at - 1, "a dot ends the path", "write _ for a dot in a path")


def _without_sheet(step: Step, sheet: str) -> tuple[Step, str]:
    path, _, named = step.path.partition("#")
    return (replace(step, path=path), named) if named else (step, sheet)


def _without_file(reference: Reference, step: Step) -> tuple[Step, ResultFile | None]:
    """Return a step without the file that it ends in."""
    files = ("data", "unmatched", "meta", "vars", "errors", "printouts", "manifest")
    if not step.pointers or step.pointers[-1].said not in files:
        return step, None
    last = step.pointers[-1]
    if step is reference.one and last.said != "manifest":
        raise reference.refused(last.at, "a run has a manifest only", "name an instance behind it")
    return replace(step, pointers=step.pointers[:-1]), cast("ResultFile", last.said)


def _is_range(step: Step) -> bool:
    return period_of(step.path) is not None and any(
        pointer.said in RANGES for pointer in step.pointers
    )


def _place(group: Group, word: str) -> int:
    place = group.place_of(word)
    if place is None:
        raise NotFound(
            f"the group {group.name!r} has no statement {shown(word)}",
            hint="it has " + ", ".join(group.identities[:20]),
        )
    return place


def _chosen(reference: Reference, group: Group) -> tuple[Member, ...]:
    """Return the members that a reference means: one, or a range that begins or ends with one."""
    step, members = reference.one, group.members
    pointers = list(step.pointers)
    if not step.path and pointers:
        first = pointers.pop(0)
        match first.said:
            case "all":
                return members
            case "first":
                place = 0
            case "last":
                place = len(members) - 1
            case int() as number:
                place = _place(group, str(number))
            case word:
                raise reference.refused(first.at, f":{word} can't stand here")
    else:
        place = _place(group, step.path)
    if not pointers:
        return (members[place],)
    if len(pointers) > 1 or pointers[0].said not in RANGES:
        raise reference.refused(pointers[-1].at, "here :to, :from, :before or :after can stand")
    match pointers[0].said:
        case "to":
            return members[: place + 1]
        case "before":
            return members[:place]
        case "after":
            return members[place + 1 :]
        case _:
            return members[place:]
