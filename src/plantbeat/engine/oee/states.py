"""Canonical states of an asset, with their place in the time model and in the six big losses."""

from __future__ import annotations

from enum import StrEnum


class TimeElement(StrEnum):
    """Time elements of ISO 22400-2:2014 that a state can be."""

    apt = "actual production time"
    aust = "actual unit setup time"
    adet = "actual unit delay time"
    pdot = "planned down time"
    not_planned = "outside planned operation time"
    unknown = "unknown"


class Loss(StrEnum):
    """The six big losses (Nakajima, Introduction to TPM, 1988)."""

    breakdowns = "Breakdowns"
    setup_and_adjustment = "Set-up and adjustment"
    idling_and_minor_stops = "Idling and minor stops"
    reduced_speed = "Reduced speed"
    process_defects = "Defects and rework"
    reduced_yield = "Start-up losses"


class State(StrEnum):
    """What an asset was doing, after the calendar has spoken.

    `in_pbt` says whether the time is planned busy time, `producing` whether it is production time (APT).
    """

    label: str
    element: TimeElement
    loss: Loss | None

    def __new__(cls, value: str, label: str, element: TimeElement, loss: Loss | None = None) -> State:
        state = str.__new__(cls, value)
        state._value_ = value
        state.label = label
        state.element = element
        state.loss = loss
        return state

    running = "running", "Running", TimeElement.apt
    slow = "slow", "Running slow", TimeElement.apt, Loss.reduced_speed
    micro_stop = "micro_stop", "Micro-stop", TimeElement.adet, Loss.idling_and_minor_stops
    setup = "setup", "Set-up", TimeElement.aust, Loss.setup_and_adjustment
    own_stop = "own_stop", "Own stop", TimeElement.adet, Loss.breakdowns
    starved = "starved", "Starved", TimeElement.adet, Loss.idling_and_minor_stops
    blocked = "blocked", "Blocked", TimeElement.adet, Loss.idling_and_minor_stops
    no_data = "no_data", "No data", TimeElement.unknown
    unexplained = "unexplained", "Not yet explained", TimeElement.unknown
    planned_stop = "planned_stop", "Planned stop", TimeElement.pdot
    no_order = "no_order", "No order", TimeElement.pdot
    shift_break = "break", "Break", TimeElement.pdot
    off_shift = "off_shift", "Off shift", TimeElement.not_planned

    @property
    def in_pbt(self) -> bool:
        return self.element not in (TimeElement.pdot, TimeElement.not_planned)

    @property
    def producing(self) -> bool:
        return self.element is TimeElement.apt


REPORTABLE = frozenset(State) - {State.slow, State.micro_stop, State.shift_break, State.off_shift}
"""States a source may report; the others follow from the calendar, the micro-stop rule and the rate."""

IDLE_WITHOUT_ORDER = frozenset(
    {State.own_stop, State.micro_stop, State.starved, State.blocked, State.no_data, State.unexplained}
)
"""States that, while no order is in force, count as no order: nothing was asked of the asset."""
