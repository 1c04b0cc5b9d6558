"""What becomes of an arrival: the first rule of its hook that takes its path decides."""

from __future__ import annotations

from dataclasses import dataclass, replace
from typing import TYPE_CHECKING

from preboard.config.names import checked_name
from preboard.errors import NameRefused
from preboard.server.arrivals.arrival import Left
from preboard.server.arrivals.filling import values_of
from preboard.server.arrivals.locations import problem_of

if TYPE_CHECKING:
    from preboard.server.arrivals.arrival import FileArrival
    from preboard.server.arrivals.mapping import HookMapping, Rule


@dataclass(frozen=True, slots=True, kw_only=True)
class Delivery:
    """A file to fetch and register, and the group that runs over it, if any.

    `location` is a local path, which the server's roots must allow, or a URL, which those of the
    project must; the path of a URL is percent-encoded.
    """

    project: str
    named_file: str
    location: str
    arrival: FileArrival
    group: str | None
    method: str
    template: str | None
    file_template: str | None


def route(mapping: HookMapping, arrival: FileArrival) -> Delivery | Left:
    """Return what the first rule that takes an arrival makes of it, or why it is left."""
    for rule in mapping.rules:
        taken = rule.taken(arrival.path)
        if taken is None:
            continue
        try:
            return _delivery(mapping.project, rule, arrival, values_of(arrival, taken))
        except NameRefused as error:
            return Left(arrival.path, error.message)
    return Left(arrival.path, "no rule of the hook takes this path")


def _delivery(
    project: str, rule: Rule, arrival: FileArrival, values: dict[str, str | None]
) -> Delivery:
    location = rule.location.as_location(values) if rule.location else arrival.location
    problem = problem_of(location)
    if problem:
        raise NameRefused(problem)
    partner = rule.partner.filled(values) if rule.partner else arrival.partner
    return Delivery(
        project=project,
        named_file=checked_name(rule.named_file.filled(values), "named-file"),
        location=location,
        arrival=replace(arrival, partner=partner),
        group=checked_name(rule.group.filled(values), "group") if rule.group else None,
        method=rule.method,
        template=rule.template,
        file_template=rule.file_template,
    )
