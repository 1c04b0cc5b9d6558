"""Writes one table in every format that Preboard reads."""

import io
import json
import zipfile
from datetime import date, datetime
from xml.sax.saxutils import escape, quoteattr

import openpyxl
import pyarrow as pa
import pyarrow.parquet as pq

HEADERS = ["id", "name", "price", "day", "ok", "note"]
ROWS = [
    [1, "Ann", 2.5, date(2024, 1, 2), True, "x"],
    [2, "Bob", 3.25, date(2024, 2, 3), False, ""],
    [3, "", 10.5, date(2024, 3, 4), True, "y z"],
    [4, "Dan", -1.5, date(2023, 12, 31), True, "x"],
    [5, "Eve", 1234.75, None, False, "007"],
    [5, "Eve", 1234.75, None, False, "none"],
]
TABLE = [HEADERS, *ROWS]


def text(value):
    """Return a cell as delimited text has it."""
    return "" if value is None else str(value)


def as_csv(table=TABLE, delimiter=","):
    return "".join(delimiter.join(map(text, row)) + "\n" for row in table).encode()


def as_arrays(table=TABLE):
    return "".join(json.dumps(row, default=str) + "\n" for row in table).encode()


def as_objects(rows=ROWS, headers=HEADERS):
    records = (dict(zip(headers, row, strict=True)) for row in rows)
    return "".join(json.dumps(record, default=str) + "\n" for record in records).encode()


def as_xlsx(table=TABLE, *, sheets=(), before=()):
    """Return a workbook; `sheets` are (name, state, table) behind the first, `before` ahead."""
    book = openpyxl.Workbook()
    first = book.active
    first.title = "orders"
    for row in table:
        first.append(row)
    for name, state, rows in [*sheets, *before]:
        sheet = book.create_sheet(name, 0 if (name, state, rows) in before else None)
        sheet.sheet_state = state
        for row in rows:
            sheet.append(row)
    out = io.BytesIO()
    book.save(out)
    return out.getvalue()


def as_ods(table=TABLE):
    lines = "".join(
        f"<table:table-row>{''.join(map(_ods_cell, row))}</table:table-row>" for row in table
    )
    names = " ".join(
        f'xmlns:{short}="urn:oasis:names:tc:opendocument:xmlns:{long}:1.0"'
        for short, long in (("office", "office"), ("table", "table"), ("text", "text"))
    )
    content = (
        f'<?xml version="1.0" encoding="UTF-8"?><office:document-content {names} '
        f'office:version="1.2"><office:body><office:spreadsheet><table:table table:name="orders">'
        f"{lines}</table:table></office:spreadsheet></office:body></office:document-content>"
    )
    manifest = (
        '<?xml version="1.0" encoding="UTF-8"?><manifest:manifest '
        'xmlns:manifest="urn:oasis:names:tc:opendocument:xmlns:manifest:1.0"/>'
    )
    out = io.BytesIO()
    with zipfile.ZipFile(out, "w") as package:
        package.writestr("mimetype", "application/vnd.oasis.opendocument.spreadsheet")
        package.writestr("content.xml", content, zipfile.ZIP_DEFLATED)
        package.writestr("META-INF/manifest.xml", manifest)
    return out.getvalue()


def _ods_cell(value):
    if value is None:
        return "<table:table-cell/>"
    if isinstance(value, bool):
        kind, said = "boolean", f'office:boolean-value="{str(value).lower()}"'
    elif isinstance(value, int | float):
        kind, said = "float", f'office:value="{value}"'
    elif isinstance(value, date | datetime):
        kind, said = "date", f'office:date-value="{value.isoformat()}"'
    else:
        kind, said = "string", ""
    shown = f"<text:p>{escape(str(value))}</text:p>"
    return (
        f"<table:table-cell office:value-type={quoteattr(kind)} {said}>{shown}</table:table-cell>"
    )


def as_xls(xlwt, table=TABLE):
    book = xlwt.Workbook()
    sheet = book.add_sheet("orders")
    for at, row in enumerate(table):
        for column, value in enumerate(row):
            style = xlwt.easyxf(num_format_str="YYYY-MM-DD") if isinstance(value, date) else None
            if value is not None:
                sheet.write(at, column, value, *([style] if style else []))
    out = io.BytesIO()
    book.save(out)
    return out.getvalue()


def as_arrow(rows=ROWS, headers=HEADERS):
    return pa.table({name: [row[at] for row in rows] for at, name in enumerate(headers)})


def as_parquet(rows=ROWS, headers=HEADERS, **options):
    out = io.BytesIO()
    pq.write_table(as_arrow(rows, headers), out, **options)
    return out.getvalue()
