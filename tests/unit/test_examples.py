"""The sample under examples/orders: it can be made again, and the checks find its faults."""

import csv
import importlib.util
from pathlib import Path

import pytest

import preboard

FOLDER = Path(__file__).parents[2] / "examples" / "orders"
ORDERS = FOLDER / "orders.csv"
RULES, SUMMARY, LARGE = (FOLDER / "checks.csvpath").read_text().split("---- CSVPATH ----")


@pytest.fixture(scope="module")
def make_orders():
    spec = importlib.util.spec_from_file_location("make_orders", FOLDER / "make_orders.py")
    assert spec
    assert spec.loader
    module = importlib.util.module_from_spec(spec)
    spec.loader.exec_module(module)
    return module


@pytest.fixture(scope="module")
def clean(make_orders):
    """The same feed without its faults: the same chances, drawn before the faults are made."""
    chance = make_orders.random.Random(make_orders.SEED)
    return [make_orders.order(number, chance) for number in range(make_orders.ORDERS)]


@pytest.fixture(scope="module")
def lines():
    with ORDERS.open(newline="", encoding="utf-8") as file:
        return list(csv.reader(file))


def test_the_feed_can_be_made_again(make_orders):
    assert make_orders.feed().encode() == ORDERS.read_bytes()


def test_two_lines_in_a_hundred_are_dirty(clean, lines):
    dirty = sum(fields != wanted for fields, wanted in zip(lines[1:], clean, strict=True))

    assert 0.015 < dirty / len(clean) < 0.025


def test_the_rules_find_every_fault_and_nothing_else(clean, lines):
    """A blank line is no fault of an order: it is passed over."""
    faults = [
        number
        for number, (fields, wanted) in enumerate(zip(lines[1:], clean, strict=True), 1)
        if fields and fields != wanted
    ]

    report = preboard.validate(RULES, ORDERS)

    assert not report.valid
    assert report.identity == "order-rules"
    assert sorted({error.line for error in report.errors}) == faults
    assert len(report.lines) == sum(map(bool, lines)) - 1 - len(faults)


def test_the_summary_counts_what_can_be_counted(lines):
    whole = [line for line in lines[1:] if len(line) == 12 and line[7].isdigit() and line[7] != "0"]

    report = preboard.validate(SUMMARY, ORDERS, collect=False)

    assert report.valid
    assert report.variables["orders"] == len(whole)
    assert report.variables["units"] == sum(int(line[7]) for line in whole)
    assert report.variables["by_country"]["DE"] == sum(line[4] == "DE" for line in whole)
    assert report.variables["euros"] == int(sum(float(x[9]) for x in whole if x[5] == "EUR"))
    assert len(report.printouts["default"]) == 2


def test_the_filter_picks_large_orders_in_euros(lines):
    report = preboard.validate(LARGE, ORDERS)

    assert report.valid
    assert report.lines == [
        [line[0], line[2], line[4], line[9]]
        for line in lines[1:]
        if len(line) == 12
        and line[5] == "EUR"
        and line[10] in {"paid", "shipped"}
        and float(line[9]) >= 1000
    ]
