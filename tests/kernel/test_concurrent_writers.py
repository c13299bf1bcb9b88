"""Fifty people writing at once: nothing is lost, nothing is doubled, no lock error reaches anybody."""

from __future__ import annotations

from collections import Counter
from concurrent.futures import ThreadPoolExecutor
from threading import Barrier

import pytest
from django.db import connection

from people_of_the_plant import SYSTEM, Plant
from plantbeat.areas.planning.records.work_order import WorkOrder
from plantbeat.areas.plant.records.item import Item
from plantbeat.kernel.act import act
from plantbeat.kernel.log import Change, broken, chains
from plantbeat.kernel.problems import Kind, Refused

WRITERS = 50
EACH = 4

pytestmark = pytest.mark.django_db(transaction=True)


def together(work) -> list:
    """Run the work of every writer at the same moment, each on a connection of its own."""
    start = Barrier(WRITERS)

    def one(number: int):
        try:
            start.wait()
            return [work(number * EACH + turn) for turn in range(EACH)]
        finally:
            connection.close()

    with ThreadPoolExecutor(WRITERS) as pool:
        return [answer for answers in pool.map(one, range(WRITERS)) for answer in answers]


def test_every_order_gets_its_own_number_and_its_place_in_the_log():
    plant = Plant()
    orders = together(lambda _number: act(WorkOrder, "create", SYSTEM, plant.order_data()))
    numbers = sorted(order.number for order in orders)
    assert numbers == [f"WO-{n:06d}" for n in range(1, WRITERS * EACH + 1)]
    assert WorkOrder._base_manager.count() == WRITERS * EACH
    assert Change.objects.filter(type_code="planning.WorkOrder").count() == WRITERS * EACH
    assert [broken(chain) for chain in chains()] == [None] * len(list(chains()))


def test_of_fifty_who_edit_one_version_each_time_exactly_one_wins():
    plant = Plant()

    def edit(number: int) -> str:
        mine = Item._base_manager.get(pk=plant.bottle.pk)
        try:
            act(mine, "edit", SYSTEM, {"name": f"Bottle {number}"}, version=mine.version)
        except Refused as refused:
            return str(refused.kind)
        return "saved"

    said = Counter(together(edit))
    plant.bottle.refresh_from_db()
    assert said["saved"] + said[Kind.conflict] == WRITERS * EACH
    assert plant.bottle.version == said["saved"] + 1
    edits = Change.objects.filter(type_code="plant.Item", record_id=plant.bottle.pk, verb="edit")
    assert edits.count() == said["saved"] > 0


def test_the_same_key_made_by_fifty_exists_once():
    plant = Plant()

    def make(number: int) -> str:
        data = {"site": plant.north, "code": f"CAP-{number % EACH}", "name": f"Cap {number}"}
        try:
            act(Item, "create", SYSTEM, data)
        except Refused:
            return "refused"
        return "made"

    assert Counter(together(make)) == {"made": EACH, "refused": (WRITERS - 1) * EACH}
    assert Item._base_manager.filter(code__startswith="CAP-").count() == EACH
