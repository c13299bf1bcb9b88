"""Which local days of an asset must be computed again when a fact arrives."""

from __future__ import annotations

from datetime import date
from zoneinfo import ZoneInfo

from plantbeat.engine.calendars.civil import LocalDay, local_day_at
from plantbeat.facts.kinds import KINDS

_CARRYING = frozenset(code for code, kind in KINDS.items() if kind.carries)


class DirtyDays:
    """Collects the days that facts touch, each with the highest lsn that touched it."""

    def __init__(self) -> None:
        self.marks: dict[tuple[int, date], int] = {}
        self._windows: dict[str, LocalDay] = {}

    def touch(self, asset_id: int, t_us: int, rx_us: int, kind: str, zone: str, lsn: int) -> None:
        """Mark the local day of the instant.

        What lasts until something else is said reaches the next day too, if that has begun; whoever computes
        a day goes on to the next while the state at its end has changed.
        """
        window = self._windows.get(zone)
        if window is None or not window.start_us <= t_us < window.end_us:
            window = self._windows[zone] = local_day_at(t_us, ZoneInfo(zone))
        self.marks[asset_id, window.day] = lsn
        if kind in _CARRYING and window.end_us <= rx_us:
            following = local_day_at(window.end_us, ZoneInfo(zone))
            self.marks[asset_id, following.day] = lsn
