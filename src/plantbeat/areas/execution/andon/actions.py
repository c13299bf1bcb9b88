"""What people do about calls for help: raise, take, arrive, resolve, confirm. Each may come twice or late."""

from __future__ import annotations

import secrets

from django.db.models import Q
from django.utils.translation import gettext as _

from plantbeat.areas.execution.andon import folding, stepping
from plantbeat.areas.execution.andon.ladder import categories, category_of
from plantbeat.areas.execution.questions import stop_at
from plantbeat.areas.execution.records.andon_call import HELPERS, AndonCall
from plantbeat.areas.execution.stops.calls import draft_stop, end_drafted_stop
from plantbeat.areas.plant.records.line import Line
from plantbeat.facts.incoming import NewFact
from plantbeat.facts.log import append, own_source
from plantbeat.facts.questions import assets
from plantbeat.facts.tables import AssetLevel, FactAsset
from plantbeat.kernel.access import Actor, visible
from plantbeat.kernel.accounts import Site
from plantbeat.kernel.act import act
from plantbeat.kernel.permission import forbidden, writes
from plantbeat.kernel.problems import Kind, Problem, Refused
from plantbeat.kernel.writing import writing

READER = Actor.system("andon")
AT_WORK = (AssetLevel.line, AssetLevel.machine, AssetLevel.cell)


def raise_call(
    site: Site,
    asset_code: str,
    category: str,
    by: Actor,
    *,
    at_us: int | None = None,
    call: str = "",
    note: str = "",
    is_test: bool = False,
) -> AndonCall:
    """Call for help at a line or machine. `call` is the id of a call made elsewhere (a tablet offline).

    Raised again while the call or its stop goes on, it is the same call; one that was resolved meanwhile is
    opened again, because the trouble is not over. `at_us` may lie in the past.
    Raises `Refused` for an unknown place or kind of call, a time that cannot be believed, and a role that
    only reads.
    """
    if not (writes(by, site.pk) and by.holds(HELPERS, site.pk)):
        raise Refused(forbidden(_("Call for help")), Kind.forbidden)
    asset, at_us = _asset(site, asset_code), stepping.tapped_us(at_us)
    _known(site, category, is_test)
    with writing():
        source = own_source(site)  # from here on nobody else raises a call
        known = (
            visible(AndonCall, READER).filter(site=site, asset=asset.code, call=call).first()
            if call
            else None
        )
        if known is not None:
            return known
        line = _line(site, asset)
        if not is_test and (same := _same_call(site, asset, line, category, at_us)) is not None:
            return _again(same, by, at_us, note)
        limits = category_of(site, category)
        made = act(
            AndonCall, "create", by.for_the_product(),
            {
                "site": site, "call": call or f"c-{secrets.token_hex(6)}", "asset": asset.code, "line": line,
                "category": category, "note": note.strip(), "is_test": is_test, "raised_us": at_us,
                "raised_by": by.pseudonym, "respond_us": limits.respond_us, "resolve_us": limits.resolve_us,
            },
        )  # fmt: skip
        body = {"call": made.call, "category": category, "note": note.strip()[:2000] or None, "test": is_test}
        append([NewFact(asset=asset.code, t_us=at_us, kind="andon_raise", body=body)], by, source)
        draft_stop(made, by)
    return made


def acknowledge(call: AndonCall, by: Actor, *, at_us: int | None = None, note: str = "") -> AndonCall:
    """Take a call: from now on nobody further is told until its limit to resolve."""
    return _step(call, "acknowledge", (folding.RAISED,), by, at_us, note)


def arrive(call: AndonCall, by: Actor, *, at_us: int | None = None, note: str = "") -> AndonCall:
    """Help is at the machine; who arrives has also taken the call."""
    return _step(call, "arrive", (folding.RAISED, folding.ACKNOWLEDGED), by, at_us, note)


def contain(call: AndonCall, by: Actor, *, at_us: int | None = None, note: str = "") -> AndonCall:
    """The trouble does no more harm."""
    return _step(call, "contain", tuple(folding.OPEN - {folding.CONTAINED}), by, at_us, note)


def resolve(call: AndonCall, by: Actor, *, at_us: int | None = None, note: str = "") -> AndonCall:
    """The helper says that the trouble is over; the call waits for its confirmation."""
    with writing():
        resolved = _step(call, "resolve", tuple(folding.OPEN), by, at_us, note)
        end_drafted_stop(resolved, by)
    return resolved


