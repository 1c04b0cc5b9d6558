"""Where loaded files stand in a git work tree: commit, path, and whether they were modified.

Git is only asked what it stored, and which commit is checked out. It is never asked for the status
of a file: that runs filters and monitors which the settings of a work tree name, and a work tree
may be anybody's. Whether a file is as the commit has it is decided here, by the hash of its bytes.
A work tree that is not there, or a git that is not, is no error: then nothing is recorded.
"""

from __future__ import annotations

import hashlib
import re
import subprocess
from pathlib import Path
from typing import TYPE_CHECKING

from preboard.config.environment import environment
from preboard.manifests.groups import SourceControl

if TYPE_CHECKING:
    from collections.abc import Iterable, Sequence

TIMEOUT_S = 5
_GIT = (
    "git", "--no-pager", "--no-optional-locks", "--literal-pathspecs",
    "-c", "core.fsmonitor=false", "-c", "core.hooksPath=/dev/null", "-c", "protocol.allow=never",
)  # fmt: skip
_OID = re.compile(r"[0-9a-f]{40}(?:[0-9a-f]{24})?")
_SHA1_DIGITS = 40
_LOGIN = re.compile(r"(?<=://)[^/]*@")


def source_control_of(path: Path, files: Sequence[Path]) -> SourceControl | None:
    """Return what git knows of what was loaded, None where it knows nothing.

    `path` is the file or the directory that was given, `files` are those that were read.
    """
    folder = path if path.is_dir() else path.parent
    top = _asked(folder, "rev-parse", "--show-toplevel")
    if not top:
        return None
    commit = _asked(folder, "rev-parse", "--verify", "HEAD^{commit}")
    if commit is None or not _OID.fullmatch(commit):
        return None
    tree = Path(top).resolve()
    remote = _asked(tree, "config", "--get", "remote.origin.url")
    try:
        relative = path.resolve().relative_to(tree).as_posix()
        modified = _differ(tree, commit, files)
    except (OSError, ValueError):  # it is a link that leads out of the work tree
        return None
    return SourceControl(
        commit=commit,
        path=relative,
        modified=modified,
        remote=_LOGIN.sub("", remote) if remote else None,
    )


def _differ(tree: Path, commit: str, files: Iterable[Path]) -> bool:
    """Say whether a file is not as the commit has it, or is not in the commit."""
    wanted = {file.resolve().relative_to(tree).as_posix(): file for file in files}
    listed = _asked(tree, "ls-tree", "-r", "-z", "--full-tree", commit, "--", *wanted)
    stored = dict(_listed(listed or ""))
    return any(
        stored.get(name) not in _hashes(file.read_bytes(), len(commit))
        for name, file in wanted.items()
    )


def _listed(answer: str) -> Iterable[tuple[str, str]]:
    """Give the name and the hash of each line of `git ls-tree -z`."""
    for line in answer.split("\0"):
        about, tab, name = line.partition("\t")
        if tab:
            yield name, about.rpartition(" ")[2]


def _hashes(content: bytes, digits: int) -> tuple[str, str]:
    """Return the names that git has for bytes: as they are, and with its own line ends."""
    return _hash(content, digits), _hash(content.replace(b"\r\n", b"\n"), digits)


def _hash(content: bytes, digits: int) -> str:
    blob = b"blob %d\0%b" % (len(content), content)
    if digits == _SHA1_DIGITS:
        return hashlib.sha1(blob, usedforsecurity=False).hexdigest()
    return hashlib.sha256(blob).hexdigest()


def _asked(folder: Path, *words: str) -> str | None:
    kept = {key: value for key, value in environment().items() if not key.startswith("GIT_")}
    try:
        answer = subprocess.run(  # noqa: S603 - a fixed command; the paths are behind `--`
            [*_GIT, "-C", str(folder), *words],
            capture_output=True,
            timeout=TIMEOUT_S,
            check=True,
            text=True,
            encoding="utf-8",
            env={**kept, "GIT_NO_LAZY_FETCH": "1", "GIT_TERMINAL_PROMPT": "0", "LC_ALL": "C"},
        )
    except (OSError, subprocess.SubprocessError, UnicodeError, ValueError):
        return None
    return answer.stdout.rstrip("\r\n")
