"""Random job shops and flexible job shops: visits that return, parallel steps, releases, operations of no
minutes.
"""

from random import Random

from plantbeat.engine.schedule import Objective, Problem, ProblemBuilder

MAKESPAN = Objective(weighted_tardiness=0)


def random_shop(
    seed: int, operations: int = 30, machines: int = 5, longest: int = 30, flexible: bool | None = None
) -> Problem:
    """A shop of up to so many operations and machines; `flexible` None draws whether it has alternatives."""
    r = Random(seed)
    builder = ProblemBuilder(MAKESPAN)
    names = [f"m{m}" for m in range(r.randint(1, machines))]
    flexible = r.random() < 0.5 if flexible is None else flexible
    for name in names:
        centre = "all" if flexible else name
        if flexible is False or name == names[0]:
            builder.work_centre(centre)
        builder.machine(name, centre)
    left, orders = r.randint(1, operations), 0
    while left > 0:
        steps = min(left, r.randint(1, 6))
        left -= steps
        _order(builder, r, f"order {orders}", steps, names, longest, flexible)
        orders += 1
    return builder.build()


def _order(builder, r, name, steps, machines, longest, flexible):
    builder.order(name, release=r.choice([0, 0, -7, r.randint(0, 2 * longest)]), due=0)
    parallel = r.random() < 0.3
    for step in range(steps):
        allowed = r.sample(machines, r.randint(1, len(machines)) if flexible else 1)
        before = [str(earlier) for earlier in range(step) if r.random() < 0.5]
        builder.operation(
            name,
            "all" if flexible else allowed[0],
            step=str(step),
            minutes={machine: r.choice([0, *range(1, longest + 1)]) for machine in allowed},
            after=before if parallel else None,
        )
