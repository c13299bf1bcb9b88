"""What a board shows: the figures of each letter by day, judged, and which of them are red."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import date
from decimal import Decimal

from django.utils.translation import gettext as _

from plantbeat.areas.daily.records.board_cell import BoardCell
from plantbeat.areas.daily.records.tier_board import BoardMeasure, Letter, TierBoard
from plantbeat.areas.execution.kpis.asking import kpi_address
from plantbeat.areas.execution.kpis.wording import STATUS_WORDS, shown
from plantbeat.areas.execution.targets import Status, TargetInForce, Targets, status_of
from plantbeat.facts.tables import AssetLevel
from plantbeat.facts.views.catalogue import Direction, Figure, measure_named, values
from plantbeat.facts.views.cube_query import Cut
from plantbeat.facts.views.measure_codes import MeasureCode
from plantbeat.facts.views.periods import Period
from plantbeat.facts.views.rules_at_hand import answered_once, rules_of
from plantbeat.kernel.access import Actor, visible
from plantbeat.kernel.accounts import Site
from plantbeat.kernel.questions import lines_of

WORST = {Status.act: 0, Status.watch: 1, Status.none: 2, Status.good: 3}
"""Which status speaks for a letter with several figures: a missing one is never covered by a good one."""
_NOTHING = Figure(0, 0, None, 0)


@dataclass(frozen=True, slots=True)
class Cell:
    """One figure of a letter on one day. `written` is True where people write it down."""

    board: TierBoard
    letter: str
    item: str
    name: str
    day: date
    value: float | None
    unit: str
    status: Status
    missing: str
    target: float | None
    written: bool
    note: BoardCell | None = None

    @property
    def text(self) -> str:
        """The value as people read it; a dash where there is none."""
        return shown(self.value, self.unit)

    @property
    def word(self) -> str:
        """What its badge says: never good without a value and a target."""
        if self.value is None:
            return self.missing or _("not taken")
        return str(STATUS_WORDS[self.status.value]) if self.status is not Status.none else _("no target")

    @property
    def red(self) -> bool:
        """True where one has to act."""
        return self.status is Status.act

    @property
    def silent(self) -> bool:
        """True for a red without a reason or without an action."""
        return self.red and not (self.note and self.note.reason and self.note.action)

    @property
    def url(self) -> str:
        """Where a measured figure opens to."""
        if self.written:
            return ""
        day = self.day.isoformat()
        return kpi_address(self.item, self.board.place, period="custom", **{"from": day, "to": day})


@dataclass(frozen=True, slots=True)
class LetterOfBoard:
    """A letter with its figures of the day and of every day of the month around it."""

    letter: str
    name: str
    cells: list[Cell]
    days: Mapping[date, Sequence[Cell]] = field(default_factory=dict)

    @property
    def status(self) -> Status:
        """The worst of its figures."""
        return worst(self.cells)


def worst(cells: Sequence[Cell]) -> Status:
    """The status that speaks for some figures; none without any."""
    return min((one.status for one in cells), key=WORST.__getitem__, default=Status.none)


def boards_of(site: Site, by: Actor) -> list[TierBoard]:
    """Boards of a site, the first tier first."""
    rows = visible(TierBoard, by).filter(site=site).select_related("area", "line", "above", "led_by")
    return list(rows.order_by("tier", "code"))


def board_named(site: Site, code: str, by: Actor) -> TierBoard | None:
    """A board by its code."""
    return next((board for board in boards_of(site, by) if board.code == code), None)


def measures_of(boards: Iterable[TierBoard], by: Actor) -> dict[int, list[BoardMeasure]]:
    """What the letters of boards are judged by; one query."""
    found: dict[int, list[BoardMeasure]] = {board.pk: [] for board in boards}
    for one in lines_of(BoardMeasure, by).filter(board__in=list(found)).order_by("place"):
        found[one.board_id].append(one)
    return found


def letters_of(board: TierBoard, day: date, by: Actor, first: date | None = None) -> list[LetterOfBoard]:
    """The letters of a board on a day, each with its days from `first` (else that day alone)."""
    lines = measures_of([board], by)[board.pk]
    rows = _Rows([board], first or day, day, by)
    by_item = {one.item: rows.course(board, one) for one in lines}
    _figures_once(board, day, by, lambda: [by_item[one.item][-1] for one in lines])
    found = []
    for letter in Letter:
        mine = [one for one in lines if one.letter == letter.value]
        if mine:
            days: dict[date, list[Cell]] = {}
            for one in mine:
                for cell in by_item[one.item]:
                    days.setdefault(cell.day, []).append(cell)
            found.append(LetterOfBoard(letter.value, str(letter.label), days.get(day, []), days))
    return found


def cells_of(boards: Sequence[TierBoard], day: date, by: Actor) -> dict[int, list[Cell]]:
    """The figures of many boards on a day; a measure that several lines share is asked for once."""
    lines, rows = measures_of(boards, by), _Rows(boards, day, day, by)
    together = _by_line(boards, lines, day, by)
    found: dict[int, list[Cell]] = {}
    for board in boards:
        found[board.pk] = [
            rows.cell(board, one, day, together[one.measure].get(board.place.code, _NOTHING))
            if one.measure in together and board.place.level == AssetLevel.line
            else rows.course(board, one)[-1]
            for one in lines[board.pk]
        ]
    return found


def silent_reds(board: TierBoard, day: date, by: Actor) -> list[Cell]:
    """Reds of a board's day that nobody has given a reason and an action."""
    cells = _figures_once(board, day, by, lambda: cells_of([board], day, by)[board.pk])
    return [cell for cell in cells if cell.silent]


