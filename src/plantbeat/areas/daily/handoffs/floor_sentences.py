"""What the floor has to say at the end of a shift: results against plan, stops, incidents, notes, silence."""

from __future__ import annotations

from collections import defaultdict

from django.urls import reverse
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy, ngettext

from plantbeat.areas.daily.handoffs.situation import Situation, fact_words, minutes, percent, whole
from plantbeat.areas.daily.moments import ShiftAt
from plantbeat.areas.daily.records.handoff import ItemKind
from plantbeat.areas.execution import questions as execution
from plantbeat.areas.execution.andon.questions import open_calls
from plantbeat.areas.execution.answers import LineNow, LossBridge, Stop
from plantbeat.areas.execution.live import STATE_WORDS
from plantbeat.engine.oee import State
from plantbeat.facts.views import readings
from plantbeat.facts.views.periods import Period, PeriodKind
from plantbeat.facts.views.readings import KeptFact

CALLS_NAMED = 5
STOPS_SHOWN = 3
"""Largest unplanned stops of an area that are told one by one."""
UNPLANNED = frozenset({State.own_stop, State.micro_stop, State.starved, State.blocked})
SEVERITIES = {
    "near_miss": gettext_lazy("near miss"),
    "first_aid": gettext_lazy("first aid"),
    "recordable": gettext_lazy("recordable case"),
    "restricted": gettext_lazy("restricted work"),
    "days_away": gettext_lazy("days away from work"),
    "fatality": gettext_lazy("fatality"),
}


def results(now: Situation) -> None:
    """Good pieces, OEE and scrap of each line against its frozen plan, with the largest loss."""
    plans: dict[tuple[int, int], int] = defaultdict(int)
    ids = {now.rules.line_ids[code]: shift.id for code, shift in now.lines.items()}
    for plan in readings.plans_for(list(ids), set(ids.values())):
        plans[plan.asset_id, plan.shift_id] += plan.planned
    for code, shift in now.lines.items():
        bridge = execution.loss_bridge(now.site, code, _period(shift), now.by)
        planned = plans.get((now.rules.line_ids[code], shift.id))
        result_sentence(now, code, bridge, planned)


def result_sentence(now: Situation, code: str, bridge: LossBridge, planned: int | None) -> None:
    """What a line came to, opened by its page for the shift."""
    shift = now.lines[code]
    values = {"day": shift.day.isoformat(), "shift": shift.name, "line": code}
    source = _("shift %(day)s %(shift)s of %(line)s") % values
    text = result_words(code, bridge, planned)
    now.say(f"result:{code}", ItemKind.result, text, source, now.line_address(code))


def result_words(code: str, bridge: LossBridge, planned: int | None) -> str:
    elements = bridge.elements
    if not elements.pbt_us:
        return _("%(line)s: not planned busy in this shift.") % {"line": code}
    if planned:
        said = _("%(line)s: %(good)s good of %(plan)s planned (%(share)s %%)") % {
            "line": code, "good": whole(elements.good), "plan": whole(planned),
            "share": percent(100 * elements.good / planned),
        }  # fmt: skip
    else:
        said = _("%(line)s: %(good)s good; no plan was frozen") % {"line": code, "good": whole(elements.good)}
    parts = [said]
    if bridge.oee.oee is not None and bridge.oee.oee.value is not None:
        parts.append(_("OEE %(value)s %%") % {"value": percent(float(bridge.oee.oee.value))})
    else:
        parts.append(_("OEE withheld, too little data"))
    if elements.scrap:
        share = percent(100 * elements.scrap / elements.produced)
        parts.append(_("scrap %(n)s (%(share)s %%)") % {"n": whole(elements.scrap), "share": share})
    if loss := next((one for one in bridge.reasons if one.us and one.state != State.planned_stop), None):
        name = (loss.reason.name or loss.reason.code) if loss.reason else _("stop without a reason")
        parts.append(_("largest loss: %(name)s %(min)s min") % {"name": name, "min": minutes(loss.us)})
    return "; ".join(parts) + "."


def stops(now: Situation) -> None:
    """Stops that go on at the end, unsafe to forget, and the largest unplanned ones of the area."""
    found = [
        (stop, code)
        for code, shift in now.lines.items()
        for stop in execution.stops(now.site, code, _period(shift), now.by)
    ]
    going_on = _going_on(now)
    for code, stop in going_on.items():
        _open_stop(now, code, stop)
    over = [
        (stop, code)
        for stop, code in found
        if stop.state in UNPLANNED
        and not ((at := going_on.get(code)) is not None and at.start_us <= stop.start_us < at.end_us)
    ]
    over.sort(key=lambda pair: (-pair[0].duration_us, pair[1], pair[0].start_us))
    for stop, code in over[:STOPS_SHOWN]:
        text = _("%(line)s stood %(min)s min from %(from)s: %(why)s.") % {
            "line": code, "min": minutes(stop.duration_us), "from": now.time(stop.start_us),
            "why": _why(stop),
        }  # fmt: skip
        now.say(
            f"loss:{code}:{stop.start_us}", ItemKind.loss, text, fact_words(stop.facts),
            _stop_address(code, stop.start_us),
        )  # fmt: skip


