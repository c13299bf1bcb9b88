"""What a tap on a line's terminal does: facts with the time of the tap."""

from __future__ import annotations

from typing import cast

from django.utils.translation import gettext as _

from plantbeat.areas.execution import questions
from plantbeat.areas.execution.terminal.settings import counted_by_machine
from plantbeat.facts import bodies
from plantbeat.facts.incoming import NewFact
from plantbeat.facts.kinds import body_of
from plantbeat.facts.questions import facts_in_force
from plantbeat.facts.taps import TapIn, tap
from plantbeat.facts.views import readings
from plantbeat.facts.views.feeds import timing_asset
from plantbeat.facts.views.rules_at_hand import rules_of
from plantbeat.kernel.access import FLOOR, Actor
from plantbeat.kernel.accounts import Site
from plantbeat.kernel.problems import Kind, Problem, Refused

MOST_AT_ONCE = 100_000
COUNTER = "terminal"
"""Name of the counter whose readings are tapped in."""

FAR_AHEAD = 20
"""A reading is not believed that is further ahead than so many of the steps before it, or ..."""
_ANY_STEP = 100_000
_LOOK_BACK_US = 7 * 24 * 3_600_000_000
_HOLDS_STATE = {"running": "running", "stopped": "own_stop"}


def declare_taps() -> None:
    """Let terminals count, scrap, explain stops and say what the line does."""
    tap("count", by=FLOOR, undo=True)(_count)
    tap("counter_reads", by=FLOOR, undo=True)(_counter_reads)
    tap("scrap", by=FLOOR, undo=True)(_scrap)
    tap("reason", by=FLOOR, undo=True)(_reason)
    tap("line_state", by=FLOOR, undo=True)(_line_state)


def _count(tap_in: TapIn, site: Site, by: Actor) -> None:
    """`{line, good}`: pieces at the counting point."""
    asset = _counting_point(tap_in, site, by)
    good = tap_in.whole("good", 1, MOST_AT_ONCE)
    tap_in.append(
        [NewFact(asset=asset, t_us=tap_in.at_us, kind="count", body=bodies.Count(good=good))], site, by
    )


def _counter_reads(tap_in: TapIn, site: Site, by: Actor) -> None:
    """`{line, reads, reset}`: what a counter without a wire shows; it counts by difference.

    A reading behind the last one is refused unless it is said to have been set back, and one unbelievably far
    ahead: both are slips of the finger far more often.
    """
    asset = _counting_point(tap_in, site, by)
    reads = tap_in.whole("reads", 0, 10**12)
    values = _readings_before(asset, tap_in.at_us, site, by)
    if values and reads < values[0] and tap_in.data.get("reset") is not True:
        allowed = _("%(last)s or more; if it was set back, say so") % {"last": values[0]}
        raise Refused(Problem(_("the counter read more before"), "reads", reads, allowed))
    if values:
        usual = values[0] - values[1] if len(values) > 1 else 0
        most = values[0] + max(_ANY_STEP, FAR_AHEAD * usual)
        if reads > most:
            allowed = _("from %(least)s to %(most)s") % {"least": values[0], "most": most}
            raise Refused(Problem(_("that is too far ahead of the last reading"), "reads", reads, allowed))
    body = bodies.Counter(value=reads, counter=COUNTER)
    tap_in.append([NewFact(asset=asset, t_us=tap_in.at_us, kind="counter", body=body)], site, by)


def _scrap(tap_in: TapIn, site: Site, by: Actor) -> None:
    """`{line, quantity, defect}`: pieces scrapped at their first pass; the defect may be left out."""
    code = tap_in.text("line")
    quantity = tap_in.whole("quantity", 1, MOST_AT_ONCE)
    defect = tap_in.text("defect", 40) if tap_in.data.get("defect") else None
    body = bodies.Scrap(quantity=quantity, reason=defect)
    asset = _point_code(site, code, tap_in.at_us, by)
    tap_in.append([NewFact(asset=asset, t_us=tap_in.at_us, kind="scrap", body=body)], site, by)


