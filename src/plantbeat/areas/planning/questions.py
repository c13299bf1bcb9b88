"""What can be asked of planning."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass
from datetime import datetime

from django.db.models import QuerySet

from plantbeat.areas.planning.records.results import NotScheduled, PlannedHour, PlannedOperation, PlannedOrder
from plantbeat.areas.planning.records.schedule import Schedule
from plantbeat.areas.planning.records.work_order import WorkOrder
from plantbeat.areas.plant.records.routing import Operation
from plantbeat.kernel import clock
from plantbeat.kernel.access import Actor, visible
from plantbeat.kernel.accounts import Site
from plantbeat.kernel.questions import lines_of
from plantbeat.surfaces.addresses import address_of

OPEN_STATES = tuple(
    str(state)
    for state in (
        WorkOrder.State.planned, WorkOrder.State.firm, WorkOrder.State.started, WorkOrder.State.held,
    )
)  # fmt: skip
"""States of an order that is not finished yet."""


def schedule_in_force(site: Site, by: Actor) -> Schedule | None:
    """The published version of a site."""
    return (
        visible(Schedule, by).filter(site=site, state=str(Schedule.State.published)).order_by("-pk").first()
    )


def latest_schedule(site: Site, by: Actor) -> Schedule | None:
    """The newest version of a site, without those discarded and those somebody is tuning on the board."""
    rows = visible(Schedule, by).filter(site=site).exclude(state=str(Schedule.State.discarded))
    return rows.exclude(tuned=True, state=str(Schedule.State.draft)).order_by("-pk").first()


def version_at(site: Site, at_us: int, by: Actor) -> Schedule | None:
    """The version that was in force at an instant."""
    rows = visible(Schedule, by).filter(site=site, published_us__lte=at_us)
    return rows.order_by("-published_us", "-pk").first()


def planned_operations(schedule: Schedule) -> QuerySet[PlannedOperation]:
    """Operations by machine and start."""
    rows = schedule.planned.select_related("order__item", "machine__line")
    return rows.order_by("machine__code", "start_us", "pk")


def dispatch_list(schedule: Schedule, machine_code: str, from_us: int = 0) -> QuerySet[PlannedOperation]:
    """What a machine does next, in order."""
    return planned_operations(schedule).filter(machine__code=machine_code, end_us__gt=from_us)


def late_orders(schedule: Schedule) -> QuerySet[PlannedOrder]:
    """Orders that end after their due date, the latest first."""
    rows = schedule.planned_orders.filter(late_min__gt=0).select_related("order__item")
    return rows.order_by("-late_min")


def not_scheduled(schedule: Schedule) -> QuerySet[NotScheduled]:
    """Orders that were left out, with the reason."""
    return schedule.not_scheduled.select_related("order__item").order_by("order__number")


def planned_hours(schedule: Schedule, line_code: str, start_us: int, end_us: int) -> QuerySet[PlannedHour]:
    """The hour-by-hour plan of a line's machines."""
    rows = schedule.planned_hours.filter(
        machine__line__code=line_code, hour_us__gte=start_us, hour_us__lt=end_us
    )
    return rows.select_related("machine", "order__item").order_by("hour_us", "machine__code")


def open_orders(site: Site, by: Actor) -> QuerySet[WorkOrder]:
    """Orders that are not finished yet, by due date."""
    rows = visible(WorkOrder, by).filter(site=site, state__in=OPEN_STATES)
    return rows.select_related("item").order_by("due", "pk")


def operations_of(site: Site, by: Actor) -> dict[int, list[Operation]]:
    """The steps of each item's routing, in order, by the item's id."""
    found: dict[int, list[Operation]] = {}
    rows = lines_of(Operation, by).filter(routing__site=site).select_related("work_centre", "routing")
    for row in rows.order_by("routing", "step"):
        found.setdefault(row.routing.item_id, []).append(row)
    return found


def past_due_orders(site: Site, by: Actor) -> QuerySet[WorkOrder]:
    """Open orders whose due date has passed (the backlog that hurts)."""
    return open_orders(site, by).filter(due__lt=clock.now())


@dataclass(frozen=True, slots=True)
class DueOrder:
    """An order with its due date, as on-time delivery needs it; nothing of planning's own records."""

    reference: str
    number: str
    item: str
    quantity: int
    due: datetime
    is_completed: bool
    is_cancelled: bool
    is_begun: bool


def orders_due(site_id: int, since: datetime, until: datetime, by: Actor) -> list[DueOrder]:
    """Orders due from `since` to before `until`, whatever became of them, by due date."""
    rows = visible(WorkOrder, by).filter(site=site_id, due__gte=since, due__lt=until)
    states = WorkOrder.State
    not_begun, type_code = {str(states.planned), str(states.firm)}, WorkOrder.type_code()
    columns = rows.order_by("due", "pk").values_list("pk", "number", "item__code", "quantity", "due", "state")
    return [
        DueOrder(
            f"{type_code}:{pk}", number, item, int(quantity), due,
            state == str(states.completed), state == str(states.cancelled), state not in not_begun,
        )
        for pk, number, item, quantity, due, state in columns
    ]  # fmt: skip


def order_pages(site: Site, numbers: Iterable[str], by: Actor) -> dict[str, str]:
    """Addresses of orders by their number, of those there are."""
    rows = visible(WorkOrder, by).filter(site=site, number__in=set(numbers))
    return {row.number: address_of(row) for row in rows}
