"""15:30: what came of it: measures against target, the biggest losses, what has changed."""

from __future__ import annotations

from datetime import timedelta
from typing import Any

from django.urls import reverse
from django.utils.formats import number_format
from django.utils.translation import gettext as _
from django.utils.translation import ngettext

from plantbeat.areas.daily.moment_pages.sections import NotSetUp, Row, Section, Way
from plantbeat.areas.daily.persons import person_of
from plantbeat.areas.daily.tiers.boards import boards_of
from plantbeat.areas.execution.losses.questions import pareto, unusual
from plantbeat.areas.execution.review.measures import measures_of_period
from plantbeat.areas.plant.records.target import Target
from plantbeat.facts.views.measure_codes import MeasureCode
from plantbeat.facts.views.periods import Period
from plantbeat.facts.views.rules_at_hand import rules_of
from plantbeat.kernel import clock
from plantbeat.kernel.access import Actor
from plantbeat.kernel.accounts import Site
from plantbeat.surfaces.addresses import address
from plantbeat.surfaces.templatetags.records import duration

SHOWN = 6
MEASURES = (
    MeasureCode.hazards_fixed_in_time,
    MeasureCode.oee, MeasureCode.availability, MeasureCode.performance, MeasureCode.quality,
    MeasureCode.first_pass_yield, MeasureCode.scrap_percent, MeasureCode.unplanned_downtime_percent,
    MeasureCode.schedule_adherence_quantity, MeasureCode.otd, MeasureCode.open_actions_on_time,
)  # fmt: skip


def results_context(site: Site, by: Actor) -> dict[str, Any]:
    """Seven production days before today against target and the seven before them; biggest losses."""
    today = rules_of(site.pk).day_at(clock.now_us())
    week = Period.of_days(today - timedelta(days=7), today - timedelta(days=1))
    before = Period.of_days(today - timedelta(days=14), today - timedelta(days=8))
    judged = measures_of_period(site, week, MEASURES, by)
    earlier = measures_of_period(site, before, MEASURES, by)
    rows = [
        {
            "now": one,
            "before": earlier[code].value,
            "n": number_format(one.figure.n, force_grouping=True),
        }
        for code, one in judged.items()
    ]
    return {
        "question": _("Standardise, go on, or turn back?"),
        "ways": [
            *_board(site, by),
            Way(_("Tier boards"), reverse("tiers"), "columns-3"),
            Way(_("Week and month"), reverse("reports"), "calendar-stats"),
        ],
        "period": week.label,
        "measures": rows,
        "sections": [_losses(site, week, by), _different(site, week, by)],
        "not_set_up": _not_set_up([one for one in judged.values() if not one.target]),
    }


def _board(site: Site, by: Actor) -> list[Way]:
    """The board of the reader: the highest they lead, else the highest of the site."""
    me, found = person_of(site, by), sorted(boards_of(site, by), key=lambda one: -one.tier)
    mine = [one for one in found if me is not None and one.led_by_id == me.pk] or found
    return [
        Way(
            _("Tier %(tier)s: %(name)s") % {"tier": one.tier, "name": one.name},
            reverse("tier_board", kwargs={"code": one.code}),
            "users",
        )
        for one in mine[:1]
    ]


def _losses(site: Site, week: Period, by: Actor) -> Section:
    found = pareto(site, week, by)
    rows = [
        Row(
            bar.label,
            duration(bar.us) + ", " + ngettext("%(n)s stop", "%(n)s stops", bar.starts) % {"n": bar.starts}
            + f", {bar.share:.0f} %",
            bar.url,
        )
        for bar in found.bars[:SHOWN]
    ]  # fmt: skip
    note = _("%(time)s of unplanned stops") % {"time": duration(found.us)}
    return Section(_("Biggest losses by reason"), rows, _("No unplanned stop in the seven days."), note)


def _different(site: Site, week: Period, by: Actor) -> Section:
    rows = [
        Row(one.text, f"n {one.n}", one.url, "watch", _("Unusual")) for one in unusual(site, week, by)[:SHOWN]
    ]
    return Section(_("What is different from usual"), rows, _("Nothing stands out against the weeks before."))


def _not_set_up(untargeted: list[Any]) -> list[NotSetUp]:
    found = [NotSetUp(_("Savings and cost: no rate is approved, so results are time and pieces, not money."))]
    if untargeted:
        names = ", ".join(one.name for one in untargeted)
        text = _("No target of the site for %(names)s.") % {"names": names}
        found.append(NotSetUp(text, address(Target), _("Set up targets")))
    return found
