"""OEE: canonical states, the additive asset-hour cube, its elements and the formulas over them."""

from plantbeat.engine.oee.cube import CubeRow, asset_day
from plantbeat.engine.oee.elements import Elements
from plantbeat.engine.oee.inputs import (
    NOT_YET_APPROVED,
    CountEvent,
    CountKind,
    DayFacts,
    IdealCycle,
    IdealCycles,
    OrderSpan,
    ReadRules,
    ShiftSpan,
    StateSpan,
)
from plantbeat.engine.oee.states import Loss, State, TimeElement

__all__ = [
    "NOT_YET_APPROVED",
    "CountEvent",
    "CountKind",
    "CubeRow",
    "DayFacts",
    "Elements",
    "IdealCycle",
    "IdealCycles",
    "Loss",
    "OrderSpan",
    "ReadRules",
    "ShiftSpan",
    "State",
    "StateSpan",
    "TimeElement",
    "asset_day",
]
