"""The versions of a name, and parts of their series."""

import pytest
from sqlalchemy import event

from preboard.catalog.span import Span, begins_with
from preboard.catalog.tables import versions
from preboard.catalog.versions import Version
from preboard.manifests.staging import VersionEntry

HOMES = ["eu/a.csv", "eu/b.csv", "us/a.csv", "eu/a.csv", "us.west/a.csv"]


def moment(seq):
    return f"2026-11-{10 + seq:02}T00:00:00.000000+00:00"


def made(seq, *, name="orders", home="a.csv", fingerprint=None):
    fingerprint = fingerprint or f"{seq:064x}"
    entry = VersionEntry(
        type="csv", reference=f"${name}.files.{fingerprint}", file="f", file_home=home,
        fingerprint=fingerprint, uuid=f"{name}-{seq}", time=moment(seq), origin="in/a.csv",
        template="", manifest_path="m", file_name="a.csv", username="u", hostname="h", size=1,
    )  # fmt: skip
    return Version(
        id=f"{name}-{seq}", name=name, seq=seq, time=moment(seq), fingerprint=fingerprint, size=1,
        home=home, file=f"{name}/{home}/{fingerprint}.csv", origin="in/a.csv", entry=entry,
    )  # fmt: skip


@pytest.fixture
def series(catalog):
    with catalog.database.writing() as connection:
        for seq, home in enumerate(HOMES):
            catalog.versions.add(connection, made(seq, home=home))
        catalog.versions.add(connection, made(0, name="stock"))
    return catalog.versions


SPANS = [
    (Span(), [0, 1, 2, 3, 4]),
    (Span(under="eu/"), [0, 1, 3]),
    (Span(under="us_west/"), [4]),  # addresses have no dots
    (Span(under="us"), [2, 4]),
    (Span(under="\U0010ffff"), []),
    (Span(under="e\ud7ff"), []),
    (Span(since=moment(3)), [3, 4]),
    (Span(after=moment(3)), [4]),
    (Span(until=moment(1)), [0, 1]),
    (Span(before=moment(1)), [0]),
    (Span(first=2), [2, 3, 4]),
    (Span(last=2), [0, 1, 2]),
    (Span(first=1, last=3, under="eu/"), [1, 3]),
    (Span(since=moment(4), until=moment(1)), []),
]


@pytest.mark.parametrize(("span", "places"), SPANS)
def test_a_span_is_those_for_which_all_holds(series, span, places):
    assert [version.seq for version in series.each("orders", span)] == places
    assert [series.pick("orders", span, at).seq for at in range(len(places))] == places
    assert series.pick("orders", span, len(places)) is None
    last = series.pick("orders", span, -1)
    assert (last.seq if last else None) == (places[-1] if places else None)


WITHIN = [
    (Span(since="b"), Span(since="a"), Span(since="b")),
    (Span(since="b"), Span(since="c"), Span(since="c")),
    (Span(until="b"), Span(until="a"), Span(until="a")),
    (Span(after="b"), Span(before="c"), Span(after="b", before="c")),
    (Span(first=0), Span(first=3), Span(first=3)),
    (Span(last=0), Span(last=3), Span(last=0)),
    (Span(last=0), Span(), Span(last=0)),
    (Span(), Span(first=0), Span(first=0)),
    (Span(under="eu/"), Span(), Span(under="eu/")),
]


@pytest.mark.parametrize(("one", "other", "both"), WITHIN)
def test_of_two_bounds_the_narrower_one_holds(one, other, both):
    assert one.within(other) == both


def test_a_beginning_at_the_end_of_all_characters_has_no_bound_behind_it():
    assert len(list(begins_with(versions.c.address, "\U0010ffff"))) == 1
    assert len(list(begins_with(versions.c.address, "a\U0010ffff"))) == 2


def test_the_newest_of_several_with_the_same_bytes_is_meant(catalog, series):
    with catalog.database.writing() as connection:
        series.add(connection, made(5, fingerprint=f"{0:064x}"))

    assert series.by_fingerprint("orders", f"{0:064x}").seq == 5
    assert series.by_fingerprint("stock", f"{0:064x}").seq == 0
    assert series.by_fingerprint("orders", "0" * 63) is None


def test_removed_versions_are_not_found_and_their_places_not_used_again(catalog, series):
    with catalog.database.writing() as connection:
        series.remove(connection, "orders", "now")
        assert series.next_seq(connection, "orders") == len(HOMES)
        assert series.latest(connection, "orders") is None
        assert not series.holds_file(connection, made(0, home=HOMES[0]).file)

    assert series.count("orders") == 0
    assert series.by_id("orders-0") is None
    assert series.count("stock") == 1


def test_a_fingerprint_is_looked_up_by_its_index(catalog, series):
    """Not by going over the versions from the newest on, which costs more the more there are."""
    statements = []
    event.listen(
        catalog.database.engine, "before_cursor_execute",
        lambda _c, _cursor, text, values, _context, _many: statements.append((text, values)),
    )  # fmt: skip
    series.by_fingerprint("orders", "0" * 64)

    text, values = next(each for each in statements if "fingerprint = " in each[0])
    with catalog.database.reading() as connection:
        rows = connection.exec_driver_sql(f"EXPLAIN QUERY PLAN {text}", values)
        plan = " ".join(str(row) for row in rows)
    assert "fingerprint=?" in plan


def test_a_reference_to_the_last_uses_an_index(catalog):
    """The cost of a lookup must not grow with the versions of the name."""
    query = (
        "EXPLAIN QUERY PLAN SELECT * FROM pb_version WHERE project = 'p' AND name = 'n' "
        "AND removed IS NULL ORDER BY seq DESC LIMIT 1"
    )
    with catalog.database.reading() as connection:
        plan = " ".join(str(row) for row in connection.exec_driver_sql(query))

    assert "USING INDEX" in plan
    assert "TEMP B-TREE" not in plan
