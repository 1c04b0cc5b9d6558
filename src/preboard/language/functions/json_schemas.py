"""Validation of documents with JSON Schema: an extra, so nothing imports this at load time.

No schema is fetched from anywhere: a `$ref` must stay within its file. Patterns have a timeout.
"""

from __future__ import annotations

from functools import lru_cache
from typing import TYPE_CHECKING, Any, Final

import regex as re
from jsonschema import exceptions, validators
from referencing import Registry
from referencing.exceptions import Unresolvable

from preboard.language.functions.call import Fault

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator

    from preboard.language.values import Value

_SECONDS_PER_SEARCH: Final = 1.0
_LONGEST_REASON: Final = 200
_DEFAULT: Final = validators.Draft202012Validator


def first_violation(schema: Value, document: Value) -> str | None:
    """Return where and why a document breaks a schema first, None if it is valid.

    Raises:
        Fault: the schema is wrong, or it cannot be checked within bounds.
    """
    if not isinstance(schema, dict):
        raise Fault("the schema is no JSON object")
    _refuse_unbounded(schema)
    try:
        kind = validators.validator_for(schema, default=_DEFAULT)
        kind.check_schema(schema)
        validator = _bounded(kind)(schema, registry=Registry())
        found = next(iter(validator.iter_errors(document)), None)
    except exceptions.SchemaError as error:
        raise Fault(f"the schema is wrong: {_reason(error)}") from error
    except Unresolvable as error:
        raise Fault(f"the schema refers to {error.ref!r}, which is not in its file") from error
    except re.error as error:
        raise Fault(f"a pattern of the schema is wrong: {error}") from error
    except RecursionError as error:
        raise Fault("schema or document are nested too deeply") from error
    return None if found is None else _reason(found)


def _reason(error: exceptions.ValidationError | exceptions.SchemaError) -> str:
    message = error.message
    if len(message) > _LONGEST_REASON:
        message = f"{message[:_LONGEST_REASON]}..."
    return f"{error.json_path}: {message}"


@lru_cache(maxsize=16)
def _bounded(kind: Any) -> Any:
    """Return the validator with patterns that have a timeout."""
    return validators.extend(  # type: ignore[no-untyped-call]
        kind,
        {
            "pattern": _pattern,
            "patternProperties": _pattern_properties,
            "additionalProperties": _additional_properties,
        },
    )


def _refuse_unbounded(schema: Value) -> None:
    """Refuse the one combination whose patterns the library looks for without a timeout."""
    waiting, words = [schema], set[str]()
    while waiting:
        part = waiting.pop()
        if isinstance(part, dict):
            words.update(part)
            waiting.extend(part.values())
        elif isinstance(part, list):
            waiting.extend(part)
    if {"unevaluatedProperties", "patternProperties"} <= words:
        raise Fault("unevaluatedProperties beside patternProperties is not supported")


@lru_cache(maxsize=256)
def _compile(pattern: str) -> re.Pattern[str]:
    return re.compile(pattern)


def _found(pattern: str, text: str) -> bool:
    try:
        return _compile(pattern).search(text, timeout=_SECONDS_PER_SEARCH) is not None
    except TimeoutError as error:
        took = f"longer than {_SECONDS_PER_SEARCH:g} s"
        raise Fault(f"the pattern {pattern!r} of the schema took {took}") from error


def _pattern(
    validator: Any, pattern: str, value: Value, _schema: Value
) -> Iterator[exceptions.ValidationError]:
    if validator.is_type(value, "string") and not _found(pattern, value):
        yield exceptions.ValidationError(f"{value!r} does not match {pattern!r}")


def _pattern_properties(
    validator: Any, patterns: dict[str, Value], value: Value, _schema: Value
) -> Iterator[exceptions.ValidationError]:
    if not validator.is_type(value, "object"):
        return
    for pattern, rules in patterns.items():
        for name, item in value.items():
            if _found(pattern, name):
                yield from validator.descend(item, rules, path=name, schema_path=pattern)


def _additional_properties(
    validator: Any, rules: Value, value: Value, schema: dict[str, Value]
) -> Iterator[exceptions.ValidationError]:
    if not validator.is_type(value, "object"):
        return
    for name in _extras(value, schema):
        if validator.is_type(rules, "object"):
            yield from validator.descend(value[name], rules, path=name)
        elif not rules:
            yield exceptions.ValidationError(f"{name!r} is not expected")


def _extras(value: dict[str, Value], schema: dict[str, Value]) -> Iterable[str]:
    known = schema.get("properties", {})
    patterns = schema.get("patternProperties", {})
    for name in value:
        if name not in known and not any(_found(pattern, name) for pattern in patterns):
            yield name
