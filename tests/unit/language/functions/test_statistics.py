"""Running statistics where no recorded case tells."""

import io
import time

import pytest

import preboard


def run(statement, numbers, **options):
    text = "".join(f"{number}\n" for number in ["n", *numbers])
    return preboard.validate(statement, io.BytesIO(text.encode()), delimiter=",", **options)


def test_a_stack_that_shrinks_is_looked_at_anew():
    statement = """$[1*][
        push("s", #n) @d = pstdev("s")
        line_number.nocontrib() == 2 -> pop("s")
        line_number.nocontrib() == 3 -> pop("s")
    ]"""
    assert run(statement, [1, 99, 98, 3]).variables["d"] == 1.0


def test_emptied_variables_start_anew():
    statement = """$[1*][
        @a = average.k(#n) @u = percent_unique.t(#n)
        line_number.nocontrib() == 2 -> clear("k") line_number.nocontrib() == 2 -> clear("t")
    ]"""
    found = run(statement, [50, 50, 3, 5]).variables
    assert (found["a"], found["u"], found["k"]) == (4.0, 100.0, {"3": "3", "4": "5"})


def test_means_do_not_lose_small_numbers():
    assert run("$[1*][@a = average(#n)]", ["1e16", 1, 1, "-1e16"]).variables["a"] == 0.5


def test_means_of_components_of_their_own_do_nothing():
    report = run("$[1*][average(#n) median(#n) max(#n)]", [1, 2])
    assert (report.variables, report.counts.matches) == ({"max": 2.0}, 2)


def test_unknown_words_are_refused():
    with pytest.raises(preboard.StatementError, match="scan, match, or line"):
        run('$[1*][@a = average(#n, "lines")]', [1])


def test_a_line_costs_the_same_however_many_were_before():
    statement = """$[1*][
        @a = average(#n) @m = median(#n) push("s", #n) @d = stdev("s") @u = percent_unique(#n)
    ]"""

    def seconds(lines):
        began = time.process_time()
        run(statement, range(lines), collect=False)
        return time.process_time() - began

    seconds(500)
    assert seconds(20_000) < 10 * 4 * seconds(2_000)
