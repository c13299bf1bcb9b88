"""Random asset-days on a coarse grid of ticks: everything that may happen, most of it at once."""

from random import Random

from plantbeat.engine.oee import (
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
from plantbeat.engine.oee.states import REPORTABLE

TICK_US = 61_000_003
"""A prime number of µs, so that nothing comes out even by luck."""

_STATES = sorted(REPORTABLE)


def random_day(seed: int) -> tuple[DayFacts, ReadRules, list[IdealCycle]]:
    """A day of 24 to 120 ticks, its read rules and its ideal cycles, from a seed."""
    random = Random(seed)
    length = random.randint(24, 120)
    first = random.randint(-50, 50)
    last = first + length

    def us(ticks: int) -> int:
        return ticks * TICK_US

    def spans(longest: int, gap: int, touching: float) -> list[tuple[int, int]]:
        found, at = [], first - random.randint(0, 30)
        while at < last + 20:
            end = at + random.randint(1, longest)
            found.append((us(at), us(end)))
            at = end if random.random() < touching else end + random.randint(0, gap)
        return found

    def within(lowest: int, highest: int) -> int:
        return us(random.randint(lowest, highest))

    # Shifts and orders may overlap: the one that started last must hold.
    shifts = []
    for number, (start, end) in enumerate(spans(40, 15, 0.6)):
        breaks = tuple(
            sorted((start + random.randint(0, 20) * TICK_US, start + random.randint(0, 30) * TICK_US))
            for _ in range(random.randint(0, 2))
        )
        late = TICK_US * random.randint(0, 3) if random.random() < 0.3 else 0
        shifts.append(ShiftSpan(start, end + late, number, tuple((a, b) for a, b in breaks)))
    states = [
        StateSpan(start, end, random.choice(_STATES), random.choice([None, "jam", "tool"]))
        for start, end in spans(random.choice([4, 12, 40]), random.choice([0, 3, 20]), 0.8)
    ]
    orders = None
    if random.random() < 0.85:
        orders = [
            OrderSpan(
                start,
                end + TICK_US * random.choice([0, 0, 5]),
                number,
                random.choice("PQR"),
                random.choice([None, None, start + us(random.randint(0, 6)), NOT_YET_APPROVED]),
            )
            for number, (start, end) in enumerate(spans(30, 10, 0.6))
            if random.random() < 0.9
        ]
    change = within(first, last)
    cycles = [
        IdealCycle("P", random.randint(1, 3 * TICK_US), us(first - 99), change),
        IdealCycle("P", random.randint(1, 3 * TICK_US), change),
        IdealCycle("Q", random.randint(1, 3 * TICK_US), within(first, last)),
        IdealCycle("R", random.randint(1, 3 * TICK_US), us(first - 99), within(first, last)),
    ]
    counts = [
        CountEvent(
            random.choice([within(first - 5, last + 5), random.randrange(us(first), us(last))]),
            random.choice(list(CountKind)),
            random.randint(0, 9),
            random.choice([None, "burr", "short"]),
        )
        for _ in range(random.randint(0, 25))
    ]
    hours = [us(at) for at in range(first, last, random.choice([7, 11, 24]))]
    maintenance = [(within(first, last), within(first, last)) for _ in range(random.randint(0, 2))]
    day = DayFacts(
        us(first), us(last), hours, shifts, states, counts, orders, maintenance, IdealCycles(cycles)
    )
    return day, ReadRules(us(random.randint(0, 15))), cycles
