"""How sheets with the same titles were read before: kept per person, sheet and titles."""

from __future__ import annotations

import hashlib
from collections.abc import Mapping

from plantbeat.kernel.access import Actor, visible
from plantbeat.kernel.accounts import User
from plantbeat.kernel.act import act
from plantbeat.kernel.questions import own
from plantbeat.surfaces.import_.columns import Layout, folded, with_best_header
from plantbeat.surfaces.import_.planning import part_of
from plantbeat.surfaces.import_.plans import Part
from plantbeat.surfaces.import_.reading import HEADER_SEARCH, Table
from plantbeat.surfaces.models import ImportMapping


def signature(table: Table) -> str:
    """One spelling of a row of titles."""
    return hashlib.sha256("\x1f".join(folded(title) for title in table.header).encode()).hexdigest()


def understood(layout: Layout, table: Table, by: Actor) -> Part:
    """A sheet as the actor read one with these titles before, else as its titles say."""
    readings = {signature(one): one for one in (table.headed(n) for n, _row in table.lines[:HEADER_SEARCH])}
    rows = visible(ImportMapping, by).filter(owner=by.user_id, layout=layout.code, signature__in=readings)
    if (memory := rows.first()) is not None:
        table = readings[memory.signature]
        names = {folded(title): name for title, name in memory.mapping.items()}
        mapping = {title: names[folded(title)] for title in table.header if folded(title) in names}
        return part_of(layout, table, mapping, memory.defaults)
    return part_of(layout, with_best_header(layout, table))


def remember(part: Part, mapping: Mapping[str, str], defaults: Mapping[str, str], by: Actor) -> None:
    """Keep how the actor reads such a sheet, for the next file with these titles."""
    owner = own(User, pk=by.user_id)
    if owner is None:
        return
    key = {"owner": owner, "layout": part.layout.code, "signature": signature(part.table)}
    data = {"mapping": dict(mapping), "defaults": dict(defaults)}
    known = own(ImportMapping, **key)
    if known is not None:
        act(known, "edit", by, data)
    else:
        act(ImportMapping, "create", by, key | data)
