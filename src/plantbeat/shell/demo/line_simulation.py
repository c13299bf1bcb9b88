"""A filling line, event by event: stops, set-ups, short buffers, speed, counts, and what people tell of it.

Between events nothing is moved, so a run that is interrupted anywhere and taken up again tells the very same
facts as one that was not.
"""

from __future__ import annotations

from bisect import insort
from collections.abc import Mapping
from heapq import heappop, heappush
from math import ceil, floor

import msgspec

from plantbeat.shell.demo.chance import Chance
from plantbeat.shell.demo.line_flow import CRUMB, move, rates, until_change_us
from plantbeat.shell.demo.line_plan import (
    DAY_US,
    HOUR_US,
    MINUTE_US,
    SECOND_US,
    Job,
    Jobs,
    LinePlan,
    Open,
    Told,
    Trouble,
)
from plantbeat.shell.demo.line_state import OUTAGE_EVERY_US, LineState, Phase, empty_line, next_count_us

ASK_AGAIN_US = 5 * MINUTE_US
SHORT_CLOSING_US = HOUR_US
CALLS_FROM_US = 5 * MINUTE_US
KNOWN_BY_MACHINE = frozenset({"ELEC-PLC", "MAT"})
TOUCHED_UP_AT_ONCE, REWORK_SAVED = 200, 0.85