def confirm(call: AndonCall, by: Actor, *, at_us: int | None = None, note: str = "") -> AndonCall:
    """The raiser, the person at that station or the line lead says that the trouble is over."""
    return _step(call, "confirm", (folding.RESOLVED,), by, at_us, note)


def reopen(call: AndonCall, by: Actor, *, at_us: int | None = None, note: str = "") -> AndonCall:
    """Not solved: the call is open as on its first moment, with a new ladder."""
    return _step(call, "reopen", (folding.RESOLVED, folding.CONFIRMED), by, at_us, note)


def _step(
    call: AndonCall, verb: str, sources: tuple[str, ...], by: Actor, at_us: int | None, note: str
) -> AndonCall:
    """Take a step that is possible; where the call is further, a late tap still becomes its fact."""
    with writing():
        own_source(call.site)  # one at a time: what is read next stays so
        now = visible(AndonCall, READER).select_related("site", "line__area").get(pk=call.pk)
        if now.state in sources:
            return act(now, verb, by, {"at_us": at_us, "said": note})
        if verb == "confirm" and now.state in folding.OPEN:
            return act(now, verb, by)  # refuses, in words
        if at_us is not None and _belongs_before(now, verb, stepping.tapped_us(at_us)):
            if not (writes(by, now.site_id) and by.holds(HELPERS, now.site_id)):
                raise Refused(forbidden(verb), Kind.forbidden)
            stepping.tell(now, verb, by, stepping.tapped_us(at_us), note)
            return act(now, "follow", by.for_the_product())
    return now


def _belongs_before(call: AndonCall, verb: str, at_us: int) -> bool:
    """True if a late tap says when somebody took the call or came, earlier than is known."""
    known_us = {
        "acknowledge": call.acknowledged_us or call.arrived_us or call.resolved_us,
        "arrive": call.arrived_us or call.resolved_us,
    }.get(verb)
    return known_us is not None and (call.reopened_us or call.raised_us) <= at_us < known_us


def _again(call: AndonCall, by: Actor, at_us: int, note: str) -> AndonCall:
    """The same call raised again: opened again if it had been resolved before."""
    over_us = call.confirmed_us or call.resolved_us
    if call.state in folding.OPEN or (over_us is not None and at_us <= over_us):
        return call
    return act(call, "reopen", by, {"at_us": at_us, "said": note})


def _same_call(
    site: Site, asset: FactAsset, line: Line | None, category: str, at_us: int
) -> AndonCall | None:
    """The call for the same help at the same place whose trouble, or whose stop, goes on at an instant."""
    place = Q(asset=asset.code)
    if line is not None:
        place |= Q(line=line) if asset.level == AssetLevel.line else Q(asset=line.code)
    rows = visible(AndonCall, READER).filter(place, site=site, category=category, is_test=False)
    rows = rows.select_related("site", "line__area").order_by("-raised_us")
    going_on = rows.exclude(state=folding.CONFIRMED).first()
    if going_on is not None:
        return going_on
    last = rows.first()
    if last is None or last.confirmed_us is None:
        return None
    if last.raised_us <= at_us <= last.confirmed_us:
        return last
    stop = stop_at(site, asset.code, at_us, READER)
    return last if stop is not None and stop.start_us < last.confirmed_us else None


def _asset(site: Site, code: str) -> FactAsset:
    rows = assets(READER).filter(site=site, code=code, level__in=AT_WORK, valid_to_us=None)
    if (found := rows.first()) is None:
        raise Refused(Problem(_("there is no line or machine of this code"), "asset", code), Kind.missing)
    return found


def _line(site: Site, asset: FactAsset) -> Line | None:
    code = asset.code if asset.level == AssetLevel.line else asset.line
    return visible(Line, READER).filter(site=site, code=code).select_related("area").first() if code else None


def _known(site: Site, category: str, is_test: bool) -> None:
    codes = [one.code for one in categories(site)]
    if category not in codes and not is_test:
        allowed = _("one of: %(codes)s") % {"codes": ", ".join(codes)}
        raise Refused(Problem(_("there is no such kind of call"), "category", category, allowed))
