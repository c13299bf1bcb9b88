"""What is set up for a line's terminal, and what holds where nothing is."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import timedelta

from plantbeat.areas.execution import questions
from plantbeat.areas.execution.records.line_terminal import SIGN_OFF_US, CountingBy, LineTerminal
from plantbeat.areas.execution.records.machine_buttons import MachineButtons
from plantbeat.areas.execution.records.reason_buttons import PLACES, ReasonButtons
from plantbeat.areas.plant.records.downtime_reason import DowntimeReason
from plantbeat.areas.plant.records.item import Item
from plantbeat.facts.tables import AssetLevel
from plantbeat.facts.views.cube_query import CubeQuestion, Cut, cube_sums
from plantbeat.facts.views.dimension_tables import LineSource
from plantbeat.facts.views.feeds import timing_asset
from plantbeat.facts.views.periods import Period
from plantbeat.facts.views.rules_at_hand import rules_of
from plantbeat.kernel import clock
from plantbeat.kernel.access import Actor, visible
from plantbeat.kernel.accounts import Site

DEFECTS_SEEN_DAYS = 28
MOST_DEFECTS = 8

Buttons = ReasonButtons | MachineButtons
"""What fixes the places of buttons: of a line, or of one machine."""


@dataclass(frozen=True, slots=True)
class DefectChoice:
    """A defect under a button; without a code: scrap whose defect nobody named."""

    code: str
    name: str


@dataclass(frozen=True, slots=True)
class ReasonPlace:
    """A place of the reasons' buttons; `reason` is None where it is empty."""

    place: int
    reason: DowntimeReason | None


@dataclass(frozen=True, slots=True)
class Terminal:
    """How a line reports. `set_up` is False where defaults hold."""

    counting: CountingBy
    sign_off_us: int
    defects: list[DefectChoice]
    set_up: bool
    pk: int | None = None


@dataclass(frozen=True, slots=True)
class PackSizes:
    """Pieces in a pack and on a pallet of the item that runs; None where they are not set up."""

    item_pk: int | None = None
    pack: int | None = None
    pallet: int | None = None


def terminal_of(site: Site, code: str, by: Actor) -> Terminal:
    """The settings of a line's terminal; defects that nobody set up are those seen in the last four weeks."""
    row = visible(LineTerminal, by).filter(site=site, line__code=code).first()
    defects = (
        [DefectChoice(one.code, one.name) for one in row.defects.order_by("place")] if row is not None else []
    )
    return Terminal(
        counting=CountingBy(row.counting) if row else CountingBy.steps,
        sign_off_us=row.sign_off_after if row else SIGN_OFF_US,
        defects=defects or _defects_seen(site, code, by),
        set_up=bool(defects),
        pk=row.pk if row else None,
    )


def _defects_seen(site: Site, code: str, by: Actor) -> list[DefectChoice]:
    rules = rules_of(site.pk)
    today = rules.day_at(clock.now_us())
    period = Period.of_days(today - timedelta(days=DEFECTS_SEEN_DAYS), today)
    asked = CubeQuestion(rules, [questions.asset_id(site, code, by)], period, [Cut.defect])
    codes = sorted(str(keys[0]) for keys in cube_sums(asked) if keys[0])
    return [DefectChoice(one, one) for one in codes[:MOST_DEFECTS]]


def reason_places(
    site: Site, line: str, by: Actor, machine: str = ""
) -> tuple[list[ReasonPlace], Buttons | None]:
    """The buttons of a machine in their places, else those of its line, and the record that fixes them.

    Without one they are the first reasons of the list: a default, which the terminal calls one.
    """
    row: Buttons | None = None
    if machine:
        own = visible(MachineButtons, by).filter(site=site, machine__code=machine)
        row = own.select_related("machine").first()
    row = row or visible(ReasonButtons, by).filter(site=site, line__code=line).first()
    if row is None:
        offered = questions.reasons_offered(site, by)[:PLACES]
        return [ReasonPlace(place, reason) for place, reason in enumerate(offered, 1)], None
    placed = {one.place: one.reason for one in row.places.select_related("reason").order_by("place")}
    last = max(placed, default=0)
    return [ReasonPlace(place, placed.get(place)) for place in range(1, last + 1)], row


def machine_that_stops(site: Site, line: str, at_us: int, by: Actor) -> str:
    """Code of the machine whose stops are the line's, its bottleneck; empty where no machine is."""
    rules = rules_of(site.pk)
    timed = rules.assets[timing_asset(rules, questions.asset_id(site, line, by), rules.day_at(at_us))]
    return str(timed.code) if timed.level != AssetLevel.line else ""


def counted_by_machine(site: Site, code: str, at_us: int, by: Actor) -> bool:
    """True if a machine counts the line's pieces at an instant, so that people report scrap only."""
    rules = rules_of(site.pk)
    asset = questions.asset_id(site, code, by)
    return rules.reading(asset, rules.day_at(at_us)).source is LineSource.connected


def pack_sizes(site: Site, item: str | None, by: Actor) -> PackSizes:
    """Pieces per pack and pallet of an item."""
    row = visible(Item, by).filter(site=site, code=item).first() if item else None
    return PackSizes(row.pk, row.pack_size, row.pallet_size) if row is not None else PackSizes()
