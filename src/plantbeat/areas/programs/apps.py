"""Programs as an application."""

from __future__ import annotations

from plantbeat.kernel.apps import AreaConfig


class ProgramsConfig(AreaConfig):
    """Service accounts and their tokens."""

    default = True
    name = "plantbeat.areas.programs"
    label = "programs"
