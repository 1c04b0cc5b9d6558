"""The command `preboard`: its commands, and how each way to end becomes an exit code."""

import traceback
from collections.abc import Sequence
from typing import Annotated

import typer

from preboard import __version__
from preboard.cli.commands import SETTINGS, Commands
from preboard.cli.environment import traceback_wanted, widen_for_completion
from preboard.cli.exit import Exit
from preboard.cli.options import UsageError
from preboard.cli.output import answer, prepare, tell, tell_error
from preboard.cli.statements import FaultyStatementsError
from preboard.cli.visible import one_line, visible
from preboard.errors import ConfigError, PreboardError
from preboard.groups.faults import BrokenGroup

app = typer.Typer(cls=Commands, **SETTINGS)


def _show_version(wanted: bool) -> None:
    if wanted:
        with answer() as out:
            out.write(f"preboard {__version__}\n")
        raise typer.Exit


@app.callback(invoke_without_command=True)
def preboard(
    context: typer.Context,
    *,
    version: Annotated[  # noqa: ARG001 - its callback answers
        bool,
        typer.Option(
            "--version", help="Show the version and exit.", callback=_show_version, is_eager=True
        ),
    ] = False,
    functions: Annotated[
        list[str] | None,
        typer.Option(
            "--functions",
            metavar="MODULE",
            help="Allow the functions of your own that a module, or a file that ends with .py, "
            "declares; may be repeated.",
        ),
    ] = None,
    installed_functions: Annotated[
        bool,
        typer.Option(
            "--installed-functions", help="Allow the functions that installed packages declare."
        ),
    ] = False,
) -> None:
    """Check data files on arrival with CsvPath statements."""
    if context.invoked_subcommand is None:
        tell(context.get_help())
        raise typer.Exit(Exit.USAGE)  # 0 would read as "valid"
    if functions or installed_functions:
        _allow(functions or [], installed=installed_functions)


def _allow(sources: Sequence[str], *, installed: bool) -> None:
    """Allow functions of users; one that cannot be loaded is a wrong command line."""
    from preboard.language.functions.own import use, use_installed  # noqa: PLC0415 - when asked for

    use(*sources)
    if installed:
        use_installed()


def run(arguments: Sequence[str]) -> int:
    """Run a command line and return its exit code; nothing but Ctrl-C at its end escapes."""
    prepare()
    widen_for_completion()
    try:
        code = app(list(arguments), prog_name="preboard", standalone_mode=False)
    except UsageError as error:
        _tell_usage(error)
        return Exit.USAGE
    except FaultyStatementsError as error:
        for finding in error.findings:
            tell(finding.render())
        return Exit.FAILED
    except BrokenGroup as error:
        for each in (error, *error.others):
            tell(f"error: the group {visible(repr(each.name))} can't be loaded; nothing is changed")
            for fault in each.faults:
                tell(visible(fault.render(), keep="\n\t"))
        return Exit.FAILED
    except ConfigError as error:
        tell_error(error)
        return Exit.USAGE
    except PreboardError as error:
        tell_error(error)
        return Exit.FAILED
    except (KeyboardInterrupt, typer.Abort):
        return Exit.INTERRUPTED
    except Exception as error:  # noqa: BLE001 - exit code 1 must never come from a traceback
        _tell_internal(error)
        return Exit.FAILED
    return int(code or 0)


_PREFIX = "Value error, "
"""What typer's choices say before what is wrong."""


def _tell_usage(error: typer.BadParameter) -> None:
    if error.ctx is not None:
        tell(error.ctx.get_usage())
        tell(f"Try '{error.ctx.command_path} --help' for help.\n")
    message = error.format_message().replace(_PREFIX, "").replace("\n\t", " ")
    tell(f"error: {visible(message)}")


def _tell_internal(error: Exception) -> None:
    tell(f"internal error: {type(error).__name__}: {one_line(str(error), 500)}")
    if traceback_wanted():
        tell(visible("".join(traceback.format_exception(error)), keep="\n"))
    else:
        tell("  hint: run it again with PREBOARD_DEBUG=1 for a traceback, and report it")
