"""Finite-capacity scheduling: orders, machines and calendars in, a schedule with a bound and reasons out.

>>> from plantbeat.engine.schedule import Moves, ProblemBuilder, check, explain, solve
>>> shop = ProblemBuilder()
>>> shop.calendar("day", [(0, 480), (1440, 1920)])
>>> shop.work_centre("cut", setups={("red", "blue"): 20, ("blue", "red"): 30})
>>> shop.machine("M1", "cut", calendar="day")
>>> shop.order("118", due=300)
>>> shop.operation("118", "cut", minutes=95, family="red")
>>> problem = shop.build()
>>> schedule = solve(problem, budget=Moves(1000))
>>> schedule.start.tolist(), schedule.objective, check(problem, schedule).ok
([0], 95, True)
"""

from plantbeat.engine.schedule.builder import ProblemBuilder
from plantbeat.engine.schedule.builder_needs import Link, Need
from plantbeat.engine.schedule.checker import Violation, Violations, check
from plantbeat.engine.schedule.evaluation import Evaluation, evaluate
from plantbeat.engine.schedule.explanation import Cause, Explanation, explain
from plantbeat.engine.schedule.feasibility.conflicts import Conflict, conflicts
from plantbeat.engine.schedule.objective import Objective, Terms
from plantbeat.engine.schedule.problem import Fault, Names, Problem, ProblemError
from plantbeat.engine.schedule.promise.quoting import Promise, Quote, quote
from plantbeat.engine.schedule.repair import Rescheduling, reschedule
from plantbeat.engine.schedule.risk.replay import Robustness, robustness
from plantbeat.engine.schedule.risk.spread import Breakdowns, Fixed, Lognormal, Samples, Spreads, Triangular
from plantbeat.engine.schedule.schedule import Schedule
from plantbeat.engine.schedule.solver import HorizonTooShortError, Moves, NoMethodError, solve

__all__ = [
    "Breakdowns",
    "Cause",
    "Conflict",
    "Evaluation",
    "Explanation",
    "Fault",
    "Fixed",
    "HorizonTooShortError",
    "Link",
    "Lognormal",
    "Moves",
    "Names",
    "Need",
    "NoMethodError",
    "Objective",
    "Problem",
    "ProblemBuilder",
    "ProblemError",
    "Promise",
    "Quote",
    "Rescheduling",
    "Robustness",
    "Samples",
    "Schedule",
    "Spreads",
    "Terms",
    "Triangular",
    "Violation",
    "Violations",
    "check",
    "conflicts",
    "evaluate",
    "explain",
    "quote",
    "reschedule",
    "robustness",
    "solve",
]
