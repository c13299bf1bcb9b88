"""A report in finished words: made once, shown by the page, the sheet and the slide."""

from __future__ import annotations

from typing import Any

from django.utils.formats import number_format
from django.utils.translation import gettext as _
from django.utils.translation import ngettext

from plantbeat.areas.daily.reports.questions import Column, Counts, Report, Row
from plantbeat.areas.execution.kpis.wording import shown, status_word
from plantbeat.facts.views.catalogue import Direction
from plantbeat.facts.views.periods import Period
from plantbeat.surfaces.templatetags.records import duration


def report_words(found: Report) -> dict[str, Any]:
    """Everything a report says, as texts."""
    return {
        "title": _("%(site)s, %(period)s") % {"site": found.site.name, "period": found.period.label},
        "period": found.period.label,
        "days": f"{found.period.first.isoformat()} – {found.period.last.isoformat()}",
        "labels": [column.period.label for column in found.rows[0].columns] if found.rows else [],
        "spans_of_days": [days_of(column.period) for column in found.rows[0].columns] if found.rows else [],
        "rows": [
            {
                "name": row.measure.name,
                "unit": row.measure.unit,
                "better": "≥" if row.measure.direction is Direction.higher_is_better else "≤",
                "target": _target(row.latest, row.measure.unit),
                "columns": [_column(column, row) for column in row.columns],
                "latest": _column(row.latest, row),
            }
            for row in found.rows
        ],
        "sentences": _sentences(found.counts),
        "losses": [
            {
                "name": bar.label,
                "time": duration(bar.us),
                "times": ngettext("%(n)s time", "%(n)s times", bar.starts)
                % {"n": number_format(bar.starts, force_grouping=True)},
                "share": f"{shown(bar.share, '%')} %",
                "url": bar.url,
            }
            for bar in found.losses
        ],
    }


def days_of(period: Period) -> str:
    """First and last day of a period, without their year."""
    return f"{period.first:%m-%d} – {period.last:%m-%d}"


def _target(column: Column, unit: str) -> str:
    return shown(float(column.target.value), unit) if column.target is not None else ""


def _column(column: Column, row: Row) -> dict[str, Any]:
    """A measure in one period; `target_then` only where another target held than in the reported period."""
    unit, target = row.measure.unit, _target(column, row.measure.unit)
    return {
        "text": shown(column.figure.value, unit),
        "target_then": target if target != _target(row.latest, unit) else "",
        "status": column.status.value,
        "word": status_word(column.figure, column.status.value, has_target=column.target is not None),
        "url": column.url,
        "has_value": column.figure.value is not None,
    }


def _sentences(counts: Counts) -> list[str]:
    """What was followed through, each with its numbers."""
    held = {"held": counts.meetings_held, "planned": counts.meetings_planned}
    asked = {"asked": counts.asked, "answered": counts.answered, "late": counts.answered_late}
    actions = {
        "closed": counts.actions_closed, "open": counts.actions_open, "overdue": counts.actions_overdue
    }  # fmt: skip
    return [
        _("Actions: %(closed)s closed in the period; now %(open)s open, %(overdue)s of them overdue.")
        % actions,
        _("Escalations: %(asked)s asked in the period; %(answered)s of them answered, %(late)s too late.")
        % asked
        + (f" {_waiting(counts.waiting_late)}" if counts.waiting_late else ""),
        _("Tier meetings: %(held)s of %(planned)s held.") % held,
    ]


def _waiting(late: int) -> str:
    return ngettext("%(n)s waits too long now.", "%(n)s wait too long now.", late) % {"n": late}
