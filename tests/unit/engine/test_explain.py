"""What a statement made of one line: status, reason, and what each part came to."""

import io
import json
import logging

import pytest

import preboard
from preboard.engine.compile import compiled
from preboard.engine.generate import Options

ORDERS = b"id,town,n\n1,Oslo,5\n2,Rome,x\n\n3,Bonn,7\n3,Oslo,\n"
POLICY = ("collect", "fail")


def explained(statement, line=None, data=ORDERS, **told):
    return preboard.explain(statement, io.BytesIO(data), line=line, delimiter=",", **told)


def part(explanation, text):
    """Return the part of an explanation that has a text."""
    waiting = list(explanation.parts)
    while waiting:
        found = waiting.pop(0)
        if found.text == text:
            return found
        waiting += found.children
    raise LookupError(text)


class TestVerdict:
    @pytest.mark.parametrize(
        ("statement", "line", "status", "reason", "decided_by"),
        [
            ('$[1*][ #town == "Oslo" ]', 1, "matched", "no part votes false", (0,)),
            ('$[1*][ #town == "Oslo" ]', 2, "unmatched", "the only part votes false", (0,)),
            ('$[1*][ #id #town == "x" #zz ]', 1, "unmatched", "2 of 3 parts vote false", (1, 2)),
            (
                '~ logic-mode: OR ~ $[1*][ #zz #id #n == "x" ]', 1, "matched",
                "1 of 3 parts votes true, and one is enough (logic-mode OR)", (1,),
            ),
            (
                "~ logic-mode: OR ~ $[1*][ #zz #zz2 ]", 1, "unmatched",
                "no part votes true (logic-mode OR)", (0, 1),
            ),
            ("$[1*][ #id skip() yes() ]", 1, "unmatched", "skip() left the line", (1,)),
            ("$[1*][ no() take() no() ]", 1, "matched", "take() took the line", (1,)),
            (
                "$[1*][ #id stop() yes() ]", 1, "unmatched",
                "stop() ended the run before this line could match", (1,),
            ),
            ("$[1*][ #id stop() ]", 1, "matched", "no part votes false", (0, 1)),
            ("$[1*][]", 1, "matched", "the match part is empty", ()),
        ],
    )  # fmt: skip
    def test_what_decided(self, statement, line, status, reason, decided_by):
        found = explained(statement, line)

        assert (found.status, found.reason, found.decided_by) == (status, reason, decided_by)
        assert found.matched == (status == "matched")

    @pytest.mark.parametrize(
        ("statement", "line", "status", "reason"),
        [
            ("$[1*][ yes() ]", 0, "not-scanned", "the scan part [1*] does not select it"),
            ("$[1-2][ yes() ]", 4, "not-scanned", "the scan part [1-2] does not select it"),
            ("$[*][ yes() ]", 3, "blank", "it is blank, and blank lines are passed over"),
            ("$[*][ last() ]", 3, "blank", "it is blank, and blank lines are passed over"),
            ('$[*][ #town == "Oslo" -> advance(1) ]', 2, "jumped", "advance() jumped over it"),
            ('$[*][ #town == "Oslo" -> stop() ]', 4, "stopped", "the run ended on line 1: stop()"),
            (
                "$[*][ yes() ]", 6, "no-line",
                "the data ends before it: it has 6 lines, and they are counted from 0",
            ),
            (
                "~ run-mode: no-run ~ $[*][ yes() ]", 1, "no-run",
                "run-mode says no-run: the statement looks at no line",
            ),
        ],
    )  # fmt: skip
    def test_a_line_that_was_not_reached_says_why(self, statement, line, status, reason):
        found = explained(statement, line)

        assert (found.status, found.reason, found.matched) == (status, reason, None)
        assert found.parts == ()

    def test_an_error_before_the_line_under_raise(self):
        found = explained("$[1*][ @x = int(#n) ]", 4, on_error=("raise",))

        assert found.status == "stopped"
        assert found.reason.startswith("an error ended the run before: line 2: ")

    def test_an_error_on_the_line_under_raise(self):
        """What was evaluated before the error is told, and what was not says so."""
        found = explained("$[1*][ #id @x = int(#n) yes() ]", 2, on_error=("raise",))

        assert (found.status, found.decided_by) == ("unmatched", (1,))
        assert found.reason.startswith("an error ended the run: line 2: ")
        assert part(found, "#id").value == "2"
        assert part(found, "int(#n)").errors
        assert part(found, "yes()").reason == "an error ended the run before"

    def test_only_last_sees_a_line_that_is_jumped_over(self):
        found = explained("$[4*][ advance(1) last() -> @x = 2 ]", 5)

        assert found.status == "jumped"
        assert part(found, "last()").value is True
        assert part(found, "@x").value == 2
        assert (
            part(found, "advance(1)").reason == "the line is passed over, and only last() sees it"
        )


