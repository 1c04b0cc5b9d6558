"""Functions that Acme's statements call: what an IBAN is, and running totals by day."""

from preboard.functions import Call, Fault, Number, Text, TextOrEmpty, function, optional


@function("iban", gives="match", args=[TextOrEmpty])
def iban(_call: Call, text: str) -> bool:
    """Matches an IBAN whose check digits are right; an empty cell is none.

    Blanks between its groups do not count.
    """
    compact = text.replace(" ", "").upper()
    if not (compact.isascii() and compact.isalnum() and len(compact) > 4):
        return False
    moved = compact[4:] + compact[:4]
    return int("".join(str(int(letter, 36)) for letter in moved)) % 97 == 1


@function("day_total", gives="value", args=[Text, Number, optional(Number)], acts=True, state=dict)
def day_total(call: Call, day: str, amount: float, most: float | None = None) -> float:
    """The total of the amounts of a day so far.

    With a third argument more than that is an error of the line.
    """
    total = call.state[day] = call.state.get(day, 0) + amount
    if most is not None and total > most:
        raise Fault(f"the payments of {day} come to {total:g}, more than {most:g}")
    return total
