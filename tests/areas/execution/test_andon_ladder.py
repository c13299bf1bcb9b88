"""The ladder climbs while nobody helps: from rows with due times, exactly once, told by real channels."""

from __future__ import annotations

import json
import socketserver
import threading
from contextlib import contextmanager
from datetime import date
from http.server import BaseHTTPRequestHandler, HTTPServer

import pytest
from andon_floor import MINUTE_US, NOON, Floor

from people_of_the_plant import SYSTEM
from plantbeat.areas.execution.andon import actions, escalating, ladder, proving, sending
from plantbeat.areas.execution.andon.escalating import fire_due
from plantbeat.areas.execution.andon.sending import send_due
from plantbeat.areas.execution.records.andon_rule import AndonRule
from plantbeat.areas.execution.records.escalation_rung import EscalationRung
from plantbeat.areas.execution.records.escalation_step import EscalationStep
from plantbeat.areas.execution.records.notice import Channel, Notice
from plantbeat.areas.people.records.person import Person
from plantbeat.facts.models import Fact
from plantbeat.kernel import clock
from plantbeat.kernel.access import Role
from plantbeat.kernel.accounts import User
from plantbeat.kernel.act import act
from plantbeat.kernel.problems import Refused

pytestmark = [pytest.mark.django_db, pytest.mark.requirement("R145", "R150")]

LADDER = ((1, Role.maintenance, 0), (2, Role.line_lead, 5), (3, Role.supervisor, 15))


@pytest.fixture
def floor(plant):
    """A ladder of three rungs: maintenance at once, the line lead after 5 min, the supervisor after 15."""
    with clock.at(NOON):
        floor = Floor(plant)
        for rung, role, minutes in LADDER:
            delay = minutes * MINUTE_US
            floor.make(EscalationRung, code=f"R{rung}", rung=rung, role=role, delay=delay, sound=False)
        yield floor
    escalating.RUNGS.forget()
    sending.NOTICES.forget()


def at(minutes: float):
    return clock.at(NOON + round(minutes * MINUTE_US))


def raised(floor, **more):
    return actions.raise_call(floor.site, "F1", "maintenance", floor.operator, **more)


def steps() -> list[tuple[int, str, float, str]]:
    rows = EscalationStep.objects.order_by("place")
    return [(row.rung, row.limit, (row.due_us - NOON) / MINUTE_US, row.state) for row in rows]


def told() -> list[int]:
    rows = EscalationStep.objects.filter(state__in=("told", "nobody")).order_by("told_us", "place")
    return list(rows.values_list("rung", flat=True))


def climb() -> int:
    """What the worker's thread does at each look, until nothing is due."""
    count = 0
    while fired := fire_due():
        count += fired
    return count


def test_the_due_rows_are_written_with_the_call(floor):
    raised(floor)
    assert steps() == [
        (1, "respond", 0, "waiting"),
        (2, "respond", 5, "waiting"),
        (3, "respond", 15, "waiting"),
        (3, "respond", 30, "waiting"),
    ]


def test_a_refused_call_leaves_no_rows(floor):
    with pytest.raises(Refused):
        raised(floor, at_us=NOON + 3600 * 1_000_000)
    assert steps() == []


def test_rungs_fire_when_they_are_due_and_once(floor):
    raised(floor)
    assert climb() == 1
    assert climb() == 0
    with at(4.99):
        assert climb() == 0
    with at(5):
        assert climb() == 1
    assert told() == [1, 2]
    assert Notice.objects.count() == 2


def test_a_rung_that_cannot_be_told_keeps_no_other_waiting_and_is_told_once_it_can(
    floor, monkeypatch, caplog
):
    """The rungs of other calls are told, and each failure is said with the number of the rung."""
    broken, well = raised(floor), actions.raise_call(floor.site, "P1", "quality", floor.operator)
    step = EscalationStep.objects.filter(call=broken).order_by("place").first()
    write = escalating._write_notices

    def failing(one, people):
        if one.call_id == broken.pk:
            raise ValueError("no such channel")
        write(one, people)

    monkeypatch.setattr(escalating, "_write_notices", failing)
    monkeypatch.setattr(escalating, "AT_ONCE", 1)
    assert fire_due() == 0
    assert fire_due() == 1
    first = EscalationStep.objects.filter(call=well).order_by("place").first()
    assert first.state == "told"
    assert caplog.messages == [f"rung {step.pk} failed, 1 in a row; again in 2 s"]
    assert not Notice.objects.filter(escalation=step).exists()
    monkeypatch.undo()
    assert climb() == 0
    with at(1):
        assert climb() == 1
    step.refresh_from_db()
    assert step.state == "told"


