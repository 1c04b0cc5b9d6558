"""`preboard trace`: where a result comes from, step by step back to what a partner sent."""

from collections.abc import Iterator
from typing import TYPE_CHECKING

from preboard.cli.exit import Exit
from preboard.cli.formats.json_document import dumps
from preboard.cli.output import answer
from preboard.cli.projects import parameters as p
from preboard.cli.projects.columns import moment
from preboard.cli.projects.finding import Ref
from preboard.cli.shown import many

if TYPE_CHECKING:
    from preboard.catalog.loads import Load
    from preboard.catalog.versions import Version
    from preboard.project.trace import Trace

_WIDEST = len("statements")
_PROVENANCE = {
    "partner": "partner", "account": "account", "protocol": "protocol", "address": "address",
    "original_path": "path there", "event_id": "event", "event_time": "event at",
    "version_id": "version there", "etag": "etag", "modified": "changed there at",
}  # fmt: skip
"""What is told of a version beside who registered it when, and how it is called."""

Line = tuple[str, str]
"""A word, which may be empty, and what is said."""


def trace_command(
    reference: Ref, *, project: p.ProjectDirectory = None, as_json: p.AsJson = False
) -> int:
    """Tell where a result comes from: the run, its statements, and the version that it read.

    Of a run that read what another run left, that one follows, and so on. Of several runs the last
    one is meant. What was removed since is told all the same. Times are UTC.

    Exits with 0, 3 when it is no reference to results or there is no such run.
    """
    p.need_word(reference, "the reference")
    with p.opened(project) as opened:
        trace: Trace | None = opened.trace(reference)
    with answer() as out:
        if as_json and trace is not None:
            out.write(dumps(trace.to_json()) + "\n")
            return Exit.VALID
        while trace is not None:
            out.write(f"{p.told(trace.reference)}\n")
            for word, said in _lines(trace):
                out.write(f"  {word:<{_WIDEST}}  {p.told(said)}\n")
            trace = trace.source
    return Exit.VALID


def _lines(trace: "Trace") -> Iterator[Line]:
    yield from _run(trace)
    yield from _statements(trace)
    if trace.version is not None:
        yield from _version(trace.version)
    elif trace.source is not None:
        yield "read", f"what {trace.source.reference} left"
    else:
        yield (
            "read",
            f"{trace.run.named_file_path or trace.run.named_file_name}, not known any more",
        )


def _run(trace: "Trace") -> Iterator[Line]:
    run = trace.run
    yield "run", f"{moment(run.time)}, {run.method}, by {run.username} on {run.hostname}"
    yield "", run.preboard_version
    yield "ended", _ended(trace)
    if run.reason:
        yield "", run.reason


def _ended(trace: "Trace") -> str:
    """Return how the run ended; of the one statement that is meant, how that did."""
    run, instance = trace.run, trace.instance
    if run.status != "complete":
        return run.status
    outcome = (run.all_valid, run.all_completed, run.error_count)
    if instance is not None:
        outcome = (instance.valid is True, instance.completed, instance.error_count)
    valid, completed, errors = outcome
    words = ["valid" if valid is True else "INVALID"]
    if errors:
        words.append(many(errors, "error"))
    if completed is not True:
        words.append("not read to its end")
    return ", ".join(words)


def _statements(trace: "Trace") -> Iterator[Line]:
    load = trace.load
    if load is None:
        yield "statements", f"of {trace.run.named_paths_name}, not known any more"
        return
    yield "statements", _named(trace, load)
    yield "loaded", f"{moment(load.time)}, by {load.entry.username} on {load.entry.hostname}"
    yield from _origin(load)
    yield "", f"SHA-256 {load.fingerprint}"


def _named(trace: "Trace", load: "Load") -> str:
    """Return the statements that are meant: one, all of a group, or what the caller named."""
    if trace.instance is not None:
        return f"{load.name}: {trace.instance.instance_identity}"
    named = trace.run.named_paths_name
    if named != load.name:
        return named
    return f"{named}: {', '.join(load.entry.named_paths_identities)}"


def _origin(load: "Load") -> Iterator[Line]:
    if load.entry.source_path:
        yield "", f"from {load.entry.source_path}"
    control = load.entry.source_control
    if control:
        state = ", modified" if control.modified else ""
        of = f" of {control.remote}" if control.remote else ""
        yield "", f"commit {control.commit}{of}: {control.path}{state}"


def _version(version: "Version") -> Iterator[Line]:
    entry = version.entry
    yield "read", f"{version.reference}, {version.size:,} bytes"
    told = entry.provenance or None
    who = (told and told.registered_by) or entry.username
    yield "registered", f"{moment(version.time)}, by {who} on {entry.hostname}"
    yield "", f"from {version.origin}"
    for key, word in _PROVENANCE.items():
        said = getattr(told, key, None)
        if said:
            yield "", f"{word} {said}"
