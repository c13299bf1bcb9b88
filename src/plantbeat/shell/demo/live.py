"""The demo plant as it runs on: what the simulation tells goes through the gateways to the server.

Nothing is lost when the server or this process is stopped: the outbox keeps what is not known to be stored,
with the simulation to go on from. After a pause the plant has run on, and the time between is told at once.
"""

from __future__ import annotations

import logging
import signal
import time
from threading import Event

import msgspec
from django.db import OperationalError, close_old_connections

from plantbeat.kernel import clock
from plantbeat.kernel.accounts import Site
from plantbeat.shell.demo.building import gateway_source, renewed_token
from plantbeat.shell.demo.demo_folder import MARK, OUTBOX, TOKENS, DemoFolder
from plantbeat.shell.demo.gateway import Gateway
from plantbeat.shell.demo.history import LIVE_COUNT_US
from plantbeat.shell.demo.line_plan import DAY_US, HOUR_US
from plantbeat.shell.demo.live_orders import PlannedJobs, Planner, record_step
from plantbeat.shell.demo.outbox import Outbox
from plantbeat.shell.demo.plant_reading import plant_plan
from plantbeat.shell.demo.plant_simulation import PlantPlan, PlantSimulation
from plantbeat.shell.demo.progress import read_progress
from plantbeat.shell.demo.sign_ins import operator_pseudonym

logger = logging.getLogger("plantbeat.demo")

TICK_S = 0.5
AT_ONCE_US = 6 * HOUR_US
"""Time that is told in one piece when there is a pause to catch up with."""
LONGEST_PAUSE_US = 90 * DAY_US
"""After a longer one the plant stands empty at first: nothing is known of the time between."""
PLANNED_US = 300 * DAY_US
READY_POLL_S = 0.5


class LivePlant:
    """The running plant of a data folder."""

    def __init__(self, site: Site, folder: DemoFolder, address: tuple[str, int]) -> None:
        self.site, self.folder, self.mark = site, folder, folder.read_table(MARK)
        self.outbox = Outbox(folder.path / OUTBOX)
        self.actor = operator_pseudonym()
        plan = self._plan()
        self.simulation = self._taken_up(plan)
        tokens = folder.read_table(TOKENS)
        self.gateways = [
            Gateway(source, tokens.get(source, ""), address, lambda name: renewed_token(folder, name))
            for source in map(gateway_source, plan.sources)
        ]
        self.taken = {line.state.job.order for line in self.simulation.lines.values() if line.state.job}
        self.taken |= {step.order for step in self.outbox.steps()}
        self.jobs = {code: PlannedJobs(site, code, self.taken) for code in plan.simulated()}
        self.planner = Planner(site, self.mark["seed"])
        self._retry_s = dict.fromkeys((gateway.source for gateway in self.gateways), 0.0)

    def _plan(self) -> PlantPlan:
        """The plant as its records say, with calendars that reach far enough for a while."""
        now_us = clock.now_us()
        self.planned_until_us = now_us + PLANNED_US
        return plant_plan(self.site, self.mark["built_us"], self.mark["seed"], now_us)

    def _taken_up(self, plan: PlantPlan) -> PlantSimulation:
        now_us, kept = clock.now_us(), self.outbox.simulation()
        if kept is not None:
            try:
                simulation = PlantSimulation.resumed(plan, kept)
            except (msgspec.MsgspecError, KeyError):
                logger.warning("the simulation was put away by another version; the plant begins anew")
            else:
                if now_us - simulation.at_us <= LONGEST_PAUSE_US:
                    return simulation
        return PlantSimulation.begun(plan, now_us, LIVE_COUNT_US)

    def run(self, stop: Event) -> None:
        """Go on until asked to stop."""
        while not stop.is_set():
            try:
                is_behind = self.step()
            except OperationalError as busy:
                logger.warning("the database is busy or away (%s); going on in a moment", busy)
                close_old_connections()
                is_behind = False
            if not is_behind:
                stop.wait(TICK_S)

    def step(self) -> bool:
        """Tell, send and record what has happened up to now; True if that is not all yet."""
        is_behind = self.advance(clock.now_us())
        self.deliver()
        self.record_steps()
        if not is_behind:
            self.planner.tend()
        return is_behind

    def advance(self, now_us: int) -> bool:
        """Let the plant run to an instant, as far as is told at once; True if there is more to tell."""
        until_us = min(now_us, self.simulation.at_us + AT_ONCE_US)
        if until_us <= self.simulation.at_us:
            return False
        if until_us > self.planned_until_us:
            self.simulation = PlantSimulation.resumed(self._plan(), self.simulation.put_away())
        told = self.simulation.run(until_us, self.jobs)
        by_source = {gateway_source(line): row for line, row in told.items()}
        self.outbox.put(by_source, self.actor, self.simulation.put_away())
        return until_us < now_us

    def deliver(self) -> None:
        """Send what is waiting; a gateway that was refused waits before it tries again."""
        now_s = time.monotonic()
        for gateway in self.gateways:
            if now_s >= self._retry_s[gateway.source]:
                self._retry_s[gateway.source] = now_s + gateway.deliver(self.outbox)

    def record_steps(self) -> None:
        """Record what the facts mean for the orders."""
        for step in self.outbox.steps():
            record_step(self.site, step)
            self.outbox.step_done(step)
            self.taken.discard(step.order)

    def close(self) -> None:
        """Let go of files and connections."""
        for gateway in self.gateways:
            gateway.close()
        self.outbox.close()


def run_live(site: Site, folder: DemoFolder, address: tuple[str, int]) -> None:
    """Wait until the history is far enough, then run until SIGTERM."""
    stop = Event()
    for name in ("SIGINT", "SIGTERM", "SIGBREAK"):
        if hasattr(signal, name):
            signal.signal(getattr(signal, name), lambda *_: stop.set())
    while not read_progress(folder).ready:
        if stop.wait(READY_POLL_S):
            return
    plant = LivePlant(site, folder, address)
    try:
        plant.run(stop)
    finally:
        plant.close()
