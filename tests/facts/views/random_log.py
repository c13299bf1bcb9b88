"""Random facts of a machine over three days, and what they come to, read tick by tick, slowly."""

from __future__ import annotations

from random import Random

from line_of_machines import HOUR, MIN, at

from engine.oee.oracle import measures
from plantbeat.engine.oee import (
    CountEvent,
    CountKind,
    DayFacts,
    IdealCycle,
    IdealCycles,
    OrderSpan,
    ReadRules,
    ShiftSpan,
    State,
    StateSpan,
)

TICK = 10 * MIN
FIRST = at("2026-03-10")
DAYS = 3
TICKS = DAYS * 24 * HOUR // TICK
BEYOND = 4
"""Ticks after the last day by which a stop at its end is judged."""

MICRO = 2 * TICK + 1
SILENT = 20 * TICK

WORDS = {
    "running": State.running, "stopped": State.own_stop, "WAIT": State.starved, "Blocked": State.blocked,
    "UNAVAILABLE": State.no_data, "maintenance": State.planned_stop, "FLUX": State.unexplained,
}  # fmt: skip
REASONS = {"JAM": State.own_stop, "EMPTY": State.starved, "CHANGE": State.setup}
STOPS = {State.own_stop, State.starved, State.blocked, State.planned_stop, State.no_order, State.unexplained}
CYCLE = 7 * 1_000_000


def random_facts(seed: int) -> list[tuple[str, int, dict[str, object]]]:
    """(kind, t_us, body) on a grid of ticks, in no order."""
    random = Random(seed)

    def when() -> int:
        return FIRST + random.randrange(TICKS) * TICK

    facts: list[tuple[str, int, dict[str, object]]] = []
    for at_us in {when() for _ in range(random.choice([8, 40, 120]))}:
        word = random.choice(["running", "stopped", *WORDS])
        said = {"state": word} | ({"reason": random.choice(list(REASONS))} if random.random() < 0.2 else {})
        facts.append(("state", at_us, said))
    facts += [("heartbeat", at_us, {}) for at_us in {when() for _ in range(random.choice([0, 30]))}]
    given_at = random.sample(range(1, 10_000), 12)
    for place in range(random.choice([0, 4, 12])):
        begin, length = when(), random.randint(1, 12) * TICK
        body = {"reason": random.choice([*REASONS, "UNHEARD"]), "from_us": begin}
        if random.random() < 0.6:
            body["until_us"] = begin + length
        # Each reason is given at a moment of its own, anywhere in the three days.
        facts.append(("reason", FIRST + given_at[place] * 25_000_000 + 7, body))
    for _ in range(random.choice([0, 2])):
        begin = when()
        facts.append(("gap", when() + 3, {"from_us": begin, "until_us": begin + random.randint(1, 9) * TICK}))
    for number, tick in enumerate(random.sample(range(TICKS), random.choice([0, 3, 6]))):
        begin = FIRST + tick * TICK
        facts.append(("order_start", begin, {"order": f"W{number}", "item": random.choice(["P", "Q"])}))
        if random.random() < 0.8:
            facts.append(("order_end", begin + random.randint(1, 60) * TICK, {"order": f"W{number}"}))
    for _ in range(random.choice([5, 60])):
        body = {kind: random.randint(0, 9) for kind in ("good", "scrap", "rework") if random.random() < 0.6}
        facts.append(("count", when(), body))
    for _ in range(5):
        body = {"quantity": random.randint(1, 4), "outcome": random.choice(["sent", "recovered", "scrapped"])}
        facts.append(("rework", when() + random.randrange(TICK), body))
    return [fact for fact in facts if fact[1] < FIRST + TICKS * TICK]


def _told(facts, t):
    """Base state and source's reason at an instant, and when that was given."""
    said = [(at_us, body) for kind, at_us, body in facts if kind == "state" and at_us <= t]
    if not said:
        return State.no_data, None, None
    since, body = max(said, key=lambda one: one[0])
    signs = [at_us for kind, at_us, _ in facts if kind in ("state", "heartbeat", "count") and at_us <= t]
    state = WORDS[body["state"]] if t - max(signs) < SILENT else State.no_data
    if any(b["from_us"] <= t < b["until_us"] for kind, _, b in facts if kind == "gap"):
        state = State.no_data
    if state is State.no_data:
        return state, None, None
    return state, body.get("reason"), since


def tick_states(facts) -> list[tuple[State, str | None]]:
    """(state, reason) of each tick, by the rules in words: the latest reason, only where it applies."""
    edges = [FIRST + tick * TICK for tick in range(TICKS + BEYOND)]
    base = [_told(facts, t) for t in edges]
    given = sorted(
        (at_us, b["from_us"], b.get("until_us"), b["reason"]) for k, at_us, b in facts if k == "reason"
    )
    found = []
    for tick, t in enumerate(edges):
        state, reason, since = base[tick]
        for at_us, begin, end, code in given:
            if end is None:
                first = (begin - FIRST) // TICK
                one_stop = first <= tick and all(base[n][0] in STOPS for n in range(first, tick + 1))
                applies = begin >= FIRST and one_stop
            else:
                applies = begin <= t < end and state in STOPS | {State.no_data}
            if applies and (reason is None or since is None or at_us >= since):
                reason, since = code, at_us
        if state not in STOPS | {State.no_data}:
            reason = None
        if reason is not None:
            state = REASONS.get(reason, State.own_stop if state is State.no_data else state)
        found.append((state, reason))
    return found


def expected(facts, day: int):
    """What the oracle says of day 0, 1 or 2."""
    start = FIRST + day * 24 * HOUR
    spans = []
    for tick, (state, reason) in enumerate(tick_states(facts)):
        spans.append(StateSpan(FIRST + tick * TICK, FIRST + (tick + 1) * TICK, state, reason))
    starts = [(at_us, b) for k, at_us, b in facts if k == "order_start"]
    ends = {b["order"]: at_us for k, at_us, b in facts if k == "order_end"}
    far = FIRST + 99 * 24 * HOUR
    orders = [OrderSpan(at_us, ends.get(b["order"], far), b["order"], b["item"]) for at_us, b in starts]
    heard_of = any(at_us < start + 24 * HOUR for at_us, _ in starts)
    counts = []
    for kind, at_us, body in facts:
        if kind == "count":
            counts += [CountEvent(at_us, CountKind(name), n) for name, n in body.items()]
        elif kind == "rework":
            names = {"sent": "rework", "recovered": "recovered", "scrapped": "scrapped_after_rework"}
            counts.append(CountEvent(at_us, CountKind(names[body["outcome"]]), body["quantity"]))
    shifts = [
        ShiftSpan(FIRST + (24 * d + h) * HOUR, FIRST + (24 * d + h + 8) * HOUR, h, _breaks(d, h))
        for d in range(-1, DAYS)
        for h in (6, 14, 22)
    ]
    cycles = [IdealCycle("P", CYCLE, 0)]
    facts_of_day = DayFacts(
        start, start + 24 * HOUR, [start + h * HOUR for h in range(24)], shifts, spans, counts,
        orders if heard_of else None, (), IdealCycles(cycles),
    )  # fmt: skip
    return measures(facts_of_day, ReadRules(MICRO), cycles, TICK)


def _breaks(day, hour):
    begin = FIRST + (24 * day + 10) * HOUR
    return ((begin, begin + 3 * TICK),) if hour == 6 else ()
