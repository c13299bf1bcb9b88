"""The cube under real zones and rotations."""

from datetime import date, timedelta
from itertools import pairwise
from zoneinfo import ZoneInfo

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from plantbeat.engine.calendars import (
    OwnerDay,
    ShiftCalendar,
    hour_slots,
    local_day_window,
    pitman_2_2_3,
    shift_instances,
)
from plantbeat.engine.calendars.civil import MINUTE_US
from plantbeat.engine.oee import (
    CountEvent,
    CountKind,
    DayFacts,
    Elements,
    ReadRules,
    ShiftSpan,
    State,
    StateSpan,
    asset_day,
)

RULES = ReadRules(micro_stop_us=5 * MINUTE_US)
STRANGE_DAYS = [
    ("America/New_York", date(2024, 3, 10)),
    ("America/New_York", date(2024, 11, 3)),
    ("Europe/Berlin", date(2024, 10, 27)),
    ("Australia/Lord_Howe", date(2024, 4, 7)),
    ("Asia/Kolkata", date(2024, 5, 1)),
    ("Pacific/Apia", date(2011, 12, 31)),
    ("America/Sao_Paulo", date(2017, 10, 15)),
]


@pytest.mark.requirement("X8", "R023", "R157")
@given(st.sampled_from(STRANGE_DAYS), st.sampled_from(OwnerDay), st.data())
@settings(max_examples=60, deadline=None)
def test_time_is_conserved_on_days_of_23_24_and_25_hours(where, rule, data):
    zone, local_date = ZoneInfo(where[0]), where[1]
    window = local_day_window(local_date, zone)
    calendar = ShiftCalendar(pitman_2_2_3(local_date), zone, rule)
    around = shift_instances(calendar, local_date - timedelta(days=1), local_date + timedelta(days=1))
    edges = sorted(data.draw(st.sets(st.integers(-60, 26 * 60), min_size=2, max_size=12)))
    states = [
        StateSpan(window.start_us + a * MINUTE_US, window.start_us + b * MINUTE_US, State.running)
        for a, b in pairwise(edges)
    ]
    counts = [CountEvent(window.start_us + m * MINUTE_US, CountKind.good, 1) for m in range(0, 23 * 60, 7)]
    facts = DayFacts(
        window.start_us,
        window.end_us,
        [slot.start_us for slot in hour_slots(window, zone)],
        [ShiftSpan(s.start_us, s.end_us, n, s.breaks) for n, s in enumerate(around)],
        states,
        counts,
    )
    rows = asset_day(facts, RULES)
    elements = Elements.of(rows)
    assert elements.total_us == window.length_us
    assert elements.off_shift_us == 0
    assert elements.good == sum(window.start_us <= count.t_us < window.end_us for count in counts)
    assert len({row.hour_us for row in rows}) == len(facts.hours)
