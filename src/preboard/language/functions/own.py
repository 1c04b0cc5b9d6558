"""Functions of users: declared in modules of their own, and there only when somebody allows them.

`declared` makes a function without entering it anywhere, so that to import a module changes
nothing. `use` and `use_installed` enter what a module declares, all of it or nothing; from then on
every statement of the process may call it. A function of ours can't be replaced.
"""

from __future__ import annotations

import inspect
import re
import sys
from contextlib import contextmanager
from datetime import date
from functools import wraps
from importlib import import_module
from importlib.util import module_from_spec, spec_from_file_location
from pathlib import Path
from threading import Lock
from types import ModuleType
from typing import TYPE_CHECKING, Any, Final, get_args

from preboard.errors import ConfigError
from preboard.language.functions.call import Fault
from preboard.language.functions.library import functions
from preboard.language.functions.registry import Function, Gives, register
from preboard.language.functions.signature import Param, Signature

if TYPE_CHECKING:
    from collections.abc import Callable, Iterable, Iterator, Sequence
    from importlib.metadata import EntryPoint

    from preboard.language.functions.call import Call

ENTRY_POINTS: Final = "preboard.functions"
"""The group of entry points in which a distribution names what declares its functions."""

GROUP: Final = "own"
_NAME = re.compile(r"[A-Za-z][A-Za-z0-9_]*")
_VALUES = (str, int, float, date, list, dict)
_TRIED_MORE = 3
_FILE = ".py"

Source = str | Path | ModuleType | Function

_lock = Lock()
_forbidden = False


def declared(  # noqa: PLR0913 - an argument for each thing that can be said
    name: str,
    *,
    gives: Gives,
    args: Sequence[Param] = (),
    forms: Sequence[Sequence[Param]] = (),
    aliases: Sequence[str] = (),
    group: str = GROUP,
    acts: bool = False,
    state: Callable[[], Any] | None = None,
    default: Any = None,
) -> Callable[[Callable[..., Any]], Function]:
    """Declare the function below, for statements of those who allow it.

    Its docstring is its help. It gets the occurrence, as `call`, and its arguments.

    Args:
        name: the name in statements.
        gives: `value`, `match` (it returns True or False, which is its vote) or `nothing`.
        args: the places of its arguments, if there is one form of the call.
        forms: the places of each form, if there are several.
        aliases: further names.
        group: the heading under which the help lists it.
        acts: it has a memory or an effect: under onmatch it waits for the line to match.
        state: makes the memory of an occurrence, `call.state`.
        default: its value on a line on which it fails.

    Raises:
        ValueError: what is declared could never be called.
    """

    def declare(evaluate: Callable[..., Any]) -> Function:
        signatures = tuple(Signature(tuple(form)) for form in (forms or [args]))
        made = Function(
            name, group, gives, signatures, evaluate,
            aliases=tuple(aliases), acts=acts, state=state, default=default,
        )  # fmt: skip
        _check(made)
        return made

    return declare


def _check(made: Function) -> None:
    """Refuse a declaration that could never be called.

    Raises:
        ValueError: it is one.
    """
    for word in (made.name, *made.aliases):
        if not _NAME.fullmatch(word):
            raise ValueError(f"{word!r} is no name: letters, digits and _ after a first letter")
    if made.gives not in get_args(Gives):
        raise ValueError(f"{made.name}() gives {made.gives!r}, not one of {get_args(Gives)}")
    if not made.doc:
        raise ValueError(f"{made.name}() has no docstring, which is its help")
    for signature in made.signatures:
        most = signature.least + _TRIED_MORE if signature.most is None else signature.most
        for count in (signature.least, most):
            try:
                inspect.signature(made.evaluate).bind(None, *[None] * count)
            except TypeError as error:
                raise ValueError(
                    f"{made.name}({signature.places}) may have {count} arguments, but its Python "
                    f"function does not take them behind `call`: {error}"
                ) from error


def use(*sources: Source) -> list[str]:
    """Allow functions of users in the statements of this process; return their names.

    Args:
        sources: names of modules, paths of files that end with .py, modules, or functions.

    Raises:
        ConfigError: a source cannot be loaded, declares nothing, or what it declares is wrong or
            has a name that is taken; then nothing of it is allowed.
    """
    used = []
    for source in sources:
        origin = _origin(source)
        used += _enter(_found(_loaded(source, origin), origin), origin)
    return used


def use_installed() -> list[str]:
    """Allow the functions of all installed distributions that declare some; return their names.

    Raises:
        ConfigError: as `use`; the message names the distribution.
    """
    used = []
    for point in installed():
        origin = _distribution(point)
        with _naming(origin):
            loaded = point.load()
        used += _enter(_found(loaded, origin), origin)
    return used


