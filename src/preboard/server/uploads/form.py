"""A form with a file in it (RFC 7578), read as it comes: its fields, then the bytes of its file."""

from __future__ import annotations

from typing import TYPE_CHECKING

from python_multipart.exceptions import FormParserError
from python_multipart.multipart import MultipartParser, parse_options_header

from preboard.errors import InputError

if TYPE_CHECKING:
    from collections.abc import Iterator

MOST_FIELDS = 32
LONGEST_FIELD = 8_192
_HINT = 'send the fields first, then one part with a file: curl -F group=checks -F "file=@a.csv"'


def options_of(header: str) -> tuple[str, dict[str, str]]:
    """Return the value of a header in lower case, and what stands behind its semicolons.

    >>> options_of('attachment; filename="a b.csv"')
    ('attachment', {'filename': 'a b.csv'})
    """
    value, options = parse_options_header(header.encode("utf-8", "surrogateescape"))
    decoded = {_text(name): _text(option) for name, option in options.items()}
    return _text(value).lower(), decoded


class FormParts:
    """A form in its order: at most some fields, then one file.

    The fields say what becomes of the file, so they are behind it too late.
    """

    def __init__(self, boundary: str) -> None:
        if not boundary:
            raise InputError("the form has no boundary", hint=_HINT)
        self.fields: dict[str, str] = {}
        self.file_name: str | None = None
        self.has_file = False
        self._is_whole = False
        self._is_file_open = False
        self._name = ""
        self._field = bytearray()
        self._header = (bytearray(), bytearray())
        self._disposition = ""
        self._file: list[bytes] = []
        try:
            self._parser = MultipartParser(
                boundary.encode("latin-1", "replace"),
                {
                    "on_part_begin": self._begin_part,
                    "on_part_data": self._add_data,
                    "on_part_end": self._end_part,
                    "on_header_field": self._add_header_name,
                    "on_header_value": self._add_header_value,
                    "on_header_end": self._end_header,
                    "on_headers_finished": self._end_headers,
                    "on_end": self._end,
                },
            )
        except FormParserError as error:
            raise InputError(f"the form is none: {error}", hint=_HINT) from error

    def add(self, chunk: bytes) -> None:
        """Read on; `b""` says that there is no more.

        Raises:
            InputError: it is no form, has no file, or more than one.
        """
        if not chunk:
            raise InputError("the form has no file", hint=_HINT)
        try:
            self._parser.write(chunk)
        except FormParserError as error:
            raise InputError(f"the form can't be read: {error}", hint=_HINT) from error

    def taken(self) -> Iterator[bytes]:
        """Give the bytes of the file that were read and not given yet."""
        found, self._file = self._file, []
        yield from found

    def finish(self) -> None:
        """See that the form came to its end.

        Raises:
            InputError: it did not.
        """
        if not self._is_whole:
            raise InputError("the form ended before its end", hint="send it again")

    def _begin_part(self) -> None:
        if self.has_file:
            raise InputError("there is something behind the file of the form", hint=_HINT)
        if len(self.fields) >= MOST_FIELDS:
            raise InputError(f"the form has more than {MOST_FIELDS} fields", hint=_HINT)
        self._disposition = ""
        self._field.clear()

    def _add_header_name(self, data: bytes, start: int, end: int) -> None:
        self._header[0].extend(data[start:end])

    def _add_header_value(self, data: bytes, start: int, end: int) -> None:
        self._header[1].extend(data[start:end])

    def _end_header(self) -> None:
        name, value = self._header
        if bytes(name).lower() == b"content-disposition":
            self._disposition = value.decode("utf-8", "surrogateescape")
        name.clear()
        value.clear()

    def _end_headers(self) -> None:
        _, options = options_of(self._disposition)
        self._name = options.get("name", "")
        if "filename" in options:
            self.has_file = self._is_file_open = True
            self.file_name = options["filename"] or None
        elif not self._name or self._name in self.fields:
            raise InputError("a field of the form has no name, or comes twice", hint=_HINT)

    def _add_data(self, data: bytes, start: int, end: int) -> None:
        if self._is_file_open:
            self._file.append(data[start:end])
            return
        self._field += data[start:end]
        if len(self._field) > LONGEST_FIELD:
            raise InputError(
                f"a field of the form has more than {LONGEST_FIELD:,} bytes",
                hint="a file needs a name: filename in its Content-Disposition",
            )

    def _end_part(self) -> None:
        if self._is_file_open:
            self._is_file_open = False
        else:
            self.fields[self._name] = _text(bytes(self._field))

    def _end(self) -> None:
        self._is_whole = True


def _text(data: bytes) -> str:
    return data.decode("utf-8", "replace")