def test_a_restart_loses_no_rung(floor):
    """Nothing is in a worker's memory: one that comes back after 40 minutes tells what is due, in order."""
    call = raised(floor)
    climb()
    with at(40):
        assert climb() == 3
    assert told() == [1, 2, 3, 3]
    call.refresh_from_db()
    assert call.rung == 3


def test_taking_the_call_stops_the_ladder_and_the_limit_to_resolve_goes_on_with_it(floor):
    call = raised(floor)
    climb()
    with at(3):
        actions.acknowledge(call, floor.fitter)
    with at(29.9):
        assert climb() == 0
    with at(30):
        assert climb() == 1
    assert told() == [1, 2]
    with at(40):
        assert climb() == 1
    assert told() == [1, 2, 3]
    with at(41):
        actions.resolve(call, floor.fitter)
    with at(600):
        assert climb() == 0
    assert {state for *_step, state in steps()} == {"told", "stopped"}


def test_who_takes_a_call_late_is_not_overtaken_at_once(floor):
    call = raised(floor)
    with at(50):
        climb()
        actions.acknowledge(call, floor.fitter)
        assert climb() == 0
    with at(54.9):
        assert climb() == 0
    with at(55):
        assert climb() == 1


def test_a_resolved_call_is_never_escalated(floor):
    call = raised(floor)
    actions.resolve(call, floor.fitter)
    with at(500):
        assert climb() == 0
    assert told() == []


def test_not_solved_begins_the_ladder_anew(floor):
    call = raised(floor)
    climb()
    with at(10):
        actions.resolve(call, floor.fitter)
    with at(12):
        actions.reopen(call, floor.operator)
        assert climb() == 1
    with at(17):
        assert climb() == 1
    assert told() == [1, 1, 2]


def test_nobody_on_duty_means_the_next_rung_at_once_and_is_recorded(floor):
    floor.remove(Role.maintenance)
    floor.remove(Role.line_lead)
    raised(floor)
    assert climb() == 3
    assert told() == [1, 2, 3]
    states = list(Notice.objects.filter(state="nobody").order_by("pk").values_list("role", flat=True))
    assert states == ["maintenance", "line_lead"]
    assert EscalationStep.objects.get(rung=3, state="told").told_us == NOON


def test_two_workers_tell_a_rung_once(floor):
    """Both have read the same due row; the second finds it told."""
    from plantbeat.areas.execution.andon import escalating

    raised(floor)
    (row,) = EscalationStep.objects.filter(due_us__lte=NOON)
    assert escalating._fire(row) is True
    assert escalating._fire(row) is False
    assert Notice.objects.count() == 1


def test_who_took_the_call_meanwhile_is_not_escalated(floor):
    """The row was read as due before the call was taken."""
    from plantbeat.areas.execution.andon import escalating

    call = raised(floor)
    with at(6):
        row = EscalationStep.objects.get(rung=2)
        actions.acknowledge(call, floor.fitter)
        assert escalating._fire(row) is False
    assert told() == []


def test_the_most_precise_rung_holds(floor):
    own = {"code": "L1-1", "rung": 1, "role": Role.supervisor, "line": floor.line}
    floor.make(EscalationRung, **own)
    rungs, is_default = ladder.ladder_of(floor.site, "maintenance", "L1")
    assert (rungs[0].rung, rungs[0].role) == (1, "supervisor")
    assert not is_default
    assert ladder.ladder_of(floor.site, "maintenance", "L2")[0][0].role == "maintenance"


def test_without_a_ladder_the_default_one_holds(floor):
    rungs, is_default = ladder.ladder_of(floor.plant.south, "maintenance")
    assert is_default
    roles = ["maintenance", "line_lead", "supervisor", "manager"]
    assert [one.role for one in rungs] == roles


