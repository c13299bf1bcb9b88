"""The plant as an application."""

from __future__ import annotations

from plantbeat.kernel.apps import AreaConfig


class PlantConfig(AreaConfig):
    """ISA-95 tree, items, routings, set-ups, shifts, reasons, targets."""

    default = True
    name = "plantbeat.areas.plant"
    label = "plant"
