"""Two versions of a schedule side by side: who moved, who is late now, which set-ups came and went.

Plain data in and out, without arrays: versions may hold different orders, so rows meet by (order, step).

>>> from plantbeat.engine.versions import PlannedRun, compare
>>> old = [PlannedRun("118", 10, "M1", 0, 50, setup_min=0)]
>>> new = [PlannedRun("118", 10, "M2", 5, 55, setup_min=5), PlannedRun("119", 10, "M1", 0, 20, setup_min=0)]
>>> found = compare(old, new, {"118": 0}, {"118": 5, "119": 0})
>>> [run.now.machine for run in found.machine_changed], found.newly_late, found.setup_minutes, found.added
(['M2'], (OrderLate(order='118', before_min=0, after_min=5),), 5, ('119',))
"""

from plantbeat.engine.versions.comparison import (
    Comparison,
    OrderLate,
    PlannedRun,
    RunChange,
    compare,
)

__all__ = ["Comparison", "OrderLate", "PlannedRun", "RunChange", "compare"]
