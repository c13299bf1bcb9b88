"""Puts a crew at the story's line for the shift going on; run with the installation's environment."""

from __future__ import annotations

import sys

import django


def main() -> None:
    """Ten workers of the crew that is on shift at the story's line, and a need of ten."""
    django.setup()
    from plantbeat.areas.people.records.crew import Crew
    from plantbeat.areas.people.records.person import Person
    from plantbeat.areas.people.records.staffing_need import StaffingNeed
    from plantbeat.areas.plant.records.line import Line
    from plantbeat.kernel.access import Actor, visible
    from plantbeat.kernel.act import act
    from plantbeat.kernel.act_many import act_many

    by = Actor.system("story")
    line = visible(Line, by).select_related("shift_pattern", "site").get(code="STORY")
    site = line.site
    crew = act(
        Crew, "create", by, {"site": site, "code": "STORY", "pattern": line.shift_pattern, "letter": "A"}
    )
    rows = [
        {"site": site, "number": f"9{n:02d}", "name": f"Worker {n:02d}", "crew": crew, "home_line": line}
        for n in range(10)
    ]
    act_many(Person, "create", by, rows)
    act(StaffingNeed, "create", by, {"site": site, "line": line, "people": 10})


if __name__ == "__main__":
    sys.exit(main())
