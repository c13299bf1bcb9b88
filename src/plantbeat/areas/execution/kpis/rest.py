"""REST for measures: which there are, what they come to, and the facts behind a value."""

from __future__ import annotations

from typing import Any

from django.http import HttpRequest, HttpResponse, JsonResponse
from django.utils.translation import gettext as _
from ninja import Router

from plantbeat.areas.execution.kpis.answering import Judged, answer
from plantbeat.areas.execution.kpis.asking import FACTS_A_PAGE, KpiQuestion, read_question, scope_text
from plantbeat.areas.execution.kpis.evidence import FactShown, evidence
from plantbeat.areas.execution.kpis.rest_schema import FACTS, MEASURES, VALUES, described
from plantbeat.facts.views.catalogue import Measure, measures
from plantbeat.facts.views.cube_query import Cut
from plantbeat.facts.views.measure_parts import Counted, Element
from plantbeat.kernel.access import visible
from plantbeat.kernel.accounts import Site
from plantbeat.kernel.problems import Kind, Problem, Refused
from plantbeat.surfaces.pages.view import actor_of, site_of

_UNITS = {Counted.time: "µs", Counted.pieces: "pieces", Counted.pieces_by_time: "µs × pieces"}


def measures_router() -> Router:
    """The endpoints below `/api/measures`."""
    router = Router(tags=["measures"])
    for path, endpoint, name, schema in (
        ("", listed, "measures_list", MEASURES),
        ("/{slug:code}", valued, "measure_values", VALUES),
        ("/{slug:code}/facts", opened, "measure_facts", FACTS),
    ):
        router.add_api_operation(
            path, ["GET"], endpoint, operation_id=name, summary=str(endpoint.__doc__).splitlines()[0],
            openapi_extra=described(schema, asks=schema is not MEASURES, pages=schema is FACTS),
        )  # fmt: skip
    return router


def listed(request: HttpRequest) -> HttpResponse:
    """Every measure of the catalogue: unit, direction, source, what is divided by what, and its cuts."""
    return JsonResponse({"items": [_measure(one) for one in measures()]})


def valued(request: HttpRequest, code: str) -> HttpResponse:
    """A measure for a place and a period, with its numerator and denominator; with `cut` also its parts."""
    asked = _asked(request, code)
    found = answer(asked, course=False)
    said: dict[str, Any] = {**_question(asked), "as_of_us": found.as_of_us, **_value(found.whole)}
    if found.parts is not None:
        said["cut"] = asked.cut
        said["agreement"] = found.parts.agreement
        said["parts"] = [
            {"key": _key(asked, row.key), "label": row.label, **_value(row)} for row in found.parts.rows
        ]
    return JsonResponse(said)


def opened(request: HttpRequest, code: str) -> HttpResponse:
    """The facts behind a value, in order of time, and the records with the steps they took."""
    asked = _asked(request, code)
    under = evidence(asked)
    records = [
        {
            "reference": one.reference,
            "name": one.name,
            "state": str(one.state) if one.state is not None else None,
            "steps": [
                {"at": step.at.isoformat(), "label": step.label, "reason": step.reason} for step in one.steps
            ],
        }
        for one in under.records
    ]
    facts = [_fact(one) for one in under.facts]
    pages = {"page": under.page, "size": FACTS_A_PAGE, "more": under.more}
    return JsonResponse({**_question(asked), "items": facts, "records": records, **pages})


def _asked(request: HttpRequest, code: str) -> KpiQuestion:
    return read_question(request.GET, _site(request), actor_of(request), code=code, strict=True)


def _site(request: HttpRequest) -> Site:
    given = request.GET.get("site")
    by = actor_of(request)
    site = visible(Site, by).filter(code=given).first() if given else site_of(request)
    if site is None:
        raise Refused(Problem(_("there is no such site"), "site", given), Kind.missing)
    return site


def _measure(one: Measure) -> dict[str, Any]:
    over, under = one.divides
    return {
        "code": one.code,
        "name": one.name,
        "unit": one.unit,
        "better": one.direction,
        "source": one.source,
        "numerator": _element(over),
        "denominator": _element(under),
        "cuts": [cut for cut in Cut if cut in one.cuts],
        "kinds": sorted(one.kinds),
    }


def _element(one: Element) -> dict[str, str]:
    return {"name": str(one.name), "unit": _UNITS.get(one.counted, "1")}


def _question(asked: KpiQuestion) -> dict[str, Any]:
    period = asked.period
    return {
        "measure": asked.measure.code,
        "unit": asked.measure.unit,
        "site": asked.site.code,
        "zone": asked.site.zone,
        "scope": scope_text(asked.scope),
        "period": {
            "first": period.first.isoformat(),
            "last": period.last.isoformat(),
            "shift": period.shift_id,
            "label": period.label,
        },
        "where": dict(asked.where),
    }


def _value(one: Judged) -> dict[str, Any]:
    figure, target = one.figure, one.target
    return {
        "value": figure.value,
        "missing": str(figure.missing) or None,
        "numerator": figure.numerator,
        "denominator": figure.denominator,
        "n": figure.n,
        "coverage": figure.coverage.value if figure.coverage is not None else None,
        "interval": figure.interval,
        "assumed": figure.assumed,
        "remarks": [str(remark) for remark in figure.remarks],
        "target": str(target.value.normalize()) if target is not None else None,
        "status": one.status,
    }


def _key(asked: KpiQuestion, key: Any) -> Any:
    """A part as `where` takes it: lines and machines by their codes."""
    if asked.cut in (Cut.line, Cut.machine) and key in asked.floor.rules.assets:
        return asked.floor.rules.assets[key].code
    return key


def _fact(one: FactShown) -> dict[str, Any]:
    back, why = one.taken_back or (None, one.note)
    return {
        "lsn": one.lsn,
        "t_us": one.at_us,
        "rx_us": one.received_us,
        "asset": one.asset,
        "kind": one.kind,
        "body": one.body,
        "source": one.source,
        "seq": one.seq,
        "taken_back_by": back,
        "reason": why,
    }
