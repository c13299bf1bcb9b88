"""People as an application."""

from __future__ import annotations

from plantbeat.kernel.apps import AreaConfig


class PeopleConfig(AreaConfig):
    """People and crews."""

    default = True
    name = "plantbeat.areas.people"
    label = "people"