# --- channels ---


@contextmanager
def served(server):
    thread = threading.Thread(target=server.serve_forever, kwargs={"poll_interval": 0.05}, daemon=True)
    thread.start()
    try:
        yield server.server_address[1]
    finally:
        server.shutdown()
        server.server_close()


class Gateway(BaseHTTPRequestHandler):
    """Answers with the statuses it is given, one after the other."""

    answers: list[int] = []
    got: list[tuple[dict, dict]] = []

    def do_POST(self):
        body = self.rfile.read(int(self.headers["Content-Length"]))
        self.got.append((dict(self.headers), json.loads(body)))
        status = self.answers.pop(0)
        self.send_response(status)
        if status == 302:
            self.send_header("Location", "http://127.0.0.1:9/elsewhere")
        self.end_headers()

    def log_message(self, *_args):
        pass


@pytest.fixture
def gateway(floor):
    Gateway.answers, Gateway.got = [], []
    with served(HTTPServer(("127.0.0.1", 0), Gateway)) as port:
        url = f"http://127.0.0.1:{port}/sms"
        floor.make(AndonRule, valid_from=date(2026, 1, 1), gateway_url=url)
        rung = EscalationRung.objects.get(code="R1")
        act(rung, "edit", SYSTEM, {"gateway": True, "board": False})
        yield Gateway


def test_the_gateway_is_told_who_and_what(floor, gateway, monkeypatch):
    monkeypatch.setenv("PLANTBEAT_ANDON_GATEWAY_SECRET", "shared")
    gateway.answers.append(202)
    fitter = Person.objects.get(user=floor.fitter.user_id)
    act(fitter, "edit", SYSTEM, {"phone": "+1 555 0100"})
    raised(floor, note="belt slips")
    climb()
    assert send_due() == 1
    assert send_due() == 0
    ((headers, said),) = gateway.got
    assert (said["to"], said["phone"], said["rung"]) == (fitter.name, "+1 555 0100", 1)
    assert "belt slips" in said["text"]
    assert said["subject"].startswith("Maintenance: L1 F1")
    assert headers["X-Plantbeat-Signature"].startswith("sha256=")
    (notice,) = Notice.objects.all()
    assert (notice.state, notice.result) == ("sent", "the gateway answered 202")


def test_a_gateway_that_fails_is_tried_again_later_and_then_given_up(floor, gateway):
    gateway.answers += [500, 302, 503, 500]
    raised(floor)
    climb()
    for done, second in enumerate((0, 20, 80, 380)):
        with at(second / 60 - 0.01):
            send_due()
        assert len(gateway.got) == done
        with at(second / 60):
            send_due()
        assert len(gateway.got) == done + 1
    (notice,) = Notice.objects.all()
    assert (notice.state, notice.attempts, notice.result) == ("failed", 4, "the gateway answered 500")


def test_a_notice_that_plantbeat_cannot_send_keeps_no_other_waiting_and_fails_in_the_end(
    floor, gateway, monkeypatch, caplog
):
    gateway.answers += [202]
    broken, _well = raised(floor), actions.raise_call(floor.site, "P1", "quality", floor.operator)
    climb()
    send = sending._SEND[Channel.gateway]

    def failing(notice, said):
        if notice.escalation.call_id == broken.pk:
            raise TypeError("not to be written as JSON")
        return send(notice, said)

    monkeypatch.setitem(sending._SEND, Channel.gateway, failing)
    for minute in (0, 1, 5, 20, 60):
        with at(minute):
            send_due()
    assert len(gateway.got) == 1
    (notice,) = Notice.objects.filter(escalation__call=broken)
    assert (notice.state, notice.attempts) == ("failed", 4)
    assert notice.result == "Plantbeat cannot send it: TypeError"
    assert [one.split(" failed")[0] for one in caplog.messages] == [f"notice {notice.pk}"] * 4


def test_what_waits_to_be_sent_again_is_dropped_once_somebody_has_taken_the_call(floor, gateway):
    gateway.answers.append(500)
    call = raised(floor)
    climb()
    send_due()
    actions.acknowledge(call, floor.fitter)
    with at(5):
        assert send_due() == 1
    assert len(gateway.got) == 1
    assert Notice.objects.get().state == "dropped"


