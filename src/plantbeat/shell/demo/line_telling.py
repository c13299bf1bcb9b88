"""What a simulated filling line tells: counts by outcome, scrap with its defect, states, signs of life."""

from __future__ import annotations

from bisect import insort
from collections.abc import Mapping
from heapq import heappush
from math import floor

from plantbeat.shell.demo.chance import Chance
from plantbeat.shell.demo.line_flow import CRUMB
from plantbeat.shell.demo.line_plan import HOUR_US, Job, LinePlan, Open, Told
from plantbeat.shell.demo.line_state import LineState, Phase

SHORT_CLOSING_US = HOUR_US
TOUCHED_UP_AT_ONCE, REWORK_SAVED = 200, 0.85


class LineTelling:
    """The voice of a line: what it says of its state, which somebody else moves on."""

    def __init__(self, plan: LinePlan, state: LineState) -> None:
        self.plan, self.state = plan, state
        self._out: list[Told] = []
        self._flow: list[float] = []

    @property
    def _job(self) -> Job:
        if self.state.job is None:
            raise RuntimeError(f"{self.plan.line} has no order")
        return self.state.job

    def _count(self, at_once: int = 1) -> None:
        """Tell the whole pieces since the count before: at the packer by outcome, at the filler all.

        With more than one `at_once` nothing is told before so many are packed, and then multiples of it.
        """
        s = self.state
        packed, filled, since = floor(s.packed + CRUMB), floor(s.filled + CRUMB), {"from_us": s.counted_us}
        packed -= packed % at_once
        if at_once > 1 and not packed:
            return
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
        crept = self._crept(packed - scrap)
        rework = min(s.quality.events(packed * self.plan.rework.get(s.job.item, 0.0)), packed - scrap - crept)
        s.spoiled = 0
        s.in_rework += rework if s.approved else 0
        outcome = {"good": packed - scrap - crept - rework, "scrap": scrap, "rework": rework}
        if scrap and s.approved:
            self._tell_scrap(s.job, outcome.pop("scrap"))
        if told := {name: n for name, n in outcome.items() if n}:
            self._tell(-1, "count", told | since, by_hand=bool(self.plan.pallets))
        if s.in_rework >= TOUCHED_UP_AT_ONCE:
            saved = round(s.in_rework * REWORK_SAVED)
            self._tell(-1, "rework", {"quantity": saved, "outcome": "recovered"}, by_hand=True)
            lost = {"quantity": s.in_rework - saved, "outcome": "scrapped"}
            self._tell(-1, "rework", lost, by_hand=True)
            s.in_rework = 0

    def _pallet(self) -> int:
        """Pieces that are told at once where people tap them; else one."""
        return self.plan.pallets.get(self.state.job.item, 1) if self.state.job is not None else 1

    def _crept(self, packed: int) -> int:
        """Pieces lost to causes that grow; they are told here."""
        s, lost = self.state, 0
        for creep in self.plan.creeps if s.job is not None and s.approved else ():
            pieces = min(s.quality.events(packed * creep.share_at(s.at_us)), packed - lost)
            if pieces:
                self._tell_scrap(self._job, pieces, creep.defect)
                lost += 0 if s.silent_until_us else pieces
        return lost

    def _tell_scrap(self, job: Job, quantity: int, defect: str = "") -> None:
        """Tell scrap with its defect, a moment before the count it belongs to: the hour it was made in."""
        s = self.state
        usual = Chance.of(self.plan.seed, "defect", self.plan.line, s.at_us)
        defect = defect or usual.one_of(self.plan.defects)
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
