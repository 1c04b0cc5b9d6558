"""A project directory, opened: what is registered, loaded, run and found in it.

    with preboard.Project.open("acme") as project:
        version = project.register("orders", "in/orders.csv")

Several processes may have one project open. What one of them left unfinished when it died is
tidied up when the project is opened next.
"""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING, Self

from preboard.archive.runs import Archive
from preboard.archive.sweep import sweep_runs
from preboard.catalog.catalog import Catalog
from preboard.catalog.database import Database, sqlite_url
from preboard.clock import iso, utc_now
from preboard.config.ini import CONFIG_FILE, read_settings, tell_unknown
from preboard.config.names import shown
from preboard.errors import NotFound
from preboard.groups.loading import Groups
from preboard.project.files import NamedFiles
from preboard.project.found import Found, found_by
from preboard.project.functions import allow_functions
from preboard.project.groups import NamedGroups
from preboard.project.layout import make_project, project_id
from preboard.project.logs import ProjectLog
from preboard.project.remote import remote_credentials, remote_rules
from preboard.project.runs import Runs
from preboard.project.trace import Trace, trace_of
from preboard.staging.registrations import Staging
from preboard.staging.sources import SourceRules
from preboard.staging.sweep import sweep_incoming
from preboard.storage.locks import Owner, dead_owners
from preboard.storage.place import Place

if TYPE_CHECKING:
    from types import TracebackType

    from preboard.config.settings import Settings
    from preboard.project.terms import Terms

CATALOG = "catalog.db"


class Project(NamedFiles, NamedGroups, Runs):
    """One project. Made by `create`, opened by `open`; `close` it, or use it in a `with`."""

    def __init__(self, root: Path, settings: Settings, terms: Terms | None = None) -> None:
        self.root = root
        self.settings = settings
        self.terms = terms
        inputs = settings.inputs
        self.place = Place(root, inputs.files, inputs.groups, settings.archive)
        known_as = project_id(root)  # makes the directory of the catalog, if need be
        database = self._own_database() if terms is None else terms.database
        self.catalog = Catalog(database, known_as, root)
        self.catalog.enter(iso(utc_now()))
        self.owner = Owner(self.place.owners)
        self.log = ProjectLog(root, settings.log)
        self.groups = Groups(self.catalog, self.place, self.owner.id)
        self.archive = Archive(self.catalog, self.place, self.owner.id)
        self.staging = Staging(
            self.catalog,
            self.place,
            self.owner.id,
            _source_rules(root, settings, terms),
            inputs.most_bytes,
        )

    def _own_database(self) -> Database:
        return Database(self.settings.catalog_url or sqlite_url(self.place.own / CATALOG))

    @classmethod
    def create(cls, directory: str | Path) -> Self:
        """Make a project in a directory, which is made if it is not there, and open it.

        Raises:
            Conflict: there is a project already.
            StoreError: the directory can't be written.
        """
        make_project(Path(directory))
        return cls.open(directory)

    @classmethod
    def open(
        cls,
        directory: str | Path,
        *,
        terms: Terms | None = None,
        settings: Settings | None = None,
        repair: bool = True,
    ) -> Self:
        """Open the project of a directory, and tidy up behind whoever died in it.

        Args:
            directory: where it lies.
            terms: those of a server that keeps it.
            settings: what its config.ini says, if it was read before.
            repair: tidy up; a server does that at times of its own.

        Raises:
            NotFound: it is no project.
            ConfigError: its config.ini can't be read.
            StoreError: its catalog can't be opened.
        """
        root = Path(directory).resolve()
        if not (root / CONFIG_FILE).is_file():
            raise NotFound(f"{directory} is no project", hint="preboard init DIR makes one")
        settings = settings or read_settings(root)
        if terms is None:  # code that is named in a project runs with all rights of the process
            allow_functions(root, settings.function_sources)
        project = cls(root, settings, terms)
        try:
            if repair:
                project.repair()
        except BaseException:
            project.close()
            raise
        return project

    def close(self) -> None:
        """Let go of the project."""
        self.log.close()
        self.owner.close()
        if self.terms is None:
            self.catalog.close()

    def __enter__(self) -> Self:
        return self

    def __exit__(
        self,
        kind: type[BaseException] | None,
        error: BaseException | None,
        trace: TracebackType | None,
    ) -> None:
        self.close()

    def repair(self) -> None:
        """Finish or undo what dead processes left: parts, runs, unwritten documents, locks."""
        with self.log.doing("repair"):
            tell_unknown(self.settings)
            sweep_incoming(self.catalog, self.place)
            sweep_runs(self.archive)
            self.staging.names.repair()
            self.groups.repair()
            self.catalog.documents.repair()
            dead_owners(self.place.owners)

    def find(self, reference: str) -> list[Found]:
        """Return what a reference leads to: versions, statements, runs, results; `[]` for nothing.

        Raises:
            BadReference: the text is no reference.
            NotFound: there is no such named-file or group.
        """
        with self.log.doing(f"find {shown(reference, 200)}"):
            return found_by(reference, self.catalog, self.groups, self.place)

    def trace(self, reference: str) -> Trace:
        """Return where a result comes from: run, text of the group, version of the file.

        Raises:
            BadReference: the text is no reference to results.
            NotFound: there is no such run.
        """
        with self.log.doing(f"trace {shown(reference, 200)}"):
            return trace_of(reference, self.catalog, self.place)


def _source_rules(root: Path, settings: Settings, terms: Terms | None) -> SourceRules:
    return SourceRules(
        local=settings.inputs.allows_local,
        remote=remote_rules(settings, None if terms is None else terms.private_hosts),
        credentials=remote_credentials(root, settings),
        roots=None if terms is None else terms.roots,
    )