class TestState:
    def test_the_lines_before_are_run(self):
        """Counters, variables and memories are what they are on that line."""
        statement = "$[1*][ count.seen(#id) == 1 @sum = add(@sum, 1) ]"

        first, second = explained(statement, 4), explained(statement, 5)

        assert part(first, "count.seen(#id)").value == 1
        assert part(second, "count.seen(#id)").value == 2
        assert part(second, "@sum = add(@sum, 1)").children[0].value == 4

    def test_lines_behind_are_not(self):
        """The data may end in ruin behind the line."""
        data = b"a\n1\n" + b"2\n" * 200_000 + b'"' + b"x" * 20_000_000

        assert explained("$[*][ #a ]", 1, data).matched

    def test_the_last_line_is_known(self):
        assert part(explained("$[*][ last() ]", 5), "last()").value is True
        assert part(explained("$[*][ last() ]", 4), "last()").value is False

    def test_values_are_as_they_were_when_they_were_asked_for(self):
        found = explained('$[1*][ stack("s") push("s", #id) stack("s") ]', 2)

        assert found.parts[0].value == ["1"]
        assert found.parts[2].value == ["1", "2"]


class TestParts:
    @pytest.mark.parametrize(
        ("statement", "text", "value", "vote", "reason"),
        [
            ('#town == "Rome" -> @x = 1', "@x = 1", None, True, None),
            ('#town == "Rome" -> @x = 1', "@x", 1, None, None),
            ('#town == "Oslo" -> @x = 1', "@x = 1", None, None, "the left side is not true"),
            ('#town == "Oslo" -> @x = 1', "@x", None, None, "the left side is not true"),
            ("or(#town, #n)", "#n", None, None, "or() had its answer before"),
            ("and(#zz, #n)", "#n", None, None, "and() had its answer before"),
            ("no() @x.onmatch = #n", "@x.onmatch = #n", None, None,
             "it waits for the line to match, and it does not"),
            ("no() @x.onmatch = #n", "#n", "x", None, None),
            ("@x.onmatch = int(#n)", "@x.onmatch = int(#n)", None, False,
             "its value failed, so the line cannot match"),
            ("@x.onmatch = int(#n)", "@x.onmatch", None, None,
             "its value failed, so it is not set"),
            ("skip() #n", "#n", None, None, "skip() left the line before"),
            ("add(int(#n), 1) == 3", "add(int(#n), 1)", None, None,
             "an argument failed, so its default stands in for it"),
            ("#zz", "#zz", None, False, None),
            ("not(#n)", "not(#n)", False, False, None),
            ("not(#n)", "#n", "x", True, None),
            ('in(#town, "Rome|Bonn")', '"Rome|Bonn"', "Rome|Bonn", None, None),
            ("@y.asbool", "@y.asbool", None, False, None),
            ('replace(#town, "Bari")', "#town", "Rome", None, None),
        ],
    )  # fmt: skip
    def test_what_a_part_came_to(self, statement, text, value, vote, reason):
        found = part(explained(f"$[1*][ {statement} ]", 2), text)

        assert (found.value, found.vote, found.reason) == (value, vote, reason)
        assert found.evaluated == (reason is None)

    def test_an_error_stands_at_its_part(self):
        found = explained("$[1*][ @x = int(#n) ]", 2)

        assert part(found, "int(#n)").errors == tuple(error.message for error in found.errors)
        assert part(found, "@x = int(#n)").errors == ()

    def test_an_error_that_or_forgives_is_told_and_no_error_of_the_line(self):
        found = explained("$[1*][ or(int(#n), #town) ]", 2)

        assert part(found, "int(#n)").errors
        assert (found.matched, found.errors) == (True, ())

    def test_errors_are_told_even_if_the_policy_keeps_none(self):
        assert len(explained("$[1*][ @x = int(#n) ]", 2, on_error=("quiet",)).errors) == 1

    def test_places_are_those_of_the_text(self):
        text = "$[1*][\n  yes()\n  #town == #n\n]"

        found = explained(text, 2).parts[1]

        assert (found.line, found.column) == (3, 3)
        assert text[found.span.start : found.span.end] == "#town == #n"
        assert [child.column for child in found.children] == [3, 12]

    def test_a_list_that_holds_itself_ends(self):
        found = explained('$[1*][ push("s", @s) ]', 2)

        assert json.dumps(found.to_json())


class TestSchema:
    STATEMENT = "$[1*][ line(integer(#id), string(#town, 4, 4), integer(#n)) ]"

    def cells(self, found):
        return [(member.cell.column, member.cell.value, member.vote) for member in found.children]

    def test_each_member_tells_its_cell_and_whether_it_holds(self):
        found = explained(self.STATEMENT, 2)

        assert self.cells(found.parts[0]) == [
            ("id", "2", True), ("town", "Rome", True), ("n", "x", False),
        ]  # fmt: skip
        assert found.parts[0].children[2].errors == (found.errors[0].message,)
        assert found.parts[0].vote is False

    def test_a_line_that_the_fast_test_takes_tells_the_same(self):
        found = explained(self.STATEMENT, 1)

        assert self.cells(found.parts[0]) == [
            ("id", "1", True), ("town", "Oslo", True), ("n", "5", True),
        ]  # fmt: skip
        assert found.matched

    def test_a_member_without_a_header_tells_the_one_at_its_place(self):
        found = explained("$[1*][ line(blank(), wildcard(1), integer(#n)) ]", 1).parts[0]

        assert found.children[0].cell.column == "id"
        assert found.children[1].cell is None
        assert all(member.vote for member in found.children)


