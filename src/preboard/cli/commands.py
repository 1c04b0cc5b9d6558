"""The commands of `preboard`, each loaded when it is asked for: the others would take longer."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from importlib import import_module
from typing import Any

import typer
from typer.core import TyperGroup

from preboard.cli.command import Command
from preboard.cli.examples import epilog

SETTINGS: dict[str, Any] = {
    "rich_markup_mode": None,
    "pretty_exceptions_enable": False,
    "context_settings": {"help_option_names": ["-h", "--help"]},
}
COMMANDS = {
    "validate": "validate:validate_command",
    "check": "check:check_command",
    "explain": "explain:explain_command",
    "test": "test:run_tests_command",
    "fmt": "fmt:fmt_command",
    "functions": "functions:functions_command",
    "sniff": "sniff:sniff_command",
    "compile": "compile:compile_command",
    "init": "projects.arriving:init_command",
    "register": "projects.arriving:register_command",
    "load": "projects.arriving:load_command",
    "run": "projects.running:run_command",
    "find": "projects.finding:find_command",
    "get": "projects.finding:get_command",
    "trace": "projects.tracing:trace_command",
    "list": "projects.listing:list_command",
    "remove": "projects.removing:remove_command",
    "verify": "projects.verifying:verify_command",
    "config": "projects.listing:config_command",
    "serve": "server.serve:serve_command",
    "keys": "server.keys:keys_command",
    "backup": "server.keeping:backup_command",
    "restore": "server.keeping:restore_command",
    "migrate": "server.keeping:migrate_command",
}
"""The modules below `preboard.cli` and their functions, in the order of the help."""


class _Loaded(Mapping[str, Any]):
    """The commands as typer knows them."""

    def __init__(self) -> None:
        self._known: dict[str, Any] = {}

    def __getitem__(self, name: str) -> Any:
        if name not in self._known:
            module, _, function = COMMANDS[name].partition(":")
            alone = typer.Typer(add_completion=False, **SETTINGS)
            told = alone.command(name, cls=Command, epilog=epilog(name))
            told(getattr(import_module(f"preboard.cli.{module}"), function))
            self._known[name] = typer.main.get_command(alone)
        return self._known[name]

    def __iter__(self) -> Iterator[str]:
        return iter(COMMANDS)

    def __len__(self) -> int:
        return len(COMMANDS)


class Commands(TyperGroup):
    """The group of all commands."""

    def __init__(self, **given: Any) -> None:
        super().__init__(**given)
        self.commands = _Loaded()  # type: ignore[assignment]  # nobody adds to them
