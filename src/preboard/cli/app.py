"""The command `preboard`: its commands, and how each way to end becomes an exit code."""

import traceback
from collections.abc import Callable, Sequence
from typing import Annotated

import typer

from preboard import __version__
from preboard.cli.check import check_command
from preboard.cli.compile import compile_command
from preboard.cli.environment import traceback_wanted
from preboard.cli.exit import Exit
from preboard.cli.fmt import fmt_command
from preboard.cli.functions import functions_command
from preboard.cli.options import UsageError
from preboard.cli.output import answer, prepare, tell, tell_error
from preboard.cli.sniff import sniff_command
from preboard.cli.statements import FaultyStatementsError
from preboard.cli.test import run_tests_command
from preboard.cli.validate import validate_command
from preboard.cli.visible import one_line, visible
from preboard.errors import ConfigError, PreboardError

app = typer.Typer(
    rich_markup_mode=None,
    pretty_exceptions_enable=False,
    context_settings={"help_option_names": ["-h", "--help"]},
)
COMMANDS: dict[str, Callable[..., int]] = {
    "validate": validate_command,
    "check": check_command,
    "test": run_tests_command,
    "fmt": fmt_command,
    "functions": functions_command,
    "sniff": sniff_command,
    "compile": compile_command,
}
for _name, _command in COMMANDS.items():
    app.command(_name)(_command)


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
) -> None:
    """Check data files on arrival with CsvPath statements."""
    if context.invoked_subcommand is None:
        tell(context.get_help())
        raise typer.Exit(Exit.USAGE)  # 0 would read as "valid"


def run(arguments: Sequence[str]) -> int:
    """Run a command line and return its exit code; nothing but Ctrl-C at its end escapes."""
    prepare()
    try:
        code = app(list(arguments), prog_name="preboard", standalone_mode=False)
    except UsageError as error:
        _tell_usage(error)
        return Exit.USAGE
    except FaultyStatementsError as error:
        for finding in error.findings:
            tell(finding.render())
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


def _tell_usage(error: typer.BadParameter) -> None:
    if error.ctx is not None:
        tell(error.ctx.get_usage())
        tell(f"Try '{error.ctx.command_path} --help' for help.\n")
    tell(f"error: {visible(error.format_message())}")


def _tell_internal(error: Exception) -> None:
    tell(f"internal error: {type(error).__name__}: {one_line(str(error), 500)}")
    if traceback_wanted():
        tell(visible("".join(traceback.format_exception(error)), keep="\n"))
    else:
        tell("  hint: run it again with PREBOARD_DEBUG=1 for a traceback, and report it")
