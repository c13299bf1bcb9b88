"""What a monitor scrapes: `/metrics` in Prometheus' text format 0.0.4. Each process tells its own."""

from __future__ import annotations

import os
import secrets
import threading
import time
from bisect import bisect_left
from collections.abc import Callable, Iterator, Mapping, Sequence
from ipaddress import ip_address
from pathlib import Path
from typing import Protocol, TypeVar

from django.conf import settings
from django.db import DatabaseError
from django.http import HttpRequest, HttpResponse
from django.utils.translation import gettext as _
from django.views.decorators.http import require_GET

import plantbeat
from plantbeat.facts import disk
from plantbeat.kernel.access import ADMINISTRATORS

Labels = tuple[str, ...]
Sample = tuple[str, Labels, float]
BUCKETS_S = (0.005, 0.01, 0.025, 0.05, 0.1, 0.2, 0.5, 1.0, 2.5, 5.0, 10.0)
METHODS = {"GET", "HEAD", "POST", "PUT", "PATCH", "DELETE", "OPTIONS"}
FORWARDED = ("HTTP_X_FORWARDED_FOR", "HTTP_FORWARDED", "HTTP_X_REAL_IP", "HTTP_VIA")


class Metric(Protocol):
    """A family of figures with one name."""

    name: str
    about: str
    kind: str
    labels: Labels

    def samples(self) -> Iterator[Sample]:
        """Suffix of the name, label values, value."""


class Counter:
    """Counts up, per label values."""

    kind = "counter"

    def __init__(self, name: str, about: str, labels: Labels = ()) -> None:
        self.name, self.about, self.labels = name, about, labels
        self._lock = threading.Lock()
        self._values: dict[Labels, float] = {}

    def add(self, *values: str, by: float = 1) -> None:
        """Count one more."""
        with self._lock:
            self._values[values] = self._values.get(values, 0) + by

    def samples(self) -> Iterator[Sample]:
        """One sample per label values."""
        with self._lock:
            found = dict(self._values)
        yield from (("", values, value) for values, value in sorted(found.items()))


class Histogram:
    """How long things took, per label values."""

    kind = "histogram"

    def __init__(
        self, name: str, about: str, labels: Labels = (), buckets: Sequence[float] = BUCKETS_S
    ) -> None:
        self.name, self.about, self.labels = name, about, (*labels, "le")
        self._lock = threading.Lock()
        self._buckets = tuple(buckets)
        self._counts: dict[Labels, list[int]] = {}
        self._sums: dict[Labels, float] = {}

    def observe(self, value: float, *values: str) -> None:
        """Count one that took `value` seconds."""
        place = bisect_left(self._buckets, value)
        with self._lock:
            counts = self._counts.setdefault(values, [0] * (len(self._buckets) + 1))
            counts[place] += 1
            self._sums[values] = self._sums.get(values, 0.0) + value

    def samples(self) -> Iterator[Sample]:
        """Cumulative buckets, sum and count per label values."""
        with self._lock:
            found = {values: list(counts) for values, counts in self._counts.items()}
            sums = dict(self._sums)
        bounds = [*(f"{bound:g}" for bound in self._buckets), "+Inf"]
        for values, counts in sorted(found.items()):
            total = 0
            for bound, count in zip(bounds, counts, strict=True):
                total += count
                yield "_bucket", (*values, bound), total
            yield "_sum", values, sums[values]
            yield "_count", values, total


class Reading:
    """Asks for its value when it is scraped."""

    def __init__(
        self,
        name: str,
        about: str,
        read: Callable[[], float | Mapping[Labels, float]],
        labels: Labels,
        kind: str,
    ) -> None:
        self.name, self.about, self.labels, self.kind = name, about, labels, kind
        self._read = read

    def samples(self) -> Iterator[Sample]:
        """The values as they are now."""
        try:
            value = self._read()
        except (DatabaseError, OSError):  # the other figures are wanted all the more
            return
        found = value if isinstance(value, Mapping) else {(): value}
        yield from (("", values, one) for values, one in sorted(found.items()))


_metrics: dict[str, Metric] = {}


def reading(
    name: str,
    about: str,
    read: Callable[[], float | Mapping[Labels, float]],
    *,
    labels: Labels = (),
    kind: str = "gauge",
) -> None:
    """Scrape what `read` returns: a number, or numbers by label values. The same name again replaces it."""
    _metrics[name] = Reading(name, about, read, labels, kind)


