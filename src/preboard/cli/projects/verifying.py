"""`preboard verify`: is everything as it was accepted?"""

from collections.abc import Mapping
from typing import TYPE_CHECKING, Final

from preboard.cli.exit import Exit
from preboard.cli.formats.json_document import dumps
from preboard.cli.output import answer, tell
from preboard.cli.parameters import NoProgress
from preboard.cli.progress import Meter
from preboard.cli.projects import parameters as p
from preboard.cli.shown import many

if TYPE_CHECKING:
    from preboard.storage.findings import Fault, Finding

HINTS: Final[Mapping["Fault", str]] = {
    "missing": "restore it from a backup",
    "changed": "it is not what was accepted; restore it from a backup",
    "unknown": "nothing is said of it; move it away if nobody needs it",
    "writable": "take the right to write it away, so that it stays what it is",
}
"""What to do about each kind of finding."""
_KNOWS = "the catalog says what was in it, and still counts"
"""What is to be said of a manifest or ledger of several things: it is only a view."""


def verify_command(
    *,
    no_progress: NoProgress = False,
    project: p.ProjectDirectory = None,
    as_json: p.AsJson = False,
) -> int:
    """Compare everything that a project keeps with what was accepted.

    All bytes of versions and results are read, and manifests and ledgers are compared with the
    catalog. Each line is one finding: a file that is missing, changed, unknown or writable.

    Exits with 0 when all is as it was accepted, 1 when something is not, 3 when the project cannot
    be opened.
    """
    with (
        p.opened(project) as opened,
        Meter(opened.root.name, wanted=not no_progress, done="read") as meter,
    ):
        findings = opened.verify(meter.watch_bytes)
    with answer() as out:
        for finding in findings:
            out.write(_json(finding) if as_json else _text(finding))
        if not findings and not as_json:
            out.write("all is as it was accepted\n")
    if findings:
        tell(f"error: {many(len(findings), 'file')} not as accepted")
    return Exit.INVALID if findings else Exit.VALID


def hint_of(finding: "Finding") -> str:
    """Return what can be done about a finding."""
    if finding.reference is None and finding.fault in ("missing", "changed"):
        return _KNOWS
    return HINTS[finding.fault]


def _text(finding: "Finding") -> str:
    whose = f" of {p.told(finding.reference)}" if finding.reference else ""
    return f"{finding.fault}: {p.told(finding.path)}{whose}: {hint_of(finding)}\n"


def _json(finding: "Finding") -> str:
    row = {"fault": finding.fault, "path": finding.path, "reference": finding.reference,
           "hint": hint_of(finding)}  # fmt: skip
    return dumps(row) + "\n"
