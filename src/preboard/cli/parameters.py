"""The options that several commands have, each with its help."""

from pathlib import Path
from typing import Annotated

import typer

from preboard.cli.formats import Format

STANDARD_INPUT = "-"

Data = Annotated[
    list[str], typer.Argument(metavar="DATA", help="Files to check; - is standard input.")
]
OneData = Annotated[
    str, typer.Argument(metavar="DATA", help="A file with the headers; - is standard input.")
]
Checks = Annotated[
    list[str],
    typer.Argument(metavar="CHECKS", help="Files of statements; - is standard input."),
]
Statements = Annotated[
    list[str] | None,
    typer.Option("--statement", metavar="TEXT", help="A statement; may be repeated."),
]
Files = Annotated[
    list[Path] | None,
    typer.Option(
        "--file",
        metavar="CHECKS",
        help="A file of statements, with lines ---- CSVPATH ---- between them; may be repeated.",
    ),
]
Output = Annotated[Format, typer.Option("--format", help="How the answer is written.")]
Delimiter = Annotated[
    str | None,
    typer.Option(
        metavar="CHARACTER",
        help="What stands between fields: a character, or a word such as tab, semi or pipe. "
        "Without it the extension of the file says, else its first lines.",
    ),
]
Quotechar = Annotated[
    str | None,
    typer.Option(
        metavar="CHARACTER",
        help="What stands around fields: a character, or a word such as single. "
        "Without it the first lines say.",
    ),
]
Encoding = Annotated[
    str | None,
    typer.Option(
        metavar="NAME", help="The encoding of the text, such as utf-8 or cp1252; else it is told."
    ),
]
Member = Annotated[
    str | None, typer.Option(metavar="NAME", help="The file of a zip archive that is meant.")
]
InputFormat = Annotated[
    str | None,
    typer.Option(
        metavar="WORD",
        help="What the data is: csv, jsonl, json, excel, parquet and others. "
        "Without it its first bytes and its name say.",
    ),
]
Sheet = Annotated[
    str | None,
    typer.Option(
        metavar="NAME", help="The sheet of a workbook, by name or by index from 0; else the first."
    ),
]
OnError = Annotated[
    str,
    typer.Option(
        metavar="WORDS",
        help="What an error does: raise, collect, stop, fail, print or quiet, "
        "several with commas between them. It always makes the data invalid, too, "
        "unless no-fail is among the words or in the validation-mode of the statement.",
    ),
]
FailOnUnmatched = Annotated[
    bool, typer.Option("--fail-on-unmatched", help="A line that does not match is a fault, too.")
]
AllowEmpty = Annotated[
    bool, typer.Option("--allow-empty", help="A statement that looked at no line is no fault.")
]
Matched = Annotated[
    str | None,
    typer.Option(
        metavar="FILE|DIR",
        help="Write the lines that a statement returns, in the dialect of the data: to a file, "
        "- or, under names of their own, into a directory (that exists, or ends with /).",
    ),
]
Unmatched = Annotated[
    str | None,
    typer.Option(metavar="FILE|DIR", help="Write the scanned lines that it does not return."),
]
Errors = Annotated[
    str | None,
    typer.Option(
        metavar="FILE|DIR",
        help="Write all errors, as CSV, or as JSON lines where the name ends with .jsonl.",
    ),
]
MaxErrors = Annotated[
    int,
    typer.Option(
        metavar="N",
        min=0,
        help="How many errors of a statement the formats text, junit and github show.",
    ),
]
Timeout = Annotated[
    float | None, typer.Option(metavar="SECONDS", help="Give up a file when it takes longer.")
]
NoProgress = Annotated[
    bool, typer.Option("--no-progress", help="Show no progress; without a terminal none is shown.")
]
