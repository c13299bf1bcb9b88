"""Annealing over machine sequences."""

from __future__ import annotations

import numpy as np

from plantbeat.engine.schedule.construct import Construction
from plantbeat.engine.schedule.improve import _kernels
from plantbeat.engine.schedule.improve.cycles import Cycles
from plantbeat.engine.schedule.improve.rows import BEST, MOVES, Plan, plan_of
from plantbeat.engine.schedule.method import Improvement
from plantbeat.engine.schedule.objective import Objective
from plantbeat.engine.schedule.problem import Problem
from plantbeat.engine.schedule.rows import Shop, as_rows, weights

LOOK = 30
"""Operations re-timed before a move is first priced."""


class Chain(Cycles):
    """One search from one schedule; `advance` may be called again and again."""

    def __init__(
        self,
        problem: Problem,
        shop: Shop,
        rows: Shop,
        first: Construction,
        objective: Objective,
        seed: int,
        compiled: bool,
    ) -> None:
        n = problem.operations
        self.rows, self.weights = rows, weights(objective)
        self._search = _kernels.search.compiled if compiled else _kernels.search
        self.plan: Plan = as_rows(
            plan_of(problem, shop, first.result, first.objective, seed), compiled=compiled
        )
        self._refresh = max(100, n // 8)
        self._search(rows, self.weights, self.plan, 0, 0.0, 1.0, LOOK, self._refresh)
        super().__init__(problem, objective, n)

    @property
    def best(self) -> int:
        """Objective of the best schedule so far."""
        return int(self.plan.counters[BEST])

    def try_moves(self, moves: int, temperature: float, cooling: float) -> float:
        """Try moves at a falling temperature; returns the temperature left."""
        args = (self.rows, self.weights, self.plan, moves, temperature, cooling, LOOK, self._refresh)
        return float(self._search(*args))

    def improvement(self) -> Improvement:
        """The best schedule so far."""
        machine, start = np.array(self.plan.best_machine, np.int64), np.array(self.plan.best_start, np.int64)
        return Improvement(machine, start, int(self.plan.counters[BEST]), int(self.plan.counters[MOVES]))