def _reason(tap_in: TapIn, site: Site, by: Actor) -> None:
    """`{line, stop_us, reason}`: why the line stood at an instant; an empty reason: nobody knows yet."""
    code, stop_us = tap_in.text("line"), tap_in.whole("stop_us", 0, tap_in.at_us)
    reason = str(tap_in.data.get("reason") or "")
    if not reason:
        return
    offered = {one.code for one in questions.reasons_offered(site, by)}
    if reason not in offered:
        allowed = _("one of: %(codes)s") % {"codes": ", ".join(sorted(offered))}
        raise Refused(Problem(_("there is no such downtime reason"), "reason", reason, allowed))
    rules = rules_of(site.pk)
    line_id = questions.asset_id(site, code, by)
    found = questions.stop_at(site, code, stop_us, by)
    if found is None and _computed_past(line_id, site, stop_us):
        message = _("the line did not stand at the time this reason was given for")
        raise Refused(Problem(message, "stop_us", stop_us, _("a time within a stop")), Kind.state)
    from_us = found.start_us if found is not None else stop_us
    until_us = None if found is None or found.open else found.end_us
    asset = rules.assets[timing_asset(rules, line_id, rules.day_at(from_us))]
    body = bodies.Reason(reason=reason, from_us=from_us, until_us=until_us)
    tap_in.append([NewFact(asset=asset.code, t_us=tap_in.at_us, kind="reason", body=body)], site, by)


def _line_state(tap_in: TapIn, site: Site, by: Actor) -> None:
    """`{line, state}`: a line without a wire stands, or runs again."""
    code, word = tap_in.text("line"), _HOLDS_STATE.get(tap_in.text("state"))
    if word is None:
        allowed = ", ".join(sorted(_HOLDS_STATE))
        raise Refused(Problem(_("is no state of a line"), "state", tap_in.data["state"], allowed))
    if counted_by_machine(site, code, tap_in.at_us, by):
        raise Refused(Problem(_("the machine itself says when this line stands"), "line", code), Kind.state)
    rules = rules_of(site.pk)
    asset = timing_asset(rules, questions.asset_id(site, code, by), rules.day_at(tap_in.at_us))
    said = NewFact(asset=rules.assets[asset].code, t_us=tap_in.at_us, kind="state", body={"state": word})
    tap_in.append([said], site, by)


def _counting_point(tap_in: TapIn, site: Site, by: Actor) -> str:
    """Code of the asset whose pieces are the line's, for a line that no machine counts."""
    code = tap_in.text("line")
    if counted_by_machine(site, code, tap_in.at_us, by):
        allowed = _("scrap only")
        raise Refused(
            Problem(_("a machine counts the pieces of this line"), "line", code, allowed), Kind.state
        )
    return _point_code(site, code, tap_in.at_us, by)


def _point_code(site: Site, code: str, at_us: int, by: Actor) -> str:
    rules = rules_of(site.pk)
    line_id = questions.asset_id(site, code, by)
    counted, _timed = rules.points_of(line_id, rules.day_at(at_us))
    return str(rules.assets[counted or line_id].code)


def _computed_past(asset_id: int, site: Site, at_us: int) -> bool:
    """True if what an asset did at an instant has been computed."""
    day = rules_of(site.pk).day_at(at_us)
    row = readings.latest_days([asset_id], day).get(asset_id)
    return row is not None and row.day == day and row.until_us > at_us


def _readings_before(asset: str, at_us: int, site: Site, by: Actor) -> list[int]:
    """What the counter read before an instant, the latest first."""
    said = facts_in_force(by).filter(asset__site=site, asset__code=asset, kind="counter")
    rows = said.filter(t_us__gte=at_us - _LOOK_BACK_US, t_us__lte=at_us).order_by("-t_us", "-lsn")[:20]
    read = [cast("bodies.Counter", body_of("counter", body)) for body in rows.values_list("body", flat=True)]
    return [int(one.value) for one in read if one.counter == COUNTER]
