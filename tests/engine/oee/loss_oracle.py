"""The six big losses of an asset-day, worked out tick by tick: where the planned busy time went."""

from engine.oee.oracle import FIRST_PASS, holding, state_at


def earned(day, cycles, count):
    """Ideal time of the pieces of a count, by the order and the cycle in force as it was told."""
    order = holding(day.orders or (), count.t_us)
    cycle = holding([one for one in cycles if order and one.product == order.product], count.t_us)
    return count.quantity * cycle.ideal_us if cycle else 0


def kind_of(day, count):
    order, kind = holding(day.orders or (), count.t_us), str(count.kind)
    waits = order and order.approved_us is not None and count.t_us < order.approved_us
    return "setup" if kind in FIRST_PASS and waits else kind


def losses(day, rules, cycles, tick):
    ticks = [state_at(day, rules, t) for t in range(day.start_us, day.end_us, tick)]
    ideal = dict.fromkeys((*FIRST_PASS, "setup"), 0)
    while_unexplained = 0
    for count in [c for c in day.counts if day.start_us <= c.t_us < day.end_us]:
        kind, state = kind_of(day, count), state_at(day, rules, count.t_us)
        if kind not in ideal or (kind == "setup" and state == "setup"):
            continue
        ideal[kind] += earned(day, cycles, count)
        while_unexplained += earned(day, cycles, count) if state == "unexplained" else 0
    return {
        "breakdowns_us": tick * ticks.count("own_stop"),
        "setup_us": tick * ticks.count("setup"),
        "minor_stops_us": tick * ticks.count("micro_stop"),
        "starved_us": tick * ticks.count("starved"),
        "blocked_us": tick * ticks.count("blocked"),
        "reduced_speed_us": tick * ticks.count("running") - sum(ideal.values()) + while_unexplained,
        "scrap_us": ideal["scrap"],
        "rework_us": ideal["rework"],
        "start_up_us": ideal["setup"],
        "no_data_us": tick * ticks.count("no_data"),
        "not_yet_explained_us": tick * ticks.count("unexplained") - while_unexplained,
        "ideal_good_us": ideal["good"],
    }
