"""What the floor has to say at the end of a shift: results against plan, stops, incidents, notes, silence."""

from __future__ import annotations

from collections import defaultdict

from django.urls import reverse
from django.utils.translation import gettext as _
from django.utils.translation import gettext_noop

from plantbeat.areas.daily.handoffs.situation import Situation, fact_words
from plantbeat.areas.daily.handoffs.wording import Joined, Lasting, Number, Said, Value, plural
from plantbeat.areas.daily.moments import ShiftAt
from plantbeat.areas.daily.records.handoff import ItemKind
from plantbeat.areas.execution import questions as execution
from plantbeat.areas.execution.answers import LossBridge, Stop
from plantbeat.areas.execution.live import STATE_WORDS
from plantbeat.engine.oee import State
from plantbeat.facts.views import readings
from plantbeat.facts.views.periods import Period, PeriodKind
from plantbeat.facts.views.readings import KeptFact
from plantbeat.facts.views.state_words import STATE_NAMED

CALLS_NAMED = 5
STOPS_SHOWN = 3
"""Largest unplanned stops of an area that are told one by one."""
UNPLANNED = frozenset({State.own_stop, State.micro_stop, State.starved, State.blocked})
SEVERITIES = {
    "near_miss": gettext_noop("Near miss"),
    "first_aid": gettext_noop("First aid"),
    "recordable": gettext_noop("Recordable case"),
    "restricted": gettext_noop("Restricted work"),
    "days_away": gettext_noop("Days away from work"),
    "fatality": gettext_noop("Fatality"),
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
    values: dict[str, Value] = {"day": shift.day.isoformat(), "shift": shift.name, "line": code}
    source = Said(_("shift %(day)s %(shift)s of %(line)s"), values)
    text = result_words(code, bridge, planned)
    now.say(f"result:{code}", ItemKind.result, text, source, now.line_address(code))


def result_words(code: str, bridge: LossBridge, planned: int | None) -> Value:
    """Good pieces against plan, OEE, scrap and the largest loss of a line in a shift."""
    elements = bridge.elements
    if not elements.pbt_us:
        return Said(_("%(line)s: not planned busy in this shift."), {"line": code})
    good: dict[str, Value] = {"line": code, "good": Number(elements.good)}
    if planned:
        share = Number(100 * elements.good / planned, 1)
        good |= {"plan": Number(planned), "share": share}
        parts: list[Value] = [Said(_("%(line)s: %(good)s good of %(plan)s planned (%(share)s %%)"), good)]
    else:
        parts = [Said(_("%(line)s: %(good)s good; no plan was frozen"), good)]
    if bridge.oee.oee is not None and bridge.oee.oee.value is not None:
        parts.append(Said(_("OEE %(value)s %%"), {"value": Number(float(bridge.oee.oee.value), 1)}))
    else:
        parts.append(Said(_("OEE withheld, too little data")))
    if elements.scrap:
        share = Number(100 * elements.scrap / elements.produced, 1)
        parts.append(Said(_("scrap %(n)s (%(share)s %%)"), {"n": Number(elements.scrap), "share": share}))
    if loss := next((one for one in bridge.reasons if one.us and one.state != State.planned_stop), None):
        name = (loss.reason.name or loss.reason.code) if loss.reason else Said(_("stop without a reason"))
        parts.append(Said(_("largest loss: %(name)s %(time)s"), {"name": name, "time": Lasting(loss.us)}))
    return Joined(parts, "; ", ".")


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
        text = Said(_("%(line)s stood %(time)s from %(from)s: %(why)s."), {
            "line": code, "time": Lasting(stop.duration_us), "from": now.time(stop.start_us),
            "why": _why(stop),
        })  # fmt: skip
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
    found, at_us = {}, now.until_us - 1
    ids = {now.rules.line_ids[code]: code for code in now.lines}
    standing = {
        ids[one.asset_id]
        for one in readings.intervals_at(ids, at_us)
        if STATE_NAMED[one.state] in execution.STOPPED | execution.CLOSED
    }
    for code in now.lines:
        if code not in standing:
            continue
        stop = execution.stop_at(now.site, code, at_us, now.by)
        if stop is not None and stop.state in UNPLANNED:
            found[code] = stop
    return found


def _open_stop(now: Situation, code: str, stop: Stop) -> None:
    text = Said(_("%(line)s stands since %(from)s (%(time)s so far): %(why)s."), {
        "line": code, "from": now.time(stop.start_us), "why": _why(stop),
        "time": Lasting(max(0, now.until_us - stop.start_us)),
    })  # fmt: skip
    now.say(
        f"stop:{code}:{stop.start_us}", ItemKind.stop, text, fact_words(stop.facts),
        _stop_address(code, stop.start_us), unsafe=True,
    )  # fmt: skip


def _why(stop: Stop) -> Joined:
    reason = (stop.reason.name or stop.reason.code) if stop.reason else Said(_("no reason given"))
    return Joined([Said(str(STATE_WORDS[stop.state])), reason], ", ")


def _stop_address(code: str, at_us: int) -> str:
    return reverse("stop", kwargs={"code": code, "at_us": at_us})


def calls(now: Situation) -> None:
    """Calls for help that are not closed, tests apart: each that is not solved, the solved ones together."""
    solved = []
    for call in now.at_site.calls:
        if not {call.line, call.asset} & now.lines.keys() or call.raised_us >= now.until_us:
            continue
        if call.resolved_us is not None:
            solved.append(call)
            continue
        text = Said(_("%(call)s %(what)s at %(asset)s since %(at)s: %(state)s%(note)s."), {
            "call": call.number, "what": Said(call.category_name), "asset": call.asset,
            "at": now.time(call.raised_us), "state": Said(call.state_word),
            "note": f" – {call.note}" if call.note else "",
        })  # fmt: skip
        now.say(f"call:{call.number}", ItemKind.call, text, call.number, _call_address(call.id), unsafe=True)
    if solved:
        latest = [call.number for call in solved[-CALLS_NAMED:]]
        others = Said(_(" and others")) if len(solved) > len(latest) else ""
        text = plural(
            "%(n)s call is solved and waits to be confirmed: %(list)s%(more)s.",
            "%(n)s calls are solved and wait to be confirmed: %(list)s%(more)s.",
            len(solved),
            list=", ".join(latest),
            more=others,
        )
        opens = reverse("records", kwargs={"area": "execution", "slug": "andon-calls"})
        one = len(solved) == 1
        now.say(
            "call:unconfirmed", ItemKind.call, text, latest[-1] if one else Said(_("list of calls")),
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
    severity = Said(SEVERITIES.get(fact.said["severity"], fact.said["severity"]))
    line = now.assets[fact.asset_id]
    values: dict[str, Value] = {
        "what": severity, "case": str(fact.said["case"]), "line": line, "at": now.time(fact.t_us),
    }  # fmt: skip
    text = Said(_("%(what)s on %(line)s at %(at)s, case %(case)s."), values)
    now.say(
        f"incident:{fact.said['case']}", ItemKind.safety, text,
        fact_words([fact.lsn]), now.line_address(line), unsafe=True,
    )  # fmt: skip


def silence(now: Situation) -> None:
    """Lines nothing has been heard of for a while: what stands above may be less than the truth."""
    for line in now.at_site.lines:
        if line.code in now.lines and line.state == State.no_data:
            since = line.heard_us
            text = (
                Said(_("%(line)s: nothing heard since %(at)s."), {"line": line.code, "at": now.time(since)})
                if since
                else Said(_("%(line)s: nothing heard yet."), {"line": line.code})
            )
            now.say(
                f"silence:{line.code}", ItemKind.quality, text,
                Said(_("state of %(line)s"), {"line": line.code}), now.line_address(line.code),
            )  # fmt: skip


def _period(shift: ShiftAt) -> Period:
    return Period(PeriodKind.shift, shift.day, shift.day, shift.id, f"{shift.day.isoformat()} {shift.name}")
