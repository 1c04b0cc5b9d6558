"""Write line(): one fast test for the whole line, and the exact rules where it refuses.

The fast test is a chain of accepts over raw cells (`functions.accept`); it looks at a line whose
cells all pass once and does nothing else. A line it refuses goes over the members in order: each
cell that its accept refuses is put to the exact rule, and is one error if that refuses it too.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

from preboard.engine.plan import declared
from preboard.language import nodes as n
from preboard.language.functions.schema import Layout, lay_out

if TYPE_CHECKING:
    from preboard.engine.expressions import Expressions


class SchemaWriter:
    """Writes one schema call into generated code."""

    def __init__(self, expressions: Expressions, node: n.Call) -> None:
        self.expressions = expressions
        self.out = expressions.out
        self.node = node
        self.number = expressions.number_of[id(node)]
        self.members = [arg for arg in node.args if isinstance(arg, n.Call)]
        self.steady = expressions.fixed and not expressions.by_name
        self.layout = lay_out(self.members, expressions.headers) if self.steady else Layout((), ())

    def write(self) -> str:
        """Write the schema; return the name of its result, which is its value and its vote."""
        out, result = self.out, self.out.fresh()
        if self.steady:
            out.add(f"{result} = {not self.layout.problems}")
        else:
            out.add(f"places, {result} = run.layout({self.number})")
        for problem in self.layout.problems:
            out.add(f"run.refuse({self.number}, {problem!r})")
        accepts = [self._accept(member) for member in self.members]
        tests = [test for test in accepts if test]
        whole = " and ".join(tests) if len(tests) == len(self.members) else ""
        if not self.members:
            return self._distinct(result)
        if whole:
            with out.when(f"not ({whole})"):
                self._members(accepts, result)
        else:
            self._members(accepts, result)
        return self._distinct(result)

    def _members(self, accepts: list[str | None], result: str) -> None:
        """Write each member whose accept refuses, or that has none."""
        with self.expressions.aside():
            self._each_member(accepts, result)

    def _each_member(self, accepts: list[str | None], result: str) -> None:
        for place, (member, accept) in enumerate(zip(self.members, accepts, strict=True)):
            if accept == "True":
                continue
            if accept is None:
                self._member(member, place, result)
                continue
            with self.out.when(f"not {accept}"):
                self._member(member, place, result)

    def _member(self, member: n.Call, place: int, result: str) -> None:
        """Write the exact rule of one member; it reports one error at the most."""
        out = self.out
        if member.name == "wildcard":
            return
        before = out.assign("bad", "b")
        out.add("bad = False")
        cell = self._own_cell(place) if not member.args else None
        value, voted = self.expressions.member(member, cell)
        vote = voted if voted is not None else value
        number = self.expressions.number_of[id(member)]
        out.add(f"if not ({vote}) and not bad:", f"    run.refuse_cell({number})", "    bad = True")
        out.add("if bad:", f"    {result} = False", f"bad = bad or {before}")

    def _own_cell(self, place: int) -> str:
        """Return the cell of a member that names no header."""
        if not self.steady:
            return self.out.assign(f"cell(row, places[{place}])")
        index = self.layout.places[place]
        return self.out.assign(f"cell(row, {index if index is not None else 0})")

    def _accept(self, member: n.Call) -> str | None:
        """Return the fast test of a member, None where the exact rule must be asked."""
        function = declared(member)
        if member.name == "wildcard":
            return "True"
        if "distinct" in member.qualifiers or not self.steady or self.expressions.by_index:
            return None
        if function.name == "blank":
            return "True" if "notnone" not in member.qualifiers else None
        header = member.args[0] if member.args else None
        bounds = all(isinstance(arg, n.Term) for arg in member.args[1:])
        raw = self.expressions.raw_cell(header) if isinstance(header, n.Header) else None
        if raw is None or not bounds:
            return None
        test = function.accept(member, raw) if function.accept else None
        if test is not None:
            return test
        number = self.expressions.number_of[id(member)]
        learned = f"{raw} in known{number} or learn{number}({raw})"
        if "notnone" in member.qualifiers:
            return f"({raw} and ({learned}))"
        return f"({raw} is None or {learned})"

    def _distinct(self, result: str) -> str:
        """Write what the schema itself does: its distinct memory."""
        if "distinct" not in self.node.qualifiers:
            return result
        cells = []
        for place, member in enumerate(self.members):
            if member.name != "wildcard":
                header = member.args[0] if member.args else None
                if isinstance(header, n.Header):
                    cells.append(self.expressions.value(header))
                else:
                    cells.append(self._own_cell(place))
        unique = self.out.assign(f"f{self.number}({', '.join(cells)})", "v")
        message = "Duplicate line found where a distinct set of values is expected"
        self.out.add(
            f"if not {unique}:", f"    run.refuse({self.number}, {message!r})",
            f"    bad, {result} = True, False",
        )  # fmt: skip
        return result
