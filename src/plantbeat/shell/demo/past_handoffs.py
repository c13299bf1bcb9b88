"""The handoffs of the demo plant's history, from its own facts: signed by two, a few of them late.

Set-wise: one question to the cube for all lines and shifts, one to the kept facts, some records at once.
"""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field
from typing import Any

from django.utils.translation import gettext as _

from plantbeat.areas.daily.handoffs.boundaries import HandingOver, handing_over
from plantbeat.areas.daily.handoffs.floor_sentences import incident_sentence, result_sentence
from plantbeat.areas.daily.handoffs.keeping import Sentence, row_of
from plantbeat.areas.daily.handoffs.people_sentences import attendance_words
from plantbeat.areas.daily.handoffs.situation import Situation, fact_words
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
from plantbeat.kernel.access import Actor, visible
from plantbeat.kernel.accounts import Site, User
from plantbeat.kernel.act_many import act_many
from plantbeat.shell.demo.chance import Chance
from plantbeat.shell.demo.line_plan import DAY_US, MINUTE_US

BY = Actor.system("demo plant")
LATE, UNANSWERED = 0.06, 0.02
AT_ONCE = 100
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


def record_past_handoffs(site: Site, seed: str, from_us: int, until_us: int) -> int:
    """Record the handoffs of a time that is over; how many there were. What is recorded already stays."""
    with rules_read_once():
        over = handing_over(site, from_us, until_us)
        rows = visible(Handoff, BY).filter(site=site)
        known = set(rows.values_list("place", "boundary_us"))
        history = _history(site, from_us - DAY_US, until_us)
        areas = {area.code: area for area in visible(Area, BY).filter(site=site)}
        last = {one.area: one.at_us for one in over}
        signers = _signers()
        wanted = [
            _values(
                site, one, areas.get(one.area), history, seed, signers, is_last=last[one.area] == one.at_us
            )
            for one in over
            if (one.area, one.at_us) not in known
        ]
    for start in range(0, len(wanted), AT_ONCE):
        act_many(Handoff, "create", BY, wanted[start : start + AT_ONCE])
    return len(wanted)


def _signers() -> tuple[str, str]:
    """Pseudonyms of the two who sign, in turn."""
    users = dict(
        visible(User, BY).filter(username__in=["lead", "supervisor"]).values_list("username", "pseudonym")
    )
    return users.get("lead", ""), users.get("supervisor", "")


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


def _values(
    site: Site, over: HandingOver, area: Area | None, history: _History, seed: str,
    signers: tuple[str, str], *, is_last: bool,
) -> Mapping[str, Any]:  # fmt: skip
    """A handoff as it was signed; the last one of an area still waits to be signed in."""
    chance = Chance.of(seed, "handoff", over.area, over.at_us)
    out_by, in_by = signers if chance.happens(0.5) else signers[::-1]
    sentences = list(_sentences(site, over, history))
    is_late = chance.happens(LATE)
    out_us = over.at_us + (-chance.between(2, 12) if not is_late else chance.between(32, 70)) * MINUTE_US
    begins_us = max(over.at_us, over.next_start_us or over.at_us)
    in_us = max(out_us, begins_us) + chance.between(2, 14) * MINUTE_US
    asked = chance.between(0, len(QUESTIONS) - 1) if chance.happens(UNANSWERED * 5) else None
    values: dict[str, Any] = {
        "site": site, "area": area, "place": over.area, "boundary_us": over.at_us, "start_us": over.start_us,
        "production_day": over.production_day, "shift": over.shift, "next_shift": over.next_shift,
        "next_start_us": over.next_start_us, "drafted_us": out_us,
        "text": "\n".join(one.drafted for one in sentences), "items": [row_of(one) for one in sentences],
        "signed_out_by": out_by, "signed_out_us": out_us,
        "escalated_us": over.at_us + LATE_AFTER_US if is_late else None,
        "escalated_to": _("Supervisor on duty") if is_late else "",
    }  # fmt: skip
    if is_last:
        return values | {"state": "signed_out", "due_us": begins_us + LATE_AFTER_US}
    values |= {"state": "archived", "signed_in_by": in_by, "signed_in_us": in_us}
    if asked is not None:
        values |= {"questions": QUESTIONS[asked], "answers": ANSWERS[asked]}
    return values


def _sentences(site: Site, over: HandingOver, history: _History) -> Iterator[Sentence]:
    """What a draft would have said, by the functions a draft says it with."""
    now = Situation(site, over, over.at_us)
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
