"""What an order can be promised: without harm, as soon as can be, and as it falls in the queue."""

from __future__ import annotations

from dataclasses import dataclass
from functools import cached_property

import numpy as np

from plantbeat.engine.calendars.worktime import Ints
from plantbeat.engine.schedule.checker import check
from plantbeat.engine.schedule.evaluation import evaluate
from plantbeat.engine.schedule.explanation import Cause, Explanation, explain
from plantbeat.engine.schedule.problem import Problem, ProblemError
from plantbeat.engine.schedule.promise.listed import ListInsertion
from plantbeat.engine.schedule.promise.standing import Rows, Standing, rows_of, steps_of
from plantbeat.engine.schedule.schedule import Schedule, schedule_of
from plantbeat.engine.schedule.whatif import Bench, NotPossibleError, OrderChange, insert_rush

WITHOUT_WAIT = "{order} runs without waiting"


@dataclass(frozen=True, eq=False)
class Promise:
    """One way to take an order on: the schedule with it, and what it costs the other orders.

    `completion` is the order's last minute, `late_min` its minutes after the due date asked for. `harmed` are
    the orders that end later than they would and than they are due, the most weighted minutes first;
    `weighted_harm` is the sum of weight x minutes over them. `why` is the order's way through the plant.
    """

    order: int
    schedule: Schedule
    completion: int
    late_min: int
    harmed: tuple[OrderChange, ...]
    weighted_harm: int
    problem: Problem

    @cached_property
    def why(self) -> Explanation:
        """Where every minute from the order's release to its completion goes."""
        return explain(self.problem, self.schedule, self.order)

    @property
    def last_wait(self) -> Cause | None:
        """What the order waited for last: a machine behind another order, a set-up, a calendar, its release,
        a person or a tool. None if it ran through.
        """
        return next((cause for cause in reversed(self.why.causes) if cause.kind != "run"), None)

    @property
    def longest_wait(self) -> Cause | None:
        """What the order waited for longest; None if it ran through."""
        waits = [cause for cause in self.why.causes if cause.kind != "run"]
        return max(waits, key=lambda cause: cause.minutes, default=None)

    @property
    def sentence(self) -> str:
        """The last wait in a sentence: what to change for an earlier date."""
        if self.last_wait is None:
            return WITHOUT_WAIT.format(order=f"order {self.problem.order_label(self.order)}")
        return self.last_wait.text


@dataclass(frozen=True, eq=False)
class Quote:
    """What an order can be promised.

    `no_harm` is the earliest found promise after which no other order ends later than before and than it is
    due; `soonest` the earliest one at all, whatever it does to the others; `queued` the order behind
    everything that its machines and people already have. soonest <= no_harm <= queued.
    """

    order: int
    no_harm: Promise
    soonest: Promise
    queued: Promise


def quote(problem: Problem, schedule: Schedule, order: int) -> Quote:
    """Quote an order (an index) of a problem into a schedule of the others (capable to promise).

    The schedule is one of the problem, in which the rows of the order do not count (they may be -1), or one
    of the same problem without the order. What is pinned stays; time before a freeze is kept free of the
    order when the problem says so (`freezing.frozen_until`). Others that have to move keep their machine and
    their sequence among themselves. Gaps in what stands are all looked at, places between others that move
    up to 29 per step and machine: a promise can be kept, but an earlier one may exist.

    Raises NotPossibleError when the order finds no place within the calendars, ValueError for an order or a
    schedule that does not belong to the problem, and for a flow line without passing.
    """
    if problem.lines:
        raise ValueError("quote: the problem is a flow line without passing; allowed are other plants")
    if not 0 <= order < problem.orders:
        raise ValueError(f"order: {order!r}; allowed is 0 to {problem.orders - 1}")
    rows = rows_of(problem, schedule, order)
    if (standing := _standing(problem, rows, order)) is None:
        rows = _closed_up(problem, rows, order)
        standing = Standing(problem, rows, order)
    before = np.maximum(standing.completion() - problem.due, 0)
    queue = standing.behind_all()
    if queue is None:
        step = steps_of(problem, order)[-1]
        text = f"{problem.operation_label(step)} does not end within the calendars"
        raise NotPossibleError("no_room", step, text)
    gaps = standing.in_gaps()
    ways = [queue, *([] if gaps is None else [gaps]), *_others_move(problem, rows, order, before)]
    queued, *more = [_promise(problem, way, order, before) for way in ways]
    promises = [queued, *(promise for promise in more if _can_be(promise))]
    return Quote(
        order=order,
        no_harm=min((one for one in promises if not one.harmed), key=lambda one: one.completion),
        soonest=min(promises, key=lambda one: (one.completion, one.weighted_harm)),
        queued=queued,
    )