class TestTextLine:
    DATA = b'a,b\n1,"x\ny\nz"\n2,q\n'

    @pytest.mark.parametrize(("text_line", "line"), [(1, 0), (2, 1), (3, 1), (4, 1), (5, 2)])
    def test_a_record_is_found_by_each_of_its_lines(self, text_line, line):
        found = explained("$[*][ yes() ]", None, self.DATA, text_line=text_line)

        assert (found.line, found.status) == (line, "matched")

    def test_no_line_at_all(self):
        found = explained("$[*][ yes() ]", None, self.DATA, text_line=6)

        assert (found.line, found.text_line, found.status) == (None, 6, "no-line")
        assert found.reason == "no line of the data stands at line 6 of the text"

    def test_the_text_line_is_told(self):
        assert explained("$[*][ yes() ]", 2, self.DATA).text_line == 5


class TestArguments:
    @pytest.mark.parametrize(
        "told", [{}, {"line": 1, "text_line": 1}, {"line": -1}, {"text_line": 0}]
    )
    def test_the_line_has_one_number(self, told):
        with pytest.raises(preboard.ConfigError):
            preboard.explain("$[*][]", io.BytesIO(ORDERS), **told)

    def test_several_statements_each_for_itself(self):
        """A stream is read again for each; what one remembers is none of the other's business."""
        found = preboard.explain_all(
            ["$[*][ @x = line_number() ]", "~ id: b use-delimiter: semi ~ $[*][ @x ]"],
            io.BytesIO(ORDERS), line=2,
        )  # fmt: skip

        assert [each.matched for each in found] == [True, False]
        assert [len(each.cells) for each in found] == [3, 1]
        assert [each.identity for each in found] == [None, "b"]

    def test_jsonl_brings_its_own_headers(self):
        data = b'{"a": 1, "b": 2}\n{"b": 3, "c": 4}\n'

        found = preboard.explain("$[*][ #c == 4 ]", io.BytesIO(data), line=1, format="jsonl")

        assert (found.headers, found.matched) == (("b", "c"), True)


class TestJson:
    def test_it_is_made_of_what_json_has(self):
        found = explained('$[1*][ date(#n, "%Y") == #town or(#id, #n) ]', 2).to_json()

        assert json.loads(json.dumps(found, allow_nan=False)) == found
        assert [part["kind"] for part in found["parts"]] == ["equality", "call"]
        assert found["parts"][1]["children"][1] == {
            "kind": "header", "text": "#n", "start": 39, "end": 41, "line": 1, "column": 40,
            "evaluated": False, "reason": "or() had its answer before", "value": None,
            "vote": None, "errors": [], "cell": None, "children": [],
        }  # fmt: skip


class TestGeneratedCode:
    TEXT = '$[1*][ #a == 1 -> @x = 2 line(string(#a)) or(#a, int(#b)) skip() push("s", #a) ]'

    def test_code_that_does_not_tell_knows_nothing_of_it(self):
        assert "explain" not in compiled(self.TEXT, ("a", "b"), Options())[0]

    def test_code_that_tells_does_the_same_in_the_same_order(self):
        """Without the steps that tell, the schema's test of the whole line is the difference."""
        telling = compiled(
            self.TEXT.replace("line(string(#a)) ", ""), ("a", "b"), Options(explains=True)
        )
        silent = compiled(self.TEXT.replace("line(string(#a)) ", ""), ("a", "b"), Options())

        lines = [line for line in telling[0].splitlines() if "run.explain" not in line]
        assert lines == silent[0].splitlines()


def test_explain_mode_writes_each_step_to_the_log(caplog):
    """The log of explain-mode follows the same steps (language.md 10)."""
    statement = '~ explain-mode: explain ~ $[1][ #town == "Oslo" -> @x = add(#n, 1) ]'

    with caplog.at_level(logging.INFO, logger="preboard.explain"):
        preboard.validate(statement, io.BytesIO(ORDERS), delimiter=",")

    messages = [record.getMessage() for record in caplog.records]
    assert messages[0] == "Dumping explanation: line 1"
    assert (
        "#town == \"Oslo\" did equality between 'Oslo' and 'Oslo' because their texts or values "
        "are the same resulting in True"
    ) in messages
    assert {message.split(" did ")[1].split()[0] for message in messages[1:]} == {
        "matching", "equality", "assign", "when/do", "value",
    }  # fmt: skip
