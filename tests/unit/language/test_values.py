"""What values mean (tables of sections 5.4, 5.5 and 6.2) and how numbers are read."""

import math
from datetime import date, datetime

import pytest

from preboard.language import values

NAN = float("nan")


class TestEmpty:
    @pytest.mark.parametrize("value", [None, "", "  ", "\n", "none", "None", " NONE ", "nan", NAN])
    def test_empty(self, value):
        """Nothing, blanks, `none` in any case, `nan` and NaN are empty."""
        assert values.is_empty(value)

    @pytest.mark.parametrize("value", ["NaN", "NAN", "null", "0", 0, 0.0, False, [], {}, "no"])
    def test_not_empty(self, value):
        """Zero, false, empty lists and other words are values."""
        assert not values.is_empty(value)


class TestTruth:
    @pytest.mark.parametrize(
        "value",
        [None, False, NAN, "false", "FALSE", " False ", "nan", "NaN", "", 0, 0.0, -0.0],
    )
    def test_false(self, value):
        """The first rows of table 5.5 are false."""
        assert values.truth(value) is False

    @pytest.mark.parametrize(
        "value",
        [
            True, "true", "TRUE", "0", "no", "None", "NAN", " ", "x", 1, -1, 0.5, math.inf,
            [], (), {}, [0], date(2024, 1, 31),
        ],
    )  # fmt: skip
    def test_true(self, value):
        """Everything else is true, empty lists and the text `0` too."""
        assert values.truth(value) is True


class TestSame:
    @pytest.mark.parametrize(
        ("left", "right", "equal"),
        [
            ("1", 1, True),
            ("1 ", 1, True),
            ("1 ", "1", True),
            ("1 ", " 1 ", True),
            ("1.0", 1, False),
            ("1.0", 1.0, True),
            ("1.0", "1.0", True),
            ("01", 1, False),
            (1, 1.0, True),
            (1.0, "1", False),
            (True, 1, True),
            (True, "True", True),
            (True, "true", False),
            (None, None, True),
            (None, "None", True),
            (None, "", False),
            (None, "none", False),
            ("", "", True),
            ("Oslo", "oslo", False),
            ([1, 2], [1, 2], True),
            ([1, 2], [1, 3], False),
            ({"a": 1}, {"a": 1}, True),
            (1500.0, "1500.0", True),
            (1500.0, "1500", False),
            (date(2024, 1, 31), "2024-01-31", True),
            (NAN, NAN, True),
        ],
    )
    def test_table(self, left, right, equal):
        """Two values are the same as table 6.2 has them, from either side."""
        assert values.same(left, right) is equal
        assert values.same(right, left) is equal


class TestNumbers:
    @pytest.mark.parametrize(
        ("value", "number"),
        [
            ("12", 12),
            (" 12 ", 12),
            ("-12", -12),
            ("+12", 12),
            ("1.5", 1.5),
            (".5", 0.5),
            ("2.", 2.0),
            ("1e3", 1000.0),
            ("1,200", 1200),
            ("1,200,300", 1200300),
            ("12,50", 12.5),
            ("1,234,50", 1234.5),
            ("1.234,50", None),
            ("$5", 5),
            ("€ 5", 5),
            ("£1,000.50", 1000.5),
            ("5 €", 5),
            ("", 0),
            ("   ", 0),
            (None, 0),
            (True, 1),
            (False, 0),
            (7, 7),
            (7.5, 7.5),
            ("inf", math.inf),
            ("five", None),
            ("1-2", None),
            ("1 2", None),
            ("0x10", None),
            ("5%", None),
            ([1], None),
            (date(2024, 1, 31), None),
        ],
    )
    def test_reading(self, value, number):
        """Text reads as a number with separators, a decimal comma and currency signs."""
        if number is None:
            with pytest.raises(ValueError, match="is not a number"):
                values.to_number(value)
            assert not values.is_number(value)
        else:
            read = values.to_number(value)
            assert (read, type(read)) == (number, type(number))
            assert values.is_number(value) is (value is not None)

    @pytest.mark.parametrize(
        ("value", "number"), [("1.9", 1), ("-1.9", -1), (2.0, 2), ("1e3", 1000), ("", 0)]
    )
    def test_whole(self, value, number):
        """A whole number is cut toward zero."""
        assert values.to_int(value) == number
        assert type(values.to_int(value)) is int

    @pytest.mark.parametrize("value", ["inf", "-inf", "nan", math.inf, NAN, "five"])
    def test_no_whole_number(self, value):
        """What is infinite or no number has no whole number, and only a ValueError says so."""
        with pytest.raises(ValueError):  # noqa: PT011 - the kind is the point
            values.to_int(value)

    def test_very_long_number(self):
        """A text of more digits than Python reads as an int is an infinite number."""
        assert values.to_number("9" * 5000) == math.inf


