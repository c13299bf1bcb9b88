"""The tables of the fact log."""

from plantbeat.facts.quarantine import Quarantine
from plantbeat.facts.source import FactSource
from plantbeat.facts.tables import DirtyDay, Fact, FactAsset, FactBlock, FactDigest, SealedMonth
from plantbeat.facts.taps.ledger import Tap, TapSession
from plantbeat.facts.views.dimension_tables import (
    FactCalendar,
    FactCounter,
    FactHoliday,
    FactIdeal,
    FactLine,
    FactMachine,
    FactPattern,
    FactPlannedStop,
    FactReason,
    FactShift,
    FactShiftChange,
    FactSiteRule,
    FactStateWord,
)
from plantbeat.facts.views.tables import AssetDay, AssetHour, FactEvent, FactInterval, FactReach, ShiftPlan

__all__ = [
    "AssetDay",
    "AssetHour",
    "DirtyDay",
    "Fact",
    "FactAsset",
    "FactBlock",
    "FactCalendar",
    "FactCounter",
    "FactDigest",
    "FactEvent",
    "FactHoliday",
    "FactIdeal",
    "FactInterval",
    "FactLine",
    "FactMachine",
    "FactPattern",
    "FactPlannedStop",
    "FactReach",
    "FactReason",
    "FactShift",
    "FactShiftChange",
    "FactSiteRule",
    "FactSource",
    "FactStateWord",
    "Quarantine",
    "SealedMonth",
    "ShiftPlan",
    "Tap",
    "TapSession",
]
