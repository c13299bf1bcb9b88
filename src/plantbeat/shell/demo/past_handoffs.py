"""The handoffs of the demo plant's history, from its own facts: signed by two, a few of them late.

One question to the cube for all lines and shifts, one to the kept facts; some handoffs in one transaction, so
that nobody meets one of the past unsigned. Each is signed by the door everybody signs by, at its time.
"""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterator
from dataclasses import dataclass, field
from typing import Any

from django.utils.translation import gettext as _

from plantbeat.areas.daily.handoffs.actions import handoff_values
from plantbeat.areas.daily.handoffs.boundaries import HandingOver, handing_over
from plantbeat.areas.daily.handoffs.drafting import unsafe_sentences
from plantbeat.areas.daily.handoffs.floor_sentences import incident_sentence, result_sentence
from plantbeat.areas.daily.handoffs.keeping import Draft, Sentence
from plantbeat.areas.daily.handoffs.people_sentences import attendance_words
from plantbeat.areas.daily.handoffs.site_now import SiteNow
from plantbeat.areas.daily.handoffs.situation import Situation, fact_words
from plantbeat.areas.daily.handoffs.wording import unspoken
from plantbeat.areas.daily.records.handoff import LATE_AFTER_US, Handoff, ItemKind
from plantbeat.areas.execution.answers import LossBridge, LossOfReason, Reason
from plantbeat.areas.execution.questions import LOST
from plantbeat.areas.plant.records.area import Area
from plantbeat.engine.oee import CubeRow, Elements
from plantbeat.engine.oee.formulas import oee_result, six_big_losses
from plantbeat.facts.views import readings
from plantbeat.facts.views.cube_query import SHIFT_ID, CubeQuestion, Cut, cube_sums
from plantbeat.facts.views.periods import Period
from plantbeat.facts.views.readings import KeptFact
from plantbeat.facts.views.rules import SiteRules
from plantbeat.facts.views.rules_at_hand import rules_of, rules_read_once
from plantbeat.kernel import clock
from plantbeat.kernel.access import Actor, visible
from plantbeat.kernel.accounts import Site, User
from plantbeat.kernel.act import Proof, act, proved
from plantbeat.kernel.act_many import act_many
from plantbeat.kernel.writing import writing
from plantbeat.shell.demo.chance import Chance
from plantbeat.shell.demo.demo_folder import DemoFolder
from plantbeat.shell.demo.line_plan import DAY_US, MINUTE_US
from plantbeat.shell.demo.sign_in_list import read_sign_ins

BY = Actor.system("demo plant")
LATE, UNANSWERED = 0.06, 0.02
AT_ONCE = 10
QUESTIONS = (
    "Is the labeller's spare roll on site?", "Who has the key of the cap store?",
    "Was maintenance told about the noise at the packer?", "Are the samples of the last lot at the lab?",
)  # fmt: skip
ANSWERS = ("Yes, since noon.", "The supervisor's office.", "Yes, they come in the morning.", "On the way.")


@dataclass
class _History:
    """What the facts of the whole time say, by line and shift."""

    rules: SiteRules
    parts: dict[tuple[int, int], list[tuple[str | None, CubeRow]]] = field(
        default_factory=lambda: defaultdict(list)
    )
    kept: dict[int, list[KeptFact]] = field(default_factory=lambda: defaultdict(list))
    planned: dict[tuple[int, int], int] = field(default_factory=lambda: defaultdict(int))

    def bridge(self, line: int, shift_id: int, limit: int) -> LossBridge:
        """The loss bridge of a line in a shift."""
        cells = self.parts.get((line, shift_id), [])
        elements = Elements.of(cell for _reason, cell in cells)
        reasons = [
            LossOfReason(cell.state, self._reason(code), cell.us, cell.starts)
            for code, cell in cells
            if cell.state in LOST and cell.us
        ]
        reasons.sort(key=lambda one: (-one.us, one.reason.code if one.reason else ""))
        return LossBridge(six_big_losses(elements), elements, oee_result(elements, limit), reasons)

    def _reason(self, code: str | None) -> Reason | None:
        rule = self.rules.reasons(self._day).get(code) if code else None
        return Reason(code, rule.name if rule else "", rule.loss if rule else "") if code else None

    @property
    def _day(self) -> Any:
        return self.rules.day_at(self._last_us)

    _last_us: int = 0


def record_past_handoffs(site: Site, seed: str, from_us: int, until_us: int, signers: Signers) -> int:
    """Record the handoffs of a time that is over; how many there were. What is recorded already stays.

    Meanwhile the worker of the running plant drafts those of the last hours; these are signed too.
    """
    with rules_read_once():
        over = handing_over(site, from_us, until_us)
        rows = visible(Handoff, BY).filter(site=site)
        known = set(rows.exclude(state=Handoff.State.drafted).values_list("place", "boundary_us"))
        history = _history(site, from_us - DAY_US, until_us)
        areas = {area.code: area for area in visible(Area, BY).filter(site=site)}
        last = {one.area: one.at_us for one in over}
        wanted = [one for one in over if (one.area, one.at_us) not in known]
        for start in range(0, len(wanted), AT_ONCE):
            some = wanted[start : start + AT_ONCE]
            plans = [_Signing.of(one, seed, is_last=last[one.area] == one.at_us) for one in some]
            at_site = SiteNow(site)
            drafts = [_draft(at_site, plan, history) for plan in plans]
            with writing():
                opened = _opened(site, some, areas)
                for handoff, plan, draft in zip(opened, plans, drafts, strict=True):
                    _sign(act(handoff, "refresh", BY, {"sentences": draft}), plan, signers)
    return len(wanted)