def _standing(problem: Problem, rows: Rows, order: int) -> Standing | None:
    """The others where they are; None where they cannot stay there without the order.

    What ran between two of them made the set-up shorter: without it there is no time for the whole one, or
    nobody there to do it.
    """
    try:
        standing = Standing(problem, rows, order)
    except ProblemError:
        return None
    queue = standing.behind_all() if problem.coupled else None
    if queue is None or _can_be(_promise(problem, queue, order, standing.completion())):
        return standing
    return None


def _can_be(promise: Promise) -> bool:
    """Whether the judge accepts a promise but for deadlines.

    Where set-ups need people, an order in a gap can make the set-up of a pinned operation longer than those
    people have time; placing does not see that.
    """
    found = check(promise.problem, promise.schedule) if promise.problem.coupled else ()
    return all(violation.kind == "deadline" for violation in found)


def _promise(problem: Problem, rows: Rows, order: int, before: Ints) -> Promise:
    value = evaluate(problem, rows.machine, rows.start, unit=rows.unit)
    after, weight = value.tardiness, problem.weight
    worse = [j for j in np.flatnonzero(after > before).tolist() if j != order]
    worse.sort(key=lambda j: (-int(weight[j] * (after[j] - before[j])), j))
    return Promise(
        order=order,
        schedule=schedule_of(value, problem.objective, min(0, value.objective)),
        completion=int(value.completion[order]),
        late_min=int(after[order]),
        harmed=tuple(OrderChange(j, int(before[j]), int(after[j])) for j in worse),
        weighted_harm=sum(int(weight[j] * (after[j] - before[j])) for j in worse),
        problem=problem,
    )


def _others_move(problem: Problem, rows: Rows, order: int, before: Ints) -> list[Rows]:
    """Ways to put the order between the others, who then start later where they must."""
    if problem.coupled:
        return _in_the_list(problem, rows, order, before)
    try:
        options = insert_rush(Bench(problem), _sequences(problem, rows, order), order)
    except NotPossibleError:
        return []
    return [Rows(way.schedule.machine, way.schedule.start, rows.unit) for way in options]


def _in_the_list(problem: Problem, rows: Rows, order: int, before: Ints) -> list[Rows]:
    insertion = ListInsertion(problem, rows, order)

    def harm(late: Ints) -> int:
        return int((problem.weight * np.maximum(late - before, 0)).sum())

    def soonest(end: int, late: Ints) -> tuple[int, ...]:
        return end, harm(late)

    def no_harm(end: int, late: Ints) -> tuple[int, ...]:
        return int(np.maximum(late - before, 0).sum()), end

    ways = (insertion.inserted(soonest), insertion.inserted(no_harm))
    return [way for way in ways if way is not None]


def _sequences(problem: Problem, rows: Rows, order: int) -> list[list[int]]:
    """Operations of the others by machine, in the order they start."""
    begin = rows.start.tolist()
    sequences: list[list[int]] = [[] for _ in range(problem.machines)]
    work, calendar = problem.calendars, problem.machine_calendar
    ends = {
        o: work.after_work(int(calendar[m]), begin[o], problem.modes(o)[m])
        for o, m in enumerate(rows.machine.tolist())
        if m >= 0
    }
    for o in sorted(ends, key=lambda o: (begin[o], ends[o], o)):
        if problem.order_of[o] != order or problem.pin_machine[o] >= 0:
            sequences[int(rows.machine[o])].append(o)
    return sequences


def _closed_up(problem: Problem, rows: Rows, order: int) -> Rows:
    """The others timed anew without the order, in their sequence: a schedule that can stand by itself."""
    if problem.coupled:
        if (alone := ListInsertion(problem, rows, order).without()) is not None:
            return alone
    else:
        deck, stuck = Bench(problem).run(_sequences(problem, rows, order))
        if stuck < 0:
            machine, start = (np.asarray(row, np.int64) for row in (deck.machine, deck.start))
            return Rows(machine, start, rows.unit)
    first = steps_of(problem, order)[0]
    raise NotPossibleError("no_room", first, "the other orders find no room without the one that is quoted")
