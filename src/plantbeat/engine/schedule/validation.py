"""Faults of a problem, each with the order, operation or machine it belongs to and what is allowed."""

from __future__ import annotations

from collections.abc import Iterator
from itertools import pairwise

import numpy as np

from plantbeat.engine.calendars.worktime import FOREVER, NEVER
from plantbeat.engine.schedule.coupling_faults import (
    coupling_faults,
    secondary_faults,
    secondary_shape_faults,
)
from plantbeat.engine.schedule.problem import NO_FAMILY, NO_LINE, NOT_PINNED, Fault, Problem

MINUTES_LIMIT = 1 << 40


def shape_faults(p: Problem) -> list[Fault]:
    """Rows of the wrong length or pointers that do not cut them; nothing else can be said before these are
    right.
    """
    n, orders, machines = p.operations, p.orders, p.machines
    lengths = {
        "due": orders,
        "weight": orders,
        "order_ptr": orders + 1,
        "mode_ptr": n + 1,
        "mode_min": len(p.mode_machine),
        "machine_work_centre": machines,
    }
    optional = {
        "deadline": orders,
        "quantity": orders,
        "family": n,
        "divisible": n,
        "pred_ptr": n + 1,
        "initial_family": machines,
        "machine_line": machines,
        "pin_machine": n,
        "pin_start": n,
        "started": n,
        "teardown_min": n,
        "earliest": n,
    }
    if len(p.pred_ptr):
        optional |= dict.fromkeys(("link_least", "link_most", "link_batch"), len(p.pred))
    faults = [
        Fault("row", f"Problem: {name} has {len(getattr(p, name))} values; allowed are {length}")
        for name, length in (lengths | optional).items()
        if len(getattr(p, name)) != length and (name in lengths or len(getattr(p, name)))
    ]
    if not orders or not machines:
        faults.append(Fault("empty", "Problem: there must be at least one order and one machine"))
    faults += secondary_shape_faults(p)
    if faults:
        return faults
    cuts = {"order_ptr": (p.order_ptr, n), "mode_ptr": (p.mode_ptr, len(p.mode_machine))}
    if len(p.pred_ptr):
        cuts["pred_ptr"] = (p.pred_ptr, len(p.pred))
    for name, (ptr, total) in cuts.items():
        if ptr[0] != 0 or ptr[-1] != total or (np.diff(ptr) < 0).any():
            faults.append(Fault("row", f"Problem: {name} must rise from 0 to {total} without a step back"))
    if not faults and (np.diff(p.order_ptr) == 0).any():
        empty = int(np.argmin(np.diff(p.order_ptr)))
        name = p.order_label(empty)
        faults.append(Fault("no_operations", f"order {name} has no operations; it needs at least one", name))
    return faults


def problem_faults(p: Problem) -> list[Fault]:
    """Everything wrong in a problem whose rows have the right shape; an empty list means that it can be
    solved.
    """
    site = [*_calendar_faults(p), *_machine_faults(p), *_setup_faults(p), *secondary_faults(p)]
    if site:
        return site
    orders = [*_order_faults(p), *_operation_faults(p), *_mode_faults(p), *_precedence_faults(p)]
    orders = orders or [*coupling_faults(p, _at)]
    return orders or [*_line_faults(p), *_room_faults(p), *_pin_faults(p)]


def _at(p: Problem, operation: int, code: str, message: str, machine: str | None = None) -> Fault:
    order = p.order_label(int(p.order_of[operation]))
    text = f"{p.operation_label(operation)}: {message}"
    return Fault(code, text, order, p.step_label(operation), machine)


def _calendar_faults(p: Problem) -> Iterator[Fault]:
    work = p.calendars
    for c in range(len(work.ptr) - 1):
        name = p.names.calendars[c] if p.names.calendars else str(c)
        intervals = work.intervals(c)
        if not intervals:
            yield Fault(
                "calendar_empty", f"calendar {name} is never open; it needs at least one open interval"
            )
        for i, (opening, closing) in enumerate(intervals):
            if opening >= closing or closing > FOREVER or opening < -MINUTES_LIMIT:
                yield Fault(
                    "calendar", f"calendar {name}: interval {opening} to {closing} is not a span of time"
                )
            elif i and opening <= intervals[i - 1][1]:
                yield Fault(
                    "calendar", f"calendar {name}: the interval from {opening} touches the one before it"
                )


