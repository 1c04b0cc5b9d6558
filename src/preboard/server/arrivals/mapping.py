"""What a stored hook says: whose requests it reads, and what becomes of the files they announce.

In: the definition as JSON, once. Out: a `HookMapping`; `routing` applies its rules to an arrival.
docs/how-to/arrivals/ shows definitions for each sender.
"""

from __future__ import annotations

import re
from dataclasses import dataclass
from typing import TYPE_CHECKING, Literal, cast

from preboard.config.masking import masked_text
from preboard.config.names import checked_name, shown
from preboard.errors import NameRefused, NotUnderstood
from preboard.runs.method import Method
from preboard.server.arrivals.adapters import ADAPTERS
from preboard.server.arrivals.filling import TOLD, WHOLE, filling, location_filling
from preboard.server.arrivals.parts import Part
from preboard.server.arrivals.patterns import path_pattern
from preboard.server.arrivals.polls import parse_poll
from preboard.server.arrivals.secrets import SecretSettings, parse_secret
from preboard.staging.definitions import RUN_METHODS
from preboard.storage.templates import checked_template

if TYPE_CHECKING:
    from preboard.server.arrivals.arrival import AnyAdapter, Handshake, Heard, Incoming
    from preboard.server.arrivals.filling import Filling
    from preboard.server.arrivals.parts import Pointer
    from preboard.server.arrivals.patterns import PathPattern
    from preboard.server.arrivals.polls import Poll

MOST_RULES = 100
MOST_PATTERNS = 50
LONGEST_DESCRIPTION = 1_000
LONGEST_NAME = 128
ANSWERS = (200, 202)

_OF_RULES = ("paths", "except", "named_file", "group", "method", "template", "file_template",
             "location", "partner")  # fmt: skip
_OF_REQUESTS = ("adapter", "settings", "secret", "event_id", "answer")
_OF_HOOKS = ("project", "name", "description", "poll", "rules", *_OF_REQUESTS)
_INHERITED = ("location", "partner")
_PROJECT = re.compile(r"[A-Za-z0-9_][A-Za-z0-9 ._-]{0,127}")


@dataclass(frozen=True, slots=True, kw_only=True)
class Rule:
    """What becomes of files with certain paths; no patterns take every path."""

    named_file: Filling
    paths: tuple[PathPattern, ...] = ()
    excepted: tuple[PathPattern, ...] = ()
    group: Filling | None = None
    method: str = Method.COLLECT_PATHS.value
    template: str | None = None
    file_template: str | None = None
    location: Filling | None = None
    partner: Filling | None = None

    def taken(self, path: str) -> dict[str, str] | None:
        """Return what the braces of the first fitting pattern take, None if the rule has none."""
        if any(pattern.match(path) is not None for pattern in self.excepted):
            return None
        if not self.paths:
            return {}
        found = (pattern.match(path) for pattern in self.paths)
        return next((taken for taken in found if taken is not None), None)


@dataclass(frozen=True, slots=True, kw_only=True)
class HookMapping:
    """The definition of a hook, checked. `answer` is the status that its sender wants.

    One that looks at a folder by itself, `poll`, has neither adapter nor secret.
    """

    project: str
    rules: tuple[Rule, ...]
    adapter: AnyAdapter | None = None
    settings: object = None
    secret: SecretSettings | None = None
    answer: Literal[200, 202] = 202
    event_id: Pointer | None = None
    poll: Poll | None = None
    name: str | None = None
    description: str | None = None

    def read(self, incoming: Incoming) -> Heard | Handshake:
        """Return what a request says.

        Raises:
            NotUnderstood: it is not of the form that the adapter reads.
        """
        if self.adapter is None:
            raise NotUnderstood("is not read: the hook looks at a folder by itself")
        return self.adapter.read(incoming, self.settings, self.event_id)


def parse(definition: object) -> HookMapping:
    """Return the mapping of a hook's definition, which was JSON.

    Raises:
        NotUnderstood: it is none; names the place as a JSON pointer.
    """
    part = Part(definition)
    part.only((*_OF_HOOKS, *_OF_RULES))
    if part["poll"].told:
        return _of_folder(part)
    adapter = ADAPTERS[part["adapter"].one_of(tuple(ADAPTERS))]
    settings, event_id = part["settings"], part["event_id"]
    if not part["secret"].told:
        raise part["secret"].wrong("is missing", hint="such as {'header': 'X-Preboard-Token'}")
    return HookMapping(
        project=_project(part["project"]),
        adapter=adapter,
        settings=adapter.settings(settings if settings.told else Part({}, settings.place)),
        secret=parse_secret(part["secret"]),
        rules=_rules(part),
        answer=_answer(part["answer"], adapter.answer),
        event_id=event_id.steps() if event_id.told else None,
        name=_label(part["name"]),
        description=_description(part["description"]),
    )


