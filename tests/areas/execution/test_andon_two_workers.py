"""Several workers look at the same due rows at once: each rung is told once, each message sent once."""

from __future__ import annotations

from collections import Counter
from concurrent.futures import ThreadPoolExecutor
from threading import Barrier

import pytest
from andon_floor import NOON, Floor
from django.core import mail
from django.db import connection

from people_of_the_plant import SYSTEM, Plant
from plantbeat.areas.execution.andon import actions
from plantbeat.areas.execution.andon.escalating import fire_due
from plantbeat.areas.execution.andon.sending import send_due
from plantbeat.areas.execution.records.escalation_rung import EscalationRung
from plantbeat.areas.execution.records.escalation_step import EscalationStep
from plantbeat.areas.execution.records.notice import Notice
from plantbeat.kernel import clock
from plantbeat.kernel.access import Role
from plantbeat.kernel.accounts import User
from plantbeat.kernel.act import act

pytestmark = [pytest.mark.django_db(transaction=True), pytest.mark.requirement("R145", "R150")]

WORKERS = 4


def together(work) -> int:
    start = Barrier(WORKERS)

    def one(_number: int) -> int:
        try:
            start.wait()
            with clock.at(NOON):
                return sum(work() for _look in range(4))
        finally:
            connection.close()

    with ThreadPoolExecutor(WORKERS) as pool:
        return sum(pool.map(one, range(WORKERS)))


def test_four_workers_tell_each_rung_and_send_each_mail_once():
    with clock.at(NOON):
        floor = Floor(Plant())
        rung = {"code": "R1", "rung": 1, "role": Role.maintenance, "email": True}
        floor.make(EscalationRung, **rung)
        fitter = User.objects.get(pk=floor.fitter.user_id)
        act(fitter, "edit", SYSTEM, {"email": "fitter@example.com"})
        for asset in ("F1", "P1"):
            for category in ("maintenance", "quality", "material"):
                actions.raise_call(floor.site, asset, category, floor.operator)
    assert together(fire_due) == 6
    told = EscalationStep.objects.filter(due_us=NOON)
    assert Counter(told.values_list("state", flat=True)) == {"told": 6}
    assert Counter(Notice.objects.values_list("channel", flat=True)) == {"board": 6, "sound": 6, "email": 6}
    together(send_due)
    assert len(mail.outbox) == 6
    assert len({message.extra_headers["Message-ID"] for message in mail.outbox}) == 6
    assert Notice.objects.filter(channel="email", state="sent", attempts=1).count() == 6
