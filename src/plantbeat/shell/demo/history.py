"""Telling the history of the demo plant: the last days first, then week by week backwards.

Whatever stops it, the next start goes on: a stretch is told with the same numbers again, and the log knows
what it has.
"""

from __future__ import annotations

import time
from collections.abc import Callable
from dataclasses import replace
from zoneinfo import ZoneInfo

from plantbeat.areas.planning.questions import schedule_in_force
from plantbeat.facts.incoming import NewFact
from plantbeat.facts.log import append
from plantbeat.facts.source import FactSource, SourceKind
from plantbeat.facts.views.dirty_days import marked_before
from plantbeat.facts.views.recompute import recompute
from plantbeat.kernel import clock
from plantbeat.kernel.access import Actor, visible
from plantbeat.kernel.accounts import Site
from plantbeat.kernel.act import act
from plantbeat.shell.demo import order_book
from plantbeat.shell.demo.campaigns import PastOrders
from plantbeat.shell.demo.demo_folder import MARK, OUTBOX, DemoFolder
from plantbeat.shell.demo.gemba_history import tell_walks
from plantbeat.shell.demo.incident_history import tell_incidents
from plantbeat.shell.demo.line_plan import DAY_US, MINUTE_US, Told
from plantbeat.shell.demo.outbox import Outbox
from plantbeat.shell.demo.past_handoffs import record_past_handoffs, signers_of
from plantbeat.shell.demo.past_plans import freeze_past_plans
from plantbeat.shell.demo.plant_reading import plant_plan
from plantbeat.shell.demo.plant_simulation import PlantSimulation
from plantbeat.shell.demo.progress import Progress, read_progress
from plantbeat.shell.demo.routine_history import tell_routines
from plantbeat.shell.demo.segments import Segment, number_after, segments
from plantbeat.shell.demo.sign_ins import operator_pseudonym
from plantbeat.shell.demo.stories import leave_a_call_unanswered
from plantbeat.shell.demo.tier_history import tell_tiers

BY = Actor.system("demo plant")
LIVE_COUNT_US = MINUTE_US
ORDER_DAYS = 14
MOST_AT_ONCE = 20_000
"""Facts of one transaction: a whole stretch of a line, so that its days are computed once."""
DOUBTED_BEFORE_US = 1_262_304_000_000_000
"""What a machine tells of a time before 2010 goes to quarantine, and so through a source of its own."""
NOTED_EVERY_S = 2.0
NOBODY_S, STUCK_S = 5.0, 30.0
"""So long without progress: then this process computes the days itself; then it leaves them."""

Say = Callable[[str], None]


