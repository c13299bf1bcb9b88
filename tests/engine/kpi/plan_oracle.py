"""What the measures over plans, sheets and repairs must come to, from the words of their pages alone."""

from fractions import Fraction
from itertools import combinations, pairwise


def over(part, whole):
    return Fraction(part, whole) if whole else None


def adherence(orders, tolerance):
    """Quantity, time and sequence of one line."""
    made = sum(o.made if o.made < o.planned else o.planned for o in orders)
    on_time = [
        o
        for o in orders
        if o.finished_us is not None
        and o.planned_finish_us - tolerance <= o.finished_us <= o.planned_finish_us + tolerance
    ]
    begun = sorted((o for o in orders if o.started_us is not None), key=lambda o: (o.started_us, o.position))
    longest = 0
    for size in range(len(begun), 0, -1):
        if any(
            all(a.position <= b.position for a, b in pairwise(some)) for some in combinations(begun, size)
        ):
            longest = size
            break
    return (
        over(made, sum(o.planned for o in orders)),
        over(len(on_time), len(orders)),
        over(longest, len(begun)),
    )


def attendance(sheets):
    there = expected = 0
    for sheet in sheets:
        if sheet.taken:
            there, expected = there + sheet.worked, expected + sheet.rostered - sheet.approved_leave
    return over(there, expected)


def mttr(repairs):
    return over(sum(r.diagnose_us + r.repair_us + r.test_us for r in repairs), len(repairs))


def labour(bookings):
    """Hours of each booking, and the share of rework."""
    times = [b.worked_us for b in bookings]
    again = [b.worked_us for b in bookings if b.is_rework]
    return over(sum(times), len(times)), over(sum(again), sum(times))


def takt_attainment(demand, made):
    if not demand.pieces_due or not made.available_us:
        return None
    takt = Fraction(demand.shift_us - demand.break_us - demand.planned_stop_us, demand.pieces_due)
    return takt / Fraction(made.available_us, made.pieces) if made.pieces else Fraction(0)
