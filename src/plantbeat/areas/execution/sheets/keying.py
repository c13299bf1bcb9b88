"""A sheet keyed in as facts: all of them or none, never what a machine or a tap has told already.

The facts carry the time on the paper; when and by whom they were keyed in stands beside it. Their source is
the product, and each names the sheet.
"""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass, field
from itertools import pairwise
from zoneinfo import ZoneInfo

from django.utils.translation import gettext as _

from plantbeat.areas.execution import questions
from plantbeat.areas.execution.answers import HourRow, Stop, StripSpan
from plantbeat.areas.execution.lookups import Floor
from plantbeat.areas.execution.records.shift_sheet import ShiftSheet
from plantbeat.areas.execution.sheets.answers import KeyedHour, KeyedSheet, KeyedStop
from plantbeat.areas.execution.sheets.questions import shift_of_sheet
from plantbeat.areas.planning.questions import open_orders
from plantbeat.engine.oee import State
from plantbeat.facts import bodies
from plantbeat.facts.declaration import Body
from plantbeat.facts.incoming import NewFact
from plantbeat.facts.log import append, own_source
from plantbeat.facts.views.dimension_tables import LineSource
from plantbeat.facts.views.feeds import timing_asset
from plantbeat.facts.views.periods import Period
from plantbeat.facts.views.recompute import recompute_asset
from plantbeat.kernel import clock
from plantbeat.kernel.access import FLOOR, Actor
from plantbeat.kernel.act import act
from plantbeat.kernel.permission import forbidden
from plantbeat.kernel.problems import Kind, Problem, Refused

UNTOLD = frozenset({State.no_data, State.unexplained, State.off_shift, State.no_order, State.shift_break})
"""States that no machine and no tap has told of."""
RUNS, STANDS, SILENT = "running", "own_stop", "no_data"


def key_in(sheet: ShiftSheet, keyed: KeyedSheet, by: Actor) -> ShiftSheet:
    """Key a sheet in, and compute its days before this returns.

    Raises `Refused` with every problem of the sheet, for one that was keyed in already, and without the role;
    then nothing was written.
    """
    if not by.holds(FLOOR, sheet.site_id):
        raise Refused(forbidden(_("key in")), Kind.forbidden)
    if sheet.state == str(ShiftSheet.State.keyed_in):
        when = f"{clock.from_us(sheet.keyed_us or 0).astimezone(ZoneInfo(sheet.site.zone)):%Y-%m-%d %H:%M}"
        values = {"number": sheet.number, "when": when, "good": sheet.good, "scrap": sheet.scrap}
        message = (
            _("%(number)s was keyed in at %(when)s (%(good)s good, %(scrap)s scrap); it counts once") % values
        )
        raise Refused(Problem(message, "sheet", sheet.number), Kind.state)
    done = act(sheet, "key_in", by.for_the_product(by.request_id), {"keyed": keyed})
    rules = Floor(sheet.site, by).rules
    line_id = rules.line_ids[sheet.line.code]
    days = {rules.day_at(sheet.start_us), rules.day_at(sheet.end_us - 1), rules.day_at(sheet.end_us)}
    for asset_id in {line_id, timing_asset(rules, line_id, sheet.production_day), _point(sheet, by)}:
        recompute_asset(asset_id, days)
    return done


def append_keyed(sheet: ShiftSheet, keyed: KeyedSheet, by: Actor) -> tuple[int, int]:
    """Append the facts of a sheet within the act that marks it as keyed in; good and scrapped pieces."""
    facts = keyed_facts(sheet, keyed, by)
    append(facts, by, own_source(sheet.site))
    return keyed.good, keyed.scrap


def keyed_facts(sheet: ShiftSheet, keyed: KeyedSheet, by: Actor) -> list[NewFact]:
    """What a sheet says, as facts in order of time. Raises `Refused` with everything that is wrong."""
    known = _Known.of(sheet, keyed, by)
    if not known.asked.hours and not known.asked.stops:
        raise Refused(Problem(_("the sheet is empty; key in at least one hour or stop"), "hours"))
    problems = [*_wrong_hours(known), *_wrong_stops(known)]
    if problems:
        raise Refused(problems, Kind.invalid)
    facts = [*_orders(known), *_counts(known), *_states(known), *_reasons(known)]
    return sorted(facts, key=lambda fact: fact.t_us)