class Mailbox(socketserver.StreamRequestHandler):
    """As much of an SMTP server (RFC 5321) as one message needs."""

    mails: list[str] = []

    def handle(self):
        self.say("220 here")
        while line := self.rfile.readline().decode().strip():
            if line.upper() == "DATA":
                self.say("354 go on")
                lines = iter(lambda: self.rfile.readline().decode(), ".\r\n")
                self.mails.append("".join(lines))
            self.say("221 bye" if line.upper() == "QUIT" else "250 ok")

    def say(self, text: str) -> None:
        self.wfile.write(f"{text}\r\n".encode())


@pytest.fixture
def by_mail(floor):
    rung = EscalationRung.objects.get(code="R1")
    act(rung, "edit", SYSTEM, {"email": True, "board": False})
    Mailbox.mails = []
    return Mailbox


def test_mail_goes_through_the_mail_server_of_the_installation(floor, by_mail, settings):
    settings.EMAIL_BACKEND = "django.core.mail.backends.smtp.EmailBackend"
    fitter = User.objects.get(pk=floor.fitter.user_id)
    act(fitter, "edit", SYSTEM, {"email": "fitter@example.com"})
    with served(socketserver.TCPServer(("127.0.0.1", 0), Mailbox)) as port:
        settings.EMAIL_HOST, settings.EMAIL_PORT, settings.EMAIL_USE_TLS = "127.0.0.1", port, False
        raised(floor)
        climb()
        assert send_due() == 1
    (mail,) = by_mail.mails
    assert "To: fitter@example.com" in mail
    assert "Subject: Maintenance: L1 F1" in mail
    (notice,) = Notice.objects.all()
    assert notice.state == "sent"
    assert "fitter@example.com" not in notice.result


def test_without_a_mail_server_the_notice_says_so(floor, by_mail, settings):
    settings.EMAIL_BACKEND, settings.EMAIL_HOST = "django.core.mail.backends.smtp.EmailBackend", ""
    raised(floor)
    climb()
    send_due()
    (notice,) = Notice.objects.all()
    assert notice.state == "not_set_up"
    assert "PLANTBEAT_SMTP_HOST" in notice.result


# --- the test call of a shift ---


@pytest.fixture
def tested(floor):
    floor.make(AndonRule, valid_from=date(2026, 1, 1), test_after=3 * MINUTE_US)
    return floor


BEGIN = -6 * 60 + 3
"""Minutes from noon to three minutes after the shift of 06:00 has begun."""


def test_a_test_call_in_each_shift_proves_the_way(tested):
    with at(BEGIN - 0.1):
        assert proving.prove(tested.site) == 0
    with at(BEGIN):
        assert proving.prove(tested.site) == 1
        assert proving.prove(tested.site) == 0
        assert proving.last_proof(tested.site, tested.lead).proved is None
        climb()
        proving.prove(tested.site)
        proof = proving.last_proof(tested.site, tested.lead)
    assert (proof.proved, proof.why) == (True, ())
    assert proof.at_us == NOON + BEGIN * MINUTE_US
    assert '"test":true' in Fact.objects.get(kind="andon_raise").body
    assert told() == [1]


def test_a_test_call_says_that_nobody_is_on_duty(tested):
    tested.remove(Role.maintenance)
    with at(BEGIN):
        proving.prove(tested.site)
        climb()
        proving.prove(tested.site)
        proof = proving.last_proof(tested.site, tested.lead)
    assert proof.proved is False
    assert proof.why == ("nobody is on duty as Maintenance.",)


def test_only_the_address_that_was_set_up_is_called(floor):
    for url in ("file:///etc/passwd", "ftp://gateway.example/"):
        with pytest.raises(Refused, match="gateway_url"):
            floor.make(AndonRule, valid_from=date(2026, 2, 1), gateway_url=url)
    with pytest.raises(Refused, match="environment"):
        floor.make(AndonRule, valid_from=date(2026, 2, 1), gateway_url="http://me:secret@gateway.example/")
    assert sending.gateway_of(floor.site) == ""
