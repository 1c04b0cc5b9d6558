"""Selections from JSON by JSONPath, with a bound on the work that one of them may take.

The paths are those of RFC 9535, and what the library python-jsonpath takes beside them. Nothing in
a path is evaluated as code.
"""

from __future__ import annotations

from contextvars import ContextVar
from functools import lru_cache
from typing import TYPE_CHECKING, Any, Final

import jsonpath
import regex as re
from jsonpath.function_extensions import ExpressionType, FilterFunction
from jsonpath.match import JSONPathMatch
from jsonpath.path import JSONPath

from preboard.language.functions.call import Fault

if TYPE_CHECKING:
    from collections.abc import Iterable, Sequence

    from preboard.language.values import Value

LEAST_STEPS: Final = 500_000
"""Nodes visited, compared or looked up that any selection may take: two seconds."""

_STEPS_A_CHARACTER: Final = 2
"""Further ones for each character of the document, so that `$..name` gets through any of them."""

_LONGEST_PATH: Final = 2_000
_SECONDS_PER_SEARCH: Final = 1.0

_STEPS_LEFT: ContextVar[int] = ContextVar("steps_left", default=LEAST_STEPS)


class TooMuchWork(Fault):
    """A selection was given up."""


def _step() -> None:
    left = _STEPS_LEFT.get() - 1
    if left < 0:
        raise TooMuchWork("the path takes too long on this document; make it more direct")
    _STEPS_LEFT.set(left)


class _Node(JSONPathMatch):
    """A visited node, which is counted; where it stands is not noted."""

    __slots__ = ()

    def new_child(self, obj: object, key: int | str) -> _Node:  # noqa: ARG002 - the library's
        _step()
        return _Node(
            filter_context=self._filter_context,
            obj=obj,
            parent=None,
            path="",
            parts=(),
            root=self.root,
        )

    def add_child(self, *children: JSONPathMatch) -> None:
        """Note no children, so that memory stays flat."""


class _Search(FilterFunction):
    """search() and match() in filters, with a timeout."""

    arg_types: Final[list[ExpressionType]] = [ExpressionType.VALUE, ExpressionType.VALUE]
    return_type = ExpressionType.LOGICAL

    def __init__(self, *, whole: bool) -> None:
        self.whole = whole

    def __call__(self, value: object, pattern: object) -> bool:
        if not isinstance(value, str) or not isinstance(pattern, str):
            return False
        try:
            return _found(_compile(pattern), value, whole=self.whole)
        except re.error:
            return False


@lru_cache(maxsize=256)
def _compile(pattern: str) -> re.Pattern[str]:
    return re.compile(pattern)


def _found(pattern: re.Pattern[str], text: str, *, whole: bool) -> bool:
    ask = pattern.fullmatch if whole else pattern.search
    try:
        return ask(text, timeout=_SECONDS_PER_SEARCH) is not None
    except TimeoutError as error:
        message = f"a pattern in the path took longer than {_SECONDS_PER_SEARCH:g} s on one value"
        raise TooMuchWork(message) from error


class _Environment(jsonpath.JSONPathEnvironment):
    """The library's environment; what it calls for each node, lookup and comparison is counted."""

    def setup_function_extensions(self) -> None:
        super().setup_function_extensions()
        self.function_extensions["search"] = _Search(whole=False)
        self.function_extensions["match"] = _Search(whole=True)

    @property
    def max_recursion_depth(self) -> int:  # type: ignore[override]
        """Return how deep `..` goes; it is asked for at each node that `..` visits."""
        _step()
        return 100

    def getitem(self, obj: Sequence[Any] | Any, key: Any) -> Any:
        _step()
        return super().getitem(obj, key)

    def compare(self, left: object, operator: str, right: object) -> bool:
        _step()
        if operator == "=~" and isinstance(left, str) and hasattr(right, "pattern"):
            flags = getattr(right, "flags", 0) & (re.I | re.M | re.S | re.A)
            return _found(_compile_flags(str(right.pattern), flags), left, whole=True)
        return super().compare(left, operator, right)


@lru_cache(maxsize=256)
def _compile_flags(pattern: str, flags: int) -> re.Pattern[str]:
    return re.compile(pattern, flags)


_ENVIRONMENT: Final = _Environment()


@lru_cache(maxsize=512)
def compile_path(text: str) -> JSONPath:
    """Return the path of a text.

    Raises:
        Fault: the text is no path.
    """
    if len(text) > _LONGEST_PATH:
        raise Fault(f"the JSONPath is longer than {_LONGEST_PATH} characters")
    try:
        path = _ENVIRONMENT.compile(text.strip())
    except (jsonpath.JSONPathError, ValueError, ArithmeticError, RecursionError, re.error) as error:
        reason = str(error).partition("\n")[0]
        raise Fault(f"{text!r} is no JSONPath: {reason}") from error
    if not isinstance(path, JSONPath):
        raise Fault(f"{text!r} joins several JSONPaths; use a jsonpath() for each")
    return path


def select(path: JSONPath, document: Value, characters: int = 0) -> list[Value]:
    """Return the values that a path selects from a document, in the document's order.

    Args:
        path: what `compile_path` returned.
        document: lists and dictionaries.
        characters: how long the document's text is, if that is known.

    Raises:
        Fault: it takes too much work, or compares what cannot be compared.
    """
    root = [document] if path.pseudo_root else document
    nodes: Iterable[JSONPathMatch] = [
        _Node(filter_context={}, obj=root, parent=None, path="", parts=(), root=document)
    ]
    token = _STEPS_LEFT.set(max(LEAST_STEPS, _STEPS_A_CHARACTER * characters))
    try:
        for segment in path.segments:
            nodes = segment.resolve(nodes)
        return [node.obj for node in nodes]
    except (jsonpath.JSONPathError, ValueError, TypeError, ArithmeticError) as error:
        raise Fault(f"the path {path} cannot be used here: {error}") from error
    finally:
        _STEPS_LEFT.reset(token)
