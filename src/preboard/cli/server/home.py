"""The home of a server, as its commands are told of it."""

from __future__ import annotations

from typing import TYPE_CHECKING, Annotated, Any

import typer

from preboard.cli.projects.parameters import need_word

if TYPE_CHECKING:
    from preboard.server.settings import ServerSettings

HomeDirectory = Annotated[
    str | None,
    typer.Option(
        "--home",
        metavar="DIR",
        help="The directory of the server; else PREBOARD_HOME, else ~/preboard.",
    ),
]
DatabaseUrl = Annotated[
    str | None,
    typer.Option(
        "--database-url",
        metavar="URL",
        help="postgresql://..., where not in SQLite; better in PREBOARD_DATABASE_URL.",
    ),
]


def settings_of(home: str | None, **given: Any) -> ServerSettings:
    """Return the settings of the server in a directory, which name the database that it has.

    Raises:
        UsageError: the name of the directory is empty.
        ConfigError: a setting is wrong or lacking, or what a server needs is not installed.
    """
    settings = told_settings(home, **given)
    from preboard.server.homes import need_database  # noqa: PLC0415 - is an extra

    need_database(settings)
    return settings


def told_settings(home: str | None, **given: Any) -> ServerSettings:
    """Return the settings of a server as they are told, whatever its home says.

    Raises:
        UsageError: the name of the directory is empty.
        ConfigError: a setting is wrong, or what a server needs is not installed.
    """
    from preboard.errors import ConfigError  # noqa: PLC0415 - only when used

    if home is not None:
        need_word(home, "--home")
    try:
        from preboard.server.settings import read_settings  # noqa: PLC0415 - is an extra
    except ImportError as error:
        raise ConfigError(
            f"a server needs what is not installed: {error.name}",
            hint="pip install 'preboard[server]'",
        ) from error
    return read_settings(home, **given)
