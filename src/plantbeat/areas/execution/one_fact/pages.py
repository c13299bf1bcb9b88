"""One fact: what it says and when, who said it, its place in the log, and the days it counts in."""

from __future__ import annotations

from typing import Any

from django.http import Http404, HttpRequest, HttpResponse
from django.shortcuts import render
from django.urls import reverse
from django.utils.translation import gettext as _
from django.views.decorators.http import require_GET

from plantbeat.areas.execution.kpis.asking import kpi_address
from plantbeat.areas.execution.kpis.evidence import KIND_WORDS
from plantbeat.areas.execution.one_fact.fields import body_with_defaults, fields_shown, local
from plantbeat.areas.execution.one_fact.sentences import sentence
from plantbeat.engine.stream import iso_utc
from plantbeat.facts.kinds import KINDS, body_of
from plantbeat.facts.source import SourceKind
from plantbeat.facts.tables import AssetLevel, Fact, FactAsset
from plantbeat.facts.views.measure_codes import MeasureCode
from plantbeat.facts.views.one_fact import AssetDayOfFact, OneFact, one_fact
from plantbeat.facts.views.rules_at_hand import rules_read_once
from plantbeat.facts.views.scopes import Scope
from plantbeat.kernel.accounts import Site
from plantbeat.surfaces.addresses import address_of
from plantbeat.surfaces.pages.view import actor_of, signed_in, site_of

MEASURES: dict[str, MeasureCode] = {
    "state": MeasureCode.availability,
    "gap": MeasureCode.coverage,
    "reason": MeasureCode.unplanned_downtime_percent,
    "setup_start": MeasureCode.loss_setup,
    "setup_end": MeasureCode.loss_setup,
    "counter": MeasureCode.throughput,
    "count": MeasureCode.throughput,
    "scrap": MeasureCode.scrap_percent,
    "rework": MeasureCode.first_pass_yield,
    "order_start": MeasureCode.schedule_adherence_quantity,
    "order_end": MeasureCode.schedule_adherence_quantity,
    "operator_on": MeasureCode.labour_per_operation,
    "operator_off": MeasureCode.labour_per_operation,
    "andon_raise": MeasureCode.andon_respond_median,
    "andon_ack": MeasureCode.andon_respond_median,
    "andon_arrive": MeasureCode.andon_respond_median,
    "andon_resolve": MeasureCode.andon_resolve_median,
    "attendance": MeasureCode.attendance,
    "incident": MeasureCode.days_since_last_recordable,
}
"""The measure that a kind of fact is first looked for in; the other kinds count in none."""


@require_GET
@signed_in
@rules_read_once()
def fact(request: HttpRequest, lsn: int) -> HttpResponse:
    """The page of a fact by its number in the log; 404 for one of another site, as for one there is not."""
    by, site = actor_of(request), site_of(request)
    found = one_fact(site, lsn, by) if site is not None else None
    if site is None or found is None:
        raise Http404
    return render(request, "execution/fact.html", _context(site, found))


def _context(site: Site, found: OneFact) -> dict[str, Any]:
    row = found.fact
    said = body_of(row.kind, row.body)
    place = f"{row.asset.code} {row.asset.name}"
    return {
        "page_title": _("Fact %(lsn)s") % {"lsn": row.lsn},
        "crumbs": [{"label": _("Measures"), "url": reverse("kpis")}],
        "lsn": row.lsn,
        "kind": KIND_WORDS.get(row.kind, row.kind),
        "kind_code": row.kind,
        "says": sentence(row.kind, place, body_with_defaults(said), row.reason),
        "lasts": KINDS[row.kind].carries,
        "fields": fields_shown(said),
        "happened": local(row.t_us),
        "happened_short": local(row.t_us)[:19],
        "happened_utc": iso_utc(row.t_us),
        "arrived": local(row.rx_us),
        "arrived_utc": iso_utc(row.rx_us),
        "later_us": row.rx_us - row.t_us,
        "asset": row.asset,
        "asset_url": reverse("line", kwargs={"code": row.asset.code})
        if row.asset.level == AssetLevel.line
        else "",
        "source": row.src,
        "source_kind": SourceKind(row.src.kind).label,
        "source_url": address_of(row.src),
        "seq": row.seq,
        "speaker": _speaker(row),
        "reason": row.reason,
        "takes_back": found.speaks_of.lsn if row.reverses is not None else None,
        "reverses": row.reverses,
        "taken_back_by": found.taken_back_by,
        "held": found.held,
        "held_url": reverse("quarantined", kwargs={"pk": found.held.pk}) if found.held is not None else "",
        "batch": found.block,
        "size": found.block.last_lsn - found.block.first_lsn + 1 if found.block is not None else 0,
        "measure": _measure_name(found.speaks_of.kind),
        "days": [_day(site, one, found.speaks_of.kind) for one in found.days],
    }


def _speaker(row: Fact) -> str:
    """Who said it: people under their pseudonym alone."""
    if not row.actor:
        return _("the source itself")
    if row.actor.startswith("system:"):
        return _("Plantbeat itself")
    if row.actor.startswith("device-"):
        return _("the tablet %(name)s, nobody signed in") % {"name": row.actor}
    return _("a person, known here as %(pseudonym)s") % {"pseudonym": row.actor}


def _measure_name(kind: str) -> str:
    code = MEASURES.get(kind)
    return str(code.label) if code is not None else ""


def _day(site: Site, one: AssetDayOfFact, kind: str) -> dict[str, Any]:
    measure, day = MEASURES.get(kind), one.production_day.isoformat()
    scope = _scope(site, one.asset)
    url = ""
    if measure is not None and scope is not None:
        url = kpi_address(measure, scope, **{"period": "custom", "from": day, "to": day})
    return {
        "asset": f"{one.asset.code} {one.asset.name}",
        "day": one.production_day,
        "is_computed": one.is_computed,
        "url": url,
    }


def _scope(site: Site, asset: FactAsset) -> Scope | None:
    if asset.level == AssetLevel.site:
        return Scope.site(site.pk)
    level = AssetLevel(asset.level)
    return Scope(site.pk, level, asset.code) if level is not AssetLevel.cell else None
