"""The plant workbook and the assumptions in the browser."""

from __future__ import annotations

from typing import Any

from django.contrib import messages
from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.urls import reverse
from django.utils.text import slugify
from django.utils.translation import gettext as _
from django.views.decorators.http import require_GET, require_http_methods, require_POST

from plantbeat.areas.plant import tasks, workbook_upload
from plantbeat.areas.plant.assumptions import WORST, standing_assumptions
from plantbeat.areas.plant.workbook import empty_workbook, filled_workbook, plant_layouts
from plantbeat.areas.plant.workbook_upload import (
    LOADED,
    LOADING,
    PLANNING,
    PURPOSE,
    REFUSED,
    REFUSED_ROWS,
)
from plantbeat.kernel import clock
from plantbeat.kernel.accounts import Site
from plantbeat.kernel.act import act
from plantbeat.kernel.permission import permitted
from plantbeat.kernel.problems import Kind, Refused
from plantbeat.surfaces.addresses import address_of
from plantbeat.surfaces.export.workbook import refused_rows, workbook_answer
from plantbeat.surfaces.import_.columns import BAD
from plantbeat.surfaces.import_.pages import Upload, in_words, staged, status_of, uploaded
from plantbeat.surfaces.models import Assumption
from plantbeat.surfaces.pages.view import actor_of, found_record, signed_in, site_of


@require_http_methods(["GET", "POST"])
@signed_in
def workbook(request: HttpRequest) -> HttpResponse:
    """Choose a workbook; the whole plant as one; an empty one. Nothing is written yet."""
    site = _site(request)
    frame: dict[str, Any] = {
        "page_title": _("Plant workbook"),
        "layouts": plant_layouts(),
        "may_load": workbook_upload.may_load(actor_of(request), site),
        "assumptions": len(standing_assumptions(site, actor_of(request))),
    }
    if request.method == "GET":
        return render(request, "plant/workbook.html", frame)
    _loading_allowed(request, site)
    try:
        upload = uploaded(request, PURPOSE, site)
    except Refused as refused:
        return render(
            request, "plant/workbook.html", {**frame, "problems": refused.problems}, status=status_of(refused)
        )
    if workbook_upload.is_large(upload):
        workbook_upload.note(upload, {"phase": PLANNING})
        tasks.prepare_workbook.enqueue(upload.token, upload.owner)
    return redirect("plant_workbook_preview", job=upload.token)


@require_http_methods(["GET", "POST"])
@signed_in
def preview(request: HttpRequest, job: int) -> HttpResponse:
    """What would happen, sheet by sheet; then load all rows, or the good ones."""
    upload = _upload(request, job)
    by, state = actor_of(request), workbook_upload.noted(upload)
    frame: dict[str, Any] = {
        "page_title": upload.file_name,
        "crumbs": [{"label": _("Plant workbook"), "url": reverse("plant_workbook")}],
        "upload": upload,
        "target": upload.site(by),
        "state": state,
    }
    good_only = request.POST.get("mode") == "good"
    try:
        if request.method == "POST" and state and state["phase"] not in (PLANNING, LOADING):
            workbook_upload.note(upload, {**state, "phase": LOADING, "done": 0})
            tasks.load_workbook.enqueue(upload.token, upload.owner, good_only)
            return redirect("plant_workbook_preview", job=job)
        if request.method == "POST" and not state:
            loaded = workbook_upload.load_upload(upload, by, good_rows_only=good_only)
            return _done(request, upload, in_words(loaded.counts), bad=loaded.counts[BAD])
        if state.get("phase") == LOADED:
            return _done(request, upload, in_words(state["counts"]), bad=state["counts"][BAD])
        if state.get("phase") == REFUSED:
            return render(
                request, "plant/workbook_preview.html", {**frame, "problems": state["problems"]}, status=422
            )
        frame["report"] = state.get("report") if state else workbook_upload.found_in(upload, by)[1]
    except Refused as refused:
        problems = [problem.as_dict() for problem in refused.problems[: workbook_upload.SHOWN]]
        return render(request, "plant/workbook_preview.html", {**frame, "problems": problems}, status=422)
    return render(request, "plant/workbook_preview.html", frame)


def _done(request: HttpRequest, upload: Upload, text: str, *, bad: int) -> HttpResponse:
    if not bad:
        upload.discard()
    messages.success(request, text)
    return redirect("plant_workbook")


@require_GET
@signed_in
def bad_rows(request: HttpRequest, job: int) -> HttpResponse:
    """The refused rows as a workbook with the reason, ready to correct and load again."""
    upload = _upload(request, job)
    kept = upload.folder / REFUSED_ROWS
    if kept.is_file():
        return workbook_answer(kept.read_bytes(), REFUSED_ROWS)
    planned, _report = workbook_upload.found_in(upload, actor_of(request))
    return workbook_answer(refused_rows(planned), REFUSED_ROWS)


@require_GET
@signed_in
def export(request: HttpRequest) -> HttpResponse:
    """Everything of the site in view, in the form an import takes back."""
    site = _site(request)
    return workbook_answer(filled_workbook(site, actor_of(request)), f"plant-{slugify(site.code)}.xlsx")


@require_GET
@signed_in
def template(request: HttpRequest) -> HttpResponse:
    """The empty workbook."""
    _site(request)
    return workbook_answer(empty_workbook(actor_of(request)), "plant.xlsx")


@require_GET
@signed_in
def assumptions(request: HttpRequest) -> HttpResponse:
    """The assumptions worth most to fix, and how that is judged."""
    by, site = actor_of(request), _site(request)
    standing = standing_assumptions(site, by)
    worst = [
        {
            "standing": one,
            "link": address_of(one.record, "edit"),
            "since": clock.from_us(one.assumption.since_us),
            "may_confirm": permitted(Assumption, "remove", by, site.pk, one.assumption),
        }
        for one in standing[:WORST]
    ]
    frame = {
        "page_title": _("Assumptions"),
        "crumbs": [{"label": _("Plant workbook"), "url": reverse("plant_workbook")}],
        "worst": worst,
        "count": len(standing),
    }
    return render(request, "plant/assumptions.html", frame)


@require_POST
@signed_in
def confirm(request: HttpRequest, pk: int) -> HttpResponse:
    """Somebody knows that the assumed value is right."""
    by = actor_of(request)
    act(found_record(Assumption, by, pk), "remove", by, reason=_("confirmed"))
    messages.success(request, _("Confirmed."))
    return redirect("plant_assumptions")


def _site(request: HttpRequest) -> Site:
    site = site_of(request)
    if not site:
        raise Refused(_("you have a role at no site"), Kind.forbidden)
    return site


def _loading_allowed(request: HttpRequest, site: Site) -> None:
    if not workbook_upload.may_load(actor_of(request), site):
        raise Refused(_("your role does not allow loading a workbook here"), Kind.forbidden)


def _upload(request: HttpRequest, job: int) -> Upload:
    return staged(job, int(request.user.pk or 0), PURPOSE)
