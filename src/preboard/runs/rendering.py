"""The program that fills in templates, in a process of its own: requests in, texts out.

A template is text from outside that computes: a few characters of it ask for more memory or time
than there is. So `Templates` runs it here, where both are bounded and an abort is an answer like
others. It can't reach Python's objects, and no file but those of its group.

In: the directory of the group and the seconds for each filling in, as JSON in the last argument; on
standard input a JSON object a line, with the name of a template and its values. Out: a JSON object
a line, `{"text"}` or `{"error"}`.
"""

from __future__ import annotations

import json
import re
import signal
import sys
from contextlib import suppress
from pathlib import Path
from typing import TYPE_CHECKING, Final

from jinja2 import FunctionLoader, TemplateError
from jinja2.sandbox import ImmutableSandboxedEnvironment

from preboard.language.functions.call import Fault
from preboard.runs.assets import Assets

if TYPE_CHECKING:
    from typing import Any

MOST_CHARACTERS: Final = 16 << 20
_MOST_MEMORY: Final = 1 << 30

_IRREGULAR = {
    "child": "children", "foot": "feet", "goose": "geese", "man": "men", "mouse": "mice",
    "person": "people", "tooth": "teeth", "woman": "women",
}  # fmt: skip
_HISSES = re.compile(r"(?:s|x|z|ch|sh)$", re.IGNORECASE)
_WITH_Y = re.compile(r"[^aeiou]y$", re.IGNORECASE)
_VOWEL = re.compile(r"(?!(?:eu|one\b|uni|us[eu]))(?:[aeiou]|hour|honest|heir)", re.IGNORECASE)


def plural(word: object) -> str:
    """Return an English noun in the plural.

    >>> plural("box"), plural("city"), plural("day"), plural("person")
    ('boxes', 'cities', 'days', 'people')
    """
    text = str(word)
    if text.lower() in _IRREGULAR:
        return text[:1] + _IRREGULAR[text.lower()][1:]
    if _HISSES.search(text):
        return f"{text}es"
    return f"{text[:-1]}ies" if _WITH_Y.search(text) else f"{text}s" if text else ""


def cap(word: object) -> str:
    """Return a word with a capital at its beginning, else as it is.

    >>> cap("iPhone case")
    'IPhone case'
    """
    text = str(word)
    return text[:1].upper() + text[1:]


def article(word: object) -> str:
    """Return an English noun behind `a` or `an`.

    >>> article("apple"), article("unit"), article("hour")
    ('an apple', 'a unit', 'an hour')
    """
    text = str(word)
    return f"{'an' if _VOWEL.match(text) else 'a'} {text}"


def environment(assets: Assets) -> ImmutableSandboxedEnvironment:
    """Return what templates are filled in with: no Python beyond values, files of the group."""

    def load(name: str) -> str | None:
        return assets.read(name).decode("utf-8")

    made = ImmutableSandboxedEnvironment(loader=FunctionLoader(load), autoescape=False)
    made.globals.update(plural=plural, cap=cap, article=article)
    return made


def rendered(
    made: ImmutableSandboxedEnvironment, template: str, values: dict[str, Any]
) -> dict[str, str]:
    """Return the text that a template comes to, or why it comes to none."""
    parts: list[str] = []
    size = 0
    try:
        for part in made.get_template(template).generate(values):
            parts.append(part)
            size += len(part)
            if size > MOST_CHARACTERS:
                return {"error": f"it comes to more than {MOST_CHARACTERS:,} characters"}
    except Fault as error:
        return {"error": str(error)}
    except TemplateError as error:
        line = getattr(error, "lineno", None)
        return {"error": f"{error}" + (f" (line {line})" if line else "")}
    except MemoryError:
        parts.clear()
        return {"error": "it asks for more memory than a template may have"}
    except RecursionError:
        return {"error": "it includes itself"}
    except Exception as error:  # noqa: BLE001 - whatever an expression of a template runs into
        return {"error": f"{type(error).__name__}: {error}"}
    return {"text": "".join(parts)}


def _bound() -> None:
    """Bound the memory of this process, where the system can."""
    try:
        import resource  # noqa: PLC0415 - there is none on Windows
    except ImportError:
        return
    with suppress(OSError, ValueError):
        resource.setrlimit(resource.RLIMIT_CORE, (0, 0))
    with suppress(OSError, ValueError):
        resource.setrlimit(resource.RLIMIT_AS, (_MOST_MEMORY, _MOST_MEMORY))


def _alarm(seconds: int) -> None:
    """Let the system end this process then, whatever it does; 0 takes it back."""
    if hasattr(signal, "alarm"):
        signal.alarm(seconds)


def main() -> None:
    """Answer requests until there are no more."""
    _bound()
    asked = json.loads(sys.argv[-1])
    made = environment(Assets(Path(asked["directory"])))
    for line in sys.stdin.buffer:
        request = json.loads(line)
        _alarm(asked["seconds"])
        answer = rendered(made, request["template"], request["values"])
        _alarm(0)
        sys.stdout.buffer.write(json.dumps(answer).encode() + b"\n")
        sys.stdout.buffer.flush()