@dataclass(slots=True)
class _Known:
    """The sheet and what facts tell of its shift already."""

    sheet: ShiftSheet
    asked: KeyedSheet
    by: Actor
    floor: Floor
    hours: dict[int, HourRow]
    spans: list[StripSpan]
    stops: list[Stop]
    open_orders: dict[str, str]
    point: str
    timed: str
    is_told: bool = field(init=False)

    def __post_init__(self) -> None:
        self.is_told = any(span.state not in UNTOLD and span.lsn is not None for span in self.spans)

    @classmethod
    def of(cls, sheet: ShiftSheet, keyed: KeyedSheet, by: Actor) -> _Known:
        """Asked of the same questions as the pages of the line."""
        floor, code, shift = Floor(sheet.site, by), sheet.line.code, shift_of_sheet(sheet)
        if shift is None:
            raise Refused(Problem(_("the shift of this sheet is no longer in the calendar"), "sheet"))
        rows = {row.start_us: row for row in questions.hourly(sheet.site, code, shift.pk, by)}
        told = questions.machine_timeline(sheet.site, code, sheet.start_us, sheet.end_us, by)
        stops = questions.stops(sheet.site, code, Period.of_shift(shift), by)
        orders = dict(open_orders(sheet.site, by).values_list("number", "item__code"))
        orders |= {span.order: span.item or "" for span in told.spans if span.order}
        line_id = floor.rules.line_ids[code]
        timed = floor.rules.assets[timing_asset(floor.rules, line_id, sheet.production_day)].code
        point = floor.rules.assets[_point(sheet, by)].code
        return cls(sheet, keyed, by, floor, rows, told.spans, stops, orders, point, timed)

    def time(self, at_us: int) -> str:
        """An instant as the clock on the wall shows it."""
        return f"{clock.from_us(at_us).astimezone(ZoneInfo(self.sheet.site.zone)):%H:%M}"

    def span(self, from_us: int, until_us: int) -> str:
        """A time from and to, in words."""
        return f"{self.time(from_us)}–{self.time(until_us)}"

    def fact(self, asset: str, kind: str, t_us: int, body: Body) -> NewFact:
        """A fact of the sheet, which names it."""
        return NewFact(asset=asset, t_us=t_us, kind=kind, body=body, reason=f"sheet {self.sheet.number}")


def _point(sheet: ShiftSheet, by: Actor) -> int:
    rules = Floor(sheet.site, by).rules
    line_id = rules.line_ids[sheet.line.code]
    return rules.points_of(line_id, sheet.production_day)[0] or line_id


def _wrong_hours(known: _Known) -> Iterator[Problem]:
    now_us = clock.now_us()
    for hour in known.asked.hours:
        where = known.span(hour.start_us, hour.end_us)
        row = known.hours.get(hour.start_us)
        if row is None:
            yield Problem(_("%(hour)s is no hour of this shift") % {"hour": where}, "hours")
            continue
        if hour.end_us > now_us:
            yield Problem(_("%(hour)s is not over yet") % {"hour": where}, "hours")
        if row.elements.produced or row.elements.setup_pieces:
            message = _(
                "%(hour)s has %(good)s good and %(scrap)s scrap already, told by a machine, a tap or a sheet"
            )
            values = {"hour": where, "good": row.good, "scrap": row.scrap}
            yield Problem(message % values, "hours", hour.good, _("leave this hour empty"))
        if hour.order and hour.order not in known.open_orders:
            message = _("%(hour)s: there is no open order “%(order)s”") % {"hour": where, "order": hour.order}
            yield Problem(message, "order", hour.order)


def _wrong_stops(known: _Known) -> Iterator[Problem]:
    offered = {one.code for one in questions.reasons_offered(known.sheet.site, known.by)}
    stops = sorted(known.asked.stops, key=lambda stop: stop.from_us)
    for stop in stops:
        where = known.span(stop.from_us, stop.until_us)
        if stop.until_us > clock.now_us():
            yield Problem(_("%(stop)s is not over yet") % {"stop": where}, "stops")
        if stop.reason and stop.reason not in offered:
            allowed = _("one of: %(codes)s") % {"codes": ", ".join(sorted(offered))}
            message = _("%(stop)s: there is no downtime reason “%(code)s”")
            yield Problem(message % {"stop": where, "code": stop.reason}, "reason", stop.reason, allowed)
        if known.is_told and _told_stop(known, stop) is None:
            message = _("%(stop)s: the machine tells its states itself, and it did not stand then")
            yield Problem(
                message % {"stop": where}, "stops", None, _("give reasons to the stops of the line's page")
            )
    for before, after in pairwise(stops):
        if after.from_us < before.until_us:
            values = {
                "one": known.span(before.from_us, before.until_us),
                "other": known.span(after.from_us, after.until_us),
            }
            yield Problem(_("the stops %(one)s and %(other)s overlap") % values, "stops")


