"""The kinds of facts: what happened on the floor, as it is sent, stored and read.

Quantities of pieces are whole numbers of the item's counting unit (a process that fills or cuts counts in a
unit small enough to be whole: mL, mm, g). Persons enter as pseudonyms only.
"""

from __future__ import annotations

from decimal import Decimal
from typing import Annotated, Literal

from msgspec import Meta

from plantbeat.facts.declaration import Body, kind

MOST = 1_000_000_000_000
LAST_US = 253_402_300_799_999_999
WHOLE_DIGITS, DECIMALS = 18, 9

Pieces = Annotated[int, Meta(ge=0, le=MOST)]
Instant = Annotated[int, Meta(ge=0, le=LAST_US)]
Code = Annotated[str, Meta(min_length=1, max_length=80)]
Words = Annotated[str, Meta(min_length=1, max_length=2000)]
Number = int | Decimal


def exact(value: Number) -> Number:
    """The number in its one form: an int where it is whole. ValueError beyond 18 digits and 9 decimals."""
    if isinstance(value, Decimal):
        if not value.is_finite():
            raise ValueError("expected a finite number")
        if value.adjusted() >= WHOLE_DIGITS or (value and value.normalize().as_tuple().exponent < -DECIMALS):  # type: ignore[operator]
            raise ValueError(f"expected a number of at most {WHOLE_DIGITS} digits and {DECIMALS} decimals")
        value = int(value) if value == value.to_integral_value() else value.normalize()
    if abs(value) >= 10**WHOLE_DIGITS:
        raise ValueError(f"expected a number of at most {WHOLE_DIGITS} digits and {DECIMALS} decimals")
    return value


@kind("state", carries=True)
class State(Body):
    """What the asset does from now until its next state, in the source's own words.

    What is running, set-up or a stop is a mapping, and a view."""

    state: Annotated[Code, Meta(description="name of the state, as the source says it")]
    reason: Annotated[Code | None, Meta(description="code of the reason, where the source knows it")] = None


@kind("counter")
class Counter(Body):
    """Reading of a cumulative counter, raw; what it advanced is a view that knows glitches and resets."""

    value: Annotated[Number, Meta(description="what the counter shows, up to 18 digits and 9 decimals")]
    counter: Annotated[Code, Meta(description="name of the counter on this asset")] = "parts"

    def __post_init__(self) -> None:
        self.value = exact(self.value)


@kind("count")
class Count(Body):
    """Pieces at their first pass since the count before (or since `from_us`), good and bad apart."""

    good: Annotated[Pieces, Meta(description="good at the first pass")] = 0
    scrap: Annotated[Pieces, Meta(description="scrapped at the first pass")] = 0
    rework: Annotated[Pieces, Meta(description="sent to rework at the first pass")] = 0
    order: Annotated[Code | None, Meta(description="order, where it is not the one running")] = None
    item: Annotated[Code | None, Meta(description="item, where it is not the one running")] = None
    from_us: Annotated[Instant | None, Meta(description="begin of the time counted, if hourly")] = None


@kind("scrap")
class Scrap(Body):
    """Pieces scrapped at their first pass, with the reason; not in a count already."""

    quantity: Annotated[int, Meta(ge=1, le=MOST), Meta(description="pieces scrapped")]
    reason: Annotated[Code | None, Meta(description="code of the defect")] = None
    order: Annotated[Code | None, Meta(description="order, where it is not the one running")] = None
    item: Annotated[Code | None, Meta(description="item, where it is not the one running")] = None


@kind("rework")
class Rework(Body):
    """What became of pieces in rework; it changes neither the produced quantity nor first pass yield."""

    quantity: Annotated[int, Meta(ge=1, le=MOST), Meta(description="pieces")]
    outcome: Annotated[
        Literal["sent", "recovered", "scrapped"],
        Meta(description="sent to rework (at the first pass, not in a count already), or the later result"),
    ]
    reason: Annotated[Code | None, Meta(description="code of the defect")] = None
    order: Annotated[Code | None, Meta(description="order, where it is not the one running")] = None
    item: Annotated[Code | None, Meta(description="item, where it is not the one running")] = None


@kind("reason")
class Reason(Body):
    """Assigns a reason to a stop, or to a part of it; the latest assignment of a moment holds."""

    reason: Annotated[Code, Meta(description="code of the downtime reason")]
    from_us: Annotated[Instant, Meta(description="begin of the stop, or of the part")]
    until_us: Annotated[Instant | None, Meta(description="end of the part; none: of the stop")] = None

    def __post_init__(self) -> None:
        _ordered(self.from_us, self.until_us)


@kind("order_start", carries=True)
class OrderStart(Body):
    """An order begins on the asset, and with it the item that is made."""

    order: Annotated[Code, Meta(description="number of the order")]
    item: Annotated[Code | None, Meta(description="item made")] = None
    step: Annotated[Code | None, Meta(description="operation of the routing")] = None
    quantity: Annotated[Pieces | None, Meta(description="pieces wanted")] = None


@kind("order_end", carries=True)
class OrderEnd(Body):
    """An order leaves the asset."""

    order: Annotated[Code, Meta(description="number of the order")]
    complete: Annotated[bool, Meta(description="false: it will be continued")] = True


@kind("setup_start", carries=True)
class SetupStart(Body):
    """A set-up begins; motion of the machine during it does not end it."""

    order: Annotated[Code | None, Meta(description="order set up for")] = None
    item: Annotated[Code | None, Meta(description="item set up for")] = None


