"""What the measures over order lines, cases and actions must come to, from the words of their pages alone."""

from engine.kpi.plan_oracle import over


def otd(lines, first, last, today, rules):
    """(shipped on time, due) by first promise, day numbers instead of dates."""
    hit = due = 0
    for line in lines:
        day = line.first_promise
        if line.cancelled_by_customer or day is None or not first <= day <= last:
            continue
        if day.toordinal() + rules.late_days > today.toordinal():
            continue
        due += 1
        days = [shipment.day.toordinal() for shipment in line.shipments]
        early = rules.early_days is not None and any(d < day.toordinal() - rules.early_days for d in days)
        hit += bool(line.closed and days and not early and max(days) <= day.toordinal() + rules.late_days)
    return hit, due


def days_since(today, cases, since):
    return (today - max([since, *(day for day in cases if since <= day <= today)])).days


def open_on_time(actions, today):
    still = [a.due for a in actions if a.due is not None and not (a.closed is not None and a.closed <= today)]
    return over(len([due for due in still if not due < today]), len(still))