class LineSimulation:
    """One line from an instant on; `run` tells what happens until another instant."""

    def __init__(self, plan: LinePlan, state: LineState) -> None:
        self.plan, self.state = plan, state
        self._out: list[Told] = []
        self._rooms: list[float] = []
        self._flow = self._flowing()

    @classmethod
    def begun(cls, plan: LinePlan, at_us: int, count_every_us: int = HOUR_US) -> LineSimulation:
        """A line that stands empty at an instant, without an order."""
        return cls(plan, empty_line(plan, at_us, count_every_us))

    @classmethod
    def resumed(cls, plan: LinePlan, put_away: bytes) -> LineSimulation:
        """The line as `put_away` left it. Raises msgspec.ValidationError for what another version wrote."""
        return cls(plan, msgspec.json.decode(put_away, type=LineState))

    def put_away(self) -> bytes:
        """The state as JSON."""
        return msgspec.json.encode(self.state)

    def run(self, until_us: int, jobs: Jobs) -> list[Told]:
        """What is told up to an instant (included), in order of time."""
        self._out = []
        while (next_us := self._next_us()) <= until_us:
            self._advance(next_us)
            self._settle(next_us, jobs)
        return self._out

    def close(self, at_us: int) -> list[Told]:
        """End the history of this line here: what was made is counted, the order leaves, all fall silent."""
        self._out = []
        s = self.state
        self._advance(at_us)
        self._count()
        if s.phase is Phase.run and s.job is not None:
            self._tell_of_line("order_end", {"order": s.job.order, "complete": False})
        elif s.phase is Phase.setup:
            self._tell(self.plan.bottleneck, "setup_end", {}, by_hand=True)
        s.job, s.phase, s.open, s.later = None, Phase.idle, Open.closed, []
        self._tell_states()
        return self._out

    def count_every(self, every_us: int) -> None:
        """Count in other intervals from now on."""
        self.state.count_every_us = every_us
        self.state.count_us = next_count_us(self.state.at_us, every_us)

    # --- when something happens next ---

    def _next_us(self) -> int:
        s = self.state
        due = min(s.period_end_us, s.count_us, s.drift_us, s.silent_until_us or s.outage_us)
        if s.later:
            due = min(due, s.later[0][0])
        if s.open is not Open.work:
            return due
        if s.phase is Phase.setup:
            return min(due, s.at_us + s.setup_left_us)
        if s.phase is Phase.idle:
            return min(due, max(s.ask_us, s.at_us))
        return min(due, self._next_in_run())

    def _next_in_run(self) -> int:
        s, flow = self.state, self._flow
        wait = until_change_us(flow, s.levels, self._rooms)
        due = s.at_us + (DAY_US if wait is None else wait)
        for station, rate in zip(s.stations, flow, strict=True):
            if station.down_until_us:
                due = min(due, station.down_until_us)
            elif rate > 0.0:
                due = min(due, s.at_us + min(station.left_us))
        if flow[0] > 0.0:
            due = min(due, s.at_us + ceil(max(s.target - s.fed, 0.0) / flow[0]))
        if self.plan.by_piece and flow[-1] > 0.0:
            due = min(due, s.at_us + ceil(max(1.0 - s.packed, 0.0) / flow[-1]))
        return due if s.approved else min(due, s.at_us + s.approval_left_us)

    def _flowing(self) -> list[float]:
        """What passes each station from now on, in pieces per µs."""
        s = self.state
        if s.open is not Open.work or s.phase is not Phase.run or s.job is None:
            return [0.0] * len(s.stations)
        ideal = 1.0 / (s.job.cycle_s * SECOND_US)
        self._rooms = [seconds / s.job.cycle_s for seconds in self.plan.buffer_s]
        able = [
            0.0 if state.down_until_us else station.speed * ideal
            for station, state in zip(self.plan.stations, s.stations, strict=True)
        ]
        able[self.plan.bottleneck] *= 1.0 - s.slow
        if s.is_fed:
            able[0] = 0.0
        return rates(able, s.levels, self._rooms)

    def _advance(self, t_us: int) -> None:
        s, flow = self.state, self._flow
        dt_us, s.at_us = t_us - s.at_us, t_us
        if s.open is not Open.work or dt_us <= 0:
            return
        if s.phase is Phase.setup:
            s.setup_left_us = max(0, s.setup_left_us - dt_us)
        elif s.phase is Phase.run:
            move(s.levels, flow, self._rooms, dt_us)
            for station, rate in zip(s.stations, flow, strict=True):
                if rate > 0.0:
                    station.left_us = [left - dt_us for left in station.left_us]
            s.fed += flow[0] * dt_us
            s.packed += flow[-1] * dt_us
            s.filled += flow[self.plan.bottleneck] * dt_us
            s.approval_left_us = max(0, s.approval_left_us - dt_us)

    # --- what happens ---

    def _settle(self, t_us: int, jobs: Jobs) -> None:
        s = self.state
        while s.later and s.later[0][0] <= t_us:
            self._out.append(heappop(s.later)[2])
        for index, station in enumerate(s.stations):
            if station.down_until_us and station.down_until_us <= t_us:
                station.down_until_us = 0
            elif self._flow[index] > 0.0 and min(station.left_us) <= 0:
                self._stop(index)
        if self.plan.by_piece and s.packed >= 1.0 - CRUMB:
            self._count()
        if t_us >= s.count_us:
            self._count()
            self._keep_alive()
            s.count_us = next_count_us(t_us, s.count_every_us)
        if t_us >= s.period_end_us:
            self._enter_period()
        if s.open is Open.work:
            self._work(jobs)
        if t_us >= s.drift_us:
            self._drift()
        if t_us >= (s.silent_until_us or s.outage_us):
            self._gateway()
        self._flow = self._flowing()
        self._tell_states()

    def _enter_period(self) -> None:
        s = self.state
        if s.open is Open.work and s.phase is Phase.run:
            self._count()
        period = self.plan.period_at(s.at_us)
        s.open, s.period_end_us = period.kind, period.end_us

    def _work(self, jobs: Jobs) -> None:
        s = self.state
        if s.phase is Phase.run and not s.approved and s.approval_left_us == 0:
            self._approve()
        if s.phase is Phase.run and s.is_fed and not any(s.levels):
            self._end_order()
        if s.phase is Phase.setup and s.setup_left_us == 0:
            self._begin_order()
        if s.phase is Phase.idle and s.at_us >= s.ask_us:
            job = jobs.next_job(s.at_us)
            if job is None:
                s.ask_us = s.at_us + ASK_AGAIN_US
            else:
                self._set_up(job)

    def _set_up(self, job: Job) -> None:
        s = self.state
        standard_min = self.plan.standard_setup_min(s.family, job.family)
        factor = s.chance.around(1.06, 0.2) * self.plan.temper_at(s.at_us).setups
        s.setup_left_us = max(MINUTE_US, round(standard_min * factor * MINUTE_US))
        s.phase, s.job, s.family = Phase.setup, job, job.family
        begun = {"order": job.order, "item": job.item}
        self._tell(self.plan.bottleneck, "setup_start", begun, by_hand=True)

    def _begin_order(self) -> None:
        s, job = self.state, self._job
        s.phase, s.fed, s.levels = Phase.run, 0.0, [0.0] * len(s.levels)
        lost = self.plan.scrap.get(job.item, 0.0) + self.plan.rework.get(job.item, 0.0)
        s.target = job.quantity / (1.0 - min(lost, 0.5))
        s.approved, s.approval_left_us = False, round(s.chance.around(5.0, 0.35) * MINUTE_US)
        started = {"order": job.order, "item": job.item, "step": "10", "quantity": job.quantity}
        self._tell(self.plan.bottleneck, "setup_end", {}, by_hand=True)
        self._tell_of_line("order_start", started)

    def _approve(self) -> None:
        """Quality lets the order go on; what was made so far is counted before, as set-up pieces."""
        self._count()
        self.state.approved = True
        self._tell_of_line("first_piece_ok", {"order": self._job.order})

    def _end_order(self) -> None:
        s = self.state
        self._count()
        self._tell_of_line("order_end", {"order": self._job.order})
        s.phase, s.job, s.ask_us = Phase.idle, None, s.at_us

    @property
    def _job(self) -> Job:
        if self.state.job is None:
            raise RuntimeError(f"{self.plan.line} has no order")
        return self.state.job

    def _stop(self, index: int) -> None:
        """A trouble of a station begins; how long it lasts is known here, and what will be said of it."""
        s, station = self.state, self.state.stations[index]
        troubles, temper = self.plan.stations[index].troubles, self.plan.temper_at(s.at_us)
        which = min(range(len(troubles)), key=station.left_us.__getitem__)
        trouble = troubles[which]
        lasts = round(s.chance.around(trouble.median_us * temper.repairs, trouble.sigma))
        station.left_us[which] = s.chance.until_next(trouble.every_us / temper.stops)
        station.down_until_us = s.at_us + min(max(lasts, trouble.shortest_us), trouble.longest_us)
        station.trouble, reason = which, s.chance.one_of(trouble.reasons)
        station.reason = reason if reason in KNOWN_BY_MACHINE else ""
        is_explained = s.chance.happens(trouble.explained)
        delay_us = round(s.chance.around(90.0, 1.0) * SECOND_US)
        if is_explained and not station.reason:
            told = {"reason": reason, "from_us": s.at_us, "until_us": station.down_until_us}
            self._later(index, station.down_until_us + min(delay_us, 3 * HOUR_US), "reason", told)
        if trouble.spoils:
            s.spoiled += s.quality.between(15, 90)
        if trouble.calls and station.down_until_us - s.at_us >= CALLS_FROM_US:
            self._call_for_help(index, trouble, station.down_until_us)

    def _call_for_help(self, index: int, trouble: Trouble, until_us: int) -> None:
        s = self.state
        share = (until_us - s.at_us) / 100
        call = {"call": f"{self.plan.stations[index].asset}-{s.at_us // SECOND_US}"}
        category = "quality" if trouble.spoils else "maintenance"
        self._later(index, s.at_us + round(share * 6), "andon_raise", {**call, "category": category})
        self._later(index, s.at_us + round(share * s.chance.between(10, 18)), "andon_ack", call)
        self._later(index, s.at_us + round(share * s.chance.between(20, 45)), "andon_arrive", call)
        self._later(index, until_us, "andon_resolve", call)

    def _drift(self) -> None:
        """The filler's speed wanders around what is usual for the line."""
        s = self.state
        usual = self.plan.temper_at(s.at_us).slow
        s.slow = min(max(s.slow + 0.25 * (usual - s.slow) + 0.01 * s.chance.normal(), 0.03), 0.2)
        s.drift_us += HOUR_US

    def _gateway(self) -> None:
        """The line's gateway falls silent, or comes back and says what it has lost."""
        s = self.state
        if not s.silent_until_us:
            s.silent_since_us = s.at_us
            s.silent_until_us = s.at_us + round(s.chance.around(45.0, 0.6) * MINUTE_US)
            return
        lost = {"from_us": s.silent_since_us, "until_us": s.at_us, "cause": "gateway restarted"}
        s.silent_since_us = s.silent_until_us = 0
        s.outage_us = s.at_us + s.chance.until_next(OUTAGE_EVERY_US)
        for index, station in enumerate(s.stations):
            self._tell(index, "gap", lost)
            station.said = ""

    # --- what is told ---

    def _count(self) -> None:
        """Tell the whole pieces since the count before: at the packer by outcome, at the filler all."""
        s = self.state
        packed, filled, since = floor(s.packed + CRUMB), floor(s.filled + CRUMB), {"from_us": s.counted_us}
        s.counted_us = s.at_us
        s.packed -= packed
        s.filled -= filled
        if filled and len(self.plan.stations) > 1:
            self._tell(self.plan.bottleneck, "count", {"good": filled, **since})
        if not packed or s.job is None:
            return
        factor = self.plan.temper_at(s.at_us).scrap
        scrap = s.quality.events(packed * self.plan.scrap.get(s.job.item, 0.0) * factor) + s.spoiled
        scrap = min(scrap, packed)
        rework = min(s.quality.events(packed * self.plan.rework.get(s.job.item, 0.0)), packed - scrap)
        s.spoiled = 0
        s.in_rework += rework if s.approved else 0
        outcome = {"good": packed - scrap - rework, "scrap": scrap, "rework": rework}
        if scrap and s.approved:
            self._tell_scrap(s.job, outcome.pop("scrap"))
        if told := {name: n for name, n in outcome.items() if n}:
            self._tell(-1, "count", told | since)
        if s.in_rework >= TOUCHED_UP_AT_ONCE:
            saved = round(s.in_rework * REWORK_SAVED)
            self._tell(-1, "rework", {"quantity": saved, "outcome": "recovered"}, by_hand=True)
            lost = {"quantity": s.in_rework - saved, "outcome": "scrapped"}
            self._tell(-1, "rework", lost, by_hand=True)
            s.in_rework = 0

    def _tell_scrap(self, job: Job, quantity: int) -> None:
        """Tell scrap with its defect, a moment before the count it belongs to: the hour it was made in."""
        s = self.state
        defect = Chance.of(self.plan.seed, "defect", self.plan.line, s.at_us).one_of(self.plan.defects)
        if not s.silent_until_us:
            body = {"quantity": quantity, "reason": defect, "order": job.order, "item": job.item}
            told = Told(s.at_us - 1, self.plan.stations[-1].asset, "scrap", body)
            insort(self._out, told, key=lambda one: one.t_us)

    def _keep_alive(self) -> None:
        """A station that has had nothing to tell for an hour says that it is there.

        The bottleneck of a line that counts more often than that says so as often, closed or not: whoever
        looks at a quiet line sees that it is heard.
        """
        s = self.state
        is_often = s.count_every_us < HOUR_US
        for index, station in enumerate(s.stations):
            if is_often and index == self.plan.bottleneck:
                is_due = station.heard_us < s.at_us
            else:
                is_due = s.open is not Open.closed and s.at_us - station.heard_us >= HOUR_US
            if is_due:
                self._tell(index, "heartbeat", {})

    def _word(self, index: int) -> tuple[str, str]:
        """State of a station and the reason it knows itself."""
        s, station = self.state, self.state.stations[index]
        if s.open is not Open.work:
            if s.open is Open.upkeep:
                return "planned_stop", "PM"
            period = self.plan.period_at(s.at_us)
            return ("break" if period.end_us - period.start_us <= SHORT_CLOSING_US else "off"), ""
        if s.phase is Phase.setup:
            return "setup", ""
        if s.phase is Phase.idle:
            return "no_order", "NOORD"
        if station.down_until_us:
            return self.plan.stations[index].troubles[station.trouble].word, station.reason
        if self._flow[index] > 0.0:
            return "running", ""
        starved = s.is_fed if index == 0 else s.levels[index - 1] <= 0.0
        return ("starved", "") if starved else ("blocked", "")

    def _tell_states(self) -> None:
        """Tell the state of each station that has changed, unless nobody hears it."""
        s = self.state
        for index, station in enumerate(s.stations):
            word, reason = self._word(index)
            said = f"{word} {reason}"
            if said != station.said:
                station.said = said
                self._tell(index, "state", {"state": word, "reason": reason} if reason else {"state": word})

    def _tell_of_line(self, kind: str, body: Mapping[str, object]) -> None:
        """Tell what holds for the whole line; it is keyed in at the line and never lost."""
        self._out.append(Told(self.state.at_us, self.plan.line, kind, body, True))

    def _tell(self, index: int, kind: str, body: Mapping[str, object], *, by_hand: bool = False) -> None:
        s = self.state
        if s.silent_until_us and not by_hand:
            return
        s.stations[index].heard_us = s.at_us
        asset = self.plan.stations[index].asset
        self._out.append(Told(s.at_us, asset, kind, body, by_hand))

    def _later(self, index: int, t_us: int, kind: str, body: Mapping[str, object]) -> None:
        s = self.state
        s.laid_by += 1
        told = Told(t_us, self.plan.stations[index].asset, kind, body, True)
        heappush(s.later, (t_us, s.laid_by, told))
