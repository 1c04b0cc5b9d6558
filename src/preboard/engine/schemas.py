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

_DATES = ("date", "datetime")


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
        if self.layout.problems or not self.steady:
            out.add(f"bad = bad or not {result}")
        if "strict" in self.node.qualifiers:
            self._width(result)
        accepts = [self._accept(member) for member in self.members]
        tests = [test for test in accepts if test]
        whole = " and ".join(tests) if len(tests) == len(self.members) else ""
        if not self.members:
            return self._distinct(result)
        if whole and not self.expressions.options.explains:
            with out.when(f"not ({whole})"):
                self._members(accepts, result)
        else:
            self._members(accepts, result)
        return self._distinct(result)

    def _width(self, result: str) -> None:
        """Write the test of strict: a line has as many values as the schema has headers."""
        width = str(len(self.expressions.headers)) if self.steady else "len(run.line_headers)"
        self.out.add(
            f"if {result} and len(row) != {width}:",
            f"    run.refuse_width({self.number}, len(row), {width})",
            f"    bad, {result} = True, False",
        )  # fmt: skip

    def _members(self, accepts: list[str | None], result: str) -> None:
        """Write each member whose accept refuses, or that has none."""
        with self.expressions.aside():
            self._each_member(accepts, result)

    def _each_member(self, accepts: list[str | None], result: str) -> None:
        for place, (member, accept) in enumerate(zip(self.members, accepts, strict=True)):
            self._explain_cell(member, place)
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
        value, voted = self.expressions.calls.member(member, cell)
        vote = voted if voted is not None else value
        number = self.expressions.number_of[id(member)]
        out.add(f"if not ({vote}) and not bad:", f"    run.refuse_cell({number})", "    bad = True")
        self.expressions.explain(member, "vote", "None", "None", "not bad")
        out.add("if bad:", f"    {result} = False", f"bad = bad or {before}")

    def _explain_cell(self, member: n.Call, place: int) -> None:
        """Write the steps of the explanation that tell a member's cell, and that it holds.

        Where the exact rule refuses the cell after all, its vote takes the place of this one.
        """
        if not self.expressions.options.explains:
            return
        explain = self.expressions.explain
        headers = [arg for arg in member.args[:1] if isinstance(arg, n.Header)]
        with self.expressions.aside():
            if headers:
                cell = self.expressions.value(headers[0])
                explain(member, "cell", repr(headers[0].name), "None", cell)
            elif member.name != "wildcard":  # it may stand for any number of cells
                explain(member, "cell", self._own_place(place), "None", self._own_cell(place))
            explain(member, "vote", "None", "None", "True")

    def _own_place(self, place: int) -> str:
        """Return the index of the column of a member that names no header."""
        return str(self.layout.places[place] or 0) if self.steady else f"places[{place}]"

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
        raw = self.out.assign(raw)  # a test looks at it several times
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
        self._write_distinct(result)
        self._keep(result)
        self.expressions.explain(self.node, "value", "None", "None", result)
        return result

    def _write_distinct(self, result: str) -> None:
        if "distinct" not in self.node.qualifiers:
            return
        cells = [cell for _, cell in self._cells()]
        unique = self.out.assign(f"f{self.number}({', '.join(cells)})", "v")
        message = "Duplicate line found where a distinct set of values is expected"
        self.out.add(
            f"if not {unique}:", f"    run.refuse({self.number}, {message!r})",
            f"    bad, {result} = True, False",
        )  # fmt: skip

    def _cells(self) -> list[tuple[n.Call, str]]:
        """Return the members that are no wildcards, each with its cell."""
        cells = []
        for place, member in enumerate(self.members):
            if member.name != "wildcard":
                header = member.args[0] if member.args else None
                if isinstance(header, n.Header):
                    cell = self.expressions.value(header)
                else:
                    cell = self._own_cell(place)
                cells.append((member, cell))
        return cells

    def _keep(self, result: str) -> None:
        """Write what the schema does with a line that keeps to it; a date brings its format."""
        if declared(self.node).keep is None:
            return
        out, values = self.out, []
        with out.when(result), self.expressions.aside():
            for member, found in self._cells():
                cell = found
                if member.name in _DATES and len(member.args) > 1:
                    cell = f"({cell}, {self.expressions.value(member.args[1])})"
                values.append(cell)
            kept = f"kept{self.number}(({', '.join(values)},))"
            self.expressions.guard(kept, f"{result} = False", f"run.fault({self.number}, error)")
