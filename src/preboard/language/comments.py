"""What the outer comments of a statement say: metadata and identity.

In: the text and the spans of its outer comments. Out: `Metadata`.
Rules: spec/language.md section 2, with row 18 of section 15: a key is a word at the start of the
text or behind a blank, directly followed by a colon; a colon inside a value (`10:30`, `http://x.y`)
is text; leading punctuation of a value is kept. A lone colon ends a field.
"""

from __future__ import annotations

import re
from bisect import bisect_right
from dataclasses import dataclass, field
from itertools import accumulate
from typing import TYPE_CHECKING

from preboard.diagnostics import Span

if TYPE_CHECKING:
    from collections.abc import Sequence

IDENTITY_KEYS = ("id", "Id", "ID", "name", "Name", "NAME")

_WORD = r"(?:[^\W_]|[-_])+"
_KEY = re.compile(
    rf"(?:(?<!\S)|(?<=:))(?P<word>{_WORD})?:(?=\s|$)"  # `word: ` or a lone colon
    rf"|(?:(?<!\S)|(?<=:))(?P<tight>(?![0-9]+:){_WORD}):(?=[\w-])"  # `word:value`
)


@dataclass(frozen=True, slots=True)
class Metadata:
    """Keys and values of the outer comments, in the order of the text.

    `values` also holds `original_comment`, the whole text, when there is any. A key whose value
    never began is None. `spans` says where each key stands in the statement.
    """

    values: dict[str, str | None] = field(default_factory=dict)
    spans: dict[str, Span] = field(default_factory=dict)

    @property
    def identity(self) -> str | None:
        """Return the value of the first identity key that is present (2.3)."""
        return next((self.values[key] for key in IDENTITY_KEYS if key in self.values), None)


def read_metadata(text: str, comments: Sequence[Span]) -> Metadata:
    """Return what the comments at `comments` of `text` say.

    >>> read_metadata("~ id: demo at: 10:30 ~", [Span(1, 21)]).values["at"]
    '10:30'
    """
    found = Metadata()
    joined = "".join(text[span.start : span.end] for span in comments)
    if joined.strip():
        found.values["original_comment"] = joined.strip()
    ends = list(accumulate(span.end - span.start for span in comments))
    keys = list(_KEY.finditer(joined))
    for index, match in enumerate(keys):
        following = keys[index + 1] if index + 1 < len(keys) else None
        value = joined[match.end() : following.start() if following else len(joined)]
        name = match["word"] or match["tight"] or ""
        if name or following or value.strip():
            begun = bool(value.strip()) or following is not None
            found.values[name] = value.strip() if begun else None
            start = _place(comments, ends, match.start())
            found.spans[name] = Span(start, start + max(1, len(name)))
    return found


def _place(comments: Sequence[Span], ends: Sequence[int], at: int) -> int:
    """Return where character `at` of the joined comments stands in the text."""
    index = min(bisect_right(ends, at), len(comments) - 1)
    return comments[index].end - (ends[index] - at)
