"""Functions that count, add up or look back, where no recorded case tells."""

import io

import pytest

import preboard


def run(statement, text, **options):
    return preboard.validate(statement, io.BytesIO(text.encode()), delimiter=",", **options)


PETS = "k,n\ncat,1\ndog,2\ncat,3\ndog,4\ncat,5\n"


@pytest.mark.parametrize("function", ["every.k", "increment.k"])
def test_nocontrib_on_the_left_lets_the_action_run_on_the_nth_only(function):
    """It keeps the line, it does not make the condition true."""
    first = '#k == "cat"'
    report = run(f'$[1*][{function}.nocontrib({first}, 2) -> push("s", #n)]', PETS)
    assert report.counts.matches == 5
    assert report.variables["s"] == (["3", "4"] if function == "every.k" else ["3"])


@pytest.mark.parametrize("n", ["0", "-1", "0.5", '"2"', '"x"'])
@pytest.mark.parametrize("function", ["every", "increment"])
def test_n_that_can_never_be_reached_is_refused(function, n):
    """The second argument is a literal number above zero."""
    with pytest.raises(preboard.StatementError) as error:
        run(f"$[*][{function}(#k, {n})]", PETS)
    assert error.value.diagnostics[0].code == "argument-value"


def test_nan_is_one_value():
    """NaN is not equal to itself, but it is counted as one value."""
    report = run("$[1*][count.c(divide(#n, 0)) every.e(divide(#n, 0), 2)]", PETS)
    assert report.variables["c"] == {"nan": 5}
    assert report.counts.matches == 2


def test_variable_of_another_kind_is_an_error():
    """A memory is never written over what the statement itself has put there."""
    for call in ("increment.k(yes(), 2)", "counter.k()", "sum.k(#n)", "subtotal.k(#k, #n)"):
        report = run(f'$[1*][@k = "text" {call}]', PETS)
        assert len(report.errors) == 5, call
        assert report.variables["k"] == "text"


def test_after_blank_looks_at_the_record_before_wherever_it_is():
    """Scanned or not, and also where another batch of the reading begins."""
    assert run("$[3][after_blank()]", "a\n1\n\n3\n").counts.matches == 1
    assert run("$[3][after_blank()]", "a\n1\n2\n3\n").counts.matches == 0
    text = "a\n" + "1\n" * 511 + "\n" * 600 + "2\n" + "3\n\n" * 700
    for last in ("", " last.nocontrib() -> @l = line_number()"):
        report = run(f'$[*][after_blank() -> push("s", #a){last}]', text)
        assert report.variables["s"] == ["2", *["3"] * 699]


def test_sum_leaves_out_what_is_no_number():
    """The value stays the total so far, and one value gives one error."""
    report = run('$[1*][push("s", sum(#n))]', "k,n\na,1\nb,x\nc,\nd,NaN\ne\nf,2\n")
    assert report.variables["s"] == [1.0, 1.0, 1.0, 1.0, 1.0, 3.0]
    assert [error.line for error in report.errors] == [2]


def test_long_whole_numbers_are_compared_exactly():
    """Two identifiers that differ in the last digit are not equal."""
    report = run("$[1*][equals(#a, #b)]", "a,b\n9007199254740993,9007199254740992\n007,7\n")
    assert report.lines == [["007", "7"]]


def test_what_was_divided_by_zero_stays_so():
    """NaN is no zero for add()."""
    report = run("$[1][@x = add(divide(1, 0), 5) @e = empty(@x)]", PETS)
    assert report.variables["e"] is True
