"""The command `preboard`: its commands, and how each way to end becomes an exit code."""

import traceback
from collections.abc import Callable, Sequence
from typing import Annotated

import typer

from preboard import __version__
from preboard.cli.check import check_command
from preboard.cli.command import Command
from preboard.cli.compile import compile_command
from preboard.cli.environment import traceback_wanted, widen_for_completion
from preboard.cli.examples import epilog
from preboard.cli.exit import Exit
from preboard.cli.explain import explain_command
from preboard.cli.fmt import fmt_command
from preboard.cli.functions import functions_command
from preboard.cli.options import UsageError
from preboard.cli.output import answer, prepare, tell, tell_error
from preboard.cli.projects.arriving import init_command, load_command, register_command
from preboard.cli.projects.finding import find_command, get_command
from preboard.cli.projects.listing import config_command, list_command
from preboard.cli.projects.removing import remove_command
from preboard.cli.projects.running import run_command
from preboard.cli.projects.tracing import trace_command
from preboard.cli.projects.verifying import verify_command
from preboard.cli.server.keeping import backup_command, migrate_command, restore_command
from preboard.cli.server.keys import keys_command
from preboard.cli.server.serve import serve_command
from preboard.cli.sniff import sniff_command
from preboard.cli.statements import FaultyStatementsError
from preboard.cli.test import run_tests_command
from preboard.cli.validate import validate_command
from preboard.cli.visible import one_line, visible
from preboard.errors import ConfigError, PreboardError
from preboard.groups.faults import BrokenGroup

app = typer.Typer(
    rich_markup_mode=None,
    pretty_exceptions_enable=False,
    context_settings={"help_option_names": ["-h", "--help"]},
)
COMMANDS: dict[str, Callable[..., int]] = {
    "validate": validate_command,
    "check": check_command,
    "explain": explain_command,
    "test": run_tests_command,
    "fmt": fmt_command,
    "functions": functions_command,
    "sniff": sniff_command,
    "compile": compile_command,
    "init": init_command,
    "register": register_command,
    "load": load_command,
    "run": run_command,
    "find": find_command,
    "get": get_command,
    "trace": trace_command,
    "list": list_command,
    "remove": remove_command,
    "verify": verify_command,
    "config": config_command,
    "serve": serve_command,
    "keys": keys_command,
    "backup": backup_command,
    "restore": restore_command,
    "migrate": migrate_command,
}
for _name, _command in COMMANDS.items():
    app.command(_name, cls=Command, epilog=epilog(_name))(_command)


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
