"""What people of the demo plant say at their boards: reasons, actions, questions and answers."""

from __future__ import annotations

from collections.abc import Mapping, Sequence

REASONS: Mapping[str, Sequence[str]] = {
    "S": (
        "Near miss: forklift and pedestrian at the dock door",
        "First aid: cut finger at the reject tray",
        "Near miss: bottle burst at the infeed",
    ),
    "Q": (
        "Caps crooked after the chuck change",
        "Labels skewed, label roll at its end",
        "Fill level drifted low in the second half of the shift",
        "Start-up scrap after the changeover",
    ),
    "D": (
        "Order started late, material was not staged",
        "Changeover took longer than planned",
        "Night shift ran one person short",
        "Rush order put in front",
    ),
    "C": (
        "Filler jam three times, star wheel worn",
        "Capper torque fault, waited for maintenance",
        "Conveyor sensor dirty, many short stops",
        "Palletiser stood, light curtain tripped",
    ),
    "M": ("Two people ill on the night shift", "Training day, cover came late", "Absence on short notice"),
}
ACTIONS: Mapping[str, Sequence[str]] = {
    "S": ("Mark the walkway at the dock door", "Fit an edge guard at the reject tray"),
    "Q": ("Check the chuck torque at every start of order", "Add a label roll check to the hour sheet",
          "Calibrate the level sensor of the filler"),
    "D": ("Stage material one hour before the order", "Prepare the format parts on a trolley",
          "Agree cover for the night shift with the supervisor"),
    "C": ("Replace the star wheel", "Clean the conveyor sensors at the start of the shift",
          "Adjust the light curtain of the palletiser"),
    "M": ("Plan cover for the training day", "Talk through the short-notice absences with the crew lead"),
}  # fmt: skip
EVIDENCE = (
    "No such stop in two weeks",
    "Seen working on the floor",
    "Standard changed and trained",
    "Photo in the folder of the line",
    "Checked at three starts of order",
)
QUESTIONS: Sequence[tuple[str, str]] = (
    ("Can we get a second set of format parts for the filler?", "Ordered, here in three weeks."),
    ("Who decides which order goes first when two are due the same day?", "The planner, by the due hour."),
    ("We need a fitter on the night shift on Tuesdays, can that be arranged?", "Yes, from next month on."),
    ("May we stop the label supplier's lot that skews?", "Yes, quality has blocked the lot."),
    ("Can the changeover of the canister line move to the early shift?", "Agreed for two weeks as a trial."),
    ("Who pays for the guard at the infeed?", "Maintenance budget, order is placed."),
    ("Can we have a second pallet jack at the dock?", "One is moved over from the warehouse."),
    ("When do we get the new torque tester?", "It arrives on the 20th, calibration included."),
)
SUMMARIES = (
    "Reds gone through, owners named.",
    "Short meeting, one action from yesterday still open.",
    "Scrap was the topic, quality looks at the capper with the line.",
    "Cover for the night shift arranged.",
)
