"""A call from a phone climbs its ladder though the worker is restarted, is taken, resolved and confirmed."""

from __future__ import annotations

import re
import subprocess
import sys
import time

import pytest
from playwright.sync_api import Page, expect
from small_plant import PASSWORD

from browser import axe_violations

pytestmark = [pytest.mark.browser, pytest.mark.requirement("R145", "R150", "R183")]

WITHIN_MS = 20_000
SECOND_RUNG_S = 25
SET_UP = """
import django; django.setup()
from datetime import timedelta
from plantbeat.areas.execution.records.escalation_rung import EscalationRung
from plantbeat.areas.people.records.on_call import OnCall
from plantbeat.areas.people.records.person import Person
from plantbeat.kernel import clock
from plantbeat.kernel.access import Actor, Role, visible
from plantbeat.kernel.accounts import Site, User
from plantbeat.kernel.act import act
by = Actor.system("story")
site = visible(Site, by).get()
now = clock.now().replace(microsecond=0)
for number, role in (("F1", Role.maintenance), ("S1", Role.supervisor)):
    user = act(User, "create", by, {{"username": number.lower(), "name": str(role.label) + " on duty",
        "grants": [{{"role": role, "site": site}}]}})
    act(user, "set_password", by, {{"password": "{password}"}})
    person = act(Person, "create", by, {{"site": site, "number": number, "name": user.name, "user": user}})
    act(OnCall, "create", by, {{"site": site, "person": person, "role": role,
        "starts": now - timedelta(hours=1), "ends": now + timedelta(hours=12)}})
rungs = ((1, Role.maintenance, 0), (2, Role.quality, {seconds}), (3, Role.supervisor, 3600))
for rung, role, seconds in rungs:
    act(EscalationRung, "create", by, {{"site": site, "code": f"R{{rung}}", "rung": rung, "role": role,
        "delay": seconds * 1_000_000}})
"""


@pytest.fixture
def people(installation) -> None:
    """A maintenance technician and a supervisor on call, nobody of quality, and a ladder of three rungs."""
    script = SET_UP.format(password=PASSWORD, seconds=SECOND_RUNG_S)
    command = [sys.executable, "-c", script]
    done = subprocess.run(command, env=installation.environment, capture_output=True, text=True, check=False)
    assert done.returncode == 0, done.stderr


def rows(page: Page, text: str):
    return page.get_by_role("row").filter(has_text=text)


def until_told(page: Page, text: str) -> None:
    """Read the page of the call again until its timeline says so."""
    until = time.monotonic() + WITHIN_MS / 1000
    while rows(page, text).count() == 0:
        assert time.monotonic() < until, page.inner_text("main")
        time.sleep(0.3)
        page.reload()


def test_a_call_from_a_phone_escalates_across_a_restart_and_is_confirmed(browse, installation, people):
    phone = browse("operator", "/lines/STORY/", width=390)
    phone.get_by_role("link", name="Call for help").click()
    assert axe_violations(phone, least="serious") == []
    raised_s = time.monotonic()
    phone.get_by_role("button", name="Maintenance").click()
    phone.wait_for_url("**/andon/AC-*/")
    number = re.search(r"AC-\d+", phone.url).group()
    until_told(phone, "Rung 1: Maintenance")
    installation.kill_worker()

    # The second rung falls due while no worker runs; nobody is on duty in it, so the third follows at once.
    time.sleep(max(0.0, raised_s + SECOND_RUNG_S + 3 - time.monotonic()))
    phone.reload()
    assert rows(phone, "Rung 2").count() == 0
    installation.restart_worker()
    until_told(phone, "Rung 3: Supervisor")
    assert rows(phone, "Rung 2: Quality").filter(has_text="Nobody on duty").count() == 1
    assert rows(phone, "Rung 1: Maintenance").filter(has_text="board").count() == 1
    assert axe_violations(phone, least="serious") == []

    helper = browse("f1", "/andon/", width=390)
    card = helper.get_by_role("article", name=number)
    card.get_by_role("button", name="I take it").click()
    card.get_by_role("button", name="I am here").click()
    card.get_by_role("button", name="Resolved").click()
    expect(card).to_contain_text("not by the helper alone")
    assert axe_violations(helper, least="serious") == []

    phone.goto("/andon/")
    mine = phone.get_by_role("article", name=number)
    mine.get_by_role("button", name="It is solved").click()
    expect(phone.get_by_text("Nobody calls")).to_be_visible()
    # The board of the helper follows by itself.
    expect(helper.get_by_role("article", name=number)).to_have_count(0, timeout=WITHIN_MS)
    phone.goto("/on-duty/")
    assert axe_violations(phone, least="serious") == []
    expect(rows(phone, "Maintenance").first).to_contain_text("Maintenance on duty")
    expect(rows(phone, "Quality").first).to_contain_text("Nobody on duty")
