"""People as an application."""

from __future__ import annotations

from plantbeat.kernel.apps import AreaConfig


class PeopleConfig(AreaConfig):
    """People and crews."""

    default = True
    name = "plantbeat.areas.people"
    label = "people"

    def ready(self) -> None:
        """Say how many people a crew has."""
        from plantbeat.areas.people.attendance.taps import declare_attendance_tap
        from plantbeat.areas.people.crews import crew_sizes
        from plantbeat.facts.views.groups import declare_group_sizes

        declare_group_sizes(crew_sizes)
        declare_attendance_tap()
