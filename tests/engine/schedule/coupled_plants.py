"""Random plants with people, tools, teardowns, lags and transfer batches."""

from dataclasses import replace
from random import Random

from random_plants import random_plant, random_spans

from plantbeat.engine.calendars.worktime import NEVER, WorkTime
from plantbeat.engine.schedule import Problem, ProblemError
from plantbeat.engine.schedule.secondary import Secondary

EVERYTHING = ("people", "tools", "teardown", "lags", "no_wait", "batches")


def coupled_plant(seed: int, features=None, longest: int = 60, **limits: int) -> Problem | None:
    """A random plant with some of the features; None if it happens to be none that can be scheduled."""
    r = Random(seed)
    if (plain := random_plant(seed, longest=longest, **limits)) is None:
        return None
    chosen = features or r.sample(EVERYTHING, r.randint(1, 4))
    try:
        return with_features(plain, r, chosen, longest)
    except ProblemError:
        return None


def with_features(plain: Problem, r: Random, chosen, longest: int) -> Problem:
    """The plant with the chosen features added at random."""
    n, links = plain.operations, len(plain.pred)
    rows: dict[str, object] = {}
    if "teardown" in chosen:
        rows["teardown_min"] = [r.choice([0, 0, r.randint(1, longest // 2)]) for _ in range(n)]
    least, most, batch = [0] * links, [NEVER] * links, [0] * links
    for k in range(links):
        if "lags" in chosen and r.random() < 0.4:
            least[k] = r.randint(1, longest * 2)
        if "no_wait" in chosen and r.random() < 0.3 and not plain.started[plain.pred[k]]:
            most[k] = least[k] + r.choice([0, r.randint(0, longest * 4)])
        if "batches" in chosen and r.random() < 0.5:
            least[k], batch[k] = 0, r.randint(1, 10)
            most[k] = NEVER
    rows |= {"link_least": least, "link_most": most, "link_batch": batch}
    rows["quantity"] = [10] * plain.orders
    if "people" in chosen or "tools" in chosen:
        calendars = [plain.calendars.intervals(c) for c in range(len(plain.calendars.ptr) - 1)]
        calendars += [_long(random_spans(r, longest)) for _ in range(2)] + [[(0, 1 << 52)]]
        rows["calendars"] = WorkTime.of(calendars)
        rows["names"] = replace(plain.names, calendars=())
        rows["secondary"] = _secondary(plain, r, chosen, len(calendars))
    return replace(plain, **rows)


def _long(spans):
    """The same spans, open for good at the end, so that indivisible work finds room."""
    return [*spans[:-1], (spans[-1][0], 1 << 52)]


def _secondary(plain, r, chosen, calendars):
    units = r.randint(1, 4)
    pools = []
    if "people" in chosen:
        pools += [sorted(r.sample(range(units), r.randint(1, units))) for _ in range(r.randint(1, 3))]
    unit_calendar = [r.randrange(calendars - 3, calendars) for _ in range(units)]
    if "tools" in chosen:
        for _ in range(r.randint(1, 2)):
            copies = r.randint(1, 2)
            pools.append(list(range(len(unit_calendar), len(unit_calendar) + copies)))
            unit_calendar += [calendars - 1] * copies
    ptr, need_pool, need_phase, need_unit = [0], [], [], []
    for o in range(plain.operations):
        count = r.choice([0, 1, 1, 2]) if len(pools) > 1 else r.randint(0, 1)
        for pool in r.sample(range(len(pools)), 0 if plain.started[o] else count):
            need_pool.append(pool)
            need_phase.append(r.choice([1, 2, 2, 3, 3, 4, 6, 7]))
            need_unit.append(r.choice(pools[pool]) if r.random() < 0.1 else -1)
        ptr.append(len(need_pool))
    return Secondary(
        unit_calendar=unit_calendar,
        pool_ptr=[0] + [sum(map(len, pools[: i + 1])) for i in range(len(pools))],
        pool_unit=[u for pool in pools for u in pool],
        need_ptr=ptr,
        need_pool=need_pool,
        need_phase=need_phase,
        need_unit=need_unit,
    )
