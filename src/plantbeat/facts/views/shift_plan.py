"""Freezing what a line is to make in a shift: what is made is judged by it, and it never moves."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

from django.utils.translation import gettext as _

from plantbeat.facts.tables import FactAsset
from plantbeat.facts.views.dimension_tables import FactShift
from plantbeat.facts.views.tables import ShiftPlan
from plantbeat.kernel import clock
from plantbeat.kernel.access import PLANNING, Actor
from plantbeat.kernel.problems import Kind, Problem, Refused
from plantbeat.kernel.writing import writing


@dataclass(frozen=True, slots=True)
class PlannedRun:
    """An order of the plan in its place: pieces in the shift, and when they are to be done."""

    order: str
    product: str
    pieces: int
    finish_us: int


def freeze_plan(
    line: FactAsset, shift: FactShift, runs: Sequence[PlannedRun], version: str, by: Actor
) -> list[ShiftPlan]:
    """Freeze the plan of a line (or of a machine that belongs to none) for a shift, in the planned sequence.

    Raises `Refused` without the role to plan, for a shift of another site, and for a shift whose plan is
    frozen already, unless it is the same.
    """
    if not by.holds(PLANNING, line.site_id):
        raise Refused(Problem(_("your role does not allow to freeze a plan at this site")), Kind.forbidden)
    if shift.site_id != line.site_id:
        raise Refused(Problem(_("the shift belongs to another site"), "shift"))
    rows = [
        ShiftPlan(
            asset=line, shift=shift, position=place, order_number=run.order, product=run.product,
            planned=run.pieces, finish_us=run.finish_us, version=version, frozen_us=clock.now_us(),
        )
        for place, run in enumerate(runs, 1)
    ]  # fmt: skip
    with writing():
        frozen = list(ShiftPlan.objects.filter(asset=line, shift=shift).order_by("position"))
        if frozen and [_content(row) for row in frozen] == [_content(row) for row in rows]:
            return frozen
        if frozen:
            message = _("the plan of %(line)s for this shift is frozen already, from version %(version)s")
            values = {"line": line.code, "version": frozen[0].version}
            raise Refused(Problem(message % values, "version", version), Kind.state)
        return ShiftPlan.objects.bulk_create(rows)


def _content(row: ShiftPlan) -> tuple[object, ...]:
    return row.position, row.order_number, row.product, row.planned, row.finish_us
