"""Text that cannot harm a terminal: what the data holds is shown, never obeyed.

File names, headers, cells and statements come from strangers. An escape sequence in them could
recolour, move or rewrite what a terminal shows; a bidirectional override could turn it around.
"""

from __future__ import annotations

import re

HARMFUL = re.compile(
    "["
    "\x00-\x1f\x7f-\x9f"  # controls: escape sequences begin with one
    "\xa0\xad\u200b\u2060\ufeff"  # blanks and marks that cannot be seen
    "\u061c\u200e\u200f\u202a-\u202e\u2066-\u2069"  # direction of writing
    "\u2028\u2029"  # ends of lines
    "\ud800-\udfff"  # bytes that are no text, as in file names
    "\ufffe\uffff"  # no characters; XML cannot hold them
    "\U000e0000-\U000e007f"  # invisible tags
    "]"
)
NO_TEXT = re.compile("[\ud800-\udfff]")
"""What Python makes of bytes of the system that are no text."""
_SHORT = {"\t": "\\t", "\n": "\\n", "\r": "\\r"}
_LAST_BYTE = 0xFF
_LAST_OF_FOUR = 0xFFFF


def visible(text: str, *, keep: str = "") -> str:
    r"""Return `text` with every harmful character written out; those in `keep` stay.

    >>> print(visible("two\x1b[31m\nlines\udcff"))
    two\x1b[31m\nlines\xff
    """
    return HARMFUL.sub(lambda found: found[0] if found[0] in keep else _written(found[0]), text)


def one_line(text: str, most: int) -> str:
    r"""Return `text` visible, in one line of at most `most` characters.

    >>> one_line("a  long\n   rule", 9)
    'a long...'
    """
    return cut(visible(" ".join(text[: most * 8].split())), most)


def cut(text: str, most: int) -> str:
    """Return at most `most` characters of `text`, with dots for what is left out."""
    return text if len(text) <= most else text[: most - 3] + "..."


def as_unicode(text: str) -> str:
    """Return `text` with what is no Unicode written out, such as bytes of a file name."""
    return text if text.isascii() else NO_TEXT.sub(lambda found: _written(found[0]), text)


def _written(character: str) -> str:
    if character in _SHORT:
        return _SHORT[character]
    code = ord(character)
    if 0xDC80 <= code <= 0xDCFF:  # noqa: PLR2004 - how Python carries a byte that is no text
        code -= 0xDC00
    if code <= _LAST_BYTE:
        return f"\\x{code:02x}"
    return f"\\u{code:04x}" if code <= _LAST_OF_FOUR else f"\\U{code:08x}"
