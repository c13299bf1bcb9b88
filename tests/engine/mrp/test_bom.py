"""Bills of materials over all levels: exact quantities, effectivity, scrap, where-used, cost, circles."""

from __future__ import annotations

from collections import Counter
from datetime import date
from fractions import Fraction
from itertools import pairwise

import pytest
from hypothesis import given
from hypothesis import strategies as st

from plantbeat.engine.mrp import Bill, BillCircleError, BillLine, circle, material_cost, structure, where_used

pytestmark = pytest.mark.requirement("R007")

DAY = date(2026, 11, 22)


def bills(*made: Bill) -> dict[str, Bill]:
    return {bill.item: bill for bill in made}


def line(item: str, quantity: object = 1, **more: object) -> BillLine:
    return BillLine(item, Fraction(str(quantity)), **more)  # type: ignore[arg-type]


PLANT = bills(
    Bill("CASE", (line("BOTTLE", 12), line("BOX"))),
    Bill("BOTTLE", (line("LIQUID", "0.5"), line("CAP", scrap=Fraction(1, 5)))),
    Bill("LIQUID", (line("WATER", 900), line("SOAP", 100)), batch=Fraction(1000)),
)


def test_quantities_multiply_over_the_levels_batches_and_scrap_included():
    found = {(node.level, node.item): node.quantity for node in structure(PLANT, "CASE", DAY)}
    assert found == {
        (1, "BOTTLE"): 12,
        (2, "LIQUID"): 6,
        (3, "WATER"): Fraction(54, 10),
        (3, "SOAP"): Fraction(6, 10),
        (2, "CAP"): 15,
        (1, "BOX"): 1,
    }
    assert [node.item for node in structure(PLANT, "CASE", DAY) if node.is_leaf] == [
        "WATER",
        "SOAP",
        "CAP",
        "BOX",
    ]


def test_where_used_is_the_same_tree_seen_from_below():
    found = [(node.level, node.item, node.quantity) for node in where_used(PLANT, "SOAP", DAY)]
    assert found == [
        (1, "LIQUID", Fraction(1, 10)),
        (2, "BOTTLE", Fraction(1, 20)),
        (3, "CASE", Fraction(6, 10)),
    ]


def test_only_components_in_force_on_the_day_count():
    changed = bills(
        Bill("BOTTLE", (line("CAP", valid_to=date(2026, 6, 30)), line("PUMP", valid_from=date(2026, 7, 1))))
    )
    assert [node.item for node in structure(changed, "BOTTLE", date(2026, 6, 30))] == ["CAP"]
    assert [node.item for node in structure(changed, "BOTTLE", date(2026, 7, 1))] == ["PUMP"]
    assert where_used(changed, "CAP", DAY) == []


def test_the_cost_is_that_of_the_ends_of_the_tree_and_names_what_it_lacks():
    costs = {"WATER": Fraction(1, 1000), "SOAP": Fraction(2), "CAP": Fraction(3, 100), "LIQUID": Fraction(99)}
    found = material_cost(PLANT, costs, "CASE", DAY)
    assert found.amount == Fraction(54, 10_000) + Fraction(12, 10) + Fraction(45, 100)
    assert found.missing == ("BOX",)
    assert material_cost(PLANT, costs, "SOAP", DAY).amount == 2
    assert material_cost(PLANT, {}, "SOAP", DAY).missing == ("SOAP",)


def test_a_circle_is_named_by_the_way_round():
    turned = {**PLANT, "SOAP": Bill("SOAP", (line("BOTTLE"),))}
    with pytest.raises(BillCircleError, match="BOTTLE → LIQUID → SOAP → BOTTLE"):
        structure(turned, "CASE", DAY)
    with pytest.raises(BillCircleError):
        where_used(turned, "SOAP", DAY)
    found = circle(turned)
    assert found is not None
    assert found[0] == found[-1]
    assert all(b in {line.item for line in turned[a].lines} for a, b in pairwise(found))
    assert circle(PLANT) is None


def test_impossible_bills_are_refused():
    with pytest.raises(ValueError, match="batch"):
        Bill("X", (), batch=Fraction(0))
    with pytest.raises(ValueError, match="scrap"):
        structure(bills(Bill("X", (line("Y", scrap=Fraction(1)),))), "X", DAY)


ITEMS = "ABCDEFG"


@st.composite
def random_bills(draw) -> dict[str, Bill]:
    """Components come after their item in the alphabet, so there is no circle."""
    made = {}
    for place, item in enumerate(ITEMS[:-1]):
        below = draw(st.lists(st.sampled_from(ITEMS[place + 1 :]), max_size=3, unique=True))
        if below:
            scrap = st.integers(0, 4).map(lambda fifths: Fraction(fifths, 5))
            lines = tuple(line(one, draw(st.integers(1, 9)), scrap=draw(scrap)) for one in below)
            made[item] = Bill(item, lines, batch=Fraction(draw(st.integers(1, 5))))
    return made


@given(random_bills(), st.sampled_from(ITEMS), st.sampled_from(ITEMS))
def test_down_and_up_agree_on_how_much_of_one_is_in_the_other(made, top, part):
    down: Counter[str] = Counter()
    for node in structure(made, top, DAY):
        down[node.item] += node.quantity
    up: Counter[str] = Counter()
    for node in where_used(made, part, DAY):
        up[node.item] += node.quantity
    assert down[part] == up[top]
    assert circle(made) is None


@given(random_bills(), st.dictionaries(st.sampled_from(ITEMS), st.integers(1, 50).map(Fraction)))
def test_the_cost_of_an_item_is_the_cost_of_its_components(made, costs):
    for item, bill in made.items():
        parts = [(one.gross / bill.batch, material_cost(made, costs, one.item, DAY)) for one in bill.lines]
        whole = material_cost(made, costs, item, DAY)
        assert whole.amount == sum(quantity * cost.amount for quantity, cost in parts)
        assert set(whole.missing) == {one for _quantity, cost in parts for one in cost.missing}
