"""The door for results: rows a task computed, written in bulk with their version, never edited."""

from __future__ import annotations

from collections.abc import Iterable
from itertools import groupby

from django.db import models

from plantbeat.kernel.writing import writing


def store_results(rows: Iterable[models.Model]) -> int:
    """Write computed rows, those of one type together, in the caller's transaction; how many there were.

    The version they belong to is a record, and the act that makes or finishes it logs them all.
    """
    count = 0
    with writing():
        for model, group in groupby(rows, key=_type):
            count += len(model._base_manager.bulk_create(list(group), batch_size=500))
    return count


def _type(row: models.Model) -> type[models.Model]:
    return type(row)
