"""What can be asked of safety. No answer names who was hurt, who reported, or who behaved unsafely."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date

from django.db.models import Case, Count, IntegerField, Q, QuerySet, Value, When
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from plantbeat.areas.safety.records.hazard import Hazard, Potential
from plantbeat.areas.safety.records.huddle import Huddle
from plantbeat.areas.safety.records.safety_setting import SafetySetting
from plantbeat.facts.views import readings
from plantbeat.facts.views.catalogue import values
from plantbeat.facts.views.measure_codes import MeasureCode
from plantbeat.facts.views.periods import Period
from plantbeat.facts.views.rules_at_hand import rules_of
from plantbeat.facts.views.scopes import Scope, allowed_at
from plantbeat.kernel import clock
from plantbeat.kernel.access import Actor, visible
from plantbeat.kernel.accounts import Site
from plantbeat.kernel.problems import Text
from plantbeat.surfaces.addresses import address_of

OPEN = (str(Hazard.State.reported), str(Hazard.State.in_work))

SEVERITY_WORDS: dict[str, Text] = {
    "near_miss": gettext_lazy("Near miss"),
    "first_aid": gettext_lazy("First aid"),
    "recordable": gettext_lazy("Recordable injury"),
    "restricted": gettext_lazy("Injury with restricted work"),
    "days_away": gettext_lazy("Injury with days away"),
    "fatality": gettext_lazy("Fatality"),
}
"""The classes of an incident, in rising order of severity."""
_RANK = {severity: place for place, severity in enumerate(SEVERITY_WORDS)}


@dataclass(frozen=True, slots=True)
class IncidentSeen:
    """An injury or near miss as its facts tell it: the class it has now, where and when; never who."""

    case: str
    severity: str
    word: str
    place: str
    t_us: int
    lsn: int


@dataclass(frozen=True, slots=True)
class HazardCounts:
    """Hazards reported and fixed in a time, and what is open now."""

    reported: int
    fixed: int
    open: int
    open_serious: int
    oldest_us: int | None


@dataclass(frozen=True, slots=True)
class HazardOnRecord:
    """A hazard as its measures need it; `line` is an id, `fixed_us` None where nobody has fixed it."""

    reference: str
    line: int | None
    reported_us: int
    fixed_us: int | None


@dataclass(frozen=True, slots=True)
class HuddleTopic:
    """What to talk about before the shift begins, and the event it comes from."""

    text: str
    why: str
    url: str


def incidents_between(site: Site, from_us: int, to_us: int, by: Actor) -> list[IncidentSeen]:
    """Incidents of a time, the gravest first; a case that was classed again counts once, as it is now."""
    allowed_at(site.pk, by)
    rules = rules_of(site.pk)
    cases: dict[str, IncidentSeen] = {}
    for fact in readings.facts_kept(list(rules.assets), ["incident"], from_us, to_us):
        severity, before = fact.said["severity"], cases.get(fact.said["case"])
        cases[fact.said["case"]] = IncidentSeen(
            fact.said["case"], severity, str(SEVERITY_WORDS.get(severity, severity)),
            rules.assets[fact.asset_id].code, before.t_us if before else fact.t_us, fact.lsn,
        )  # fmt: skip
    return sorted(cases.values(), key=lambda one: (-_RANK.get(one.severity, 0), one.t_us))


def hazards_known(site_id: int, from_us: int, to_us: int, by: Actor) -> list[HazardOnRecord]:
    """Hazards reported in a time, the oldest first; what was answered "not a hazard" is left out."""
    rows = visible(Hazard, by).filter(site=site_id, reported_us__gte=from_us, reported_us__lt=to_us)
    return [
        HazardOnRecord(f"{Hazard.type_code()}:{row.pk}", row.line_id, row.reported_us, row.fixed_us)
        for row in rows.exclude(state=str(Hazard.State.not_a_hazard)).order_by("reported_us", "pk")
    ]


def open_hazards(site: Site, by: Actor) -> QuerySet[Hazard]:
    """Hazards nobody has fixed or answered, those that could do most harm first, then the oldest."""
    worst = Case(
        When(potential=str(Potential.fatal), then=Value(0)),
        When(potential=str(Potential.serious), then=Value(1)),
        default=Value(2), output_field=IntegerField(),
    )  # fmt: skip
    rows = visible(Hazard, by).filter(site=site, state__in=OPEN).select_related("line", "area")
    return rows.annotate(worst=worst).order_by("worst", "reported_us", "pk")


def hazard_counts(site: Site, from_us: int, to_us: int, by: Actor) -> HazardCounts:
    """Hazards reported and fixed in a time, open ones now; one query for the counts, one for the oldest."""
    rows = visible(Hazard, by).filter(site=site)
    counted = rows.aggregate(
        reported=Count("pk", filter=Q(reported_us__gte=from_us, reported_us__lt=to_us)),
        fixed=Count("pk", filter=Q(fixed_us__gte=from_us, fixed_us__lt=to_us)),
        open=Count("pk", filter=Q(state__in=OPEN)),
        open_serious=Count("pk", filter=Q(state__in=OPEN) & ~Q(potential=str(Potential.low))),
    )
    oldest = rows.filter(state__in=OPEN).order_by("reported_us").values_list("reported_us", flat=True).first()
    return HazardCounts(**counted, oldest_us=oldest)


def shows_days_since(site: Site, by: Actor) -> bool:
    """True unless the site has switched the days since the last recordable off."""
    row = visible(SafetySetting, by).filter(site=site).first()
    return row is None or row.show_days_since


def huddle_topic(site: Site, from_us: int, to_us: int, by: Actor) -> HuddleTopic | None:
    """A topic from what happened in the last shift: its gravest incident, else the hazard reported in it
    that could do most harm, else the open one that could; None where there is nothing to draw it from."""
    incidents = incidents_between(site, from_us, to_us, by)
    if incidents:
        first = incidents[0]
        text = _("%(what)s at %(place)s: what would have prevented it?")
        why = _("happened in the last shift, case %(case)s")
        return HuddleTopic(text % {"what": first.word, "place": first.place}, why % {"case": first.case}, "")
    rows = open_hazards(site, by)
    for found, why in (
        (
            rows.filter(reported_us__gte=from_us, reported_us__lt=to_us).first(),
            _("reported in the last shift"),
        ),
        (rows.first(), _("open, the worst it could do first")),
    ):
        if found is not None:
            place = found.line.code if found.line else found.place
            text = f"{found.what} ({place})" if place else found.what
            return HuddleTopic(text, f"{found.number}, {why}", address_of(found))
    return None


def huddle_held(site: Site, day: date, shift: str, by: Actor) -> Huddle | None:
    """The huddle of a shift, once it was held."""
    return visible(Huddle, by).filter(site=site, day=day, shift=shift).first()


def days_since_last_recordable(site: Site, by: Actor) -> int:
    """Days since the last recordable case, as the measure of that name counts them."""
    today = Period.of_day(rules_of(site.pk).day_at(clock.now_us()))
    (found,) = values(MeasureCode.days_since_last_recordable, Scope.site(site.pk), today, by)
    return found.figure.numerator
