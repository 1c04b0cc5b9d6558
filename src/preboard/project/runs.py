"""The runs of a project: what `Project` offers of the third data space."""

from __future__ import annotations

from typing import TYPE_CHECKING

from preboard import __version__
from preboard.config.names import shown
from preboard.engine.access import Access
from preboard.engine.loop import Watch
from preboard.errors import ConfigError, Conflict, NotFound
from preboard.language.modes import ErrorPolicy
from preboard.references.resolve import Resolver
from preboard.runs.lines import RunLines
from preboard.runs.method import Method
from preboard.runs.planning import Wish, plans_of
from preboard.runs.result import Run, run_of
from preboard.runs.running import Conditions, Keeping, Running
from preboard.runs.transfers import Target

if TYPE_CHECKING:
    from collections.abc import Callable, Mapping, Sequence
    from typing import Any

    from preboard.archive.runs import Archive, OpenRun
    from preboard.catalog.catalog import Catalog
    from preboard.catalog.service.jobs import Attempt
    from preboard.config.settings import Settings
    from preboard.engine.loop import Progress
    from preboard.groups.loading import Groups
    from preboard.project.logs import ProjectLog
    from preboard.runs.plan import Plan
    from preboard.storage.place import Place


class Runs:
    """Groups over named-files: run, their lines taken, found again, verified."""

    settings: Settings
    place: Place
    catalog: Catalog
    groups: Groups
    archive: Archive
    log: ProjectLog

    def run(  # noqa: PLR0913 - what can be said of a run
        self,
        file: str,
        group: str,
        *,
        method: str | Method = Method.COLLECT_PATHS,
        template: str | None = None,
        delimiter: str | None = None,
        quotechar: str | None = None,
        extra_data: Mapping[str, str] | None = None,
        progress: Callable[[Progress], bool | None] | None = None,
        timeout_s: float | None = None,
        version: str | None = None,
        attempt: Attempt | None = None,
    ) -> Run:
        """Run a group over a file; returns what it came to, also when the data is invalid.

        Args:
            file: the name of a named-file, whose newest version is read; or a reference to a
                version, or to the result of another run.
            group: the name of a group, `name#identity`, or a reference to some of its statements.
            method: collect_paths, fast_forward_paths, next_paths or one of their by_line forms.
            template: directories between the group and the run, such as `:1/:run_dir`.
            delimiter: of the file, if not as its extension or its text says.
            quotechar: of the file.
            extra_data: texts to be kept beside the results, in _extra_data/extra.json.
            progress: called between batches; returning False cancels the run.
            timeout_s: seconds that the run may take.
            version: the id of the version of `file` that is to be read, if not the newest.
            attempt: that of the job that it is made for, under a server: the job ends with it.

        Raises:
            NotFound: there is no such file or group.
            BadReference: a reference is none.
            Conflict: the reference means several files; `run_each` runs all of them.
            Tampered: the stored bytes are no longer those that were registered.
            InputError: the bytes can't be read as data, and [errors] csvpaths has `raise`, as it
                has unless config.ini says otherwise; or the group can't be run so.
            DataError: a line broke a rule and both policies have `raise`.
            RunInterrupted: cancelled, or out of time.
            Superseded: the job is in other hands; nothing is published.
            StoreError: the results can't be written.
        """
        wish = self._wish(file, group, method, template, delimiter, quotechar, version)
        with self.log.doing(f"run {shown(group, 200)} over {shown(file, 200)}"):
            return self._run(self._plan(wish), extra_data, Watch(progress, timeout_s), attempt)

    def run_each(  # noqa: PLR0913 - what can be said of a run
        self,
        file: str,
        group: str,
        *,
        method: str | Method = Method.COLLECT_PATHS,
        template: str | None = None,
        delimiter: str | None = None,
        quotechar: str | None = None,
        extra_data: Mapping[str, str] | None = None,
        progress: Callable[[Progress], bool | None] | None = None,
        timeout_s: float | None = None,
        ended: Callable[[Run], object] | None = None,
    ) -> list[Run]:
        """Run a group over every file that a reference means, one after the other; as `run`.

        `timeout_s` is that of each; `ended` is called with each as it ends. A run that can't be
        made ends the series; those before it stand.
        """
        wish = self._wish(file, group, method, template, delimiter, quotechar)
        what = f"run {shown(group, 200)} over each of {shown(file, 200)}"
        with self.log.doing(what):
            plans = plans_of(wish, self.catalog, self.groups, self.place)
        runs = []
        for plan in plans:
            with self.log.doing(what):
                runs.append(self._run(plan, extra_data, Watch(progress, timeout_s)))
            if ended is not None:
                ended(runs[-1])
        return runs

    def lines(  # noqa: PLR0913 - what can be said of a run
        self,
        file: str,
        group: str,
        *,
        method: str | Method = Method.NEXT_PATHS,
        collect: bool = False,
        if_all_agree: bool = False,
        collect_when_not_matched: bool = False,
        template: str | None = None,
        delimiter: str | None = None,
        quotechar: str | None = None,
        extra_data: Mapping[str, str] | None = None,
        progress: Callable[[Progress], bool | None] | None = None,
        timeout_s: float | None = None,
    ) -> RunLines:
        """Run a group over a file and take the lines that its statements keep, as they are found.

        The run begins with the first line that is asked for.

            with project.lines("orders", "order-checks") as lines:
                for line in lines:
                    ...
            lines.run.valid

        Args:
            file: as for `run`.
            group: as for `run`.
            method: next_paths gives the lines of one statement after the other's, next_by_line each
                line once.
            collect: keep the lines in data.csv, too.
            if_all_agree: next_by_line gives a line only when every statement that sees it keeps it.
            collect_when_not_matched: statements without a return-mode keep what does not match.
            template: as for `run`.
            delimiter: as for `run`.
            quotechar: as for `run`.
            extra_data: as for `run`.
            progress: as for `run`.
            timeout_s: as for `run`.

        Raises:
            ConfigError: the method is not one of these.
            NotFound, BadReference, Conflict: as for `run`; the others when the lines are taken.
        """
        wish = self._wish(file, group, method, template, delimiter, quotechar)
        if wish.method not in (Method.NEXT_PATHS, Method.NEXT_BY_LINE):
            raise ConfigError(
                f"{wish.method.value} gives no lines", hint="next_paths or next_by_line"
            )
        plan = self._plan(wish)

        def begin(each_line: Callable[[Sequence[Any]], None]) -> Running:
            keeping = Keeping(
                collects=collect,
                each_line=each_line,
                all_agree=if_all_agree,
                inverts=collect_when_not_matched,
            )
            conditions = self._conditions(Watch(progress, timeout_s))
            return Running(self.archive, plan, conditions, keeping, extra_data)

        return RunLines(begin, self._ended)

    def result(self, reference: str) -> Run:
        """Return a run that ended, by a reference or as the last one of a group.

        Raises:
            BadReference: the text is no reference to results.
            NotFound: there is no such run.
        """
        found = Resolver(self.catalog).results(reference)
        if not found:
            raise NotFound(f"there is no run {shown(reference, 200)}")
        run = found[-1].run
        return run_of(run, self.catalog.runs.instances(run.id), self.place)

    def _wish(
        self,
        file: str,
        group: str,
        method: str | Method,
        template: str | None,
        delimiter: str | None,
        quotechar: str | None,
        version: str | None = None,
    ) -> Wish:
        return Wish(
            file=file,
            group=group,
            method=Method.of(method),
            template=template,
            delimiter=delimiter,
            quotechar=quotechar,
            version=version,
            on_error=self.settings.csvpath_policy,
        )

    def _plan(self, wish: Wish) -> Plan:
        plans = plans_of(wish, self.catalog, self.groups, self.place)
        if len(plans) > 1:
            raise Conflict(
                f"{shown(wish.file, 200)} means {len(plans)} files",
                hint="run_each() runs all of them, --each on the command line",
            )
        return plans[0]

    def _run(
        self,
        plan: Plan,
        extra_data: Mapping[str, str] | None,
        watch: Watch,
        attempt: Attempt | None = None,
    ) -> Run:
        keeping = Keeping(collects=plan.method.collects)
        conditions = self._conditions(watch, attempt)
        running = Running(self.archive, plan, conditions, keeping, extra_data)
        return self._ended(running.run())

    def _conditions(self, watch: Watch, attempt: Attempt | None = None) -> Conditions:
        transfers = self.settings.transfers
        return Conditions(
            watch=watch,
            access=Access(
                env=self.settings.env,
                connections=self.settings.connections,
                sqlite_files=False,
                tables=None,
                table_rows=self.settings.parquet_batch,
            ),
            pattern=self.settings.message_pattern,
            program=f"preboard {__version__}",
            transfers=Target(self.place.path(transfers), transfers),
            halts_on_changed_bytes=self.settings.inputs.halts_on_changed_bytes,
            policy=ErrorPolicy.of(self.settings.csvpaths_policy),
            is_quiet="quiet" in self.settings.csvpaths_policy,
            ended=self.log.tell_run,
            attempt=attempt,
        )

    def _ended(self, run: OpenRun) -> Run:
        return run_of(run.row, [instance.row for instance in run.instances], self.place)
