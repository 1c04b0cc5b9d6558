"""The statements that are measured, and how far the reference can be taken with each.

A statement's root is `$`: our side passes the file as an argument, the reference wants the path
written after the dollar sign (`Workload.with_path`).
"""

from __future__ import annotations

from dataclasses import dataclass


@dataclass(frozen=True, slots=True)
class Workload:
    """One statement to measure.

    `reference_dirty` and `reference_clean` are the most lines the reference is given, None for no
    limit: beyond them it needs time that grows with the square of the lines.
    """

    name: str
    about: str
    statement: str
    reference_dirty: int | None = None
    reference_clean: int | None = None

    def with_path(self, path: str) -> str:
        """Return the statement with the file's path in its root."""
        return f"${path}{self.statement[1:]}"

    def reference_limit(self, *, clean: bool) -> int | None:
        """Return the most lines at which the reference is measured."""
        return self.reference_clean if clean else self.reference_dirty


W1 = Workload(
    "W1",
    "one equality and a count",
    """$[1*][
    #country == "DE"
    @n.onmatch = count()
]""",
)

W2 = Workload(
    "W2",
    "line() over 15 columns",
    """$[1*][
    line(
        integer.notnone(#order_id),
        date.notnone(#order_date, "%Y-%m-%d"),
        date(#ship_date, "%Y-%m-%d"),
        string.notnone(#customer_id, 8, 8),
        string.notnone(#customer_name, 60, 1),
        email.notnone(#email),
        string.notnone(#country, 2, 2),
        string.notnone(#currency, 3, 3),
        string.notnone(#sku, 9, 9),
        integer.notnone(#quantity, 1000, 0),
        decimal.notnone(#unit_price),
        decimal(#discount),
        decimal.notnone(#total),
        string.notnone(#status, 12, 1),
        string(#note, 200)
    )
]""",
    reference_dirty=10_000,  # every new error is compared with all earlier ones
)

W3 = Workload(
    "W3",
    "tally, sum, duplicates, two conditional prints",
    """$[1*][
    tally.seen(#country)
    sum.units(#quantity)
    @n = count_lines()
    @dup = has_dups.ids(#order_id)
    @dup.asbool.nocontrib -> print("line $.csvpath.line_number repeats an order id")
    #currency.nocontrib == "EURO" -> print("line $.csvpath.line_number has a bad currency")
]""",
)

W3Q = Workload(
    "W3Q",
    "running average, maximum, minimum",
    """$[1*][
    @avg = average.run(#quantity, "line")
    @most = max.top(#unit_price)
    @least = min.low(#unit_price)
]""",
    reference_dirty=600,  # it keeps every value and goes over all of them at each line
    reference_clean=600,
)

WORKLOADS = {workload.name: workload for workload in (W1, W2, W3, W3Q)}