@kind("setup_end", carries=True)
class SetupEnd(Body):
    """The set-up is done."""


@kind("first_piece_ok", carries=True)
class FirstPieceOk(Body):
    """The first piece is approved; pieces counted before it are set-up pieces."""

    order: Annotated[Code, Meta(description="number of the order")]


@kind("operator_on", carries=True)
class OperatorOn(Body):
    """Somebody begins to work at the asset."""

    person: Annotated[Code, Meta(description="pseudonym")]


@kind("operator_off", carries=True)
class OperatorOff(Body):
    """Somebody stops working at the asset."""

    person: Annotated[Code, Meta(description="pseudonym")]
    order: Annotated[Code | None, Meta(description="order worked on")] = None
    step: Annotated[Code | None, Meta(description="operation of the routing")] = None
    from_us: Annotated[Instant | None, Meta(description="begin of the work; none: since signing on")] = None
    rework: Annotated[bool, Meta(description="true: on pieces rejected earlier")] = False


@kind("andon_raise")
class AndonRaise(Body):
    """A call for help. The same call raised again is the same call."""

    call: Annotated[Code, Meta(description="id of the call, made by the one who raises it")]
    category: Annotated[Code, Meta(description="what kind of help: maintenance, quality, material ...")]
    note: Annotated[Words | None, Meta(description="in own words")] = None
    test: Annotated[bool, Meta(description="true: a test of the way to help; no measure counts it")] = False


@kind("andon_ack")
class AndonAck(Body):
    """Somebody has taken the call."""

    call: Annotated[Code, Meta(description="id of the call")]


@kind("andon_arrive")
class AndonArrive(Body):
    """Help has arrived at the asset."""

    call: Annotated[Code, Meta(description="id of the call")]


@kind("andon_contain")
class AndonContain(Body):
    """The trouble does no more harm; its cause is not gone yet."""

    call: Annotated[Code, Meta(description="id of the call")]
    note: Annotated[Words | None, Meta(description="how it is contained")] = None


@kind("andon_resolve")
class AndonResolve(Body):
    """Whoever helped says the trouble is over; whoever called confirms it."""

    call: Annotated[Code, Meta(description="id of the call")]
    note: Annotated[Words | None, Meta(description="what was done")] = None


@kind("andon_confirm")
class AndonConfirm(Body):
    """Whoever called, or stands there now, says that the trouble is over: the call is closed."""

    call: Annotated[Code, Meta(description="id of the call")]
    note: Annotated[Words | None, Meta(description="in own words")] = None


@kind("andon_reopen")
class AndonReopen(Body):
    """The trouble is not over: the call is open as on its first moment, and somebody has to take it."""

    call: Annotated[Code, Meta(description="id of the call")]
    note: Annotated[Words | None, Meta(description="what is still wrong")] = None


@kind("reading")
class Reading(Body):
    """One measured value of a characteristic: a dimension, a torque, a temperature, kilowatt hours."""

    characteristic: Annotated[Code, Meta(description="what was measured")]
    value: Annotated[Number, Meta(description="the value, up to 18 digits and 9 decimals")]
    unit: Annotated[str, Meta(max_length=20), Meta(description="unit, as in mm, °C, kWh")] = ""
    order: Annotated[Code | None, Meta(description="order, where it is not the one running")] = None
    serial: Annotated[Code | None, Meta(description="serial or sample number of the piece")] = None

    def __post_init__(self) -> None:
        self.value = exact(self.value)


@kind("heartbeat")
class Heartbeat(Body):
    """The source is alive and the asset's state is unchanged."""


@kind("gap")
class Gap(Body):
    """What the source has lost: nothing is known of this time. It also fills a lost sequence number."""

    from_us: Annotated[Instant, Meta(description="begin of the time nothing is known of")]
    until_us: Annotated[Instant, Meta(description="end of that time")]
    cause: Annotated[Words | None, Meta(description="why")] = None

    def __post_init__(self) -> None:
        _ordered(self.from_us, self.until_us)


@kind("note")
class Note(Body):
    """Something worth knowing, in words."""

    text: Annotated[Words, Meta(description="in own words")]


@kind("incident")
class Incident(Body):
    """An injury or a near miss (29 CFR 1904.7), to count the days since; the case itself is a record."""

    case: Annotated[Code, Meta(description="number of the case")]
    severity: Annotated[
        Literal["near_miss", "first_aid", "recordable", "restricted", "days_away", "fatality"],
        Meta(description="the class the case has now"),
    ]


@kind("attendance")
class Attendance(Body):
    """Who was there, as numbers, when the lead has taken attendance."""

    rostered: Annotated[Pieces, Meta(description="people rostered")]
    present: Annotated[Pieces, Meta(description="people present")]
    leave: Annotated[Pieces, Meta(description="people on approved leave")] = 0
    shift: Annotated[Code | None, Meta(description="shift, where it is not the one at that time")] = None
    crew: Annotated[Code | None, Meta(description="crew, where one of several was counted")] = None


@kind("correction", sent=False)
class Correction(Body):
    """Takes back one fact, which stays; what is right follows as a fact of its own."""


def _ordered(from_us: int, until_us: int | None) -> None:
    if until_us is not None and until_us <= from_us:
        raise ValueError("expected until_us after from_us")
