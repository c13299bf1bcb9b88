"""One operation put elsewhere."""

from __future__ import annotations

from dataclasses import dataclass

from plantbeat.engine.schedule.schedule import Schedule


@dataclass(frozen=True)
class Move:
    """Put an operation on a machine behind the operation `after` that runs there; -1 puts it first."""

    operation: int
    machine: int
    after: int

    def applied(self, sequences: list[list[int]], was_on: int) -> list[list[int]]:
        """Sequences with the operation at its new place; the rows it does not touch are the same objects.

        Raises ValueError when `after` does not run on the machine.
        """
        rows = list(sequences)
        rows[was_on] = [o for o in rows[was_on] if o != self.operation]
        row = list(rows[self.machine])
        place = row.index(self.after) + 1 if self.after >= 0 else 0
        rows[self.machine] = [*row[:place], self.operation, *row[place:]]
        return rows


def place_at(schedule: Schedule, operation: int, machine: int, minute: int) -> Move:
    """The move that lets an operation begin about `minute` on a machine.

    It goes behind the last operation there whose middle lies before the minute. Machines do not wait for a
    wanted minute: the operation then starts as early as its place allows.
    """
    middle = schedule.start + schedule.end
    ahead = [
        o
        for o in (schedule.machine == machine).nonzero()[0].tolist()
        if o != operation and middle[o] <= 2 * minute
    ]
    after = max(ahead, key=lambda o: (int(schedule.start[o]), int(schedule.end[o])), default=-1)
    return Move(operation, machine, after)
