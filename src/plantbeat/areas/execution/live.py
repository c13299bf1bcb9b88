"""Frames of live boards: one line (`line/CODE`), or all lines of the site (`site/CODE of the site`)."""

from __future__ import annotations

from collections.abc import Iterable
from typing import Any

from django.utils.formats import number_format
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from plantbeat.areas.execution.andon.live import andon_parts, concerns_andon
from plantbeat.areas.execution.answers import LineNow
from plantbeat.areas.execution.questions import line_now, lines_now
from plantbeat.areas.execution.targets import Targets, status_of
from plantbeat.engine.kpi.ratio import Ratio
from plantbeat.engine.oee import State
from plantbeat.facts.live.topics import Message, topic
from plantbeat.facts.views.catalogue import Direction
from plantbeat.facts.views.measure_codes import MeasureCode
from plantbeat.facts.views.rules_at_hand import rules_of, rules_read_once
from plantbeat.facts.views.scopes import Scope
from plantbeat.kernel import clock
from plantbeat.kernel.access import Actor, visible
from plantbeat.kernel.accounts import Site
from plantbeat.kernel.problems import Kind, Refused

EVERY_S = 2.0

STATE_WORDS = {
    State.running: gettext_lazy("Running"),
    State.slow: gettext_lazy("Running slow"),
    State.micro_stop: gettext_lazy("Micro-stop"),
    State.setup: gettext_lazy("Set-up"),
    State.own_stop: gettext_lazy("Own stop"),
    State.starved: gettext_lazy("Starved"),
    State.blocked: gettext_lazy("Blocked"),
    State.no_data: gettext_lazy("No data"),
    State.unexplained: gettext_lazy("Not yet explained"),
    State.planned_stop: gettext_lazy("Planned stop"),
    State.no_order: gettext_lazy("No order"),
    State.shift_break: gettext_lazy("Break"),
    State.off_shift: gettext_lazy("Off shift"),
}

_DRAWN = {
    State.micro_stop: State.own_stop,
    State.unexplained: State.no_data,
    State.no_order: State.off_shift,
    State.shift_break: State.off_shift,
}
"""States that are drawn with the shape and colour of another; the word tells them apart."""

_FACTORS = (MeasureCode.oee, MeasureCode.availability, MeasureCode.performance, MeasureCode.quality)

Frame = dict[str, dict[str, Any]]


def drawn(state: State) -> str:
    """The state whose shape and colour a screen shows for a state."""
    return _DRAWN.get(state, state).value


def shown_state(line: LineNow) -> State:
    """The state a tile names: what the line does, and in closed time, while it rests, that it is closed."""
    if line.state in (State.running, State.setup) or line.counts_as in (State.slow, State.no_order):
        return line.counts_as if line.counts_as in (State.slow, State.no_order) else line.state
    if line.counts_as in (State.shift_break, State.off_shift):
        return line.counts_as
    return line.state


@rules_read_once()
def line_frame(key: str, by: Actor) -> Frame:
    """The frame of one line: its parts are named after its code, as in `L1.state` and `L1.oee`."""
    site = site_in_view(by)
    return _frame(site, [line_now(site, key, by)], by)


@rules_read_once()
def site_frame(key: str, by: Actor) -> Frame:
    """The frame of all lines of the site with this code."""
    site = site_in_view(by)
    if key != site.code:
        raise Refused(_("there is no such site here"), Kind.missing)
    return _frame(site, lines_now(site, by), by)


def site_in_view(by: Actor) -> Site:
    """The one site in view of a live screen."""
    site = visible(Site, by).order_by("pk").first()
    if site is None:
        raise Refused(_("you have no role at this site"), Kind.forbidden)
    return site


def _frame(site: Site, lines: Iterable[LineNow], by: Actor) -> Frame:
    targets = Targets(site.pk, rules_of(site.pk).day_at(clock.now_us()), by)
    frame: Frame = {}
    shown = list(lines)
    for line in shown:
        frame |= _of_line(site, line, targets)
    return frame | andon_parts(site, [line.code for line in shown], by)


def _of_line(site: Site, line: LineNow, targets: Targets) -> Frame:
    state, at_us = shown_state(line), line.as_of_us
    reason = (line.reason.name or line.reason.code) if line.reason else None
    parts: Frame = {
        "state": {
            "state": drawn(state),
            "state_word": str(STATE_WORDS[state]),
            "state_code": state.value,
            "reason": reason,
            "at_us": line.since_us,
        },
        "order": {"text": line.order, "item": line.item, "next": line.next_order, "at_us": at_us},
        "shift": {"text": line.shift.name if line.shift else None, "at_us": at_us},
        "good": {"text": _number(line.good) if line.shift else None, "at_us": at_us},
        "scrap": {"text": _number(line.scrap) if line.shift else None, "at_us": at_us},
        "as_of": {"at_us": at_us, "heard_us": line.heard_us},
    }
    for code in _FACTORS:
        parts[code.value] = _factor(site, line, code, targets)
    parts["coverage"] = {"text": _percent(line.oee.coverage if line.oee else None), "at_us": at_us}
    return {f"{line.code}.{name}": part for name, part in parts.items()}


def _factor(site: Site, line: LineNow, code: MeasureCode, targets: Targets) -> dict[str, Any]:
    ratio: Ratio | None = getattr(line.oee, code.value) if line.oee is not None else None
    value = ratio.value if ratio is not None else None
    target = targets.of(code.value, Scope.line(site.pk, line.code))
    status = status_of(value, target, Direction.higher_is_better)
    return {
        "text": _percent(ratio),
        "n": _number(line.elements.produced),
        "period": period_words(line.shift.name if line.shift else None),
        "status": status.value,
        "status_word": _word(value, target is not None, status.value) if line.shift else _("no shift now"),
        "at_us": line.as_of_us,
    }


def period_words(shift: str | None) -> str:
    """The time a tile speaks of."""
    return _("this shift: %(name)s") % {"name": shift} if shift else _("no shift now")


def _word(value: float | None, has_target: bool, status: str) -> str:
    if value is None:
        return _("not enough data")
    if not has_target:
        return _("no target")
    return {"good": _("Good"), "watch": _("Watch"), "act": _("Act")}[status]


def _percent(ratio: Ratio | None) -> str | None:
    value = ratio.value if ratio is not None else None
    return None if value is None else str(number_format(round(value, 1), decimal_pos=1))


def _number(value: int) -> str:
    return str(number_format(value, force_grouping=value >= 10_000))


def _concerns_line(message: Message, key: str) -> bool:
    """Facts of the line or of one of its machines, and writes of records that decide how they are read."""
    if message.topic == "fact":
        return key in (message.payload.get("line"), message.payload.get("asset"))
    return message.topic.startswith("record:plant.") or concerns_andon(message)


def _concerns_site(message: Message, _key: str) -> bool:
    return message.topic == "fact" or message.topic.startswith("record:plant.") or concerns_andon(message)


@rules_read_once()
def andon_frame(key: str, by: Actor) -> Frame:
    """The calls of the site with this code, without anything else of its lines."""
    site = site_in_view(by)
    if key != site.code:
        raise Refused(_("there is no such site here"), Kind.missing)
    return andon_parts(site, (), by)


def _concerns_andon(message: Message, _key: str) -> bool:
    return concerns_andon(message)


def declare_topics() -> None:
    """Let boards watch a line, and all lines of a site."""
    topic("line", line_frame, concern=_concerns_line, every_s=EVERY_S)
    topic("site", site_frame, concern=_concerns_site, every_s=EVERY_S)
    topic("andon", andon_frame, concern=_concerns_andon, every_s=EVERY_S)