def _machine_faults(p: Problem) -> Iterator[Fault]:
    centres, calendars = p.work_centres, len(p.calendars.ptr) - 1
    for m in range(p.machines):
        centre, name = int(p.machine_work_centre[m]), p.machine_label(m)
        if not 0 <= centre < centres:
            text = f"machine {name}: work centre {centre} is unknown; allowed are 0 to {centres - 1}"
            yield Fault("work_centre", text, machine=name)
        elif not NO_FAMILY <= p.initial_family[m] < p.family_count[centre]:
            text = f"machine {name}: initial family {p.initial_family[m]} is unknown at its work centre"
            yield Fault("family", text, machine=name)
        if not 0 <= p.machine_calendar[m] < calendars:
            text = f"machine {name}: calendar {p.machine_calendar[m]} is unknown"
            yield Fault("calendar", f"{text}; allowed are 0 to {calendars - 1}", machine=name)


def _setup_faults(p: Problem) -> Iterator[Fault]:
    if (p.family_count < 0).any():
        yield Fault("setup", "Problem: family_count must not be negative")
    elif len(p.setup_min) != p.setup_base[-1]:
        yield Fault(
            "setup", f"Problem: setup_min has {len(p.setup_min)} values; allowed are {p.setup_base[-1]}"
        )
    for cell in np.flatnonzero((p.setup_min < 0) | (p.setup_min > MINUTES_LIMIT)).tolist():
        yield Fault("setup", f"Problem: set-up {p.setup_min[cell]} min; allowed is a whole number from 0")


def _order_faults(p: Problem) -> Iterator[Fault]:
    for j in np.flatnonzero((p.weight < 0) | (p.weight > 10**9)).tolist():
        name = p.order_label(j)
        yield Fault(
            "weight", f"order {name}: weight {p.weight[j]}; allowed is a whole number from 0 to 10^9", name
        )
    for j in np.flatnonzero(p.quantity <= 0).tolist():
        name = p.order_label(j)
        yield Fault("quantity", f"order {name}: quantity {p.quantity[j]}; allowed is more than 0", name)
    for field, row in (("release", p.release), ("due", p.due)):
        for j in np.flatnonzero(np.abs(row) > MINUTES_LIMIT).tolist():
            name = p.order_label(j)
            yield Fault(field, f"order {name}: {field} {row[j]} is further away than 2^40 minutes", name)
    for j in np.flatnonzero((p.deadline < p.release) | (p.deadline > NEVER)).tolist():
        name = p.order_label(j)
        text = f"order {name}: deadline {p.deadline[j]}; allowed is its release {p.release[j]} or later"
        yield Fault("deadline", text, name)


def _operation_faults(p: Problem) -> Iterator[Fault]:
    centres = p.work_centres
    unknown = (p.work_centre < 0) | (p.work_centre >= centres)
    for o in np.flatnonzero(unknown).tolist():
        yield _at(
            p, o, "work_centre", f"work centre {p.work_centre[o]} is unknown; allowed are 0 to {centres - 1}"
        )
    if unknown.any():
        return
    for o in np.flatnonzero(np.abs(p.earliest) > MINUTES_LIMIT).tolist():
        yield _at(p, o, "earliest", f"earliest {p.earliest[o]} is further away than 2^40 minutes")
    families = p.family_count[p.work_centre]
    lowest = np.where(families > 0, 0, NO_FAMILY)
    for o in np.flatnonzero((p.family < lowest) | (p.family >= families)).tolist():
        centre = int(p.work_centre[o])
        allowed = ", ".join(p.family_label(centre, f) for f in range(int(families[o]))) or "none (-1)"
        at = p.work_centre_label(centre)
        yield _at(
            p, o, "family", f"set-up family {p.family[o]} is unknown at work centre {at}; allowed: {allowed}"
        )


