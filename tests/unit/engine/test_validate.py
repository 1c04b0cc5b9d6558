"""The front door: sources, reports, streaming, progress, interruption."""

from __future__ import annotations

import io
import os
import threading
import tracemalloc
from pathlib import Path

import pytest

import preboard

FOLK = b"id,name,city\n1,Ana,Oslo\n2,Bo,Rome\n3,Cy,Oslo\n"


def folk():
    return io.BytesIO(FOLK)


def many(lines):
    return io.BytesIO(b"n\n" + b"".join(b"%d\n" % i for i in range(lines)))


class TestSources:
    def test_a_path_may_be_text_or_a_path_object(self, tmp_path):
        """Both name the same file."""
        path = tmp_path / "folk.csv"
        path.write_bytes(FOLK)
        for source in (path, str(path)):
            assert preboard.validate("$[1*][#city]", source).counts.matches == 3

    def test_without_a_source_the_root_is_read(self, tmp_path):
        """The path behind the `$` counts only when nothing else is given."""
        path = tmp_path / "folk.csv"
        path.write_bytes(FOLK)
        statement = f'${path}[1*][ #city == "Oslo" ]'
        assert preboard.validate(statement).counts.matches == 2
        assert preboard.validate(statement, io.BytesIO(b"city\nOslo\n")).counts.matches == 1

    def test_nothing_to_read_is_an_input_error(self):
        """A statement without a path needs a source."""
        with pytest.raises(preboard.InputError, match="nothing to read"):
            preboard.validate("$[*][]")

    def test_a_missing_file_is_named(self, tmp_path):
        """The error says which file was looked for."""
        with pytest.raises(preboard.InputError, match=r"nowhere\.csv"):
            preboard.validate("$[*][]", tmp_path / "nowhere.csv")

    def test_a_directory_is_refused(self, tmp_path):
        """A directory is no data."""
        with pytest.raises(preboard.InputError, match="directory"):
            preboard.validate("$[*][]", tmp_path)

    def test_a_hostile_path_is_an_input_error(self):
        """A path with a NUL character is refused as any other that cannot be opened."""
        with pytest.raises(preboard.InputError):
            preboard.validate("$[*][]", "a\0b")

    def test_a_text_file_object_is_refused_with_a_hint(self):
        """Bytes are needed, since decoding is ours."""
        with pytest.raises(preboard.InputError, match="rb"):
            preboard.validate("$[*][]", io.StringIO("a\n1\n"))  # type: ignore[arg-type]

    def test_a_pipe_is_read_once_or_copied_when_lines_are_counted(self, tmp_path):
        """total_lines() needs the end before the beginning, so the pipe is kept on disk."""
        path = tmp_path / "pipe"
        os.mkfifo(path)
        writer = threading.Thread(target=lambda: Path(path).write_bytes(FOLK))
        writer.start()
        report = preboard.validate("$[1*][ @t = total_lines() ]", path)
        writer.join()
        assert report.variables == {"t": 4}

    def test_the_extension_says_the_delimiter(self, tmp_path):
        """A .tsv file is read with tabs, unless something else is declared."""
        path = tmp_path / "folk.tsv"
        path.write_text("id\tname\n1\tAna\n")
        report = preboard.validate('$[1*][ #name == "Ana" ]', path)
        assert report.counts.matches == 1
        assert report.dialect.delimiter == "\t"
        assert report.dialect.origin == "extension"
        assert preboard.validate("$[1*][#name]", path, delimiter=",").counts.matches == 0


