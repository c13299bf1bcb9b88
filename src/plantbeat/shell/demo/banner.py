"""What every page of the demo says while its history is still being filled in."""

from __future__ import annotations

from typing import Any

from django.http import Http404, HttpRequest, HttpResponse
from django.shortcuts import render
from django.urls import reverse
from django.utils.formats import number_format
from django.utils.translation import gettext as _
from django.utils.translation import ngettext

from plantbeat.shell.demo.progress import Progress, demo_progress, is_demo

AGAIN_S = 2
"""How often an open page asks how far it is."""


def history_work() -> dict[str, Any] | None:
    """The variables of the progress bar; None outside the demo and once the history is complete."""
    progress = demo_progress()
    return None if progress is None else _work(progress)


def _work(progress: Progress) -> dict[str, Any]:
    work: dict[str, Any] = {
        "label": _("The plant's history is being filled in"),
        "poll_url": reverse("demo_history"),
        "again_s": AGAIN_S,
    }
    if progress.total == 0:
        return work | {"say": _("It begins with the last seven days; they are here in a few seconds.")}
    facts = _("%(count)s facts so far") % {"count": number_format(progress.facts, force_grouping=True)}
    if progress.done < progress.total:
        say = _("Newest days first: %(percent)s %% told, %(facts)s. You can use everything meanwhile.")
        told = say % {"percent": progress.percent, "facts": facts}
        return work | {"say": told, "done": progress.done, "whole": progress.total}
    if not progress.days_left:
        say = _("All is told, %(facts)s; the last figures are being computed.")
        return work | {"say": say % {"facts": facts}}
    days = number_format(progress.days_left, force_grouping=True)
    left = ngettext(
        "All is told; the figures of %(days)s day of a machine or line are still to be computed.",
        "All is told; the figures of %(days)s days of machines and lines are still to be computed.",
        progress.days_left,
    )
    return work | {"say": left % {"days": days}}


def demo_history(request: HttpRequest) -> HttpResponse:
    """How far the history is, for an open page that asks again; needs no sign-in."""
    if not is_demo():
        raise Http404
    return render(request, "demo_history.html", {"work": history_work()})
