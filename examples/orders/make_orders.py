"""Write the sample: a partner's order feed with the faults that such feeds have.

usage: python examples/orders/make_orders.py [ORDERS] [SEED] > orders.csv

The same arguments give the same bytes on every machine.
About two lines in a hundred are dirty, each in one of the ways of `FAULTS`.
"""

import csv
import io
import random
import sys
from collections.abc import Callable
from datetime import date, timedelta
from decimal import Decimal

HEADERS = [
    "order_id",
    "order_date",
    "customer",
    "email",
    "country",
    "currency",
    "sku",
    "quantity",
    "unit_price",
    "total",
    "status",
    "note",
]

ORDERS = 3000
SEED = 1912
FIRST_ORDER = 480_000
FIRST_DAY = date(2026, 10, 1)
DIRTY = 0.02

CUSTOMERS = [
    ("Alder Hardware GmbH", "einkauf@alder-hardware.example"),
    ("Atelier Beaumont", "commandes@beaumont.example"),
    ("Bright & Sons, Ltd", "orders@brightandsons.example"),
    ("Casa Moreno", "pedidos@casamoreno.example"),
    ("Cartwright Supply", "buying@cartwright.example"),
    ("De Groot Fietsen", "inkoop@degroot.example"),
    ("Ferramenta Lodi", "acquisti@ferramentalodi.example"),
    ("Fjord Outfitters AS", "innkjop@fjordoutfitters.example"),
    ("Kowalski i Syn", "zakupy@kowalski.example"),
    ("Lakeside Garden Center", "purchasing@lakesidegarden.example"),
    ("Nordlicht Handels KG", "bestellung@nordlicht.example"),
    ("Quincaillerie Morel", "achats@morel.example"),
]
"""The name and the address of each customer; where it orders from is chosen by order."""

CURRENCIES = {
    "DE": "EUR",
    "FR": "EUR",
    "NL": "EUR",
    "ES": "EUR",
    "IT": "EUR",
    "GB": "GBP",
    "US": "USD",
    "NO": "NOK",
    "PL": "PLN",
}
COUNTRIES = [*CURRENCIES, "DE", "DE", "FR", "GB", "US"]
"""Some countries stand here more than once: they order more."""

PRICES = {
    "BRK-0040": "4.95",
    "BLT-1016": "0.89",
    "DRL-0800": "129.00",
    "GLV-0310": "12.50",
    "HMR-0122": "24.90",
    "LMP-2201": "39.00",
    "PNT-0705": "18.75",
    "ROP-5010": "32.40",
    "SAW-0093": "219.00",
    "TPE-0450": "7.20",
}
STATUSES = ["new", "paid", "paid", "shipped", "shipped", "shipped", "cancelled"]
NOTES = [
    "leave with the porter",
    "call before delivery",
    "pallet, no lift on site",
    'mark the box "Hall 3"',
    "deliver after 14:00, gate B",
    "first line: invoice by mail\nsecond line: goods to the yard",
]

Order = list[str]
Fault = Callable[[Order, random.Random], None]


def order(number: int, chance: random.Random) -> Order:
    """Make one clean order; the day moves on with the number."""
    customer, email = chance.choice(CUSTOMERS)
    country = chance.choice(COUNTRIES)
    sku, price = chance.choice(sorted(PRICES.items()))
    quantity = chance.choice([1, 1, 2, 2, 3, 4, 5, 6, 10, 12, 20, 40])
    return [
        str(FIRST_ORDER + number),
        (FIRST_DAY + timedelta(days=number // 100)).isoformat(),
        customer,
        email,
        country,
        CURRENCIES[country],
        sku,
        str(quantity),
        price,
        str(Decimal(price) * quantity),
        chance.choice(STATUSES),
        chance.choice(NOTES) if chance.random() < 0.15 else "",
    ]


def put(header: str, *values: str) -> Fault:
    """Make the fault that puts one of `values` into the field `header`."""

    def spoil(fields: Order, chance: random.Random) -> None:
        fields[HEADERS.index(header)] = chance.choice(values)

    return spoil


def repeat_id(fields: Order, chance: random.Random) -> None:
    """Use the number of an order that came shortly before."""
    fields[0] = str(int(fields[0]) - chance.randint(1, 40))


def negate_quantity(fields: Order, _: random.Random) -> None:
    """Book a return as an order."""
    index = HEADERS.index("quantity")
    fields[index] = f"-{fields[index]}"


def cut_short(fields: Order, chance: random.Random) -> None:
    """Lose the last fields."""
    del fields[chance.randint(6, len(fields) - 1) :]


def run_over(fields: Order, _: random.Random) -> None:
    """Get a field too many, as an unquoted comma does."""
    fields.insert(HEADERS.index("customer") + 1, "Hamburg")


def say_nothing(fields: Order, _: random.Random) -> None:
    """Become a blank line."""
    fields.clear()


FAULTS: list[Fault] = [
    put("order_id", ""),
    put("customer", ""),
    put("email", "", "n/a", "orders(at)brightandsons.example"),
    put("country", "XX", "Germany", ""),
    put("currency", "EURO", "???"),
    put("order_date", "31.10.2026", "2026-1-5", ""),
    put("quantity", "two", "3 pcs", "", "0"),
    put("unit_price", "#REF!", "12,50"),
    put("status", "lost", "PAID"),
    repeat_id,
    negate_quantity,
    cut_short,
    run_over,
    say_nothing,
]


def feed(orders: int = ORDERS, seed: int = SEED) -> str:
    """Return the text of the feed, header line included."""
    chance = random.Random(seed)
    lines = [order(number, chance) for number in range(orders)]
    # The last line stays clean: a feed that breaks off is another matter.
    for fields in lines[100:-1]:
        if chance.random() < DIRTY:
            chance.choice(FAULTS)(fields, chance)
    text = io.StringIO(newline="")
    csv.writer(text, lineterminator="\n").writerows([HEADERS, *lines])
    return text.getvalue()


def main() -> None:
    """Write the feed to standard output."""
    text = feed(*(int(argument) for argument in sys.argv[1:]))
    sys.stdout.buffer.write(text.encode())


if __name__ == "__main__":
    main()