class TestOrder:
    def test_first_value_always_may(self):
        """Increase and decrease take any first value, zero too."""
        assert values.increases(None, 0)
        assert values.decreases(None, 0)

    def test_equal_value_may_not(self):
        """An equal value neither increases nor decreases, and None never does."""
        assert not values.increases(1, 1)
        assert not values.decreases(1, 1)
        assert not values.increases(1, None)
        assert not values.decreases(1, None)

    def test_greater_and_less(self):
        """Increase wants a greater value, decrease a smaller one."""
        assert values.increases(1, 2)
        assert not values.increases(2, 1)
        assert values.decreases(2, 1)
        assert not values.decreases(1, 2)


class TestCells:
    def test_trimmed_text(self):
        """A field is its trimmed text, None behind the end of the line."""
        assert values.cell([" a ", ""], 0) == "a"
        assert values.cell([" a ", ""], 1) == ""
        assert values.cell([" a ", ""], 2) is None

    def test_negative_index(self):
        """A negative index counts from the end, None before the start."""
        assert values.cell(["a", "b"], -1) == "b"
        assert values.cell(["a", "b"], -3) is None

    def test_value_that_is_no_text(self):
        """A value that is no text is given as it is."""
        assert values.cell([1.5], 0) == 1.5


class TestHeaders:
    @pytest.mark.parametrize(
        ("name", "quoted", "index"),
        [
            ("b", False, 1),
            ("B", False, None),
            ("c", False, 2),
            ("0", False, 0),
            ("01", False, 1),
            ("1.0", True, 1),
            ("-1", False, -1),
            ("99", False, 99),
            ("2024", False, 2024),
            ("2024", True, 4),
            ("9" * 20, False, None),
            ("x,y", True, 5),
            ("missing", True, None),
        ],
    )
    def test_index_of(self, name, quoted, index):
        """A name that reads as a number is an index; a quoted one is looked for as a name first."""
        assert values.index_of(name, ["a", "b", "c", "c", "2024", "xy"], quoted=quoted) == index

    def test_clean(self):
        """Names of headers are trimmed and lose some characters."""
        assert values.clean_headers([" a ", "x;y,z|\t`", None, 5]) == ["a", "xyz", "", "5"]


class TestTracked:
    def test_text_key_first(self):
        """A tracking key finds its text, else the boolean of that name, else None."""
        assert values.tracked({"True": 1, True: 2}, "True") == 1
        assert values.tracked({True: 2}, "True") == 2
        assert values.tracked({True: 2}, "False") is None

    @pytest.mark.parametrize("table", [None, "text", 5, [1]])
    def test_no_dictionary(self, table):
        """A variable without keys has no tracking values."""
        assert values.tracked(table, "a") is None


class TestText:
    @pytest.mark.parametrize(
        ("value", "text"),
        [(True, "True"), (None, "None"), (1500.0, "1500.0"), (7, "7"), (" a ", " a ")],
    )
    def test_form(self, value, text):
        """The text form of a value is Python's, text stays as it is."""
        assert values.text_of(value) == text

    def test_is_date(self):
        """Dates and datetimes are dates, text that looks like one is not."""
        assert values.is_date(date(2024, 1, 31))
        assert values.is_date(datetime(2024, 1, 31, 12))  # noqa: DTZ001 - data has no zone
        assert not values.is_date("2024-01-31")
