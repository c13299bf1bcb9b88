"""What would happen if: one operation elsewhere, one order more; times anew, and what that does to whom.

>>> from plantbeat.engine.schedule import Moves, ProblemBuilder, solve
>>> from plantbeat.engine.schedule.whatif import Bench, Move, consequences
>>> shop = ProblemBuilder()
>>> shop.work_centre("cut", setups={("red", "blue"): 20, ("blue", "red"): 30})
>>> shop.machine("M1", "cut", family="red")
>>> for name, due, family in (("118", 60, "red"), ("119", 200, "blue")):
...     shop.order(name, due=due)
...     shop.operation(name, "cut", minutes=50, family=family)
>>> bench = Bench(shop.build())
>>> before = solve(bench.problem, budget=Moves(0))
>>> after = bench.moved(before, Move(operation=1, machine=0, after=-1))
>>> said = consequences(bench.problem, before, after)
>>> said.late_orders, said.late_minutes, said.setups, said.setup_minutes
(1, 90, 1, 30)
"""

from plantbeat.engine.schedule.whatif.bench import Bench, NotPossibleError
from plantbeat.engine.schedule.whatif.consequences import Consequences, OrderChange, consequences
from plantbeat.engine.schedule.whatif.move import Move, place_at
from plantbeat.engine.schedule.whatif.rush import RushOption, insert_rush, placed_last

__all__ = [
    "Bench",
    "Consequences",
    "Move",
    "NotPossibleError",
    "OrderChange",
    "RushOption",
    "consequences",
    "insert_rush",
    "place_at",
    "placed_last",
]