class TestReport:
    def test_an_error_says_where_and_what(self):
        """Line of the data, line of the text, column, value, what was expected, and the rule."""
        data = io.BytesIO(b'id,note,qty\n1,"two\nlines",5\n2,x,many\n')
        report = preboard.validate("$[1*][ @n = add(#qty, 1) ]", data)
        (error,) = report.errors
        assert (error.line, error.text_line, error.column, error.value) == (2, 4, "qty", "many")
        assert error.expected == "one of: an integer, a decimal"
        assert error.rule == "@n = add(#qty, 1)"
        assert error.source == "add[0]"
        assert not report.valid

    def test_lines_that_do_not_match_do_not_invalidate(self):
        """The report says how many matched; that is all."""
        report = preboard.validate('$[1*][ #city == "Lima" ]', folk())
        assert report.valid
        assert report.counts == preboard.Counts(lines=4, scans=3, matches=0)

    def test_unmatched_lines_are_kept_when_the_mode_says_so(self):
        """Scanned lines with data that were not returned: not line 0, no blank ones."""
        data = io.BytesIO(b"id\n1\n\n2\n3\n")
        report = preboard.validate("~ unmatched-mode: keep ~ $[1*][ #id == 2 ]", data)
        assert report.lines == [["2"]]
        assert report.unmatched == [["1"], ["3"]]

    def test_nothing_is_collected_without_collect(self):
        """Counting goes on, lines are let go."""
        report = preboard.validate("$[1*][]", folk(), collect=False)
        assert report.lines == []
        assert report.counts.matches == 3

    def test_a_run_that_stopped_says_why(self):
        """stopped_by names the cause."""
        for call in ("stop()", "stop_all()", "fail_and_stop()"):
            assert preboard.validate(f"$[1*][ {call} ]", folk()).stopped_by == call
        assert preboard.validate("$[1-2][]", folk()).stopped_by == "the end of the scan"
        assert preboard.validate("$[1*][]", folk()).stopped_by is None

    def test_completed_says_whether_the_scan_was_read_to_its_end(self):
        """False after an earlier stop, behind the end of the file, and for an empty file."""
        completed = lambda scan, body="": preboard.validate(f"$[{scan}][{body}]", folk()).completed  # noqa: E731
        assert completed("*")
        assert completed("1-2")
        assert not completed("1-9")
        assert not completed("*", "#id == 1 -> stop()")
        assert not preboard.validate("$[*][]", io.BytesIO(b"")).completed

    def test_the_library_writes_nothing_to_the_console(self, capsys):
        """Printouts are in the report only."""
        report = preboard.validate('$[1*][ print("$.headers.name") ]', folk())
        assert list(report.printouts["default"]) == ["Ana", "Bo", "Cy"]
        assert capsys.readouterr() == ("", "")

    def test_a_long_report_is_spooled_and_reads_the_same(self):
        """Errors, lines and printouts beyond what is held in memory are all there."""
        report = preboard.validate('$[1*][ print("$.headers.n") error("bad") ]', many(5000))
        assert [error.line for error in report.errors] == list(range(1, 5001))
        assert list(report.printouts["default"])[-1] == "4999"

    @pytest.mark.parametrize(
        "rule", ["yes()", "no()", 'error("$.headers.x")', 'print("$.headers.x")']
    )
    def test_large_lines_are_not_held(self, rule):
        """Neither matched nor unmatched ones, nor errors and printouts that quote them."""
        data = b"id,x\n" + b"".join(b"%d,%s\n" % (n, b"y" * 500_000) for n in range(120))
        statement = f"~ unmatched-mode: keep ~ $[1*][ {rule} ]"
        tracemalloc.start()
        report = preboard.validate(statement, io.BytesIO(data), delimiter=",")
        peak = tracemalloc.get_traced_memory()[1]
        tracemalloc.stop()
        assert report.counts.scans == 120
        assert peak < 40_000_000


class TestFindings:
    def test_a_quote_that_takes_the_lines_behind_it_refuses_the_file(self):
        """No rule has looked at those lines, so nothing is said of the file."""
        with pytest.raises(preboard.InputError, match="text line 3 is never closed") as told:
            preboard.validate("$[1*][]", io.BytesIO(b'id,name\n1,Ana\n2,"Bo\n3,Cy\n'))
        assert told.value.line == 2

    def test_a_quote_that_the_last_line_leaves_open_is_found(self):
        """It has taken no line, so the rest of the line is its cell, and that is noted."""
        report = preboard.validate("$[1*][]", io.BytesIO(b'id,name\n1,Ana\n2,"Bo\n'))
        assert [line[0] for line in report.lines] == ["1", "2"]
        assert [finding.code for finding in report.findings] == ["unclosed-quote"]
        assert "text line 3" in report.findings[0].message


