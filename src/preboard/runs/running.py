"""Run a plan: begin, read, finish each statement, hand on, publish (spec/framework.md 1.3, 2).

Whatever happens, the run gets an end: complete, failed with the reason, or, when the process dies,
aborted by `archive.sweep`.
"""

from __future__ import annotations

import logging
from contextlib import ExitStack
from dataclasses import dataclass, field
from dataclasses import replace as changed
from traceback import clear_frames
from typing import TYPE_CHECKING, Any

from preboard.archive.files import DATA
from preboard.clock import elapsed_s, utc_now
from preboard.engine.loop import Watch
from preboard.engine.reading import Reading
from preboard.engine.runner import Runner
from preboard.errors import DataError, InputError, PreboardError, Tampered, Unavailable
from preboard.readers.declared import Declared
from preboard.runs.assets import Assets
from preboard.runs.beginning import Left, instance_start, run_start
from preboard.runs.by_line import ByLine, LastLines
from preboard.runs.connections import check_named
from preboard.runs.instances import Instance, RunFacts
from preboard.runs.lookups import Lookups
from preboard.runs.plan import check_dialects
from preboard.runs.services import InProject, Original
from preboard.runs.signals import Signals
from preboard.storage.local import fingerprint_of, unwritable

if TYPE_CHECKING:
    from collections.abc import Callable, Generator, Iterator, Mapping, Sequence
    from pathlib import Path

    from preboard.archive.runs import Archive, OpenInstance, OpenRun
    from preboard.catalog.runs import RunRow
    from preboard.catalog.service.jobs import Attempt
    from preboard.engine.access import Access
    from preboard.engine.loop import Feed
    from preboard.groups.members import Member
    from preboard.language.modes import ErrorPolicy
    from preboard.language.values import Value
    from preboard.manifests.archive import InstanceManifest, RunManifest
    from preboard.runs.plan import Plan
    from preboard.runs.transfers import Target

STOPPED_READING = "its lines were not read to the end"

log = logging.getLogger("preboard.runs")


