"""The due rows of a call: written with the call itself, so that a restart loses none.

While nobody has taken the call they guard the limit to respond. Whoever takes it stops them; then others
guard the limit to resolve, beginning with the first rung that was not told yet. A resolved call has none.
"""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

from plantbeat.areas.execution.andon import folding
from plantbeat.areas.execution.andon.ladder import Rung, ladder_of
from plantbeat.areas.execution.andon.subjects import ANDON
from plantbeat.areas.execution.records.andon_call import AndonCall
from plantbeat.areas.execution.records.escalation_step import EscalationStep, Limit
from plantbeat.kernel import clock
from plantbeat.kernel.access import visible
from plantbeat.kernel.accounts import Site
from plantbeat.kernel.act import act
from plantbeat.kernel.act_many import act_many

TOO_OLD_US = 24 * 3_600_000_000
"""Nobody is told of a call that was raised longer ago when it first became known (an imported history)."""


def round_us(call: AndonCall) -> int:
    """When the present round of a call began: as it was raised, or raised again because it was not solved."""
    begun_us: int = call.reopened_us or call.raised_us
    return begun_us


def resolve_due_us(call: AndonCall) -> int:
    """When the ladder goes on though somebody has taken the call.

    The limit counts from the call; whoever takes it late has as long as the limit to respond at least.
    """
    taken_us = call.acknowledged_us or round_us(call)
    return max(round_us(call) + call.resolve_us, taken_us + call.respond_us)


def keep_rungs(call: AndonCall, *, is_new: bool) -> None:
    """Stop the rows that guard nothing any more, and write those that guard what is wanted now."""
    wanted = _wanted(call)
    if is_new and (wanted is None or call.raised_us < clock.now_us() - TOO_OLD_US):
        return
    known = visible(EscalationStep, ANDON).filter(call=call)
    if not is_new:
        for row in known.filter(state="waiting").exclude(limit=wanted or ""):
            act(row, "stop", ANDON)
    if wanted is None:
        return
    begun = known.filter(limit=wanted, due_us__gte=round_us(call)).exclude(state="stopped")
    if is_new or not begun.exists():
        rows = _rows(call, wanted)
        first = 1 if is_new else known.count() + 1
        act_many(
            EscalationStep, "create", ANDON,
            [
                {"site": call.site, "call": call, "place": place, "limit": wanted, **row}
                for place, row in enumerate(rows, first)
            ],
        )  # fmt: skip


def _wanted(call: AndonCall) -> Limit | None:
    if call.state == folding.RAISED:
        return Limit.test if call.is_test else Limit.respond
    return Limit.resolve if call.state in folding.HELPED and not call.is_test else None


def _rows(call: AndonCall, limit: Limit) -> list[dict[str, Any]]:
    line, area = place_of(call)
    rungs, _is_default = ladder_of(call.site, call.category, line, area)
    if not rungs:
        return []
    begun_us, top = round_us(call), rungs[-1]
    if limit == Limit.test:
        return [_row(rungs[0], begun_us)]
    if limit == Limit.respond:
        rows = [_row(rung, begun_us + rung.delay_us) for rung in rungs]
        # Still nobody when it should have been resolved: the top is told again.
        if top.delay_us < call.resolve_us:
            rows.append(_row(top, begun_us + call.resolve_us))
        return rows
    left = [rung for rung in rungs if rung.rung > call.rung] or [top]
    due_us = resolve_due_us(call)
    return [_row(rung, due_us + rung.delay_us - left[0].delay_us) for rung in left]


def guard_signature(site: Site, reference: str, due_us: int, rungs: Sequence[Rung]) -> None:
    """Write the rungs that wait for a signature due at an instant, on the record of a reference."""
    first = visible(EscalationStep, ANDON).filter(subject=reference).count() + 1
    act_many(EscalationStep, "create", ANDON, [
        {"site": site, "subject": reference, "place": place, "limit": Limit.sign}
        | _row(rung, due_us + rung.delay_us)
        for place, rung in enumerate(rungs, first)
    ])  # fmt: skip


def stop_rungs(reference: str) -> None:
    """Nobody is told any more of the record of this reference."""
    for row in visible(EscalationStep, ANDON).filter(subject=reference, state="waiting"):
        act(row, "stop", ANDON)


def place_of(call: AndonCall) -> tuple[str, str]:
    """Codes of the line and the area a call is from; empty where there is none."""
    if call.line is None:
        return "", ""
    return call.line.code, call.line.area.code if call.line.area is not None else ""


def _row(rung: Rung, due_us: int) -> dict[str, Any]:
    return {"rung": rung.rung, "role": rung.role, "channels": " ".join(rung.channels), "due_us": due_us}
