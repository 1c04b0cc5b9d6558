"""What a sender tells of files that arrived, and the form that all its adapters give it.

In: a request as it came, as plain data. Out: the files that it announces, what it tells of events
that are not taken, or the answer to a handshake (spec/server.md 14, 15). Nothing here reaches a
database or the network.
"""

from __future__ import annotations

from dataclasses import dataclass, field, replace
from typing import TYPE_CHECKING, Any, Generic, TypeVar

from preboard.config.names import storable
from preboard.errors import NotUnderstood
from preboard.manifests.staging import Provenance
from preboard.server.arrivals.taking import reason_to_leave

if TYPE_CHECKING:
    from collections.abc import Callable, Iterable, Mapping

    from preboard.server.arrivals.parts import Part, Pointer

MOST_EVENTS = 5_000
"""So many events may one body hold: what Event Grid may be told to send at once."""


@dataclass(frozen=True, slots=True)
class Incoming:
    """A request to a hook: `headers` by their names in lower case, `body` as its raw bytes.

    Secrets stand in headers, query and body, so none of them is shown.
    """

    body: bytes = field(repr=False)
    headers: Mapping[str, str] = field(default_factory=dict, repr=False)
    query: Mapping[str, str] = field(default_factory=dict, repr=False)
    method: str = "POST"


@dataclass(frozen=True, slots=True, kw_only=True)
class FileArrival:
    """A file that a sender announces.

    `location` is what is fetched: a local path, or a URL with its path percent-encoded; empty when
    the sender does not tell it and the hook must. `path` is what patterns are matched against: the
    path as the uploader sees it, or the key of an object. `event_time` is ISO 8601 in UTC.
    """

    location: str
    path: str
    kind: str
    size: int | None = None
    event_id: str | None = None
    event_time: str | None = None
    partner: str | None = None
    account: str | None = None
    protocol: str | None = None
    address: str | None = None
    etag: str | None = None
    version_id: str | None = None

    @property
    def provenance(self) -> Provenance:
        """Return what the version that comes of it keeps of its origin."""
        return Provenance(
            partner=_kept(self.partner),
            account=_kept(self.account),
            protocol=_kept(self.protocol),
            address=_kept(self.address),
            event_id=_kept(self.event_id),
            event_time=_kept(self.event_time),
            original_path=_kept(self.path),
        )


@dataclass(frozen=True, slots=True)
class Left:
    """An event that is not taken, and why; `path` is empty where the event names no file."""

    path: str
    reason: str


@dataclass(frozen=True, slots=True)
class Heard:
    """All events of one body, in its order."""

    files: tuple[FileArrival, ...]
    left: tuple[Left, ...] = ()


@dataclass(frozen=True, slots=True)
class Handshake:
    """The answer to a sender that wants to know first whether we want its events.

    `confirm_url` is to be fetched once by the caller, with GET and without following redirects.
    """

    status: int
    body: Mapping[str, object]
    headers: Mapping[str, str] = field(default_factory=dict)
    confirm_url: str | None = None


Settings = TypeVar("Settings")


@dataclass(frozen=True, slots=True)
class Adapter(Generic[Settings]):
    """How the requests of one kind of sender are read.

    `settings` reads what a hook says for it, `events` finds the events in a request, `file` reads
    one of them. `answer` is the status that the sender takes for success (spec/server.md 15).
    """

    name: str
    answer: int
    settings: Callable[[Part], Settings]
    events: Callable[[Incoming, Settings], Iterable[Part] | Handshake]
    file: Callable[[Part, Settings], FileArrival | Left]

    def read(
        self, incoming: Incoming, settings: Settings, event_id: Pointer | None = None
    ) -> Heard | Handshake:
        """Return what a request says; `event_id` points at the id in each event, if the hook says.

        Raises:
            NotUnderstood: it is not of the sender's form, or announces too much at once.
        """
        events = self.events(incoming, settings)
        if isinstance(events, Handshake):
            return events
        files: list[FileArrival] = []
        left: list[Left] = []
        for number, event in enumerate(events):
            if number == MOST_EVENTS:
                raise NotUnderstood(
                    f"holds more than {MOST_EVENTS:,} events", hint="send fewer at once"
                )
            read = self.file(event, settings)
            if isinstance(read, FileArrival) and (reason := reason_to_leave(read.path, read.size)):
                read = Left(read.path, reason)
            if isinstance(read, Left):
                left.append(Left(_shown(read.path), _shown(read.reason)))
            elif event_id is None:
                files.append(read)
            else:
                files.append(replace(read, event_id=event.at(event_id).id_text()))
        return Heard(tuple(files), tuple(left))


AnyAdapter = Adapter[Any]

_LONGEST_KEPT = 2_000


def _kept(text: str | None) -> str | None:
    """Return a text as a manifest keeps it: escaped where it is no Unicode, and cut."""
    return storable(text)[:_LONGEST_KEPT] if text else None


def _shown(told: str) -> str:
    """Return what is told of an event that is left as an answer and a log can hold it."""
    return "".join(c if c.isprintable() else f"\\x{ord(c):02x}" for c in told[:1_000])
