"""Generate a realistic, seeded file of orders.

usage: generate.py LINES OUT.csv [--seed N] [--dirty 0.01] [--clean] [--no-structure]

LINES is the number of data records, of 15 columns. About 1% of the cells are dirty (wrong type,
missing required value, bad e-mail, impossible date), 0.1% of the records are ragged (a field too
few or too many), 0.05% are followed by a blank line, 2% have a quoted comma or quote in the note,
0.1% a quoted newline, 0.2% repeat an earlier order id. --no-structure leaves out ragged records,
blank lines and quoted newlines; --clean leaves out dirty cells as well.

The bytes depend on the arguments alone.
"""

from __future__ import annotations

import argparse
import random
from pathlib import Path
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from collections.abc import Iterator


def _words(text: str) -> list[str]:
    return text.split()


HEADERS = [
    "order_id", "order_date", "ship_date", "customer_id", "customer_name", "email", "country",
    "currency", "sku", "quantity", "unit_price", "discount", "total", "status", "note",
]  # fmt: skip
FIRST_NAMES = _words(
    "Ana Bo Chen Dana Eli Fay Gus Hana Ivan Jo Kim Lena Max Nia Omar Pia Quinn Raj Sara Tom Uma "
    "Vik Wen Xia Yan Zoe"
)
LAST_NAMES = _words(
    "Abe Berg Cruz Diaz Evans Fox Gomez Haas Ito Jones Khan Lopez Meyer Novak Okoye Perez Quist "
    "Rossi Smith Tanaka Ueda Vega Weber Xu Young Zhang"
)
CURRENCIES = {
    "US": "USD", "DE": "EUR", "FR": "EUR", "JP": "JPY", "GB": "GBP",
    "IN": "INR", "BR": "BRL", "NG": "NGN", "MX": "MXN", "CA": "CAD",
}  # fmt: skip
COUNTRIES = list(CURRENCIES)
STATUSES = ["new", "paid", "shipped", "delivered", "returned", "cancelled"]
DOMAINS = ["example.com", "mail.example.org", "shop.example.net", "corp.example.co.uk"]
WORDS = _words(
    "leave at the front door call before delivery gift wrap please fragile handle with care "
    "second floor ring bell blue box no rush urgent"
)
QUOTED_NOTES = ["left, then right", 'say "hello", twice', "box 4, shelf 2, row B"]
DIRTY_CELLS = {
    "order_id": ["", "A-17", "12.5.1"],
    "order_date": ["2024-13-01", "31/12/2024", "", "2024-02-30", "n/a"],
    "ship_date": ["soon", "2024-00-10", "12-2024"],
    "customer_id": [""],
    "customer_name": [""],
    "email": ["nobody", "a@b@c.com", "x@", "@example.com", "joe example.com"],
    "country": ["", "USA", "Germany"],
    "currency": ["", "US", "EURO"],
    "sku": [""],
    "quantity": ["two", "1.5x", "", "-"],
    "unit_price": ["free", "1,2,3", "", "--"],
    "discount": ["none given", "x"],
    "total": ["", "#REF!", "tbd"],
    "status": [""],
    "note": ["x" * 220],
}
FIRST_ORDER = 100_000
NO_REPEATS_BEFORE = 50


def write(
    lines: int, out: Path, *, seed: int = 7, dirty: float = 0.01, structure: bool = True
) -> None:
    """Write the file. The order of the calls on `chance` decides the bytes: keep it."""
    chance = random.Random(seed)
    with out.open("w", newline="", encoding="utf-8") as file:
        file.write(",".join(HEADERS) + "\n")
        for index in range(lines):
            row = _order(chance, index, structure=structure)
            _spoil(chance, row, expected=dirty * len(HEADERS))
            file.writelines(_text(chance, row, structure=structure))


def _order(chance: random.Random, index: int, *, structure: bool) -> list[str]:
    """Return one good record."""
    below, pick = chance.randrange, chance.choice
    order = FIRST_ORDER + index
    if chance.random() < 0.002 and index > NO_REPEATS_BEFORE:
        order -= below(1, 50)
    year, month, day = below(2020, 2026), below(1, 13), below(1, 29)
    first, last, country = pick(FIRST_NAMES), pick(LAST_NAMES), pick(COUNTRIES)
    quantity = below(1, 40)
    price = below(99, 99_999) / 100
    discount = "" if chance.random() < 0.7 else f"{below(0, 3000) / 100:.2f}"
    note = _note(chance, structure=structure)
    shipped = chance.random() >= 0.2
    ship_date = f"{year}-{month:02d}-{min(day + below(0, 9), 28):02d}" if shipped else ""
    return [
        str(order),
        f"{year}-{month:02d}-{day:02d}",
        ship_date,
        f"C{below(0, 1_000_000):07d}",
        f"{first} {last}",
        f"{first}.{last}{below(0, 999)}@{pick(DOMAINS)}".lower(),
        country,
        CURRENCIES[country],
        f"SKU-{below(0, 5000):05d}",
        str(quantity),
        f"{price:.2f}",
        discount,
        f"{quantity * price:.2f}",
        pick(STATUSES),
        note,
    ]


def _note(chance: random.Random, *, structure: bool) -> str:
    kind = chance.random()
    note = " ".join(chance.choice(WORDS) for _ in range(chance.randrange(0, 9)))
    if kind < 0.02:
        return f"{chance.choice(QUOTED_NOTES)} {note}"
    if structure and kind < 0.021:
        return f"first line\nsecond line {note}"
    return note


def _spoil(chance: random.Random, row: list[str], *, expected: float) -> None:
    """Make cells dirty: near Poisson(expected), of which two terms are enough."""
    kind = chance.random()
    if kind >= expected:
        return
    for _ in range(1 if kind > expected * expected / 2 else 2):
        column = chance.randrange(0, len(row))
        row[column] = chance.choice(DIRTY_CELLS[HEADERS[column]])


def _text(chance: random.Random, row: list[str], *, structure: bool) -> Iterator[str]:
    """Yield the record's text, sometimes ragged, sometimes with a blank line after it."""
    if structure:
        kind = chance.random()
        if kind < 0.0005:
            row = row[:-1]
        elif kind < 0.001:
            row = [*row, "extra"]
    yield ",".join(map(_quoted, row)) + "\n"
    if structure and chance.random() < 0.0005:
        yield "\n"


def _quoted(value: str) -> str:
    if '"' in value or "," in value or "\n" in value:
        return '"' + value.replace('"', '""') + '"'
    return value


def main() -> None:
    """Write the file that the command line asks for."""
    parser = argparse.ArgumentParser(description="Generate a seeded file of orders.")
    parser.add_argument("lines", type=int)
    parser.add_argument("out", type=Path)
    parser.add_argument("--seed", type=int, default=7)
    parser.add_argument("--dirty", type=float, default=0.01)
    parser.add_argument("--clean", action="store_true")
    parser.add_argument("--no-structure", action="store_true")
    args = parser.parse_args()
    write(
        args.lines,
        args.out,
        seed=args.seed,
        dirty=0.0 if args.clean else args.dirty,
        structure=not (args.no_structure or args.clean),
    )


if __name__ == "__main__":
    main()
