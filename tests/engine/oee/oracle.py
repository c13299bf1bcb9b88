"""What an asset-day must come to, worked out tick by tick with no care for speed."""

from fractions import Fraction

IDLE = ("own_stop", "micro_stop", "starved", "blocked", "no_data", "unexplained")
FIRST_PASS = ("good", "scrap", "rework")


def holding(spans, t):
    """The span that holds at t; of several the one that started last."""
    held = [(span.start_us, n) for n, span in enumerate(spans) if span.start_us <= t < span.end_us]
    return spans[max(held)[1]] if held else None


def whole_stop(states, stop):
    """Length of the stop with everything that touches it."""
    start, end = stop.start_us, stop.end_us
    for other in [span for _ in states for span in states if span.state == "own_stop"]:
        start = other.start_us if other.end_us == start else start
        end = other.end_us if other.start_us == end else end
    return end - start


def state_at(day, rules, t):
    shift, order, told = holding(day.shifts, t), holding(day.orders or (), t), holding(day.states, t)
    if shift is None:
        return "off_shift"
    for closed, name in ((shift.breaks, "break"), (day.maintenance, "planned_stop")):
        if any(start <= t < end for start, end in closed):
            return name
    state = "no_data" if told is None else str(told.state)
    if state == "own_stop" and whole_stop(day.states, told) < rules.micro_stop_us:
        state = "micro_stop"
    return "no_order" if order is None and day.orders is not None and state in IDLE else state


def measures(day, rules, cycles, tick):
    """Time per state, pieces per kind, and the rates as exact fractions (None: denominator 0)."""
    ticks = [state_at(day, rules, t) for t in range(day.start_us, day.end_us, tick)]
    time = {state: tick * ticks.count(state) for state in set(ticks)}
    n = dict.fromkeys((*FIRST_PASS, "recovered", "scrapped_after_rework", "setup"), 0)
    ideal_all = ideal_good = 0
    for count in [c for c in day.counts if day.start_us <= c.t_us < day.end_us]:
        order, kind = holding(day.orders or (), count.t_us), str(count.kind)
        if kind in FIRST_PASS and order and order.approved_us is not None and count.t_us < order.approved_us:
            kind = "setup"
        n[kind] += count.quantity
        cycle = holding([c for c in cycles if order and c.product == order.product], count.t_us)
        earned = count.quantity * cycle.ideal_us if cycle else 0
        ideal_good += earned if kind == "good" else 0
        if kind in FIRST_PASS or (kind == "setup" and state_at(day, rules, count.t_us) != "setup"):
            ideal_all += earned
    pbt, apt = sum(time.get(state, 0) for state in ("running", "setup", *IDLE)), time.get("running", 0)
    made, down = sum(n[kind] for kind in FIRST_PASS), time.get("own_stop", 0) + time.get("micro_stop", 0)
    pairs = {"availability": (apt, pbt), "performance": (ideal_all, apt), "quality": (ideal_good, ideal_all)}
    pairs |= {"oee": (ideal_good, pbt), "coverage": (pbt - time.get("no_data", 0), pbt), "down": (down, pbt)}
    pairs |= {"throughput": (n["good"], pbt)}
    pairs |= {"fpy": (n["good"], made), "scrap": (n["scrap"] + n["scrapped_after_rework"], made)}
    return time, n, {name: Fraction(*pair) if pair[1] else None for name, pair in pairs.items()}