class TestScan:
    def test_lines_come_while_the_file_is_read(self):
        """The first line is there before the source is used up."""
        source = many(100_000)
        with preboard.scan("$[1*][]", source) as lines:
            assert next(lines) == ["0"]
            assert source.tell() < len(source.getvalue())

    def test_the_report_is_complete_at_the_end(self):
        """Counts and variables are those of the whole run."""
        with preboard.scan('$[1*][ #city == "Oslo" @n = count() ]', folk()) as lines:
            assert [line[0] for line in lines] == ["1", "3"]
            assert lines.report.variables == {"n": 2}

    def test_a_scan_outside_of_with_says_how_to_use_it(self):
        """The source is only open inside of the with block."""
        with pytest.raises(preboard.InputError, match=r"with preboard\.scan"):
            next(preboard.scan("$[*][]", folk()))


class TestSeveralStatements:
    def test_one_reading_serves_all(self):
        """Each statement has a report of its own, in order; the stream is read once."""
        reports = preboard.validate_all(
            ['$[1*][ #city == "Oslo" ]', "$[2][]", '~ id: r ~ $[1*][replace("city", "X")]'], folk()
        )
        assert [report.counts.matches for report in reports] == [2, 1, 3]
        assert reports[0].lines == [["1", "Ana", "Oslo"], ["3", "Cy", "Oslo"]]
        assert reports[2].lines[0] == ["1", "Ana", "X"]
        assert reports[2].identity == "r"

    def test_statements_with_other_delimiters_get_a_reading_of_their_own(self):
        """A stream is kept for them."""
        data = io.BytesIO(b"a;b\n1;2\n")
        statements = ["$[1*][]", "~ use-delimiter: semi ~ $[1*][]"]
        reports = preboard.validate_all(statements, data, delimiter=",")
        assert [report.lines for report in reports] == [[["1;2"]], [["1", "2"]]]

    def test_a_bad_statement_refuses_all_before_a_line_is_read(self):
        """No report of the good ones hides the bad one."""
        source = folk()
        with pytest.raises(preboard.StatementError):
            preboard.validate_all(["$[*][]", "$[*][ nope() ]"], source)
        assert source.tell() == 0


class TestWatching:
    def test_progress_is_told_between_batches(self):
        """Lines and bytes grow."""
        seen: list[preboard.Progress] = []
        preboard.validate("$[*][]", many(50_000), collect=False, progress=seen.append)
        assert len(seen) > 2
        assert [p.lines for p in seen] == sorted(p.lines for p in seen)
        assert seen[-1].bytes_read > seen[0].bytes_read

    def test_a_progress_that_returns_false_cancels(self):
        """The run ends with an error, not with half an answer."""
        with pytest.raises(preboard.RunInterrupted, match="cancelled"):
            preboard.validate("$[*][]", many(50_000), progress=lambda _: False)

    def test_a_run_out_of_time_is_interrupted(self):
        """The timeout is looked at between batches."""
        with pytest.raises(preboard.RunInterrupted, match="longer than"):
            preboard.validate("$[*][]", many(50_000), timeout_s=0)


class TestPolicy:
    def test_raise_leaves_with_a_data_error_that_knows_the_line(self):
        """The first error ends the run."""
        with pytest.raises(preboard.DataError) as caught:
            preboard.validate("$[1*][ add(#name, 1) ]", folk(), on_error=["raise"])
        assert caught.value.line == 1

    def test_an_unknown_word_is_a_config_error(self):
        """With the words that exist."""
        with pytest.raises(preboard.ConfigError, match="collect"):
            preboard.validate("$[*][]", folk(), on_error=["zap"])

    def test_every_error_of_ours_has_one_base(self):
        """One except clause catches them all, and each has a stable code."""
        kinds = (
            preboard.StatementError, preboard.InputError, preboard.DataError,
            preboard.ConfigError, preboard.RunInterrupted,
        )  # fmt: skip
        assert all(issubclass(kind, preboard.PreboardError) for kind in kinds)
        assert len({kind.code for kind in kinds}) == len(kinds)