M = TypeVar("M", bound=Metric)


def _kept(metric: M) -> M:
    _metrics[metric.name] = metric
    return metric


INGESTED = _kept(Counter("plantbeat_ingest_requests_total", "Answers to sources of facts.", ("status",)))
INGEST_TIMES = _kept(Histogram("plantbeat_ingest_seconds", "Server time of ingest, commit included."))
REQUESTS = _kept(Counter("plantbeat_requests_total", "Answers by pages.", ("route", "method", "status")))
TIMES = _kept(Histogram("plantbeat_request_seconds", "Server time of pages.", ("route",)))
WRITES = _kept(Histogram("plantbeat_write_transaction_seconds", "Time write transactions took."))
reading(
    "plantbeat_info", "Version of the product.", lambda: {(plantbeat.__version__,): 1}, labels=("version",)
)
reading("plantbeat_disk_free_bytes", "Room left for the data folder.", lambda: disk.room().free)
reading(
    "plantbeat_disk_least_free_bytes",
    "Below this, facts and imports are refused.",
    lambda: disk.room().least,
)
reading("process_cpu_seconds_total", "Processor time used.", time.process_time, kind="counter")
reading("process_resident_memory_bytes", "Memory in use.", lambda: _resident_bytes())


def _resident_bytes() -> Mapping[Labels, float]:
    """Known on Linux only."""
    try:
        pages = int(Path("/proc/self/statm").read_text(encoding="ascii").split()[1])
    except OSError:
        return {}
    return {(): pages * os.sysconf("SC_PAGE_SIZE")}


def timed(get_response: Callable[[HttpRequest], HttpResponse]) -> Callable[[HttpRequest], HttpResponse]:
    """Middleware, the outermost: counts and times every answer under the name of its route."""

    def middleware(request: HttpRequest) -> HttpResponse:
        started = time.perf_counter()
        response = get_response(request)
        route = _route(request)
        method = request.method if request.method in METHODS else "other"
        REQUESTS.add(route, method, str(response.status_code))
        TIMES.observe(time.perf_counter() - started, route)
        return response

    return middleware


def _route(request: HttpRequest) -> str:
    match = request.resolver_match
    if match is not None:
        return match.view_name or match.route
    return "static" if request.path.startswith(settings.STATIC_URL) else "none"


def exposition() -> str:
    """Every figure in the text format."""
    lines = []
    for metric in _metrics.values():
        lines += [f"# HELP {metric.name} {metric.about}", f"# TYPE {metric.name} {metric.kind}"]
        for suffix, values, value in metric.samples():
            pairs = ",".join(
                f'{name}="{_escaped(one)}"' for name, one in zip(metric.labels, values, strict=False)
            )
            lines.append(
                f"{metric.name}{suffix}{{{pairs}}} {value:.15g}"
                if pairs
                else f"{metric.name}{suffix} {value:.15g}"
            )
    return "\n".join(lines) + "\n"


def _escaped(value: str) -> str:
    return value.replace("\\", r"\\").replace('"', r"\"").replace("\n", r"\n")


@require_GET
def metrics(request: HttpRequest) -> HttpResponse:
    """The page `/metrics`."""
    if not _may_scrape(request):
        message = _(
            "Only from this machine, by an administrator, or with the token in PLANTBEAT_METRICS_TOKEN."
        )
        return HttpResponse(message, status=403, content_type="text/plain; charset=utf-8")
    return HttpResponse(exposition(), content_type="text/plain; version=0.0.4; charset=utf-8")


def _may_scrape(request: HttpRequest) -> bool:
    scheme, _space, token = request.headers.get("Authorization", "").partition(" ")
    wanted = os.environ.get("PLANTBEAT_METRICS_TOKEN", "")
    if wanted and scheme.lower() == "bearer" and secrets.compare_digest(token.encode(), wanted.encode()):
        return True
    if _is_local(request):
        return True
    return bool(request.actor.holds(ADMINISTRATORS, None))  # type: ignore[attr-defined]


def _is_local(request: HttpRequest) -> bool:
    """From this machine itself, and not through a proxy that runs on it."""
    if any(name in request.META for name in FORWARDED):
        return False
    try:
        return ip_address(request.META.get("REMOTE_ADDR", "")).is_loopback
    except ValueError:
        return False