def _mode_faults(p: Problem) -> Iterator[Fault]:
    for o in np.flatnonzero(np.diff(p.mode_ptr) == 0).tolist():
        yield _at(p, o, "no_machine", "no machine is allowed for it; it needs at least one")
    owner = np.repeat(np.arange(p.operations), np.diff(p.mode_ptr))
    unknown = (p.mode_machine < 0) | (p.mode_machine >= p.machines)
    for k in np.flatnonzero(unknown).tolist():
        yield _at(p, owner[k], "machine", f"machine {p.mode_machine[k]} is unknown")
    if unknown.any() or not ((p.work_centre >= 0) & (p.work_centre < p.work_centres)).all():
        return
    for k in np.flatnonzero(p.machine_work_centre[p.mode_machine] != p.work_centre[owner]).tolist():
        name, at = p.machine_label(int(p.mode_machine[k])), p.work_centre_label(int(p.work_centre[owner[k]]))
        yield _at(p, owner[k], "machine", f"machine {name} does not belong to work centre {at}", name)
    key = owner * p.machines + p.mode_machine
    unique, counts = np.unique(key, return_counts=True)
    for twice in unique[counts > 1].tolist():
        name = p.machine_label(twice % p.machines)
        yield _at(p, twice // p.machines, "machine", f"machine {name} is listed twice", name)
    shortest = np.where(p.family_count[p.work_centre[owner]] > 0, 1, 0)
    for k in np.flatnonzero((p.mode_min < shortest) | (p.mode_min > MINUTES_LIMIT)).tolist():
        name = p.machine_label(int(p.mode_machine[k]))
        allowed = f"a whole number from {shortest[k]} to {MINUTES_LIMIT}"
        text = f"{p.mode_min[k]} min on machine {name}; allowed is {allowed}"
        yield _at(p, owner[k], "minutes", text, name)


def _precedence_faults(p: Problem) -> Iterator[Fault]:
    successor = np.repeat(np.arange(p.operations), np.diff(p.pred_ptr))
    first = p.order_ptr[p.order_of[successor]]
    for k in np.flatnonzero((p.pred < first) | (p.pred >= successor)).tolist():
        text = f"predecessor {p.pred[k]} must be an operation of the same order that is listed before it"
        yield _at(p, int(successor[k]), "precedence", text)


def _line_faults(p: Problem) -> Iterator[Fault]:
    if not p.lines:
        return
    if p.coupled or (p.earliest > 0).any():
        text = "Problem: machine_line; a line has no people, tools, lags, teardowns or earliest minutes"
        yield Fault("line", text)
        return
    if len(p.lines) > 1 or (p.machine_line == NO_LINE).any():
        yield Fault("line", "Problem: machine_line; allowed is one line of all machines, or none")
        return
    line, only = p.lines[0], p.mode_machine[p.mode_ptr[:-1]]
    wanted = ", ".join(map(p.machine_label, line))
    for j in range(p.orders):
        mine = slice(int(p.order_ptr[j]), int(p.order_ptr[j + 1]))
        single = (np.diff(p.mode_ptr)[mine] == 1).all()
        if not single or tuple(only[mine].tolist()) != line:
            name = p.order_label(j)
            text = f"order {name}: on a line without passing it must visit {wanted}, in this order"
            yield Fault("line", text, name)
    for o in np.flatnonzero((p.pin_machine != NOT_PINNED) | p.started).tolist():
        yield _at(p, o, "line", "is pinned or started; on a line without passing that is not allowed")


def _room_faults(p: Problem) -> Iterator[Fault]:
    work = p.calendars
    block = np.array([work.longest_block(c) for c in range(len(work.ptr) - 1)], np.int64)
    total = np.array([work.worked(c, NEVER) - work.worked(c, 0) for c in range(len(work.ptr) - 1)], np.int64)
    owner = np.repeat(np.arange(p.operations), np.diff(p.mode_ptr))
    calendar = p.machine_calendar[p.mode_machine]
    whole = ~p.divisible[owner]
    fits = (p.mode_min <= total[calendar]) & ~(whole & (p.mode_min > block[calendar]))
    possible = np.zeros(p.operations, np.bool_)
    possible[owner[fits]] = True
    for o in np.flatnonzero(~possible).tolist():
        modes = p.modes(o)
        m, minutes = min(modes.items(), key=lambda mode: mode[1])
        c, name = int(p.machine_calendar[m]), p.machine_label(m)
        if p.divisible[o]:
            text = f"needs {minutes} min; machine {name} is open for {total[c]} min in the whole horizon"
        else:
            text = f"needs {minutes} min without a break"
            text += f"; machine {name} is open for at most {block[c]} min at a time"
        yield _at(p, o, "no_room", text, name)


def _pin_faults(p: Problem) -> Iterator[Fault]:
    pinned = np.flatnonzero((p.pin_machine != NOT_PINNED) | p.started).tolist()
    sound: list[tuple[int, int, int, int]] = []
    ends: dict[int, int] = {}
    for o in pinned:
        m, fault = int(p.pin_machine[o]), _pin_fault(p, o, ends)
        if fault:
            yield fault
            continue
        calendar = int(p.machine_calendar[m])
        start = p.calendars.first_open(calendar, 0) if p.started[o] else int(p.pin_start[o])
        ends[o] = p.calendars.after_work(calendar, start, p.modes(o)[m])
        sound.append((m, start, ends[o], o))
    sound.sort()
    for (m, _, end, a), (m2, start, _, b) in pairwise(sound):
        if m == m2:
            yield from _pin_gap(p, m, end, start, int(p.family[a]), b, f"after {p.operation_label(a)}")
    for i, (m, start, _, o) in enumerate(sound):
        if (i == 0 or sound[i - 1][0] != m) and not p.started[o]:
            yield from _pin_gap(
                p, m, 0, start, int(p.initial_family[m]), o, "from the machine's initial state"
            )


def _pin_fault(p: Problem, o: int, ends: dict[int, int]) -> Fault | None:
    m = int(p.pin_machine[o])
    modes = p.modes(o)
    if m not in modes:
        allowed = ", ".join(map(p.machine_label, modes))
        return _at(p, o, "pin", f"is pinned to a machine that is not allowed for it; allowed: {allowed}")
    calendar, name = int(p.machine_calendar[m]), p.machine_label(m)
    start = p.calendars.first_open(calendar, 0) if p.started[o] else int(p.pin_start[o])
    if start < 0:
        return _at(p, o, "pin", f"is pinned at minute {start}; allowed is minute 0 or later", name)
    if start < p.release[p.order_of[o]] and not p.started[o]:
        return _at(p, o, "pin", f"is pinned at minute {start}, before the order's release", name)
    if start < p.earliest[o] and not p.started[o]:
        return _at(p, o, "pin", f"is pinned at minute {start}, before its earliest {p.earliest[o]}", name)
    if p.calendars.first_open(calendar, start) != start:
        return _at(p, o, "pin", f"is pinned at minute {start}, when machine {name} is closed", name)
    if p.calendars.after_work(calendar, start, modes[m]) >= NEVER:
        return _at(p, o, "pin", f"does not end within the calendar of machine {name}", name)
    if not p.divisible[o] and p.calendars.block_begin(calendar, start, modes[m]) != start:
        return _at(
            p, o, "pin", f"is pinned at minute {start}, where it would be interrupted by a break", name
        )
    for k in range(int(p.pred_ptr[o]), int(p.pred_ptr[o + 1])):
        before = int(p.pred[k])
        if before not in ends:
            return _at(p, o, "pin", f"is pinned, but step {p.step_label(before)} before it is not", name)
        if ends[before] > start and not p.link_batch[k]:
            return _at(p, o, "pin", f"is pinned before the end of step {p.step_label(before)}", name)
    return None


def _pin_gap(p: Problem, m: int, end: int, start: int, family: int, b: int, text: str) -> Iterator[Fault]:
    calendar, name = int(p.machine_calendar[m]), p.machine_label(m)
    setup = p.setup(int(p.machine_work_centre[m]), family, int(p.family[b]))
    room = p.calendars.worked(calendar, start) - p.calendars.worked(calendar, end)
    if start < end or room < setup:
        message = f"is pinned at minute {start} on machine {name}; {text} the earliest is"
        earliest = p.calendars.after_work(calendar, end, setup)
        earliest = p.calendars.first_open(calendar, earliest)
        yield _at(p, b, "pin", f"{message} {earliest}", name)
