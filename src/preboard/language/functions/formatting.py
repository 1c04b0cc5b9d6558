"""Values in a format: spec/functions-b.md section 10.

The texts of format() and interpolate() come from statements and data, so they reach nothing but the
value: no attribute, no index, no width that would fill the memory.
"""

from __future__ import annotations

import re
from functools import lru_cache
from string import Formatter
from typing import TYPE_CHECKING, Final

from preboard.diagnostics import Diagnostic
from preboard.language import nodes as n
from preboard.language.functions.call import Fault
from preboard.language.functions.registry import function
from preboard.language.functions.signature import AnyText, Anything, TextOrEmpty
from preboard.language.functions.strings import check_length
from preboard.language.values import Value, is_date, to_number

if TYPE_CHECKING:
    from preboard.language.functions.call import Call

GROUP: Final = "strings"

_WIDEST: Final = 1000
_LONGEST_SPEC: Final = 1000
_NUMBER = re.compile("[0-9]+")


@function(
    "format",
    group=GROUP,
    gives="value",
    args=[Anything, TextOrEmpty.called("spec")],
    keeps_blanks=True,
    reads_run=False,
)
def format_(_call: Call, value: Value, spec: str) -> str | None:
    """A value in a format: `format(#price, ".2f")`, `format(date(#day), "%d.%m.%Y")`.

    Text is taken as a number where the format is one for numbers. A missing value stays missing.
    Blanks that the format makes are kept.

    Example::

        $[1][ @price = format(#price, "08.2f") ]
    """
    return None if value is None else formatted(value, spec)


def formatted(value: Value, spec: str) -> str:
    """Return a value in a format.

    Raises:
        Fault: the format does not fit the value.
    """
    if len(spec) > _LONGEST_SPEC:
        raise Fault(f"the format is longer than {_LONGEST_SPEC} characters")
    if not is_date(value) and any(int(width) > _WIDEST for width in _NUMBER.findall(spec)):
        raise Fault(f"the format {spec!r} is wider than {_WIDEST} characters")
    try:
        return format(value, spec)
    except (ValueError, TypeError, OverflowError) as error:
        if not isinstance(value, str):
            raise Fault(f"{value!r} cannot be written as {spec!r}: {error}") from error
        return _number_formatted(value, spec)


def _number_formatted(text: str, spec: str) -> str:
    if not text.strip():
        raise Fault(f"there is no number to write as {spec!r}")
    try:
        return format(to_number(text), spec)
    except (ValueError, TypeError, OverflowError) as error:
        raise Fault(f"{text!r} cannot be written as {spec!r}: {error}") from error


@lru_cache(maxsize=512)
def template_parts(template: str) -> tuple[tuple[str, str | None, str], ...]:
    """Return the parts of a template: text, and the spec and conversion of what follows it.

    Raises:
        Fault: it is no template, or asks for more than the one value.
    """
    try:
        parsed = list(Formatter().parse(template))
    except ValueError as error:
        raise Fault(f"the template {template!r} is wrong: {error}") from error
    fields = [field for _, field, _, _ in parsed if field is not None]
    if any(field not in ("", "0") for field in fields):
        raise Fault(f"the template {template!r} may only hold {{}} or {{0}}: there is one value")
    if fields.count("") > 1 or len(set(fields)) > 1:
        raise Fault(f"the template {template!r} has several {{}}; write {{0}} for each")
    parts = []
    for text, field, spec, conversion in parsed:
        if "{" in (spec or "") or conversion not in (None, "s", "r", "a"):
            raise Fault(f"the template {template!r} is wrong: {spec or conversion!r}")
        parts.append((text, spec if field is not None else None, conversion or ""))
    return tuple(parts)


def _check_template(node: n.Call) -> list[Diagnostic]:
    template = node.args[1] if len(node.args) > 1 else None
    if not isinstance(template, n.Term) or not isinstance(template.value, str):
        return []
    try:
        template_parts(template.value)
    except Fault as error:
        return [Diagnostic("bad-template", str(error), template.span, hint='for example "[{}]"')]
    return []


@function(
    "interpolate",
    group=GROUP,
    gives="value",
    args=[Anything, AnyText.called("template")],
    check=_check_template,
    reads_run=False,
)
def interpolate(_call: Call, value: Value, template: str) -> str | None:
    """A template with the value put in: `interpolate(#id, "[{}]")`, `"{0:>8} {0}"`.

    {} may stand once, {0} several times, each with a format as in format(). A missing value stays
    missing.

    Example::

        $[1][ @id = interpolate(#order, "ORD-{}") ]
    """
    if value is None:
        return None
    texts: list[str] = []
    total = 0
    for text, spec, conversion in template_parts(template):
        texts.append(text)
        if spec is not None:
            texts.append(formatted(_converted(value, conversion), spec))
            total += len(texts[-1])
            check_length(total)
    return "".join(texts)


def _converted(value: Value, conversion: str) -> Value:
    match conversion:
        case "s":
            return str(value)
        case "r":
            return repr(value)
        case "a":
            return ascii(value)
        case _:
            return value
