"""Problems from text: public formats of scheduling research, and plantbeat-json.

>>> from plantbeat.engine.schedule import Moves, formats, solve
>>> shop = formats.read("2 2\\n0 3 1 2\\n1 4 0 1\\n", "jsp", "two.txt")
>>> solve(shop, budget=Moves(100)).objective
6
"""

from __future__ import annotations

from collections.abc import Callable

from plantbeat.engine.schedule.formats.faults import FormatError
from plantbeat.engine.schedule.formats.flexible_job_shop import flexible_job_shop
from plantbeat.engine.schedule.formats.flow_line import flow_line_with_due_dates, flow_line_with_setups
from plantbeat.engine.schedule.formats.hybrid_flow_shop import hybrid_flow_shop
from plantbeat.engine.schedule.formats.job_shop import job_shop, reentrant_job_shop
from plantbeat.engine.schedule.formats.json_fields import FORMAT as OWN_FORMAT
from plantbeat.engine.schedule.formats.json_reading import from_json, from_json_leaving_out
from plantbeat.engine.schedule.formats.json_writing import to_json
from plantbeat.engine.schedule.formats.plan import Judgement, Plan, judge, plan_json, read_plan
from plantbeat.engine.schedule.formats.plant import plant_generator
from plantbeat.engine.schedule.problem import Problem

FORMATS: dict[str, Callable[[str, str], Problem]] = {
    "jsp": job_shop,
    "jsp-reentrant": reentrant_job_shop,
    "fjsp": flexible_job_shop,
    "hfsp": hybrid_flow_shop,
    "sdst-pfsp": flow_line_with_setups,
    "tt-pfsp": flow_line_with_due_dates,
    OWN_FORMAT: from_json,
}
"""Reader of each format: text and the file's name in messages -> problem; raises FormatError."""


def read(text: str, kind: str, file: str = "text") -> Problem:
    """The problem in a text of a format of `FORMATS`; `file` is its name in messages.

    Raises FormatError for a text that cannot be read, ValueError for an unknown format.
    """
    if kind not in FORMATS:
        raise ValueError(f"format {kind!r} is unknown; allowed are {', '.join(FORMATS)}")
    return FORMATS[kind](text, file)


__all__ = [
    "FORMATS",
    "OWN_FORMAT",
    "FormatError",
    "Judgement",
    "Plan",
    "from_json",
    "from_json_leaving_out",
    "judge",
    "plan_json",
    "plant_generator",
    "read",
    "read_plan",
    "to_json",
]