def _told_stop(known: _Known, keyed: KeyedStop) -> Stop | None:
    """The stop the machine told of that a stop on paper is mostly in; None where there is none."""
    best, most_us = None, (keyed.until_us - keyed.from_us) // 2
    for stop in known.stops:
        shared_us = min(stop.end_us, keyed.until_us) - max(stop.start_us, keyed.from_us)
        if shared_us > most_us:
            best, most_us = stop, shared_us
    return best


def _orders(known: _Known) -> Iterator[NewFact]:
    """Orders begin where the paper names another one than was running."""
    running = ""
    for hour in sorted(known.asked.hours, key=lambda one: one.start_us):
        told = next((one for one in known.spans if one.start_us <= hour.start_us < one.end_us), None)
        running = (told.order if told is not None else "") or running
        if hour.order and hour.order != running:
            item = known.open_orders[hour.order] or None
            body = bodies.OrderStart(order=hour.order, item=item)
            yield known.fact(known.sheet.line.code, "order_start", hour.start_us, body)
            running = hour.order


def _counts(known: _Known) -> Iterator[NewFact]:
    """Pieces at the last instant of their hour; zero is told too."""
    for hour in known.asked.hours:
        at_us, order = hour.end_us - 1, hour.order or None
        body = bodies.Count(good=hour.good, order=order, from_us=hour.start_us)
        yield known.fact(known.point, "count", at_us, body)
        if hour.scrap:
            scrapped = bodies.Scrap(quantity=hour.scrap, reason=hour.defect or None, order=order)
            yield known.fact(known.point, "scrap", at_us, scrapped)


def _states(known: _Known) -> Iterator[NewFact]:
    """Where nothing told the states of the line: it ran from the first hour keyed in, but for its stops."""
    line_id = known.floor.rules.line_ids[known.sheet.line.code]
    source = known.floor.rules.reading(line_id, known.sheet.production_day).source
    if known.is_told or (source is LineSource.hourly and not known.asked.stops):
        return
    stops = sorted(known.asked.stops, key=lambda stop: stop.from_us)
    times = [hour.start_us for hour in known.asked.hours] + [stop.from_us for stop in stops]
    ends = [hour.end_us for hour in known.asked.hours] + [stop.until_us for stop in stops]
    begins = {stop.from_us for stop in stops}
    if min(times) not in begins:
        yield known.fact(known.timed, "state", min(times), bodies.State(state=RUNS))
    for stop in stops:
        yield known.fact(known.timed, "state", stop.from_us, bodies.State(state=STANDS))
        if stop.until_us not in begins and stop.until_us < max(ends):
            yield known.fact(known.timed, "state", stop.until_us, bodies.State(state=RUNS))
    yield known.fact(known.timed, "state", max(ends), bodies.State(state=SILENT))


def _reasons(known: _Known) -> Iterator[NewFact]:
    for keyed in known.asked.stops:
        if not keyed.reason:
            continue
        stop = _told_stop(known, keyed) if known.is_told else None
        from_us, until_us = (stop.start_us, stop.end_us) if stop else (keyed.from_us, keyed.until_us)
        until = None if stop is not None and stop.open else until_us
        body = bodies.Reason(reason=keyed.reason, from_us=from_us, until_us=until)
        yield known.fact(known.timed, "reason", max(from_us, keyed.from_us), body)


def lines_in_words(sheet: ShiftSheet, hours: tuple[KeyedHour, ...]) -> list[str]:
    """The hours of a sheet, one sentence each, for the preview."""
    zone = ZoneInfo(sheet.site.zone)
    return [
        _("%(from)s–%(to)s: %(good)s good, %(scrap)s scrap %(defect)s %(order)s")
        % {
            "from": f"{clock.from_us(one.start_us).astimezone(zone):%H:%M}",
            "to": f"{clock.from_us(one.end_us).astimezone(zone):%H:%M}",
            "good": one.good, "scrap": one.scrap, "defect": one.defect, "order": one.order,
        }
        for one in hours
    ]  # fmt: skip
