"""The small plant with a crew and somebody who walks; run with the installation's environment.

With `others` somebody else takes the attendance and sees the last stop of the walk; with `told` it prints
what became of taps, attendance and stops, as JSON.
"""

from __future__ import annotations

import json
import sys
from collections import Counter

import django
import small_crew
import small_plant


def main() -> None:
    """The small plant, ten workers at line STORY, and a person behind the chief's sign-in."""
    small_plant.main()
    small_crew.main()
    from plantbeat.areas.people.records.person import Person
    from plantbeat.kernel.access import Actor, visible
    from plantbeat.kernel.accounts import Site, User
    from plantbeat.kernel.act import act

    by = Actor.system("story")
    chief = visible(User, by).get(username="chief")
    row = {"site": visible(Site, by).get(), "number": "1", "name": "Chief", "user": chief}
    act(Person, "create", by, row)


def others() -> None:
    """Somebody else is faster: all are present at the story's line, and the last stop is as it should be."""
    from plantbeat.areas.daily.gemba.walking import see_stop
    from plantbeat.areas.daily.records.gemba_walk import GembaStop
    from plantbeat.areas.people.attendance.actions import take_attendance
    from plantbeat.areas.people.attendance.questions import attendance_now
    from plantbeat.kernel.access import Actor, visible
    from plantbeat.kernel.accounts import Site

    by = Actor.system("story")
    site = visible(Site, by).get()
    row = next(one for one in attendance_now(site, by) if one.line == "STORY")
    take_attendance(site, row.shift_id, "STORY", [], by)
    stop = visible(GembaStop, by).filter(state="to_see").order_by("-place").first()
    if stop is not None:
        see_stop(stop, "as_it_should_be", {}, by)


def told() -> dict[str, object]:
    """Taps by kind and outcome, the crew's numbers, stops by state with their seconds, actions."""
    from plantbeat.areas.daily.records.gemba_walk import GembaStop, GembaWalk
    from plantbeat.areas.improvement.records.improvement_action import ImprovementAction
    from plantbeat.areas.people.records.attendance_sheet import AttendanceSheet
    from plantbeat.facts.models import Tap
    from plantbeat.kernel.access import Actor, visible

    by = Actor.system("story")
    sheet = visible(AttendanceSheet, by).filter(line__code="STORY").first()
    taps = Tap.objects.values_list("kind", "outcome")
    return {
        "taps": Counter(f"{kind} {outcome}" for kind, outcome in taps),
        "present": sheet.present if sheet is not None else None,
        "stops": Counter(visible(GembaStop, by).values_list("state", flat=True)),
        "walks": Counter(visible(GembaWalk, by).values_list("state", flat=True)),
        "actions": list(visible(ImprovementAction, by).values_list("title", flat=True)),
    }


if __name__ == "__main__":
    django.setup()
    if sys.argv[1:2] == ["told"]:
        print(json.dumps(told()))
    elif sys.argv[1:2] == ["others"]:
        others()
    else:
        main()
