"""The page of a measure: choose, read, and open down to the facts; the page of its formula."""

from __future__ import annotations

from dataclasses import replace
from typing import Any

from django.http import Http404, HttpRequest, HttpResponse
from django.shortcuts import render
from django.urls import reverse
from django.utils.formats import number_format
from django.utils.translation import gettext as _
from django.views.decorators.http import require_GET

from plantbeat.areas.execution.kpis.answering import Agreement, Course, Judged, KpiAnswer, Parts, answer
from plantbeat.areas.execution.kpis.asking import KpiQuestion, read_question, scope_text
from plantbeat.areas.execution.kpis.evidence import evidence
from plantbeat.areas.execution.kpis.formula_pages import formula_blocks
from plantbeat.areas.execution.kpis.naming import CUT_WORDS, PartNames
from plantbeat.areas.execution.kpis.periods import PERIOD_WORDS, PeriodChoice
from plantbeat.areas.execution.kpis.wording import (
    BETTER,
    counted,
    decimals,
    shown,
    status_word,
)
from plantbeat.facts.tables import AssetLevel
from plantbeat.facts.views.catalogue import measures
from plantbeat.facts.views.cube_query import Cut
from plantbeat.facts.views.measure_parts import Counted
from plantbeat.facts.views.rules_at_hand import rules_read_once
from plantbeat.facts.views.scopes import Scope
from plantbeat.kernel import clock
from plantbeat.surfaces.pages.view import actor_of, signed_in, site_of


@require_GET
@signed_in
@rules_read_once()
def kpis(request: HttpRequest) -> HttpResponse:
    """A measure for a place and a period: its value, its parts, its course, and the facts when asked for."""
    by, site = actor_of(request), site_of(request)
    if site is None:
        return render(request, "execution/kpi.html", {"page_title": _("Measures")})
    asked = read_question(request.GET, site, by)
    found = answer(asked)
    context = (
        _frame(asked)
        | _value(found)
        | {
            "parts": _parts(asked, found.parts) if found.parts is not None else None,
            "course": _course(asked, found.course) if found.course is not None else None,
            "as_of_us": found.as_of_us,
            "now_us": clock.now_us(),
        }
    )
    if asked.facts:
        context["evidence"] = evidence(asked)
        context["next_page"] = replace(asked, page=asked.page + 1).query()
        context["previous_page"] = replace(asked, page=max(1, asked.page - 1)).query()
    return render(request, "execution/kpi.html", context)


@require_GET
@signed_in
def formula(request: HttpRequest, code: str) -> HttpResponse:
    """How a measure is calculated: formula, elements, what is left out, a worked example."""
    measure = next((one for one in measures() if one.code == code), None)
    if measure is None:
        raise Http404
    context = {
        "page_title": measure.name,
        "crumbs": [{"label": _("Measures"), "url": f"{reverse('kpis')}?measure={code}"}],
        "measure": measure,
        "better": BETTER[measure.direction],
        "blocks": formula_blocks(measure.page),
    }
    return render(request, "execution/formula.html", context)


# --- what is chosen ---


def _frame(asked: KpiQuestion) -> dict[str, Any]:
    names = PartNames(asked)
    opened = [
        {
            "cut": CUT_WORDS[cut],
            "name": names.one(cut, key),
            "url": f"?{asked.without(cut).query()}",
            "pair": f"{cut}:{'' if key is None else key}",
        }
        for cut, key in asked.where.items()
    ]
    return {
        "page_title": _title(asked),
        "asked": asked,
        "measure": asked.measure,
        "better": BETTER[asked.measure.direction],
        "place": _place_name(asked),
        "crumbs": _crumbs(asked),
        "opened": opened,
        "period_label": asked.period.label,
        "choices": {
            "measures": [(str(m.code), m.name, m is asked.measure) for m in measures()],
            "places": _places(asked),
            "periods": [(p.value, PERIOD_WORDS[p], p is asked.choice) for p in PeriodChoice],
            "cuts": [(c.value, CUT_WORDS[c], c is asked.cut) for c in _cuts_shown(asked)],
        },
        "custom": asked.choice is PeriodChoice.custom,
        "shift_id": asked.period.shift_id if asked.shift_given else None,
        "formula_url": reverse("kpi_formula", kwargs={"code": str(asked.measure.code)}),
        "facts_url": f"?{replace(asked, facts=True, page=1).query()}#facts",
        "no_facts_url": f"?{replace(asked, facts=False, page=1).query()}",
        "exports": {kind: asked.address("kpi_export", kind=kind) for kind in ("csv", "xlsx")},
    }


def _cuts_shown(asked: KpiQuestion) -> list[Cut]:
    cuts = asked.cuts()
    return cuts if asked.cut is None or asked.cut in cuts else [asked.cut, *cuts]


def _title(asked: KpiQuestion) -> str:
    return _("%(measure)s of %(place)s") % {"measure": asked.measure.name, "place": _place_name(asked)}


def _place_name(asked: KpiQuestion) -> str:
    scope = asked.scope
    if scope.level == AssetLevel.site:
        return asked.site.name
    assets = asked.floor.rules.assets.values()
    found = next((a for a in assets if a.code == scope.code and a.level == scope.level), None)
    return f"{found.code} {found.name}" if found is not None else scope.code


