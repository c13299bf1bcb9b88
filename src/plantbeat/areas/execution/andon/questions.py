"""What can be asked about calls for help; boards, handoffs and measures ask the same questions."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass

from django.db.models import Q, QuerySet

from plantbeat.areas.execution.andon import folding
from plantbeat.areas.execution.andon.ladder import Category, categories, category_of
from plantbeat.areas.execution.andon.planning_rungs import resolve_due_us, round_us
from plantbeat.areas.execution.records.andon_call import AndonCall
from plantbeat.kernel import clock
from plantbeat.kernel.access import Actor, visible
from plantbeat.kernel.accounts import Site
from plantbeat.kernel.questions import names_of

__all__ = ["CallNow", "call_numbered", "call_on_stop", "calls_between", "open_calls"]


@dataclass(frozen=True, slots=True)
class CallNow:
    """A call as it stands. Instants in µs UTC, those of the last round where it was not solved at first.

    Response time is `raised_us` to `acknowledged_us`, to `arrived_us` or to `resolved_us`: say which.
    `due_us` is the limit that runs now (None once it is resolved), `overdue` that it has passed.
    `unanswered`: nobody has taken it, and its limit to respond is past (or was, when it ended).
    `owner` is who took it. A resolved call is not closed: it waits for its confirmation.
    """

    number: str
    call: str
    line: str
    asset: str
    category: str
    category_name: str
    state: str
    state_word: str
    note: str
    raised_us: int
    acknowledged_us: int | None
    arrived_us: int | None
    resolved_us: int | None
    confirmed_us: int | None
    rung: int
    due_us: int | None
    overdue: bool
    unanswered: bool
    is_test: bool
    owner: str
    reference: str
    id: int = 0
    contained_us: int | None = None
    reopened: int = 0
    done: str = ""
    symbol: str = "bell"
    status: str = "none"
    raised_by: str = ""
    begun_us: int = 0

    @property
    def to_taken_us(self) -> int | None:
        """Response time, call to taken (µs), of the last round; None while nobody has taken it."""
        return None if self.acknowledged_us is None else self.acknowledged_us - self.begun_us

    @property
    def to_resolved_us(self) -> int | None:
        """Time from the call to resolved (µs), of the last round; None until then."""
        return None if self.resolved_us is None else self.resolved_us - self.begun_us


def open_calls(site: Site, by: Actor, *, lines: frozenset[str] | None = None) -> list[CallNow]:
    """Calls that are not confirmed yet, test calls among them (`is_test`): those that wait longest first."""
    rows = _of(site, by, lines).exclude(state=folding.CONFIRMED)
    return _answers(site, rows.order_by("raised_us", "pk"))


def calls_unresolved(site: Site, by: Actor) -> list[CallNow]:
    """Calls that still wait for help, test calls left out: those that wait longest first."""
    rows = _of(site, by, None).filter(resolved_us=None, is_test=False).exclude(state=folding.CONFIRMED)
    return _answers(site, rows.order_by("raised_us", "pk"))


def unconfirmed(site: Site, by: Actor) -> int:
    """How many calls are resolved and wait to be confirmed, test calls left out."""
    rows = _of(site, by, None).filter(resolved_us__isnull=False, is_test=False)
    return rows.exclude(state=folding.CONFIRMED).count()


def calls_between(
    site: Site, start_us: int, end_us: int, by: Actor, *, lines: frozenset[str] | None = None
) -> list[CallNow]:
    """Calls raised in [start, end), test calls among them (`is_test`), by the time they were raised."""
    rows = _of(site, by, lines).filter(raised_us__gte=start_us, raised_us__lt=end_us)
    return _answers(site, rows.order_by("raised_us", "pk"))


def call_on_stop(site: Site, asset_code: str, start_us: int, end_us: int, by: Actor) -> CallNow | None:
    """The call for help of a stop of a line or machine: the first that was open while it stood."""
    line_of = visible(AndonCall, by).filter(site=site, asset=asset_code, line__isnull=False)
    place = Q(asset=asset_code) | Q(line__code=asset_code)
    if line := line_of.values_list("line__code", flat=True).first():
        place |= Q(asset=line)
    rows = _of(site, by, None).filter(place, is_test=False, raised_us__lt=end_us)
    rows = rows.filter(Q(resolved_us=None) | Q(resolved_us__gt=start_us), raised_us__gt=start_us - LONGEST_US)
    found = _answers(site, rows.order_by("raised_us", "pk")[:1])
    return found[0] if found else None


def call_numbered(site: Site, number: str, by: Actor) -> AndonCall | None:
    """The record of a call; None if there is none that the actor may see."""
    return _of(site, by, None).filter(number=number).first()


def calls_as_answers(site: Site, calls: Iterable[AndonCall]) -> list[CallNow]:
    """Records of calls as answers."""
    return _answers(site, calls)


LONGEST_US = 7 * 86_400_000_000
"""A call that was raised longer before a stop is about something else, even if nobody has resolved it."""


def _of(site: Site, by: Actor, lines: frozenset[str] | None) -> QuerySet[AndonCall]:
    rows = visible(AndonCall, by).filter(site=site).select_related("site", "line__area")
    return rows if lines is None else rows.filter(Q(line__code__in=lines) | Q(asset__in=lines))


def _answers(site: Site, calls: Iterable[AndonCall]) -> list[CallNow]:
    found = list(calls)
    kinds = {one.code: one for one in categories(site, every=True)} if found else {}
    names = names_of({name for call in found for name in (call.taken_by, call.raised_by) if name})
    now_us = clock.now_us()
    return [
        _answer(call, kinds.get(call.category) or category_of(site, call.category), names, now_us)
        for call in found
    ]


def _answer(call: AndonCall, kind: Category, names: dict[str, str], now_us: int) -> CallNow:
    due_us = due_of(call)
    ended_us = call.resolved_us or now_us
    responded = call.acknowledged_us or call.arrived_us
    late = (responded or ended_us) > round_us(call) + call.respond_us
    overdue = due_us is not None and due_us < now_us
    state = AndonCall.states()[call.state]
    return CallNow(
        number=call.number, call=call.call, line=call.line.code if call.line is not None else "",
        asset=call.asset, category=call.category, category_name=str(kind.name), state=call.state,
        state_word=str(state.label), note=call.note, raised_us=call.raised_us,
        acknowledged_us=call.acknowledged_us, arrived_us=call.arrived_us, resolved_us=call.resolved_us,
        confirmed_us=call.confirmed_us, rung=call.rung, due_us=due_us, overdue=overdue,
        unanswered=responded is None and late, is_test=call.is_test, owner=names.get(call.taken_by, ""),
        reference=f"{AndonCall.type_code()}:{call.pk}", id=call.pk, contained_us=call.contained_us,
        reopened=call.reopened, done=call.done, symbol=kind.symbol, status=_status(call, overdue=overdue),
        raised_by=names.get(call.raised_by, ""), begun_us=round_us(call),
    )  # fmt: skip


def due_of(call: AndonCall) -> int | None:
    """The limit that runs now: to be taken, then to be resolved; None once it is resolved."""
    if call.state == folding.RAISED:
        return round_us(call) + call.respond_us
    return resolve_due_us(call) if call.state in folding.HELPED else None


def _status(call: AndonCall, *, overdue: bool) -> str:
    if call.state == folding.CONFIRMED:
        return "done"
    if call.state == folding.RESOLVED:
        return "waiting"
    return "act" if overdue or call.state == folding.RAISED else "watch"
