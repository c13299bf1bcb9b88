"""What every handoff of a site asks in the same words: asked once for all that are drafted in one go."""

from __future__ import annotations

from dataclasses import dataclass
from functools import cached_property
from typing import TYPE_CHECKING

from plantbeat.areas.daily.incidents.questions import RoomOpen, open_rooms
from plantbeat.areas.execution import questions as execution
from plantbeat.areas.execution.andon.questions import CallNow, open_calls
from plantbeat.areas.execution.answers import LineNow
from plantbeat.areas.planning import questions as planning
from plantbeat.areas.safety import questions as safety
from plantbeat.facts import questions as facts
from plantbeat.kernel.access import Actor
from plantbeat.kernel.accounts import Site

if TYPE_CHECKING:
    from plantbeat.areas.planning.records.schedule import Schedule
    from plantbeat.areas.planning.records.work_order import WorkOrder
    from plantbeat.areas.safety.records.hazard import Hazard

DRAFTER = Actor.system("handoff")
HELD = "held"


@dataclass
class SiteNow:
    """What is open at a site, as it was when it was first asked for; made anew for each go."""

    site: Site
    by: Actor = DRAFTER

    @cached_property
    def calls(self) -> list[CallNow]:
        """Calls for help that are not closed, tests apart, those that wait longest first."""
        return [call for call in open_calls(self.site, self.by) if not call.is_test]

    @cached_property
    def rooms(self) -> list[RoomOpen]:
        """Incident rooms that are open, the latest first."""
        return open_rooms(self.site, self.by)

    @cached_property
    def hazards(self) -> list[Hazard]:
        """Hazards that nobody has fixed, the worst first."""
        return list(safety.open_hazards(self.site, self.by))

    @cached_property
    def held_orders(self) -> list[WorkOrder]:
        """Orders on hold, by due date."""
        return list(planning.open_orders(self.site, self.by).filter(state=HELD))

    @cached_property
    def lines(self) -> list[LineNow]:
        """Every line in use."""
        return execution.lines_now(self.site, self.by)

    @cached_property
    def schedule(self) -> Schedule | None:
        """The schedule in force."""
        return planning.schedule_in_force(self.site, self.by)

    @cached_property
    def quarantined(self) -> int:
        """How many facts wait in quarantine."""
        return facts.quarantined(self.by).filter(site=self.site).count()