def _of_folder(part: Part) -> HookMapping:
    beside = [key for key in _OF_REQUESTS if part[key].told]
    if beside:
        raise part[beside[0]].wrong("says how requests are read, and a hook with `poll` takes none")
    return HookMapping(
        project=_project(part["project"]),
        rules=_rules(part),
        poll=parse_poll(part["poll"]),
        name=_label(part["name"]),
        description=_description(part["description"]),
    )


def _project(part: Part) -> str:
    """Return the name of a project (spec/server.md 16.5); whether there is one is asked later."""
    name = part.text()
    if not _PROJECT.fullmatch(name) or ".." in name:
        raise part.wrong(f"is {shown(name)}, which can't be the name of a project")
    return name


def _description(part: Part) -> str | None:
    return part.text_of(most=LONGEST_DESCRIPTION) if part.told else None


def _label(part: Part) -> str | None:
    """Read what the hook is called, in lists and by the jobs that it starts."""
    if not part.told:
        return None
    text = part.text_of(most=LONGEST_NAME)
    if not text.isprintable():
        raise part.wrong("holds characters that can't be seen")
    return text


def _answer(part: Part, default: int) -> Literal[200, 202]:
    answer = part.value if part.told else default
    if isinstance(answer, bool) or answer not in ANSWERS:
        raise part.wrong("must be 200 or 202: which of them the sender takes for success")
    return cast("Literal[200, 202]", answer)


def _rules(part: Part) -> tuple[Rule, ...]:
    """Read `rules`, or the one rule that stands in the definition itself."""
    rules = part["rules"]
    if not rules.told:
        return (_rule(part, part),)
    beside = [key for key in _OF_RULES if part[key].told and key not in _INHERITED]
    if beside:
        raise part[beside[0]].wrong("must stand in each of the rules, as there are rules")
    listed = list(rules.items())
    if not 0 < len(listed) <= MOST_RULES:
        raise rules.wrong(f"must hold 1 to {MOST_RULES} rules")
    return tuple(_rule(rule.only(_OF_RULES), part) for rule in listed)


def _rule(part: Part, hook: Part) -> Rule:
    """Read a rule; location and partner of the hook count for rules that say none."""
    paths, excepted = _patterns(part["paths"]), _patterns(part["except"])
    # A name that only some patterns take would be missing for the files of the others.
    taken = frozenset.intersection(*(each.names for each in paths)) if paths else frozenset()
    group = _name(part["group"], taken, "group") if part["group"].told else None
    for key in ("method", "template"):
        if part[key].told and group is None:
            raise part[key].wrong("says how a group runs, and there is no group")
    location, partner = (part[key] if part[key].told else hook[key] for key in _INHERITED)
    return Rule(
        named_file=_name(part["named_file"], taken, "named-file"),
        paths=paths,
        excepted=excepted,
        group=group,
        method=part["method"].one_of(RUN_METHODS, Method.COLLECT_PATHS.value),
        template=_template(part["template"], "run_dir"),
        file_template=_template(part["file_template"], "filename"),
        location=_filling(location, taken, of_location=True) if location.told else None,
        partner=_filling(partner, taken) if partner.told else None,
    )


def _patterns(part: Part) -> tuple[PathPattern, ...]:
    if not part.told:
        return ()
    texts = part.texts(MOST_PATTERNS)
    found = []
    for number, text in enumerate(texts):
        at = part[str(number)] if isinstance(part.value, list) else part
        try:
            pattern = path_pattern(text)
        except NameRefused as error:
            raise at.wrong(f"{error.message}: {shown(text)}") from None
        ours = sorted(pattern.names & set(TOLD))
        if ours:
            raise at.wrong(f"takes {{{ours[0]}}}, which the event tells itself")
        found.append(pattern)
    return tuple(found)


def _name(part: Part, taken: frozenset[str], what: str) -> Filling:
    """Read a name, which may be a template; one without braces must be a name already."""
    template = _filling(part, taken)
    try:
        if not template.names:
            checked_name(template.text, what)
    except NameRefused as error:
        raise part.wrong(error.message, hint=error.hint) from None
    return template


def _filling(part: Part, taken: frozenset[str], *, of_location: bool = False) -> Filling:
    text = part.text()
    try:
        template = location_filling(text) if of_location else filling(text)
    except NameRefused as error:
        raise part.wrong(f"{error.message}: {shown(masked_text(text))}") from None
    known = (set(TOLD) if of_location else set(TOLD) - WHOLE) | taken
    unknown = sorted(template.names - known)
    if unknown:
        raise part.wrong(
            f"has {{{unknown[0]}}}, which neither the event tells nor every pattern takes",
            hint="known are " + ", ".join(sorted(known)),
        )
    return template


def _template(part: Part, end: Literal["filename", "run_dir"]) -> str | None:
    if not part.told:
        return None
    try:
        return checked_template(part.text(), end).text
    except NameRefused as error:
        raise part.wrong(error.message, hint=error.hint) from None
