"""Declared transitions: who may, from where to where, under which guards."""

from __future__ import annotations

from collections.abc import Callable, Iterable
from typing import TYPE_CHECKING, Any

from django.utils.translation import gettext as _

from plantbeat.kernel.access import Actor, Judge, Roles
from plantbeat.kernel.problems import Problem, Text
from plantbeat.kernel.states import State

if TYPE_CHECKING:
    from plantbeat.kernel.record import Record

Guard = Callable[["Record", Actor], Text | Problem | None]
"""Returns the reason why not, or None. The same sentence answers "why can't I?".

A problem that names a field the step asks for counts when the step is taken, not while its form is empty.
"""

Effect = Callable[["Record", Actor, dict[str, Any]], None]
"""What else happens in the same transaction (facts appended, other records written through `act`)."""


class Step:
    """One named transition of a lifecycle, or, without a target, an action that does not change the state.

    `asks` are the fields the step's own form offers; `signed` names the meaning of the electronic signature
    it takes (21 CFR 11.50); `reason` demands a sentence why; `effect` runs before the save.
    """

    def __init__(
        self, verb: str, source: State | Iterable[State] = (), target: State | None = None, *,
        by: Roles | Judge, label: Text = "", asks: Iterable[str] = (), guard: Guard | Iterable[Guard] = (),
        effect: Effect | None = None, signed: str = "", reason: bool = False,
    ) -> None:  # fmt: skip
        self.verb, self.target, self.by = verb, target, by
        self.sources: tuple[State, ...] = (source,) if isinstance(source, State) else tuple(source)
        self.label = label or verb.replace("_", " ").capitalize()
        self.asks = tuple(asks)
        self.guards: tuple[Guard, ...] = (guard,) if callable(guard) else tuple(guard)
        self.effect, self.signed, self.reason = effect, signed, reason

    def permits(self, record: Record, by: Actor, site_id: int | None) -> bool:
        """True if the actor's role, or the judge, allows the step."""
        if by.trusted:
            return True
        return by.holds(self.by, site_id) if isinstance(self.by, frozenset) else self.by(record, by)

    def hindrances(self, record: Record, by: Actor) -> list[Problem]:
        """Every reason, besides permission, why the step is not possible now."""
        found = []
        if self.target is not None and record.state not in self.sources:
            now = type(record).states()[record.state].label
            message = _("“%(step)s” is not possible while the state is “%(state)s”")
            sources = ", ".join(str(source.label) for source in self.sources)
            allowed = _("possible from: %(states)s") % {"states": sources}
            found.append(Problem(message % {"step": self.label, "state": now}, "state", None, allowed))
        for guard in self.guards:
            if reason := guard(record, by):
                found.append(reason if isinstance(reason, Problem) else Problem(reason))
        return found


step = Step
"""As a declaration writes it."""


class Lifecycle:
    """The steps of a record type; the only way its state changes."""

    def __init__(self, *steps: Step) -> None:
        self.steps = {one.verb: one for one in steps}
        if len(self.steps) != len(steps):
            raise ValueError("two steps of a lifecycle have the same verb")
