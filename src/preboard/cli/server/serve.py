"""`preboard serve`: the server, with all its processes."""

from typing import TYPE_CHECKING, Annotated

import typer

from preboard import __version__
from preboard.cli.exit import Exit
from preboard.cli.output import answer, tell
from preboard.cli.server.home import DatabaseUrl, HomeDirectory, settings_of
from preboard.cli.visible import visible

if TYPE_CHECKING:
    import socket

    from preboard.server.settings import ServerSettings


def serve_command(
    *,
    home: HomeDirectory = None,
    database_url: DatabaseUrl = None,
    host: Annotated[
        str | None, typer.Option(metavar="ADDRESS", help="Where it listens; else 127.0.0.1.")
    ] = None,
    port: Annotated[
        int | None, typer.Option(min=0, max=65535, help="Else 8000; 0 is any that is free.")
    ] = None,
    workers: Annotated[
        int | None, typer.Option(min=1, help="Processes that work; else one fewer than cores.")
    ] = None,
    role: Annotated[
        str | None, typer.Option(metavar="api,worker", help="What this host does; else both.")
    ] = None,
    host_name: Annotated[
        str | None,
        typer.Option(
            metavar="NAME",
            help="What the workers of this host are called, each time the same; else its name.",
        ),
    ] = None,
    check: Annotated[
        bool, typer.Option("--check", help="Say whether it could start, and do not start.")
    ] = False,
) -> int:
    """Serve projects over HTTP, with workers that carry out what is asked for, until told to end.

    All settings are told in docs/how-to/run-a-server.md: options go before PREBOARD_* variables,
    and those before server.toml in the home. SIGTERM and Ctrl-C let what goes on come to its end.

    Exits with 0 when it was told to end, 2 when a setting is wrong, 3 when it cannot serve.
    """
    settings = settings_of(
        home,
        database_url=database_url,
        host=host,
        port=port,
        workers=workers,
        roles=role,
        host_name=host_name,
    )
    from preboard.server.homes import only_server, prepare_home  # noqa: PLC0415 - is an extra
    from preboard.server.settings import unknown_variables  # noqa: PLC0415 - is an extra
    from preboard.server.starting import check_certificate, listen, url_of  # noqa: PLC0415 - is an extra

    for each in unknown_variables():
        tell(visible(f"warning: {each}"))
    check_certificate(settings)
    prepare_home(settings)
    with only_server(settings):
        listening = listen(settings.host, settings.port) if "api" in settings.roles else None
        url = None if listening is None else url_of(settings, listening)
        if check:
            _check(settings, url)
            return Exit.VALID
        return _serve(settings, listening, url)


def _check(settings: "ServerSettings", url: str | None) -> None:
    from preboard.server.starting import prepare_database  # noqa: PLC0415 - is an extra

    prepare_database(settings)
    with answer() as out:
        where = "work" if url is None else f"serve {visible(url)}"
        out.write(f"ready to {where}, from {visible(str(settings.home))}\n")


def _serve(settings: "ServerSettings", listening: "socket.socket | None", url: str | None) -> int:
    from preboard.jobs.logs import log_to_stderr  # noqa: PLC0415 - is an extra
    from preboard.jobs.supervisor import Supervisor  # noqa: PLC0415 - is an extra
    from preboard.server.starting import parts_of, prepare_database  # noqa: PLC0415 - is an extra

    token = prepare_database(settings)
    log_to_stderr(settings.log_level, settings.home)
    tell(visible(_greeting(settings, url, token), keep="\n"))
    return Supervisor(parts_of(settings, listening), settings.shutdown_s).run()


def _greeting(settings: "ServerSettings", url: str | None, token: str | None) -> str:
    """Return the one message of a start."""
    what = "works" if url is None else f"serves {url}"
    lines = [f"preboard {__version__} {what}, from {settings.home}"]
    if token is not None and url is not None:
        body = '{"key_name": "admin", "key_owner_name": "me", "key_owner_contact": "me"}'
        lines += [
            "  there is no key yet; make the first, an admin's, on this machine or with the token:",
            f"    preboard keys create --home {settings.home} --name admin",
            f"    curl {url}/v2/admin/keys -H 'X-Bootstrap-Token: {token}' \\",
            f"      -H 'Content-Type: application/json' -d '{body}'",
        ]
    return "\n".join(lines)