class History:
    """The history of the demo plant in a folder; `say` is told how far it is."""

    def __init__(self, site: Site, folder: DemoFolder, say: Say = print) -> None:
        mark = folder.read(MARK)
        built_us, seed, days = mark["built_us"], mark["seed"], mark["history_days"]
        self.site, self.folder = site, folder
        self.zone = ZoneInfo(site.zone)
        self.plan = plant_plan(site, built_us, seed, built_us)
        self.stretches = segments(built_us, days, self.zone)
        self.orders_from_us = built_us - min(ORDER_DAYS, days) * DAY_US
        self.actor = operator_pseudonym()
        self.progress = read_progress(folder)
        self.say = say

    def tell(self) -> None:
        """Tell what is not told yet."""
        orders: list[order_book.PastOrder] = []
        for place, segment in enumerate(self.stretches):
            is_told = place < self.progress.done
            if is_told and self.progress.ready:
                continue
            told = self.simulated(segment)
            if not is_told:
                self.append_stretch(told)
            if not self.progress.ready:
                orders += order_book.orders_in(one for row in told.values() for one in row)
                if segment.start_us <= self.orders_from_us or segment is self.stretches[-1]:
                    self.record_orders(orders)

    def simulated(self, segment: Segment) -> dict[str, list[Told]]:
        """All that is told in a stretch, by line; the newest is put away to go on from."""
        simulation = PlantSimulation.begun(self.plan, segment.start_us)
        end_us = None if segment.is_open else segment.end_us
        jobs = {
            code: PastOrders(plan, segment.start_us, end_us, segment.first_number(place, self.zone))
            for place, (code, plan) in enumerate(self.plan.simulated().items())
        }
        if segment.is_open:
            told = simulation.run(segment.end_us, jobs)
            leave_a_call_unanswered(told, segment.end_us)
            if self.progress.done == 0:
                self._put_away(simulation)
            return told
        told = simulation.run(segment.end_us - 1, jobs)
        for code, row in simulation.close(segment.end_us - 1).items():
            told[code] += row
        return told

    def _put_away(self, simulation: PlantSimulation) -> None:
        simulation.count_every(LIVE_COUNT_US)
        outbox = Outbox(self.folder.path / OUTBOX)
        outbox.put({}, "", simulation.put_away())
        outbox.close()

    def append_stretch(self, told: dict[str, list[Told]]) -> None:
        """Append a stretch and note it; its numbers follow those told before, on every try the same."""
        before, numbers = self.progress, dict(self.progress.numbers)
        for code, row in told.items():
            doubted = [one for one in row if one.t_us < DOUBTED_BEFORE_US]
            believed = [one for one in row if one.t_us >= DOUBTED_BEFORE_US]
            source = _source(self.site, f"{code}.history", SourceKind.product)
            first = numbers.get(code, 0) + 1
            facts = [self._fact(one, seq) for seq, one in enumerate(believed, first)]
            for start in range(0, len(facts), MOST_AT_ONCE):
                append(facts[start : start + MOST_AT_ONCE], BY, source)
            if doubted:
                adapter = _source(self.site, "CNC1.adapter", SourceKind.gateway)
                append([self._fact(one, None) for one in doubted], BY, adapter)
            numbers[code] = first + len(facts) - 1
        total, told_in_all = len(self.stretches), before.facts + sum(map(len, told.values()))
        self._note(replace(before, done=before.done + 1, total=total, facts=told_in_all, numbers=numbers))

    def _fact(self, one: Told, seq: int | None) -> NewFact:
        actor = self.actor if one.by_hand else ""
        return NewFact(asset=one.asset, t_us=one.t_us, kind=one.kind, body=one.body, seq=seq, actor=actor)

    def _note(self, progress: Progress) -> None:
        self.progress = progress
        progress.write(self.folder)
        self.say(f"{progress.percent} % of the history is told ({progress.facts:,} facts).")

    def record_orders(self, orders: list[order_book.PastOrder]) -> None:
        """Record the orders of the last days, book those to come, and publish a schedule of them."""
        wanted = [one for one in orders if one.end_us is None or one.end_us >= self.orders_from_us]
        order_book.record_past_orders(self.site, wanted, self.plan.seed)
        freeze_past_plans(self.site, orders, self.orders_from_us, self.plan.built_us)
        order_book.number_orders_after(self.site, number_after(self.plan.built_us))
        order_book.book_orders(self.site, clock.now_us(), self.plan.seed)
        if schedule_in_force(self.site, BY) is None:
            order_book.schedule_orders(self.site)
        self.progress = replace(self.progress, ready=True)
        self.progress.write(self.folder)

    def compute(self) -> None:
        """Have the views follow what is told, together with the worker, and show how far that is."""
        noted_s = time.monotonic()

        def note(*_marks: int) -> None:
            nonlocal noted_s
            if time.monotonic() - noted_s >= NOTED_EVERY_S:
                noted_s = time.monotonic()
                self.progress = replace(self.progress, days_left=self._days_left())
                self.progress.write(self.folder)
                self.say(f"{self.progress.days_left:,} days of machines and lines are still to be computed.")

        # The worker goes from the newest days on; the lines are taken off it from the oldest days on, one
        # half after the other, so that the two seldom meet.
        for half in (1, 0):
            recompute(None, share=(half, 2), progress=note)
        left, since_s = self._days_left(), time.monotonic()
        while left and time.monotonic() - since_s < STUCK_S:
            time.sleep(0.5)
            note()
            if (now_left := self._days_left()) < left:
                left, since_s = now_left, time.monotonic()
            elif time.monotonic() - since_s > NOBODY_S:
                recompute(None)

    def hand_over(self) -> None:
        """Record who handed over what at every boundary, from what the views say by now."""
        count = record_past_handoffs(
            self.site, self.plan.seed, self.stretches[-1].start_us + DAY_US, self.plan.built_us,
            signers_of(self.folder),
        )  # fmt: skip
        self.say(f"{count:,} handoffs of the history are recorded.")

    def _days_left(self) -> int:
        """Days of machines and lines before the plant was built that are not computed yet."""
        return marked_before(clock.from_us(self.plan.built_us).date())


def build_history(site: Site, folder: DemoFolder, say: Say = print) -> None:
    """Tell the history of the demo plant in a folder, and wait until the views have followed."""
    history = History(site, folder, say)
    history.tell()
    history.compute()
    history.hand_over()
    tell_routines(site, history.plan.built_us, history.plan.seed, folder.read(MARK)["history_days"])
    tell_walks(site, history.plan.built_us, history.plan.seed, folder.read(MARK)["history_days"])
    tell_incidents(site, history.plan.built_us, history.plan.seed, folder.read(MARK)["history_days"])
    tell_tiers(site, history.plan.built_us, history.plan.seed, folder.read(MARK)["history_days"])
    replace(history.progress, finished=True, days_left=0).write(folder)
    say("the history is complete.")


def _source(site: Site, name: str, kind: SourceKind) -> FactSource:
    known = visible(FactSource, BY).filter(name=name).first()
    return known or act(FactSource, "create", BY, {"site": site, "name": name, "kind": kind})
