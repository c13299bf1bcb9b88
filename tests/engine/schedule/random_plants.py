"""Random plants: calendars, set-ups, parallel steps, indivisible work, started work, pins."""

from random import Random

from plantbeat.engine.schedule import Moves, Objective, Problem, ProblemBuilder, ProblemError, solve


def random_builder(
    r: Random, most_operations: int = 25, longest: int = 60, machines: int = 3
) -> ProblemBuilder:
    """A plant with up to three work centres; it may hold orders that fit into no calendar."""
    builder = ProblemBuilder(
        Objective(
            setup_minutes=r.choice([0, 1, 3]),
            flow_time=r.choice([0, 0, 1]),
            weighted_late_orders=r.choice([0, 0, 10]),
        )
    )
    for name in ("early", "late"):
        builder.calendar(name, random_spans(r, longest), open_after=True)
    centres = [_work_centre(builder, r, f"W{w}", longest, machines) for w in range(r.randint(1, 3))]
    left, orders, started = r.randint(1, most_operations), 0, set[str]()
    while left > 0:
        steps = min(left, r.randint(1, 5))
        left -= steps
        _order(builder, r, f"order {orders}", steps, centres, longest, started)
        orders += 1
    return builder


def random_spans(r: Random, longest: int) -> list[tuple[int, int]]:
    """Sixty open spans with breaks between them."""
    spans, t = [], r.randint(0, longest // 2)
    for _ in range(60):
        length = r.randint(longest // 3, longest * 3)
        spans.append((t, t + length))
        t += length + r.randint(1, longest * 2)
    return spans


def _work_centre(builder, r, name, longest, most_machines):
    families = [f"f{i}" for i in range(r.choice([0, 0, 2, 3, 4]))]
    pairs = [(a, b) for a in families for b in families if r.random() < 0.8]
    builder.work_centre(name, families=families, setups={pair: r.randint(0, longest // 2) for pair in pairs})
    machines = [f"{name}-{m}" for m in range(r.randint(1, most_machines))]
    for machine in machines:
        calendar, family = r.choice([None, "early", "late"]), r.choice([None, *families])
        builder.machine(machine, name, calendar=calendar, family=family)
    return name, families, machines


def _order(builder, r, name, steps, centres, longest, started):
    release = r.choice([0, 0, -50, r.randint(0, longest * 8)])
    due = release + r.randint(-100, longest * 12)
    builder.order(name, release=release, due=due, weight=r.randint(0, 5))
    for step in range(steps):
        centre, families, machines = r.choice(centres)
        allowed = r.sample(machines, r.randint(1, len(machines)))
        before = [str(earlier) for earlier in range(step) if r.random() < 0.4]
        builder.operation(
            name,
            centre,
            step=str(step),
            minutes={machine: r.randint(1 if families else 0, longest) for machine in allowed},
            family=r.choice(families) if families else None,
            divisible=r.random() < 0.7,
            earliest=r.randint(0, longest * 8) if r.random() < 0.1 else 0,
            after=None if r.random() < 0.6 else before,
        )
        if step == 0 and allowed[0] not in started and r.random() < 0.08:
            started.add(allowed[0])
            builder.started(name, "0", machine=allowed[0], remaining=r.randint(1, longest))


def random_plant(seed: int, **limits: int) -> Problem | None:
    """A random plant; None if every order happens to fit into no calendar."""
    try:
        return random_builder(Random(seed), **limits).build_leaving_out()[0]
    except ProblemError:
        return None


def with_pins(problem: Problem, seed: int) -> Problem:
    """The same plant with some operations pinned where a valid schedule has them, and all before them.

    Pins must be possible by themselves. Where the set-up from one to the next would be too long without what
    ran between them, everything that starts earlier is pinned too.
    """
    r, found = Random(seed), solve(problem, budget=Moves(20), seed=seed)
    chosen = {o for o in range(problem.operations) if r.random() < 0.3}
    for o in reversed(range(problem.operations)):
        if o in chosen:
            chosen.update(problem.predecessors(o))
    try:
        return problem.pinned({o: (int(found.machine[o]), int(found.start[o])) for o in sorted(chosen)})
    except ProblemError:
        return problem.pinned(found.starting_before(int(found.start[max(chosen)]) + 1))
