"""Calls that come in as facts, from machines and gateways: the records follow the log, in its order.

How far they have come is kept with what they have written, in one transaction, so a restart loses and doubles
nothing. A fact that a tap here has written is known already and changes nothing.
"""

from __future__ import annotations

from collections import defaultdict
from dataclasses import dataclass, field
from typing import Any

from plantbeat.areas.execution.andon import folding, stepping
from plantbeat.areas.execution.andon.folding import Told
from plantbeat.areas.execution.andon.ladder import Category, category_of
from plantbeat.areas.execution.records.andon_call import AndonCall
from plantbeat.areas.plant.records.line import Line
from plantbeat.facts.questions import assets, facts_as_written, facts_in_force
from plantbeat.facts.tables import AssetLevel, FactAsset
from plantbeat.kernel.access import Actor, visible
from plantbeat.kernel.accounts import Site
from plantbeat.kernel.act import act
from plantbeat.kernel.act_many import act_many
from plantbeat.kernel.outbox import next_numbers
from plantbeat.kernel.writing import writing

FOLLOWER = Actor.system("andon")
FACTS_AT_ONCE = 50_000
CALLS_AT_ONCE = 400
NOTED_EVERY = 5_000
"""So many facts about other things are read again at most after a restart."""
LATE_US = 12 * 3_600_000_000
"""What was said of a call so long after it counts though it came in before the call itself."""
_INSTANTS = ("raised_us", "acknowledged_us", "arrived_us", "contained_us", "resolved_us", "confirmed_us")
PROGRESS = "execution.andon: facts followed"
"""Name of the running number that says how far the records have come."""

Place = tuple[int, str]
"""Asset and id of a call."""


class Following:
    """Follows the log from where the records have come to."""

    def __init__(self) -> None:
        self._after: int | None = None

    def go_on(self) -> bool:
        """Let the calls follow the next facts; True if the log holds more of them."""
        before, self._after = self._after, None  # after a fault the database says how far it came
        if before is None:
            before = noted()
        self._after = follow_from(before)
        return self._after != before and self._after < newest()


def noted() -> int:
    """How far the records have come for good: the place in the log."""
    with writing():
        return next_numbers(PROGRESS, 0).start - 1


def newest() -> int:
    """The last place in the log."""
    return facts_as_written(FOLLOWER).order_by("-lsn").values_list("lsn", flat=True).first() or 0


def follow_from(after: int) -> int:
    """Let the calls follow the next facts after a place in the log; the place they have come to."""
    upto = min(newest(), after + FACTS_AT_ONCE)
    if upto <= after:
        return after
    rows = facts_as_written(FOLLOWER).filter(lsn__gt=after, lsn__lte=upto)
    told = list(rows.filter(kind__in=(*folding.KINDS, "correction")).order_by("lsn").values_list(
        "lsn", "asset_id", "t_us", "kind", "body"
    ))  # fmt: skip
    touched: dict[Place, Touched] = {}
    for lsn, asset, t_us, kind, body in told:
        if kind == "correction":
            continue
        name, _one = stepping.as_told(t_us, lsn, kind, "", body)
        if (asset, name) not in touched and len(touched) == CALLS_AT_ONCE:
            upto = lsn - 1
            break
        touched.setdefault((asset, name), Touched(t_us, t_us)).reach(t_us)
    for asset, t_us in _taken_back(after, upto):
        touched |= _calls_around(asset, t_us)
    if touched or upto // NOTED_EVERY > after // NOTED_EVERY:
        with writing():
            if next_numbers(PROGRESS, 0).start - 1 > after:
                return noted()  # another worker was faster
            _follow(touched)
            next_numbers(PROGRESS, 0, taken=upto)
    return upto


@dataclass(slots=True)
class Touched:
    """When the facts of a call are from."""

    from_us: int
    until_us: int

    def reach(self, t_us: int) -> None:
        """Widen the time to hold an instant."""
        self.from_us, self.until_us = min(self.from_us, t_us), max(self.until_us, t_us)


def _taken_back(after: int, upto: int) -> list[tuple[int, int]]:
    """Assets and times of facts about calls that were taken back between two places in the log."""
    rows = facts_as_written(FOLLOWER).filter(lsn__gt=after, lsn__lte=upto, kind="correction")
    back = facts_as_written(FOLLOWER).filter(lsn__in=list(rows.values_list("reverses", flat=True)))
    return list(back.filter(kind__in=folding.KINDS).values_list("asset_id", "t_us"))