def installed() -> Sequence[EntryPoint]:
    """Return the entry points that name functions, in a fixed order; nothing is loaded."""
    from importlib.metadata import entry_points  # noqa: PLC0415 - slow to load

    return sorted(entry_points(group=ENTRY_POINTS), key=lambda point: (point.name, point.value))


def forbid() -> None:
    """Refuse functions of users for the rest of the process, as a server does for its statements.

    What was allowed before stays.
    """
    global _forbidden  # noqa: PLW0603 - one switch for the process, which only goes one way
    _forbidden = True


def _distribution(point: EntryPoint) -> str:
    dist = point.dist
    return f"{dist.name} {dist.version}" if dist is not None else f"the entry point {point.name}"


def _origin(source: Source) -> str:
    """Return what messages call a source."""
    if isinstance(source, Function):
        return source.evaluate.__module__
    return source.__name__ if isinstance(source, ModuleType) else str(source)


@contextmanager
def _naming(origin: str) -> Iterator[None]:
    """Turn whatever the code of a user raises into an error that names where it is from.

    Raises:
        ConfigError: it raised something, or wanted to end the program; or nothing is allowed here.
    """
    if _forbidden:
        raise ConfigError(f"functions of users are not allowed here, such as {origin}")
    try:
        yield
    except ConfigError:
        raise
    except (Exception, SystemExit) as error:
        said = " ".join(str(error).split())[:300] or "no more is known"
        kind = "" if isinstance(error, ValueError) else f"{type(error).__name__}: "
        raise ConfigError(f"the functions of {origin} cannot be used: {kind}{said}") from error


def _loaded(source: Source, origin: str) -> object:
    """Return the module of a name or a path; anything else is itself."""
    with _naming(origin):
        if isinstance(source, ModuleType | Function):
            return source
        path = Path(source)
        return _of_file(path) if path.suffix == _FILE else import_module(str(source))


def _of_file(path: Path) -> ModuleType:
    """Return the module that a file holds, run once for its path."""
    path = path.resolve()
    name = f"preboard_functions_of_{re.sub(r'[^0-9A-Za-z]', '_', str(path))}"
    if name in sys.modules:
        return sys.modules[name]
    spec = spec_from_file_location(name, path)
    if spec is None or spec.loader is None or not path.is_file():
        raise FileNotFoundError("there is no such file")
    module = sys.modules[name] = module_from_spec(spec)
    try:
        spec.loader.exec_module(module)
    except BaseException:
        del sys.modules[name]
        raise
    return module


def _found(loaded: object, origin: str) -> list[Function]:
    """Return the functions that a module holds, or that stand in a list."""
    held: Iterable[object] = ()
    if isinstance(loaded, Function):
        held = [loaded]
    elif isinstance(loaded, ModuleType):
        held = vars(loaded).values()
    elif isinstance(loaded, list | tuple | set):
        held = loaded
    found = [each for each in held if isinstance(each, Function)]
    if not found:
        raise ConfigError(
            f"{origin} declares no functions", hint="declare them with preboard.functions.function"
        )
    return found


def _enter(found: Iterable[Function], origin: str) -> list[str]:
    """Enter functions into the registry, all of them or none."""
    with _lock, _naming(origin):
        known = functions()
        new = [each for each in found if known.get(each.name) is not each]
        words: set[str] = set()
        for each in new:
            _check(each)
            for word in (each.name, *each.aliases):
                other = known.get(word)
                if other is not None or word in words:
                    where = (other.origin or "Preboard itself") if other else "the same source"
                    raise ValueError(f"{word}() is declared by {where}, and cannot be replaced")
                words.add(word)
        for each in new:
            each.evaluate = _guarded(each, origin)
            each.origin = origin
            register(each)
        return sorted(each.name for each in found)


def _guarded(function: Function, origin: str) -> Callable[..., Any]:
    """Return the Python function so that it gives what it declares, or fails as a function may."""
    evaluate = function.evaluate

    @wraps(evaluate)
    def guarded(call: Call, *values: Any) -> Any:
        try:
            result = evaluate(call, *values)
        except SystemExit as error:
            raise Fault(f"{function.name}() of {origin} wanted to end the program") from error
        wanted = _wanted(function, result)
        if wanted:
            raise Fault(f"{function.name}() of {origin} gave {type(result).__name__}, not {wanted}")
        return None if function.gives == "nothing" else result

    return guarded


def _wanted(function: Function, result: Any) -> str:
    """Return what a function should have given, nothing where it has."""
    if function.gives == "match":
        return "" if isinstance(result, bool) else "True or False"
    if function.gives == "nothing" or result is None or isinstance(result, _VALUES):
        return ""
    return "a value of the language"