def open_stops(now: Situation) -> None:
    """Only the stops that go on."""
    for code, stop in _going_on(now).items():
        _open_stop(now, code, stop)


def _going_on(now: Situation) -> dict[str, Stop]:
    """The stop each line stands in at the end, planned stops and set-ups apart."""
    found = {}
    for code in now.lines:
        stop = execution.stop_at(now.site, code, now.until_us - 1, now.by)
        if stop is not None and stop.state in UNPLANNED:
            found[code] = stop
    return found


def _open_stop(now: Situation, code: str, stop: Stop) -> None:
    text = _("%(line)s stands since %(from)s (%(min)s min so far): %(why)s.") % {
        "line": code, "from": now.time(stop.start_us), "why": _why(stop),
        "min": minutes(max(0, now.until_us - stop.start_us)),
    }  # fmt: skip
    now.say(
        f"stop:{code}:{stop.start_us}", ItemKind.stop, text, fact_words(stop.facts),
        _stop_address(code, stop.start_us), unsafe=True,
    )  # fmt: skip


def _why(stop: Stop) -> str:
    reason = (stop.reason.name or stop.reason.code) if stop.reason else _("no reason given")
    return f"{STATE_WORDS[stop.state]}, {reason}"


def _stop_address(code: str, at_us: int) -> str:
    return reverse("stop", kwargs={"code": code, "at_us": at_us})


def calls(now: Situation) -> None:
    """Calls for help that are not closed, tests apart: each that is not solved, the solved ones together."""
    solved = []
    for call in open_calls(now.site, now.by, lines=frozenset(now.lines)):
        if call.is_test or call.raised_us >= now.until_us:
            continue
        if call.resolved_us is not None:
            solved.append(call)
            continue
        values = {
            "call": call.number, "what": call.category_name, "asset": call.asset,
            "at": now.time(call.raised_us), "state": call.state_word,
            "note": f" – {call.note}" if call.note else "",
        }  # fmt: skip
        text = _("%(call)s %(what)s at %(asset)s since %(at)s: %(state)s%(note)s.") % values
        now.say(f"call:{call.number}", ItemKind.call, text, call.number, _call_address(call.id), unsafe=True)
    if solved:
        latest = [call.number for call in solved[-CALLS_NAMED:]]
        said = ngettext(
            "%(n)s call is solved and waits to be confirmed",
            "%(n)s calls are solved and wait to be confirmed",
            len(solved),
        )
        text = f"{said % {'n': len(solved)}}: {', '.join(latest)}"
        text += _(" and others.") if len(solved) > len(latest) else "."
        opens = reverse("records", kwargs={"area": "execution", "slug": "andon-calls"})
        one = len(solved) == 1
        now.say(
            "call:unconfirmed", ItemKind.call, text, latest[-1] if one else _("list of calls"),
            _call_address(solved[0].id) if one else f"{opens}?state=resolved", unsafe=True,
        )  # fmt: skip


def _call_address(pk: int) -> str:
    return reverse("record", kwargs={"area": "execution", "slug": "andon-calls", "pk": pk})


def incidents(now: Situation) -> None:
    """Injuries and near misses of the shift by their case, no names; they cannot be left out."""
    if not now.lines:
        return
    start_us = min(shift.start_us for shift in now.lines.values())
    for fact in readings.facts_kept(list(now.assets), ["incident"], start_us, now.until_us):
        incident_sentence(now, fact)


def incident_sentence(now: Situation, fact: KeptFact) -> None:
    """One injury or near miss."""
    severity = str(SEVERITIES.get(fact.said["severity"], fact.said["severity"]))
    line = now.assets[fact.asset_id]
    values = {"what": severity, "case": fact.said["case"], "line": line, "at": now.time(fact.t_us)}
    text = _("%(what)s on %(line)s at %(at)s, case %(case)s.") % values
    now.say(
        f"incident:{fact.said['case']}", ItemKind.safety, text[:1].upper() + text[1:],
        fact_words([fact.lsn]), now.line_address(line), unsafe=True,
    )  # fmt: skip


def silence(now: Situation, lines: list[LineNow]) -> None:
    """Lines nothing has been heard of for a while: what stands above may be less than the truth."""
    for line in lines:
        if line.code in now.lines and line.state == State.no_data:
            since = line.heard_us
            text = (
                _("%(line)s: nothing heard since %(at)s.") % {"line": line.code, "at": now.time(since)}
                if since
                else _("%(line)s: nothing heard yet.") % {"line": line.code}
            )
            now.say(
                f"silence:{line.code}", ItemKind.quality, text, _("state of %(line)s") % {"line": line.code},
                now.line_address(line.code),
            )  # fmt: skip


def _period(shift: ShiftAt) -> Period:
    return Period(PeriodKind.shift, shift.day, shift.day, shift.id, f"{shift.day.isoformat()} {shift.name}")