def _opened(site: Site, some: list[HandingOver], areas: dict[str, Area]) -> list[Handoff]:
    """The handoff of each boundary, in the same order: the one that is there, or a new one."""
    rows = visible(Handoff, BY).filter(site=site, boundary_us__in=[one.at_us for one in some])
    found = {(one.place, one.boundary_us): one for one in rows}
    missing = [one for one in some if (one.area, one.at_us) not in found]
    made = act_many(
        Handoff, "create", BY, [handoff_values(site, areas.get(one.area), one) for one in missing]
    )
    found |= {(one.place, one.boundary_us): one for one in made}
    return [found[one.area, one.at_us] for one in some]


Signers = tuple[tuple[Actor, Proof], tuple[Actor, Proof]]
"""The two who sign in turn, each with the proof of who they are."""


def signers_of(folder: DemoFolder) -> Signers:
    """The line lead and the supervisor of the demo plant, by the passwords that its folder keeps."""
    passwords = {one["username"]: one["password"] for one in read_sign_ins(folder) or []}
    users = visible(User, BY).filter(username__in=("lead", "supervisor")).order_by("username")
    lead, supervisor = (Actor.of(user) for user in users)
    return (lead, proved(lead, passwords["lead"])), (supervisor, proved(supervisor, passwords["supervisor"]))


@dataclass(frozen=True, slots=True)
class _Signing:
    """How a handoff of the past was signed; the last one of an area still waits to be signed in."""

    over: HandingOver
    out_us: int
    in_us: int | None
    is_late: bool
    is_swapped: bool
    asked: int | None

    @classmethod
    def of(cls, over: HandingOver, seed: str, *, is_last: bool) -> _Signing:
        """As chance has it."""
        chance = Chance.of(seed, "handoff", over.area, over.at_us)
        is_swapped, is_late = chance.happens(0.5), chance.happens(LATE)
        gap_min = chance.between(32, 70) if is_late else -chance.between(2, 12)
        out_us = over.at_us + gap_min * MINUTE_US
        begins_us = max(over.at_us, over.next_start_us or over.at_us)
        in_us = max(out_us, begins_us) + chance.between(2, 14) * MINUTE_US
        asked = chance.between(0, len(QUESTIONS) - 1) if chance.happens(UNANSWERED * 5) else None
        return cls(over, out_us, None if is_last else in_us, is_late, is_swapped, asked)


def _sign(handoff: Handoff, plan: _Signing, signers: Signers) -> None:
    """Sign a handoff out and in, each at its time; a late one is escalated before."""
    (out_by, out_proof), (in_by, in_proof) = signers if plan.is_swapped else signers[::-1]
    if plan.is_late:
        with clock.at(plan.over.at_us + LATE_AFTER_US):
            act(handoff, "escalate", BY, {"escalated_to": _("Supervisor on duty")})
    with clock.at(plan.out_us):
        signed = act(handoff, "sign_out", out_by, secret=out_proof)
    if plan.in_us is None:
        return
    asked = QUESTIONS[plan.asked] if plan.asked is not None else ""
    with clock.at(plan.in_us):
        signed = act(signed, "sign_in", in_by, {"questions": asked}, secret=in_proof)
        if plan.asked is not None:
            act(signed, "archive", out_by, {"answers": ANSWERS[plan.asked]})


def _history(site: Site, from_us: int, until_us: int) -> _History:
    rules = rules_of(site.pk)
    found = _History(rules, _last_us=until_us)
    period = Period.of_days(rules.day_at(from_us), rules.day_at(until_us))
    lines = list(rules.line_ids.values())
    for (line, shift_id, reason), cells in cube_sums(
        CubeQuestion(rules, lines, period, [Cut.line, SHIFT_ID, Cut.reason])
    ).items():
        if shift_id is not None:
            found.parts[line, shift_id] += [(reason, cell) for cell in cells]
    for fact in readings.facts_kept(list(rules.assets), ["incident", "attendance"], from_us, until_us):
        line = rules.line_of(fact.asset_id) or fact.asset_id
        found.kept[line].append(fact)
    shifts = {shift_id for _line, shift_id in found.parts}
    for start in range(0, len(shifts), 400):
        for plan in readings.plans_for(lines, sorted(shifts)[start : start + 400]):
            found.planned[plan.asset_id, plan.shift_id] += plan.planned
    return found


def _draft(at_site: SiteNow, plan: _Signing, history: _History) -> Draft:
    """What was drafted by the time a handoff was signed out."""
    with clock.at(plan.out_us), unspoken():
        return Draft(list(_sentences(at_site, plan.over, history)), plan.out_us)


def _sentences(at_site: SiteNow, over: HandingOver, history: _History) -> Iterator[Sentence]:
    """What a draft would have said, by the functions a draft says it with."""
    now = Situation(at_site, over, min(clock.now_us(), over.at_us))
    unsafe_sentences(now)
    limit = history.rules.site_rule(over.production_day).coverage_limit_percent
    for code, shift in over.shift_of_line.items():
        line = history.rules.line_ids[code]
        bridge = history.bridge(line, shift.id, limit)
        result_sentence(now, code, bridge, history.planned.get((line, shift.id)))
        for fact in history.kept[line]:
            if not shift.start_us <= fact.t_us < shift.end_us:
                continue
            if fact.kind == "incident":
                incident_sentence(now, fact)
            elif fact.said.get("crew") in (None, shift.crew):
                said = fact.said
                text = attendance_words(code, said["present"], said["rostered"], said.get("leave", 0))
                now.say(
                    f"people:{code}", ItemKind.people, text, fact_words([fact.lsn]), now.line_address(code)
                )
    yield from {one.code: one for one in now.sentences}.values()
