"""What a caller says about a source, which wins over what its name and its bytes tell."""

from __future__ import annotations

from dataclasses import dataclass

from preboard.readers.dialect import Dialect, dialect_for


@dataclass(frozen=True, slots=True, kw_only=True)
class Declared:
    """What is said of how a source is written; None where nothing is said."""

    delimiter: str | None = None
    quotechar: str | None = None
    encoding: str | None = None
    member: str | None = None
    """The file of a zip archive that is meant."""
    format: str | None = None
    """csv, jsonl, excel, parquet and others: see `choose.FORMATS`."""
    sheet: str | int | None = None
    """The sheet of a workbook, by name or 0-based index."""

    def check(self) -> None:
        """Refuse what no file can be written in.

        Raises:
            ConfigError: There is no such delimiter, quotechar or encoding.
        """
        dialect_for(None, delimiter=self.delimiter, quotechar=self.quotechar)
        Dialect(encoding=self.encoding or "utf-8")
