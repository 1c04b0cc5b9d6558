"""The answer as text: what a person sees first.

For each statement a head line, the errors by rule with the most frequent rule first, what was
printed, and the small variables.
"""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Any

from preboard.cli.visible import cut, one_line, visible

if TYPE_CHECKING:
    from collections.abc import Iterable, Mapping, Sequence

    from preboard.cli.output import Page
    from preboard.cli.verdict import Checked, Verdict
    from preboard.engine.report import LineError

WIDEST = 100
"""Rules and values are cut to this many characters, whatever the width of the terminal."""
_MOST_ENTRIES = 10
_GOOD, _BAD, _STRONG, _FAINT = "green", "bold red", "bold", "dim"


def write_verdict(page: Page, verdict: Verdict, most_errors: int) -> None:
    """Write what the check came to, with at most `most_errors` errors a statement."""
    for place, checked in enumerate(verdict.statements):
        if place:
            page.line()
        name = checked.report.identity
        if name is None and len(verdict.statements) > 1:
            name = f"statement {place + 1}"
        _write_head(page, verdict, checked, name)
        _write_notes(page, verdict, checked)
        _write_errors(page, checked.report.errors, most_errors)
        _write_printouts(page, checked.report.printouts)
        _write_variables(page, checked.report.variables)


def write_data_error(page: Page, data: str, message: str) -> None:
    """Write the error that ended the run, as the error policy asked."""
    page.line(f"{visible(data)}: ", ("INVALID", _BAD), ", the run ended at the first error")
    page.line(f"  {visible(message)}")


def _write_head(page: Page, verdict: Verdict, checked: Checked, name: str | None) -> None:
    word = ("valid", _GOOD) if verdict.holds(checked) else ("INVALID", _BAD)
    counts = checked.report.counts
    page.line(
        f"{visible(verdict.data)}: ", word, f" ({one_line(name, WIDEST)})" if name else "",
        f", matched {counts.matches:,} of {_many(counts.scans, 'line')}",
    )  # fmt: skip


def _write_notes(page: Page, verdict: Verdict, checked: Checked) -> None:
    """Say what the head line could be misread about."""
    report = checked.report
    if not checked.statement.modes.runs:
        page.line("  the statement did not run: its run-mode is no-run")
    elif report.counts.lines == 0:
        page.line("  the file holds no lines: nothing was checked")
    elif report.counts.scans == 0:
        page.line("  the scan part selected none of the lines: nothing was checked")
    if report.stopped_by and not report.completed:
        page.line(f"  stopped before the end of the file by {one_line(report.stopped_by, WIDEST)}")
    if verdict.all_must_match and checked.unmatched:
        page.line(
            f"  {_many(checked.unmatched, 'line')} did not match, and --fail-on-unmatched counts"
        )
    if not report.valid and not report.errors:
        page.line(
            "  no errors to show: the statement called fail(), or the policy does not collect"
        )


@dataclass(slots=True)
class _Rule:
    """The errors of one component of the statement: how many, and the first ones."""

    text: str
    count: int = 0
    examples: list[LineError] = field(default_factory=list)


def _write_errors(page: Page, errors: Sequence[LineError], most: int) -> None:
    if not errors:
        return
    rules = _by_rule(errors, most)
    shares = _shares([rule.count for rule in rules], most)
    head = f"{_many(len(errors), 'error')} in {_many(len(rules), 'rule')}"
    some = f" ({sum(shares):,} shown, see --max-errors)" if sum(shares) < len(errors) else ""
    page.line()
    page.line("  ", (head, _STRONG), some)
    width = len(f"{rules[0].count:,}")
    for rule, share in zip(rules, shares, strict=True):
        page.line()
        page.line("  ", (f"{rule.count:>{width},} x ", _STRONG), one_line(rule.text, WIDEST))
        for error in rule.examples[:share]:
            page.line(" " * (width + 5), *_example(error))
        if rule.count > share:
            page.line(" " * (width + 5), (f"{rule.count - share:,} more", _FAINT))


def _by_rule(errors: Iterable[LineError], most: int) -> list[_Rule]:
    """Return the rules that were broken, the most frequent first."""
    rules: dict[str, _Rule] = {}
    for error in errors:
        text = error.rule or error.source or "the statement"
        rule = rules.setdefault(text, _Rule(text))
        rule.count += 1
        if len(rule.examples) < most:
            rule.examples.append(error)
    return sorted(rules.values(), key=lambda rule: -rule.count)


def _shares(counts: Sequence[int], most: int) -> list[int]:
    """Return how many errors each rule may show, so that no rule crowds out another.

    >>> _shares([50, 1, 7], 10)
    [5, 1, 4]
    """
    shares = [0] * len(counts)
    left = most
    while left > 0:
        hungry = [i for i, count in enumerate(counts) if shares[i] < count][:left]
        if not hungry:
            break
        each = left // len(hungry)
        for i in hungry:
            step = min(each, counts[i] - shares[i])
            shares[i] += step
            left -= step
    return shares


def _example(error: LineError) -> tuple[str | tuple[str, str], ...]:
    where = f"line {error.line} (text line {error.text_line})"
    if error.column is None:
        return (where, f": {_message(error)}")
    column = error.column if isinstance(error.column, str) else f"column {error.column}"
    return (where, f", {one_line(column, WIDEST)} = {_shown(error.value)}: {_message(error)}")


def _message(error: LineError) -> str:
    message = one_line(error.message, 3 * WIDEST)
    if not error.expected or error.expected in error.message:
        return message
    return f"{message} (expected {one_line(error.expected, WIDEST)})"


def _write_printouts(page: Page, printouts: Mapping[str, Sequence[str]]) -> None:
    for stream, texts in printouts.items():
        if not texts:
            continue
        page.line()
        page.line(
            "  ", ("printed" if stream == "default" else f"printed to {visible(stream)}", _STRONG)
        )
        for text in texts:
            for line in text.split("\n"):
                page.line(f"    {visible(line, keep=_HARMLESS_IN_TEXT)}")


_HARMLESS_IN_TEXT = "\t\xa0"


def _write_variables(page: Page, variables: Mapping[str, Any]) -> None:
    if not variables:
        return
    page.line()
    page.line("  ", ("variables", _STRONG))
    for name, value in variables.items():
        page.line(f"    {one_line(str(name), WIDEST)}: {_shown(value)}")


def _shown(value: Any) -> str:
    """Return a value in short: text in quotes, the number of entries of what is large.

    >>> print(_shown({"DE": 3, "a": [None, "  x"]}), _shown(list(range(2995))))
    {DE: 3, a: [none, '  x']} 2,995 entries
    """
    return cut(_raw(value), WIDEST)


def _raw(value: Any) -> str:
    if value is None:
        return "none"
    if isinstance(value, str):
        return f"'{visible(cut(value, WIDEST - 2))}'"
    if isinstance(value, dict | list | tuple | set | frozenset):
        if len(value) > _MOST_ENTRIES:
            return f"{len(value):,} entries"
        if isinstance(value, dict):
            items = (f"{visible(str(key))}: {_raw(item)}" for key, item in value.items())
            return f"{{{', '.join(items)}}}"
        return f"[{', '.join(map(_raw, value))}]"
    if isinstance(value, int) and value.bit_length() > _MOST_BITS:
        return f"a number of {value.bit_length():,} bits"
    return visible(str(value))


_MOST_BITS = 10_000
"""Python refuses to write numbers much longer than that in decimal."""


def _many(count: int, what: str) -> str:
    return f"{count:,} {what}{'' if count == 1 else 's'}"
