"""Variables in the values of config.ini (spec/framework.md 4).

`{NAME}` anywhere in a value, and a value that is all capitals, are replaced from the source: a flat
JSON file, or the environment, of which only the listed names are given out.
"""

from __future__ import annotations

import re
from dataclasses import dataclass
from fnmatch import fnmatchcase
from typing import TYPE_CHECKING

from preboard.errors import ConfigError

if TYPE_CHECKING:
    from collections.abc import Mapping

_BRACES = re.compile(r"\{\{|\}\}|\{([A-Za-z_][A-Za-z0-9_]*)\}")
_CAPITALS = re.compile(r"[A-Z][A-Z0-9_]*")


@dataclass(frozen=True, slots=True)
class Variables:
    """Names and their values; `allowed` are patterns of the names that may be used."""

    values: Mapping[str, str]
    allowed: tuple[str, ...] = ("*",)

    def get(self, name: str) -> str | None:
        """Return a value, None if there is no such name.

        Raises:
            ConfigError: there is one, but it may not be used.
        """
        value = self.values.get(name)
        if value is not None and not any(fnmatchcase(name, one) for one in self.allowed):
            raise ConfigError(
                f"the variable {name} is not allowed in config.ini",
                hint="var_sub_allow in [config] lists the names that are",
            )
        return value


def substituted(text: str, variables: Variables) -> str:
    """Return a value with its variables filled in; an unknown name stays as it is.

    >>> substituted("{ROOT}/{{x}}/{other}", Variables({"ROOT": "/data"}))
    '/data/{x}/{other}'
    >>> substituted("ROOT", Variables({"ROOT": "/data"}))
    '/data'
    """
    if _CAPITALS.fullmatch(text):
        return variables.get(text) or text

    def value(found: re.Match[str]) -> str:
        if found[0] in ("{{", "}}"):
            return found[0][0]
        known = variables.get(found[1])
        return found[0] if known is None else known

    return _BRACES.sub(value, text)
