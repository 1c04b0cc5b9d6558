"""Random schemas that mostly fit a header line."""

from __future__ import annotations

from typing import TYPE_CHECKING

from preboard.language import nodes as n

if TYPE_CHECKING:
    import random
    from collections.abc import Sequence

TYPES = (
    "string", "string", "integer", "integer", "decimal", "boolean", "date", "datetime", "email",
    "url", "uuid", "blank", "nonspecific", "none",
)  # fmt: skip
BY_PLACE = ("blank", "none", "uuid", "unspecified")
"""Members that may name no header."""
BOUNDED = ("string", "integer", "decimal")
DATED = ("date", "datetime")
BOUNDS = (0, 1, 5, 12, 100, -3, 1.5, "7", "")
FORMATS = ("%Y-%m-%d", "%d.%m.%Y", "%Y-%m-%d %H:%M:%S")
WORDS = ("notnone", "notnone", "distinct", "strict", "weak", "onmatch", "nocontrib", "k", "asbool")


class SchemaMaker:
    """Draws the members of a schema over these headers."""

    def __init__(self, draw: random.Random, headers: Sequence[str]) -> None:
        self.draw = draw
        self.headers = headers

    def chance(self, share: float) -> bool:
        """Say yes in this share of the draws."""
        return self.draw.random() > 1 - share

    def members(self) -> tuple[n.Call, ...]:
        """Return the members, now and then one too many, too few, or at the wrong place."""
        found: list[n.Call] = []
        place = 0
        while place < len(self.headers):
            if self.chance(0.3):
                place += self.jump(found, place)
            else:
                found.append(self.member(place))
                place += 1
        if self.chance(0.1):
            found.append(self.wildcard(self.draw.randint(0, 2)))
        if found and self.chance(0.12):
            found.pop(self.draw.randrange(len(found)))
        if self.chance(0.08):
            self.draw.shuffle(found)
        return tuple(found)

    def jump(self, found: list[n.Call], place: int) -> int:
        """Put a wildcard for some of the headers and return for how many."""
        width = self.draw.randint(0, len(self.headers) - place)
        found.append(self.wildcard(width))
        return width

    def wildcard(self, width: int) -> n.Call:
        """Return a wildcard for so many headers, or an open one."""
        forms = ((), ("*",), (width,), (str(width),))
        arg = self.draw.choice(forms)
        return n.Call(n.NOWHERE, "wildcard", tuple(n.Term(n.NOWHERE, x) for x in arg))

    def member(self, place: int) -> n.Call:
        """Return a type for the header at a place."""
        name = self.draw.choice(TYPES)
        words = tuple(dict.fromkeys(self.draw.choice(WORDS) for _ in range(self.words())))
        if name in BY_PLACE and self.chance(0.5):
            return n.Call(n.NOWHERE, name, (), words)
        args: list[n.Argument] = [self.header(place)]
        if name in BOUNDED and self.chance(0.5):
            args += [self.bound() for _ in range(self.draw.randint(1, 2))]
        if name in DATED and self.chance(0.3):
            args.append(n.Term(n.NOWHERE, self.draw.choice(FORMATS)))
        return n.Call(n.NOWHERE, name, tuple(args), words)

    def words(self) -> int:
        """Return how many qualifiers a member has."""
        return self.draw.choice((0, 0, 0, 1, 1, 2))

    def header(self, place: int) -> n.Header | n.Term:
        """Return the header at a place, by its name, its index, or as text."""
        name = self.headers[place]
        if self.chance(0.1):
            name = self.draw.choice((*self.headers, "zz"))
        match self.draw.randrange(6):
            case 0:
                return n.Header(n.NOWHERE, str(place))
            case 1:
                return n.Term(n.NOWHERE, name)
            case 2:
                return n.Header(n.NOWHERE, name, quoted=True)
            case _:
                return n.Header(n.NOWHERE, name, quoted=" " in name)

    def bound(self) -> n.Term | n.Variable | n.Call:
        """Return a bound: a number, text that may be one, a variable, none()."""
        match self.draw.randrange(5):
            case 0:
                return n.Call(n.NOWHERE, "none")
            case 1:
                return n.Variable(n.NOWHERE, self.draw.choice("xy"))
            case _:
                return n.Term(n.NOWHERE, self.draw.choice(BOUNDS))