def _calls_around(asset: int, t_us: int) -> dict[Place, Touched]:
    """The calls of an asset that go on at an instant."""
    code = assets(FOLLOWER).filter(pk=asset).values_list("code", flat=True).first() or ""
    rows = visible(AndonCall, FOLLOWER).filter(asset=code, raised_us__lte=t_us, site__in=_sites_of(asset))
    latest = rows.order_by("-raised_us").values_list("call", flat=True)[:3]
    return {(asset, call): Touched(t_us, t_us) for call in latest}


def _sites_of(asset: int) -> Any:
    return assets(FOLLOWER).filter(pk=asset).values("site_id")


@dataclass(slots=True)
class Plant:
    """What the records of calls need of the plant, read once for a batch."""

    assets: dict[int, FactAsset]
    lines: dict[tuple[int, str], Line] = field(default_factory=dict)
    kinds: dict[tuple[int, str], Category] = field(default_factory=dict)

    @classmethod
    def of(cls, ids: set[int]) -> Plant:
        """The plant around some assets."""
        found = {one.pk: one for one in assets(FOLLOWER).filter(pk__in=ids).select_related("site")}
        rows = visible(Line, FOLLOWER).filter(site__in={one.site_id for one in found.values()})
        return cls(found, {(row.site_id, row.code): row for row in rows.select_related("area")})

    def line(self, asset: FactAsset) -> Line | None:
        """The line of an asset; the line itself is its own."""
        return self.lines.get((asset.site_id, asset.code if asset.level == AssetLevel.line else asset.line))

    def kind(self, site: Site, code: str) -> Category:
        """A kind of call."""
        if (site.pk, code) not in self.kinds:
            self.kinds[site.pk, code] = category_of(site, code)
        return self.kinds[site.pk, code]


def _follow(touched: dict[Place, Touched]) -> None:
    """Make and step the records of some calls; those that are right already stay untouched."""
    plant = Plant.of({asset for asset, _name in touched})
    known = _records(plant, touched)
    told = _facts(plant, touched, known)
    rows = []
    for place in touched:
        found, record = folding.folded(told[place]), known.get(place)
        if found is None:
            continue
        if record is None:
            rows.append(_row(plant, place, found))
        elif any(getattr(record, name) != value for name, value in stepping.values_of(found).items()):
            act(record, "follow", FOLLOWER)
    by_site: dict[int, list[dict[str, Any]]] = defaultdict(list)
    for row in rows:
        by_site[row["site"].pk].append(row)
    for theirs in by_site.values():
        act_many(AndonCall, "create", FOLLOWER, sorted(theirs, key=lambda row: row["raised_us"]))


def _records(plant: Plant, touched: dict[Place, Touched]) -> dict[Place, AndonCall]:
    place_of = {(one.site_id, one.code): one.pk for one in plant.assets.values()}
    rows = visible(AndonCall, FOLLOWER).filter(
        site__in={one.site_id for one in plant.assets.values()}, call__in={name for _asset, name in touched}
    )
    found = {}
    for row in rows.select_related("site", "line__area"):
        if (asset := place_of.get((row.site_id, row.asset))) is not None:
            found[asset, row.call] = row
    return found


def _facts(
    plant: Plant, touched: dict[Place, Touched], known: dict[Place, AndonCall]
) -> dict[Place, list[Told]]:
    """All facts in force of the calls: those just read, and those from before."""
    spans: dict[int, Touched] = {}
    for (asset, name), span in touched.items():
        record = known.get((asset, name))
        around = [span.from_us, span.until_us]
        if record is None:
            around.append(span.until_us + LATE_US)
        else:
            around += [t_us for one in _INSTANTS if (t_us := getattr(record, one)) is not None]
        wide = spans.setdefault(asset, Touched(span.from_us, span.until_us))
        for t_us in around:
            wide.reach(t_us)
    found: dict[Place, list[Told]] = defaultdict(list)
    for asset, span in spans.items():
        rows = facts_in_force(FOLLOWER).filter(
            asset=asset, t_us__gte=span.from_us, t_us__lte=span.until_us, kind__in=folding.KINDS
        )
        for row in rows.values_list("t_us", "lsn", "kind", "actor", "body"):
            name, one = stepping.as_told(*row)
            found[asset, name].append(one)
    return found


def _row(plant: Plant, place: Place, found: folding.Call) -> dict[str, Any]:
    asset = plant.assets[place[0]]
    kind = plant.kind(asset.site, found.category)
    return {
        "site": asset.site, "call": place[1], "asset": asset.code, "line": plant.line(asset),
        "respond_us": kind.respond_us, "resolve_us": kind.resolve_us, **stepping.values_of(found),
    }  # fmt: skip
