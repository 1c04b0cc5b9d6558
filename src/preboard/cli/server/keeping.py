"""`preboard backup`, `restore` and `migrate`: keeping what a server has."""

from pathlib import Path
from typing import TYPE_CHECKING, Annotated

import typer

from preboard.cli.exit import Exit
from preboard.cli.options import UsageError
from preboard.cli.output import answer, tell
from preboard.cli.projects.parameters import need_word
from preboard.cli.server.home import DatabaseUrl, HomeDirectory, settings_of, told_settings
from preboard.cli.visible import visible

if TYPE_CHECKING:
    from preboard.server.settings import ServerSettings

_SHOWN = 10


def backup_command(
    target: Annotated[Path, typer.Argument(metavar="FILE.tar", help="What is written.")],
    *,
    home: HomeDirectory = None,
    database_url: DatabaseUrl = None,
) -> int:
    """Write all that a server keeps to a tar file, while it runs.

    A catalog in PostgreSQL is not in it: take it with pg_dump, before this.

    Exits with 0, 1 when files that the catalog names are missing on the disk, 2 when a setting is
    wrong, 3 when there is no backup.
    """
    need_word(str(target), "FILE.tar")
    settings = settings_of(home, database_url=database_url)
    from preboard.server.backups import back_up  # noqa: PLC0415 - is an extra

    made = back_up(settings, target)
    files = made.contents.files
    with answer() as out:
        size = sum(each.size for each in files.values())
        out.write(f"{visible(str(target))}: {len(files):,} files, {size:,} bytes\n")
    if settings.database_url is not None:
        tell("the catalog is in PostgreSQL, and not in the backup: take it with pg_dump, first")
    if made.missing:
        tell(f"{len(made.missing)} files that the catalog names are not on the disk:")
        for each in made.missing[:_SHOWN]:
            tell(f"  {visible(each)}")
        return Exit.INVALID
    return Exit.VALID


def restore_command(
    source: Annotated[Path, typer.Argument(metavar="FILE.tar", help="A backup.")],
    *,
    home: Annotated[
        str, typer.Option("--home", metavar="DIR", help="The home that is made of it.")
    ],
    database_url: DatabaseUrl = None,
) -> int:
    """Make the home of a server from a backup, which is checked first.

    A catalog in PostgreSQL is restored with pg_restore, before this.

    Exits with 0, 2 when a setting is wrong, 3 when it cannot be restored.
    """
    need_word(home, "--home")
    settings = settings_of(home, database_url=database_url)
    from preboard.server.restoring import check_settings, make_fit  # noqa: PLC0415 - is an extra
    from preboard.server.unpacking import unpacked  # noqa: PLC0415 - is an extra

    with unpacked(source, settings.home) as (part, contents):
        told = told_settings(str(part), database_url=database_url)  # server.toml is there now
        check_settings(told, contents)
        count = make_fit(told, contents)
    with answer() as out:
        out.write(
            f"{visible(str(settings.home))}: {len(contents.files):,} files, {count} projects, "
            f"as of {contents.made[:19].replace('T', ' ')} UTC\n"
        )
    return Exit.VALID


def migrate_command(
    *,
    home: HomeDirectory = None,
    database_url: DatabaseUrl = None,
    to: Annotated[
        str | None,
        typer.Option(metavar="URL", help="Another database, which is empty, to move all to."),
    ] = None,
) -> int:
    """Bring the database of a server up to date, or move the server to another database.

    The server is stopped first. Runs that have not ended are begun again by the next start.

    Exits with 0, 2 when a setting is wrong, 3 when it cannot be done; then nothing is moved.
    """
    settings = settings_of(home, database_url=database_url)
    if to is not None:
        from preboard.catalog.database import with_driver  # noqa: PLC0415 - only when used

        need_word(to, "--to")
        to = with_driver(to)
        if to == settings.catalog_url:
            raise UsageError("--to names the database that the server has")
    from preboard.server.homes import no_server, prepare_home  # noqa: PLC0415 - is an extra

    prepare_home(settings)  # which is made, if it is a new one
    with no_server(settings.home):
        if to is None:
            _bring_up_to_date(settings)
        else:
            _move(settings, to)
    return Exit.VALID


def _bring_up_to_date(settings: "ServerSettings") -> None:
    from preboard.catalog.tables import SCHEMA  # noqa: PLC0415 - only when used
    from preboard.server.moving import bring_up_to_date, shown_url  # noqa: PLC0415 - is an extra

    bring_up_to_date(settings)
    with answer() as out:
        url = visible(shown_url(settings.catalog_url))
        out.write(f"{url}: up to date, schema {SCHEMA}\n")


def _move(settings: "ServerSettings", to: str) -> None:
    from preboard.server.moving import move, shown_url  # noqa: PLC0415 - is an extra

    moved = move(settings, to)
    with answer() as out:
        out.write(f"{visible(shown_url(to))}: {moved.rows:,} rows, {moved.jobs} jobs to do\n")
    tell("from now on the server is started with this database: --database-url, or database_url in")
    tell("server.toml, or PREBOARD_DATABASE_URL")
    if moved.former:
        tell(f"the old database is called {visible(moved.former)} now")
