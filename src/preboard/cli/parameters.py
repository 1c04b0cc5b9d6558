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
        "Otherwise the extension of the file tells, or its first lines.",
    ),
]
Quotechar = Annotated[
    str | None,
    typer.Option(
        metavar="CHARACTER",
        help="What stands around fields: a character, or a word such as single. "
        "Otherwise the first lines tell.",
    ),
]
Encoding = Annotated[
    str | None,
    typer.Option(
        metavar="NAME",
        help="The encoding of the text, such as utf-8 or cp1252. Otherwise the first bytes tell.",
    ),
]
Member = Annotated[
    str | None, typer.Option(metavar="NAME", help="The file to read in a zip archive of several.")
]
InputFormat = Annotated[
    str | None,
    typer.Option(
        metavar="WORD",
        help="What the data is: csv, jsonl, json, excel, parquet and others. "
        "Otherwise its first bytes and its name tell.",
    ),
]
Sheet = Annotated[
    str | None,
    typer.Option(
        metavar="NAME",
        help="The sheet of a workbook, by name or by index from 0. Otherwise the first.",
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
FailOnFindings = Annotated[
    str | None,
    typer.Option(
        "--fail-on-findings",
        metavar="[=CODES]",
        help="What is odd about a file, such as one-column or narrow-lines, is a fault, too; with "
        "codes, commas between them, only those. --fail-on-findings=? lists the codes.",
    ),
]
AllowEmpty = Annotated[
    bool, typer.Option("--allow-empty", help="A statement that looked at no line is no fault.")
]
Matched = Annotated[
    str | None,
    typer.Option(
        metavar="FILE|DIR",
        help="Write the lines that a statement returns, in the dialect of the data: to a file, "
        "to standard output (-) or, under names of their own, into a directory (that exists, "
        "or ends with /).",
    ),
]
Unmatched = Annotated[
    str | None,
    typer.Option(metavar="FILE|DIR", help="Write the scanned lines that it does not return."),
]
OutputHeader = Annotated[
    bool | None,
    typer.Option(
        "--output-header/--no-output-header",
        help="Begin those files with the header line always, or never. Otherwise they do unless "
        "the statement scans that line, which is one of the lines then.",
        show_default=False,
    ),
]
Errors = Annotated[
    str | None,
    typer.Option(
        metavar="FILE|DIR",
        help="Write all errors, as CSV, or as JSON lines where the name ends with .jsonl.",
    ),
]
EscapeFormulas = Annotated[
    bool,
    typer.Option(
        "--escape-formulas",
        help="Put an apostrophe before cells that a spreadsheet would take for a formula (those "
        "that begin with =, +, -, @, a tab or a line end, and are no number), in all CSV that is "
        "written. It changes values.",
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
Limit = Annotated[
    list[str] | None,
    typer.Option(
        "--limit",
        metavar="NAME=N",
        help="Read more, or less, than is read at most: record_chars=16M and cell_chars=1M of "
        "text, cells=16384 of a line, unpacked_bytes=64G and unpacked_ratio=250 of what is "
        "compressed, copied_bytes=8G of a zip from a pipe; may be repeated.",
    ),
]
Env = Annotated[
    list[str] | None,
    typer.Option(
        "--env",
        metavar="NAME",
        help="A variable of the environment that env() sees, which sees no other; may be repeated.",
    ),
]
Tables = Annotated[
    Path | None,
    typer.Option(
        "--tables", metavar="DIR", help="Where parquet() writes its files; without it to parquet/."
    ),
]
Timeout = Annotated[
    float | None, typer.Option(metavar="SECONDS", help="Give up a file when it takes longer.")
]
NoProgress = Annotated[
    bool, typer.Option("--no-progress", help="Show no progress. There is none without a terminal.")
]
