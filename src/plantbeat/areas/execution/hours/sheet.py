"""The hour board as a file: a row for each part of each hour, times in seconds."""

from __future__ import annotations

import csv
import io
from collections.abc import Iterator
from typing import Any

from django.http import Http404, HttpRequest, HttpResponse
from django.utils import timezone
from django.utils.translation import gettext as _
from django.views.decorators.http import require_GET

from plantbeat.areas.execution.hours.answers import HourBoard
from plantbeat.areas.execution.hours.questions import hour_board
from plantbeat.areas.execution.hours.wording import part_word
from plantbeat.facts.views.rules_at_hand import rules_read_once
from plantbeat.kernel import clock
from plantbeat.kernel.problems import Refused
from plantbeat.surfaces.export.workbook import harmless
from plantbeat.surfaces.pages.view import actor_of, signed_in, site_of

SECOND_US = 1_000_000


@require_GET
@signed_in
@rules_read_once()
def export(request: HttpRequest, code: str) -> HttpResponse:
    """The hours of a shift (`?shift=`) as CSV."""
    by, site = actor_of(request), site_of(request)
    shift = request.GET.get("shift", "")
    if site is None or not shift.isdecimal():
        raise Http404
    try:
        board = hour_board(site, code, int(shift), by)
    except Refused:
        raise Http404 from None
    stream = io.StringIO()
    writer = csv.writer(stream)
    for row in _rows(board):
        writer.writerow(["" if value is None else harmless(value) for value in row])
    response = HttpResponse(stream.getvalue(), content_type="text/csv; charset=utf-8")
    name = f"hours-{code}-{board.shift.production_day.isoformat()}-{board.shift.name}.csv"
    response["Content-Disposition"] = f'attachment; filename="{name}"'
    return response


def _rows(board: HourBoard) -> Iterator[list[Any]]:
    yield [
        _("hour from"), _("to"), _("plan (pcs)"), _("plan now (pcs)"), _("due (pcs)"), _("good (pcs)"),
        _("scrap (pcs)"), _("rework (pcs)"), _("missing (pcs)"), _("part"), _("state"), _("reason"),
        _("time (s)"), _("pieces"),
    ]  # fmt: skip
    for row in board.rows:
        times = [timezone.localtime(clock.from_us(at)).isoformat() for at in (row.start_us, row.end_us)]
        hour = [
            *times, row.plan, row.plan_now, row.due, row.good, row.scrap, row.rework, row.gap,
        ]  # fmt: skip
        if not row.reasons:
            yield [*hour, None, None, None, None, None]
        for one in row.reasons:
            reason = one.reason.code if one.reason is not None else None
            state = one.state.value if one.state is not None else None
            yield [*hour, part_word(one), state, reason, one.us / SECOND_US, one.pieces]
