"""Operations that must be placed together, because one may wait only so long for the other."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
from scipy.sparse import csr_matrix
from scipy.sparse.csgraph import connected_components

from plantbeat.engine.calendars.worktime import NEVER, Ints
from plantbeat.engine.schedule.problem import Problem


@dataclass(frozen=True, eq=False)
class Blocks:
    """Blocks in CSR form, `of` each operation, and which blocks wait for which. Rows of int64.

    Operations of a block are in index order; the blocks of an order form no circle.
    """

    ptr: Ints
    operations: Ints
    of: Ints
    wait_ptr: Ints
    wait: Ints
    next_ptr: Ints
    next: Ints


def blocks_of(p: Problem) -> Blocks:
    """Blocks of a problem: operations joined by a limited wait, and whatever lies between two of them."""
    owner, close = np.repeat(np.arange(p.operations), np.diff(p.pred_ptr)), p.link_most < NEVER
    joined = _components(owner[close], p.pred[close], p.operations, "weak")
    # Blocks that wait for each other through others can only be placed together with those.
    of = _components(joined[owner], joined[p.pred], int(joined.max(initial=-1)) + 1, "strong")[joined]
    count = int(of.max(initial=-1)) + 1
    operations = np.argsort(of, kind="stable")
    ptr = np.concatenate(([0], np.cumsum(np.bincount(of, minlength=count))))
    pairs = np.unique(np.stack((of[owner], of[p.pred]), axis=1), axis=0)
    pairs = pairs[pairs[:, 0] != pairs[:, 1]]
    wait_ptr, wait = _csr(pairs, count)
    next_ptr, following = _csr(pairs[:, ::-1], count)
    return Blocks(ptr, operations, of, wait_ptr, wait, next_ptr, following)


def _components(a: Ints, b: Ints, count: int, connection: str) -> Ints:
    """Component of each of `count` nodes of a directed graph with arcs from a to b."""
    arcs = csr_matrix((np.ones(len(a), np.int8), (a, b)), (count, count))
    found: Ints = connected_components(arcs, directed=True, connection=connection)[1].astype(np.int64)
    return found


def _csr(pairs: Ints, count: int) -> tuple[Ints, Ints]:
    ordered = pairs[np.lexsort((pairs[:, 1], pairs[:, 0]))]
    ptr = np.concatenate(([0], np.cumsum(np.bincount(ordered[:, 0], minlength=count))))
    return ptr.astype(np.int64), ordered[:, 1].astype(np.int64)
