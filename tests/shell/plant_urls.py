"""Addresses of the server that tests start."""

from __future__ import annotations

import itertools
import time
from collections.abc import Iterator

from django.http import HttpRequest, HttpResponse, StreamingHttpResponse
from django.urls import path

from plantbeat.shell.health import healthz
from plantbeat.shell.metrics import metrics


def hello(request: HttpRequest) -> HttpResponse:
    return HttpResponse(f"hello from {request.META['REMOTE_ADDR']} by {request.scheme}")


def slow(request: HttpRequest, tenths: int) -> HttpResponse:
    time.sleep(tenths / 10)
    return HttpResponse("slow")


def fault(request: HttpRequest) -> HttpResponse:
    raise RuntimeError("secret detail")


def endless(request: HttpRequest) -> StreamingHttpResponse:
    def lines() -> Iterator[str]:
        for number in itertools.count():
            yield f"{number}\n"
            time.sleep(0.01)

    return StreamingHttpResponse(lines())


def broken(request: HttpRequest) -> HttpResponse:
    return HttpResponse(f"broken, reference {request.request_id}", status=500)


urlpatterns = [
    path("hello", hello, name="hello"),
    path("slow/<int:tenths>", slow, name="slow"),
    path("fault", fault, name="fault"),
    path("endless", endless, name="endless"),
    path("healthz", healthz, name="healthz"),
    path("metrics", metrics, name="metrics"),
]
handler500 = "shell.plant_urls.broken"
