"""The chain of the change log: whole while untouched, and the first touched row is named."""

from __future__ import annotations

import pytest

from people_of_the_plant import SYSTEM
from plantbeat.areas.people.records.person import Person
from plantbeat.areas.plant.records.item import Item
from plantbeat.kernel.act import act
from plantbeat.kernel.log import ChainHead, Change, ChangePrivate, broken, chains

pytestmark = [pytest.mark.django_db, pytest.mark.requirement("X6", "R061")]


@pytest.fixture
def chain(plant):
    for number in range(5):
        act(Item, "create", SYSTEM, {"site": plant.north, "code": f"I{number}", "name": f"Item {number}"})
    return plant.north.pk


def test_an_untouched_log_holds_in_every_chain(plant, chain):
    assert chain in list(chains())
    assert [broken(one) for one in chains()] == [None] * len(list(chains()))


@pytest.mark.parametrize(
    ("field", "value"), [("actor", "p-mallory"), ("after", {"name": "x"}), ("at_us", 1), ("verb", "x")]
)
def test_an_altered_row_is_named(chain, field, value):
    victim = Change.objects.filter(chain=chain).order_by("place")[2]
    Change.objects.filter(pk=victim.pk).update(**{field: value})
    assert (broken(chain).place, broken(chain).change_id) == (3, victim.pk)


def test_a_missing_row_is_named(chain):
    Change.objects.get(chain=chain, place=4).delete()
    assert broken(chain).place == 4


def test_rows_cut_off_at_the_end_are_noticed(chain):
    Change.objects.get(chain=chain, place=ChainHead.objects.get(chain=chain).place).delete()
    assert "missing" in broken(chain).message


def test_a_private_value_can_be_erased_but_not_altered(plant):
    act(Person, "create", SYSTEM, {"site": plant.north, "number": "7", "name": "Lee", "phone": "555-0199"})
    change = Change.objects.get(type_code="people.Person")
    assert "555-0199" not in str(change.after)
    ChangePrivate.objects.filter(change=change, field="phone").update(after="556")
    assert "phone" in broken(plant.north.pk).message
    ChangePrivate.objects.filter(change=change).delete()
    assert broken(plant.north.pk) is None