@dataclass(frozen=True, slots=True, kw_only=True)
class Conditions:
    """What the project says about all its runs."""

    access: Access
    pattern: str
    program: str
    """Name and version of what runs, for manifests."""
    transfers: Target
    """Where results are handed on to."""
    halts_on_changed_bytes: bool = True
    policy: ErrorPolicy
    """What an error does that ends a statement before the end of its file."""
    is_quiet: bool = False
    """The log says little of such an error."""
    watch: Watch = field(default_factory=Watch)
    ended: Callable[[RunManifest], None] | None = None
    """Is told how a run ended."""
    attempt: Attempt | None = None
    """Of the job that the run is made for, under a server."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Keeping:
    """Which lines are kept where.

    `collects` keeps them in data.csv; `each_line` gets them as they are found, in a run by lines
    each once: when a statement keeps it or, with `all_agree`, all that see it do. With `inverts` a
    statement without a return-mode keeps what does not match.
    """

    collects: bool
    each_line: Callable[[Sequence[Value]], None] | None = None
    all_agree: bool = False
    inverts: bool = False


class Running:
    """One run of a plan."""

    def __init__(
        self,
        archive: Archive,
        plan: Plan,
        conditions: Conditions,
        keeping: Keeping,
        extra_data: Mapping[str, str] | None = None,
    ) -> None:
        self.archive = archive
        self.plan = plan
        self.conditions = conditions
        self.keeping = keeping
        self.extra_data = dict(extra_data or {})
        self.signals = Signals()
        self.instances: list[Instance] = []
        self.ended: OpenRun | None = None
        """The run, once it has an end."""
        self._left: Left | None = None
        self._left_is_whole = True
        place, group = archive.place, plan.group.name
        self._lookups = Lookups(archive.catalog, place, group, lambda: tuple(self.instances))
        self._assets = Assets(place.path(place.groups) / group)
        self._kept_now: list[Sequence[Value]] = []
        self._jumps = plan.method.by_line and any(map(plan.advances_all, plan.active))
        self._began = elapsed_s()

    def run(self) -> OpenRun:
        """Go through with it; returns the run that ended. Errors as for `steps`."""
        for _ in self.steps():
            pass
        assert self.ended is not None  # noqa: S101 - steps() ended
        return self.ended

    def steps(self) -> Generator[None, None, None]:
        """Run, yielding now and then; `ended` is there when it is over, however it ended.

        Raises:
            Tampered: the stored bytes are no longer what was registered, and the project halts.
            InputError: the source can't be read, or the plan can't be run.
            BrokenGroup: a statement names a database that the project does not.
            DataError: a line broke a rule, its policy has `raise`, and so has that of the run.
            RunInterrupted: cancelled, or out of time.
            StoreError: the results can't be written.
        """
        self.plan.check()
        connections = self.conditions.access.connections
        check_named(self.plan.group.name, self.plan.active, connections)
        _check_extra(self.extra_data)
        if self.plan.method.by_line:
            check_dialects(self.plan.active)
        started = utc_now()
        conditions = self.conditions
        start = run_start(
            self.plan, started, self._fingerprint(), conditions.program, conditions.attempt
        )
        first, *others = self._segments()
        run = self.archive.begin(start, lambda row: self._starts(row, first))
        try:
            yield from self._go(run, first, others)
        except Unavailable as error:
            if conditions.attempt is None:  # else another attempt makes it, and sweeps this one
                self._fail(run, error.message)
            raise
        except PreboardError as error:
            self._fail(run, error.message)
            raise
        except OSError as error:
            told = unwritable(error, "the results can't be written")
            self._fail(run, told.message)
            raise told from error
        except GeneratorExit:
            self._fail(run, STOPPED_READING)
            raise
        except BaseException as error:
            # A signal may have come inside a transaction, which its frames would keep open.
            clear_frames(error.__traceback__)
            self._fail(run, f"the run was broken off: {type(error).__name__}")
            raise
        run.publish()
        self._end(run)

    def _go(
        self, run: OpenRun, first: Sequence[Member], others: Sequence[Sequence[Member]]
    ) -> Iterator[None]:
        """Do all of it but the publishing; the first members were entered with the run."""
        if self.extra_data:
            run.keep_extra(self.extra_data)
        yield from self._segment(run, first, run.open())
        for segment in others:
            if self.signals.stopped:
                break
            if self._would_read_a_part(segment):
                log.warning("%s does not run: what it would read is not whole", segment[0].identity)
                continue
            yield from self._segment(run, segment, run.start(self._starts(run.row, segment)))
        self._tell_failed()
        for instance in self.instances:
            instance.hand_on(self.plan.transfers, self.conditions.transfers)
        run.settle()

    def _segments(self) -> list[list[Member]]:
        """Return the members that read the file together, in order."""
        plan = self.plan
        if plan.method.by_line:
            return [plan.active]
        return plan.segments(collects=self.keeping.collects)

    def _starts(self, row: RunRow, members: Sequence[Member]) -> list[InstanceManifest]:
        place, left = self.archive.place, self._left_for(members)
        return [instance_start(self.plan, row, place, each, left) for each in members]

    def _left_for(self, members: Sequence[Member]) -> Left | None:
        """Return what some members read instead of the file: what those before them left."""
        return self._left if self._reads_left(members) else None

    def _reads_left(self, members: Sequence[Member]) -> bool:
        return self.keeping.collects and members[0].statement.modes.source_preceding

    def _would_read_a_part(self, members: Sequence[Member]) -> bool:
        """Say whether some members read what another left, and that broke off."""
        return self._reads_left(members) and not self._left_is_whole

    def _fail(self, run: OpenRun, reason: str) -> None:
        try:
            self._tell_failed()
        except OSError as error:
            log.warning("%s: %s", run.row.manifest.run_home, error)
        run.fail(reason)
        self._end(run)

    def _end(self, run: OpenRun) -> None:
        self.ended = run
        if self.conditions.ended is not None:
            self.conditions.ended(run.row.manifest)

    def _tell_failed(self) -> None:
        """Let fail_all() count for every statement, also for those that were done before."""
        if self.signals.failed:
            for instance in self.instances:
                instance.fail()

    def _fingerprint(self) -> str:
        """Return the fingerprint of the bytes as they are now."""
        reads = self.plan.reads
        found = fingerprint_of(reads.path) or ""
        if reads.fingerprint not in ("", found):
            changed_bytes = f"the bytes of {reads.shown} are no longer those that were stored"
            if self.conditions.halts_on_changed_bytes:
                raise Tampered(
                    changed_bytes,
                    hint="register the file again; on_unmatched_file_fingerprints = continue goes "
                    "on",
                )
            log.warning("%s", changed_bytes)
        return found

    def _segment(
        self, run: OpenRun, members: Sequence[Member], started: Sequence[OpenInstance]
    ) -> Iterator[None]:
        """Read a file once for some members."""
        left = self._left_for(members)
        path = self.plan.reads.path if left is None else left.data
        facts = self._facts(run)
        instances = [
            Instance(member, opened, path, facts, collects=self.keeping.collects)
            for member, opened in zip(members, started, strict=True)
        ]
        self.instances.extend(instances)
        declared = self._declared(members[0], left)
        with ExitStack() as stack:
            stack.callback(self._finish, instances)
            for instance in instances:
                services = stack.enter_context(self._services(run, instance))
                instance.runner = self._runner(instance, services)
            try:
                yield from self._read(instances, path, declared)
            except InputError as error:
                self._break_off(instances, error)
            except DataError as error:
                if self.plan.method.by_line:  # it was one of them, and is told of already
                    raise
                self._break_off(instances, error)
        self._left_is_whole = instances[-1].reason is None
        self._left = Left(members[-1].identity, instances[-1].opened.home / DATA,
                          instances[-1].dialect)  # fmt: skip

    def _break_off(self, instances: Sequence[Instance], error: DataError | InputError) -> None:
        """Let an error count that ends some statements: log, collect, stop, fail, print, raise.

        Those are the words of the policy [errors] csvpaths, in the order of spec/language.md 9.1;
        here stop and fail are about all statements of the run (framework.md 2).
        """
        policy = self.conditions.policy
        if not policy.raises:  # else the log tells of the run that failed
            names = ", ".join(instance.opened.manifest.instance_identity for instance in instances)
            said = "" if self.conditions.is_quiet else f": {error}"
            log.error("%s of %s broke off%s", names, instances[0].facts.run_dir, said)
        for instance in instances:
            instance.break_off(error, policy)
        self.signals.stopped = self.signals.stopped or policy.stops
        self.signals.failed = self.signals.failed or policy.fails
        if policy.raises:
            raise error

    def _broke(self, runner: Runner, error: DataError) -> None:
        self._break_off([each for each in self.instances if each.runner is runner], error)

    def _read(
        self, instances: Sequence[Instance], path: Path, declared: Declared
    ) -> Iterator[None]:
        runners = [instance.runner for instance in instances if instance.runner is not None]
        feeds: Sequence[Feed] = runners
        if self.plan.method.by_line:
            feeds = [ByLine(runners, self.signals, self._after_line, self._broke)]
            if any(runner.plan.uses_last for runner in runners):
                with Reading([LastLines(runners)], path, declared) as before:
                    yield from before.batches(self._watch(silent=True))
        with Reading(feeds, path, declared) as reading:
            for instance in instances:
                instance.findings = reading.findings
            yield from reading.batches(self._watch())

    def _watch(self, *, silent: bool = False) -> Watch:
        """Return the watch of one reading: what is left of the time that the run may take."""
        watch = self.conditions.watch
        left = None
        if watch.timeout_s is not None:
            left = max(watch.timeout_s - (elapsed_s() - self._began), 0)
        return Watch(None if silent else watch.progress, left, watch.timeout_s)

    def _finish(self, instances: Sequence[Instance]) -> None:
        for instance in instances:
            instance.finish()

    def _after_line(self, seen: int) -> None:
        """Hand on the line of a run by lines, if it is wanted; `seen` statements saw it."""
        kept, self._kept_now = self._kept_now, []
        enough = seen if self.keeping.all_agree else 1
        if self.keeping.each_line is not None and kept and len(kept) >= enough:
            self.keeping.each_line(kept[0])

    def _runner(self, instance: Instance, services: InProject) -> Runner:
        policy = self.plan.policy_of(instance.member)
        runner = Runner(
            instance.member.statement,
            changed(policy, collects=True),  # errors.json has every error
            file_name=instance.opened.manifest.actual_data_file,
            keep=self._keeper(instance),
            collect_unmatched=self.keeping.collects,
            drop=instance.drop,
            services=services,
            jumps=self._jumps,
            inverts=self.keeping.inverts,
        )
        if instance.opened.manifest.preceding_instance_identity:
            runner.run.metadata["source-mode-source"] = instance.opened.manifest.actual_data_file
        return runner

    def _keeper(self, instance: Instance) -> Callable[[Sequence[Value]], None] | None:
        """Return what takes the lines that an instance keeps, None if nobody wants them."""
        each_line = self.keeping.each_line
        if each_line is None:
            return instance.keep if self.keeping.collects else None
        take = self._kept_now_append if self.plan.method.by_line else each_line
        if not self.keeping.collects:
            return take

        def keep(row: Sequence[Value]) -> None:
            instance.keep(row)
            take(row)

        return keep

    def _kept_now_append(self, row: Sequence[Value]) -> None:
        self._kept_now.append(row)

    def _services(self, run: OpenRun, instance: Instance) -> InProject:
        reads, home = self.plan.reads, instance.opened.home
        version = reads.version
        original = None
        if version is not None:
            extension = version.entry.file_name.partition(".")[2]
            original = Original(reads.path, version.fingerprint, extension)
        row = run.row
        fields: dict[str, Value] = {
            "named_paths_name": self.plan.group.name,
            "named_file_name": reads.name,
            "run_dir": row.manifest.run_home,
            "run_dir_name": row.directory,
            "run_reference": row.reference,
        }
        access = changed(self.conditions.access, tables=home)
        services = InProject(
            access, home, self.signals, fields, original, self._lookups, self._assets
        )
        instance.looked_at = services.looked_at
        return services

    def _declared(self, member: Member, left: Left | None) -> Declared:
        if left is not None:
            return Declared(
                delimiter=left.dialect.delimiter,
                quotechar=left.dialect.quotechar,
                encoding="utf-8",
                format="csv",
            )
        modes, plan = member.statement.modes, self.plan
        return plan.reads.written or Declared(
            delimiter=modes.delimiter or plan.delimiter,
            quotechar=modes.quotechar or plan.quotechar,
            sheet=plan.reads.sheet or None,
        )

    def _facts(self, run: OpenRun) -> RunFacts:
        return RunFacts(
            group=self.plan.group.name,
            file=self.plan.reads.name,
            run_dir=run.row.manifest.run_home,
            run_time=run.row.time.replace("T", " "),
            pattern=self.conditions.pattern,
        )


def _check_extra(extra: Mapping[Any, Any]) -> None:
    if not all(isinstance(key, str) and isinstance(value, str) for key, value in extra.items()):
        raise InputError("extra_data holds something that is no text", hint="texts under texts")
