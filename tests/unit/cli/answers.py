"""Verdicts, and how they are written: what the tests of the formats share."""

import io

import preboard
from preboard.cli.exit import Exit
from preboard.cli.formats import Manner, writer_for
from preboard.cli.statements import Piece
from preboard.cli.verdict import Checked, Verdict, Wish
from preboard.language.statement import Statement

DATA = b"a,b\n1,x\n2,\x1b[2Jy\n"


def checked(*texts, data=DATA, delimiter=None):
    statements = [Statement.parse(text) for text in texts]
    return tuple(
        Checked(
            Piece(s.text, "<statement>", s.text),
            s,
            preboard.validate(s, io.BytesIO(data), collect=False, delimiter=delimiter),
            number,
        )
        for number, s in enumerate(statements, 1)
    )


def verdict(*texts, data=DATA, name="in/a b.csv", delimiter=None, **wish):
    statements = checked(*texts, data=data, delimiter=delimiter)
    return Verdict(name, statements, Wish(**wish), titles=tuple(s.title for s in statements))


def failed(error, name="missing.csv"):
    return Verdict(name, error=error, titles=("one", "two"))


def written(form, *verdicts, code=Exit.INVALID, most_errors=20):
    out = io.StringIO()
    writer = writer_for(form, Manner(most_errors))
    writer.begin(out)
    for each in verdicts:
        writer.add(out, each)
    writer.end(out, code)
    return out.getvalue()
