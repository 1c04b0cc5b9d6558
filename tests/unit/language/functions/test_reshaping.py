"""Functions on headers and lines where no recorded case tells."""

import io

import pytest

import preboard

PETS = "id,name,kind\n1,Ada,cat\n2,Bo,dog\n"


def run(statement, text=PETS, **options):
    return preboard.validate(statement, io.BytesIO(text.encode()), delimiter=",", **options)


def test_removes_add_up():
    assert run('$[1*][remove("id") remove("kind")]').lines == [["Ada"], ["Bo"]]


def test_remove_follows_its_header_to_another_place():
    """What was removed under older headers is not removed by its place."""
    statement = '$[*][line_number() == 1 -> reset_headers() remove.nocontrib("id")]'
    report = run(statement.replace("line_number()", "line_number.nocontrib()"), "id,a\nb,id\n1,2\n")
    assert report.lines == [["a"], ["b"], ["1"]]


def test_two_inserts_at_one_place_keep_all_names_right():
    report = run('$[*][insert(1, "x", line_number()) insert(1, "y", "Y") push("k", #kind)]')
    assert report.lines[0] == ["id", "y", "x", "name", "kind"]
    assert report.lines[2] == ["2", "Y", 2, "Bo", "dog"]
    assert report.headers == ["id", "y", "x", "name", "kind"]
    assert report.variables["k"] == ["kind", "cat", "dog"]


def test_a_schema_before_insert_sees_the_line_as_it_is():
    statement = """$[1*][
        line(integer(#id), string(#name), string(#kind))
        replace(#kind, upper(#kind)) insert(1, "x", 0) mismatch.nocontrib() -> fail()
    ]"""
    report = run(statement)
    assert report.errors == []
    assert report.lines == [["1", 0, "Ada", "CAT"], ["2", 0, "Bo", "DOG"]]
    assert report.valid


def test_append_names_its_column_on_every_header_line():
    report = run('$[*][append("x", "v", true())]', "a,b\n1,2\na,b\n3,4\n")
    assert [line[-1] for line in report.lines] == ["x", "v", "x", "v"]


def test_rename_renames_again_when_the_old_name_is_back():
    report = run(
        '$[*][line_number.nocontrib() == 2 -> reset_headers() rename(#a, "z") push("v", #z)]',
        "a,b\n1,2\nb,a\n3,4\n",
    )
    assert report.variables["v"] == ["a", "1", "a", "4"]
    assert report.headers == ["b", "z"]


def test_insert_before_the_first_header_is_refused():
    with pytest.raises(preboard.StatementError, match="no place before"):
        run('$[*][insert(-1, "x", 1)]')


def test_a_header_that_is_a_number_is_found_by_its_name():
    report = run('$[1][@i = header_index("2024") @n = header_index("0")]', "a,2024\n1,2\n")
    assert report.variables == {"i": 1, "n": "a"}


def test_surplus_expected_names_do_not_match():
    report = run('$[1][@m = header_names_match.h("id|name|kind|id")]')
    assert report.variables["m"] is False