def _figures_once(board: TierBoard, day: date, by: Actor, asked: Callable[[], list[Cell]]) -> list[Cell]:
    """A board's figures of a day; a page that shows its letters has asked for them already."""
    return answered_once(("figures of a board", board.pk, day, by), asked)


def _by_line(
    boards: Sequence[TierBoard], lines: Mapping[int, list[BoardMeasure]], day: date, by: Actor
) -> dict[str, dict[str, Figure]]:
    """Figures by measure and line, of measures that more than one of the boards has for a line."""
    wanted: dict[str, int] = {}
    for board in boards:
        if board.place.level == AssetLevel.line:
            for one in lines[board.pk]:
                if one.measure and Cut.line in measure_named(one.measure).cuts:
                    wanted[one.measure] = wanted.get(one.measure, 0) + 1
    found: dict[str, dict[str, Figure]] = {}
    for code in (code for code, times in wanted.items() if times > 1):
        site = boards[0].place.site(boards[0].site_id)
        assets = rules_of(site.site_id).assets
        parts = values(code, site, Period.of_day(day), by, Cut.line)
        found[code] = {assets[one.key].code: one.figure for one in parts if one.key in assets}
    return found


class _Rows:
    """What people have written on boards in a time, and the targets at its end."""

    def __init__(self, boards: Sequence[TierBoard], first: date, last: date, by: Actor) -> None:
        self.first, self.last, self.by = first, last, by
        notes = visible(BoardCell, by).filter(board__in=list(boards), day__gte=first, day__lte=last)
        self.notes = {(one.board_id, one.day, one.item): one for one in notes.select_related("noted_by")}
        self.targets = Targets(boards[0].site_id, last, by) if boards else None

    def course(self, board: TierBoard, line: BoardMeasure) -> list[Cell]:
        """The figure of every day; that of a measure without days only of the last."""
        days = [date.fromordinal(n) for n in range(self.first.toordinal(), self.last.toordinal() + 1)]
        if not line.measure:
            return [self.cell(board, line, day, _NOTHING) for day in days]
        if self.first < self.last and Cut.day in measure_named(line.measure).cuts:
            period = Period.of_days(self.first, self.last)
            found = {
                one.key: one.figure for one in values(line.measure, board.place, period, self.by, Cut.day)
            }
            return [self.cell(board, line, day, found.get(day.isoformat(), _NOTHING)) for day in days]
        whole = values(line.measure, board.place, Period.of_day(self.last), self.by)
        return [self.cell(board, line, self.last, whole[0].figure if whole else _NOTHING)]

    def cell(self, board: TierBoard, line: BoardMeasure, day: date, figure: Figure) -> Cell:
        """One figure, judged: by the list of targets where it is measured, else by the board's own."""
        note = self.notes.get((board.pk, day, line.item))
        if line.measure:
            measure = measure_named(line.measure)
            target = self.targets.of(line.measure, board.place) if self.targets else None
            status, value = status_of(figure.value, target, measure.direction), figure.value
            name, unit, missing = measure.name, measure.unit, str(figure.missing) or _("no data")
        else:
            target = _own(line.target, line.watch)
            value = float(note.value) if note is not None and note.value is not None else None
            status = status_of(value, target, Direction(line.better))
            name, unit, missing = line.written, line.unit, _("not taken")
        return Cell(
            board, line.letter, line.item, name, day, value, unit, status, missing,
            float(target.value) if target is not None else None, not line.measure, note,
        )  # fmt: skip


def _own(target: Decimal | None, watch: Decimal | None) -> TargetInForce | None:
    return TargetInForce(target, watch, "", "") if target is not None else None


def is_measured(item: str) -> bool:
    """True for a figure of the catalogue."""
    return item in set(MeasureCode)