def _crumbs(asked: KpiQuestion) -> list[dict[str, str]]:
    """The way up: the site, and the line of a machine."""
    rules, scope = asked.floor.rules, asked.scope
    if scope.level == AssetLevel.site:
        return []
    up = [(asked.site.name, Scope.site(asked.site.pk))]
    asset = next((a for a in rules.assets.values() if a.code == scope.code), None)
    line_id = rules.line_of(asset.pk) if asset is not None and scope.level == AssetLevel.machine else None
    if line_id is not None:
        line = rules.assets[line_id]
        up.append((f"{line.code} {line.name}", Scope.line(asked.site.pk, line.code)))
    return [
        {"label": label, "url": f"?{replace(asked, scope=one, facts=False, page=1).deeper().query()}"}
        for label, one in up
    ]


def _places(asked: KpiQuestion) -> list[dict[str, Any]]:
    """The site, its areas and lines, and the machines of each line, to choose from."""
    now_us, rules, chosen = asked.floor.now_us, asked.floor.rules, scope_text(asked.scope)
    used = [a for a in rules.assets.values() if a.valid_to_us is None or a.valid_to_us > now_us]

    def options(level: AssetLevel) -> list[tuple[str, str, bool]]:
        found = sorted((a for a in used if a.level == level), key=lambda asset: asset.code)
        texts = [(f"{level}:{a.code}", f"{a.code} {a.name}") for a in found]
        return [(value, label, value == chosen) for value, label in texts]

    groups = [
        (_("Site"), [("site", asked.site.name, chosen == "site")]),
        (_("Areas"), options(AssetLevel.area)),
        (_("Lines"), options(AssetLevel.line)),
        (_("Machines"), options(AssetLevel.machine)),
    ]
    return [{"label": label, "options": found} for label, found in groups if found]


# --- what is answered ---


def _value(found: KpiAnswer) -> dict[str, Any]:
    asked, whole = found.question, found.whole
    over, under = asked.measure.divides
    figure, unit = whole.figure, asked.measure.unit
    interval = figure.interval
    return {
        "whole": {
            "value": shown(figure.value, unit),
            "has_value": figure.value is not None,
            "missing": figure.missing,
            "unit": unit,
            "status": whole.status.value,
            "word": status_word(figure, whole.status.value, has_target=whole.target is not None),
            "numerator": counted(figure.numerator, over),
            "numerator_name": over.name,
            "denominator": counted(figure.denominator, under) if under.counted is not Counted.one else "",
            "denominator_name": under.name,
            "n": number_format(figure.n, force_grouping=True),
            "coverage": shown(figure.coverage.value, "%") if figure.coverage is not None else "",
            "interval": f"{shown(interval[0], unit)} – {shown(interval[1], unit)}" if interval else "",
            "remarks": figure.remarks,
            "assumed": figure.assumed,
            "target": _target(whole, unit),
        }
    }


def _target(one: Judged, unit: str) -> dict[str, Any] | None:
    if one.target is None:
        return None
    _code, _colon, pk = one.target.reference.partition(":")
    return {
        "value": shown(float(one.target.value), unit),
        "owner": one.target.owner,
        "url": reverse("record", kwargs={"area": "plant", "slug": "targets", "pk": int(pk)}),
    }


def _parts(asked: KpiQuestion, parts: Parts) -> dict[str, Any]:
    over, under = asked.measure.divides
    most = max((abs(row.figure.value) for row in parts.rows if row.figure.value is not None), default=0)
    return {
        "name": CUT_WORDS[parts.cut],
        "numerator_name": over.name,
        "denominator_name": under.name if under.counted is not Counted.one else "",
        "rows": [
            _row(asked, row, most)
            | {
                "numerator": counted(row.figure.numerator, over),
                "denominator": counted(row.figure.denominator, under),
                "url": f"?{asked.into(parts.cut, row.key).query()}",
            }
            for row in parts.rows
        ],
        "sums": parts.agreement is Agreement.sums,
        "shares": parts.agreement is Agreement.shares,
        "series": parts.cut is Cut.machine and asked.measure.cells,
        "numerator": counted(parts.numerator, over),
        "denominator": counted(parts.denominator, under),
    }


def _row(asked: KpiQuestion, row: Judged, most: float) -> dict[str, Any]:
    value, unit = row.figure.value, asked.measure.unit
    return {
        "label": row.label,
        "value": shown(value, unit),
        "missing": row.figure.missing if value is None else "",
        "bar": round(100 * abs(value) / most) if value is not None and most else 0,
        "n": number_format(row.figure.n, force_grouping=True),
        "status": row.status.value,
        "word": status_word(row.figure, row.status.value, has_target=row.target is not None),
        "target": shown(float(row.target.value), unit) if row.target is not None else "",
        "assumed": row.figure.assumed,
        "remarks": row.figure.remarks,
    }


def _course(asked: KpiQuestion, course: Course) -> dict[str, Any]:
    unit, points = asked.measure.unit, course.points
    bars = course.cut is Cut.hour
    targets = {float(one.target.value) for one in points if one.target is not None}
    values = [None if one.figure.value is None else round(one.figure.value, 4) for one in points]
    spec = {
        "kind": "bar" if bars else "line",
        "unit": unit,
        "decimals": decimals(unit),
        "x": {"kind": "category", "values": [one.label[-5:] for one in points]},
        "series": [
            {
                "name": asked.measure.name,
                "values": values,
                "n": [one.figure.n for one in points],
                "hrefs": [f"?{asked.into(course.cut, one.key).query()}" for one in points],
            }
        ],
        "targets": [{"name": _("target"), "value": target} for target in sorted(targets)],
    }
    return {
        "name": _("By hour") if bars else _("By day"),
        "cut": CUT_WORDS[course.cut],
        "spec": spec,
        "rows": [_row(asked, one, 0) for one in points],
        "has_target": bool(targets),
    }
