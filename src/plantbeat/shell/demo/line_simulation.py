"""A filling line, event by event: stops, set-ups, short buffers, speed, counts, and what people tell of it.

Between events nothing is moved, so a run that is interrupted anywhere and taken up again tells the very same
facts as one that was not.
"""

from __future__ import annotations

from heapq import heappop
from math import ceil

import msgspec

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
from plantbeat.shell.demo.line_telling import LineTelling

ASK_AGAIN_US = 5 * MINUTE_US
CALLS_FROM_US, LONGEST_WAIT_US = 5 * MINUTE_US, 3 * MINUTE_US
CONFIRMED_AFTER_US = 100 * SECOND_US
KNOWN_BY_MACHINE = frozenset({"ELEC-PLC", "MAT"})


class LineSimulation(LineTelling):
    """One line from an instant on; `run` tells what happens until another instant."""

    def __init__(self, plan: LinePlan, state: LineState) -> None:
        super().__init__(plan, state)
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
        elif s.phase is Phase.setup and not s.setup_broken_off:
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
            self._count(self._pallet())
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
        if s.phase is Phase.setup:
            self._break_off_or_go_on()

    def _break_off_or_go_on(self) -> None:
        """Maintenance breaks a set-up off; afterwards it begins anew with what was left of it."""
        s = self.state
        if s.open is Open.upkeep and not s.setup_broken_off:
            s.setup_broken_off = True
            self._tell(self.plan.bottleneck, "setup_end", {}, by_hand=True)
        elif s.open is Open.work and s.setup_broken_off:
            s.setup_broken_off = False
            self._tell_setup()

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
        self._tell_setup()

    def _tell_setup(self) -> None:
        begun = {"order": self._job.order, "item": self._job.item}
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

    def _stop(self, index: int) -> None:
        """A trouble of a station begins; how long it lasts is known here, and what will be said of it."""
        s, station = self.state, self.state.stations[index]
        troubles, temper = self.plan.stations[index].troubles, self.plan.temper_at(s.at_us)
        which = min(range(len(troubles)), key=station.left_us.__getitem__)
        trouble = troubles[which]
        if not trouble.is_on(s.at_us):
            station.left_us[which] = trouble.until_next(s.chance, temper.stops)
            return
        lasts = round(s.chance.around(trouble.median_us * temper.repairs, trouble.sigma))
        station.left_us[which] = trouble.until_next(s.chance, temper.stops)
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
        lasts_us = until_us - s.at_us
        call = {"call": f"{self.plan.stations[index].asset}-{s.at_us // SECOND_US}"}
        category = "quality" if trouble.spoils else "maintenance"
        raised_us = s.at_us + min(round(0.06 * lasts_us), MINUTE_US)
        # Who answers does not know yet how long it will take.
        answered_us = raised_us + min(round(s.chance.around(85.0, 0.4) * SECOND_US), LONGEST_WAIT_US)
        arrives_us = s.at_us + round(s.chance.between(20, 45) / 100 * lasts_us)
        self._later(index, raised_us, "andon_raise", {**call, "category": category})
        self._later(index, answered_us, "andon_ack", call)
        self._later(index, max(arrives_us, answered_us + 20 * SECOND_US), "andon_arrive", call)
        self._later(index, until_us, "andon_resolve", call)
        self._later(index, until_us + CONFIRMED_AFTER_US, "andon_confirm", call)

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
