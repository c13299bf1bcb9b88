"""The handoff: drafted from facts, signed by two, nothing unsafe dropped by any door."""

from __future__ import annotations

import contextlib
import json
import time
from datetime import date

import pytest
from django.test import Client
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st
from line_of_machines import HOUR, MIN, SYSTEM, at
from shift_to_hand_over import BOUNDARY, DAY, NOW, PASSWORD, TWELVE, ShiftToHandOver

from plantbeat.areas.daily.handoffs import questions
from plantbeat.areas.daily.handoffs.actions import keep_fresh, make_due, refreshed
from plantbeat.areas.daily.handoffs.drafting import drafted
from plantbeat.areas.daily.handoffs.editing import Edit, edit_handoff, sign_out
from plantbeat.areas.daily.handoffs.laddering import escalate_late
from plantbeat.areas.daily.handoffs.printing import handoff_pdf, handoff_sheet
from plantbeat.areas.daily.records.handoff import Handoff
from plantbeat.areas.daily.records.paper_rule import PaperRule
from plantbeat.areas.execution.andon.escalating import fire_due
from plantbeat.areas.execution.andon.live import andon_parts
from plantbeat.areas.execution.andon.sending import send_due
from plantbeat.areas.execution.andon.subjects import unseen
from plantbeat.areas.execution.records.andon_call import AndonCall
from plantbeat.areas.execution.records.escalation_rung import EscalationRung
from plantbeat.areas.execution.records.escalation_step import EscalationStep
from plantbeat.areas.execution.records.notice import Notice
from plantbeat.areas.execution.walls.call_frames import calls_frame
from plantbeat.areas.people.records.on_call import OnCall
from plantbeat.areas.people.records.person import Person
from plantbeat.areas.plant.records.holiday import Holiday
from plantbeat.kernel import clock
from plantbeat.kernel.access import Role
from plantbeat.kernel.accounts import Site, User
from plantbeat.kernel.act import act
from plantbeat.kernel.act_many import act_many
from plantbeat.kernel.log import Change, broken
from plantbeat.kernel.problems import Kind, Refused

pytestmark = pytest.mark.django_db


@pytest.fixture
def shift():
    with clock.at(NOW):
        yield ShiftToHandOver()


@pytest.fixture
def handoff(shift):
    (made,) = make_due(shift.site)
    return made


def said(handoff) -> dict[str, str]:
    return {item.code: item.words for item in handoff.items.all()}


def rows_of(handoff, without=(), **changed):
    names = ("code", "kind", "drafted", "text", "source", "opens", "unsafe")
    rows = [{name: getattr(item, name) for name in names} for item in handoff.items.order_by("code")]
    return [row | changed.get(row["code"], {}) for row in rows if row["code"] not in without]


@pytest.mark.requirement("R147", "R018", "R154")
def test_a_shift_with_twelve_facts_has_all_twelve_in_its_draft(shift):
    begun = time.process_time()
    (handoff,) = make_due(shift.site)
    assert time.process_time() - begun < 2
    texts = said(handoff)
    for begins, words in TWELVE.items():
        assert [text for code, text in texts.items() if code.startswith(begins) and words in text], (
            begins, texts,
        )  # fmt: skip
    assert (handoff.area.code, handoff.shift, handoff.next_shift) == ("FILL", "early (A)", "late (B)")
    assert (handoff.boundary_us, handoff.next_start_us) == (BOUNDARY, BOUNDARY)


def test_every_sentence_names_its_source_and_opens_it(shift, handoff):
    client, lead = Client(), User.objects.get(pk=shift.somebody().user_id)
    client.force_login(lead)
    for item in handoff.items.all():
        assert item.source, item.drafted
        assert client.get(item.opens).status_code == 200, item.opens


def test_unsafe_is_what_the_next_shift_could_be_hurt_by(handoff):
    unsafe = {item.code.split(":")[0] for item in handoff.items.filter(unsafe=True)}
    assert unsafe == {"stop", "call", "incident", "held"}


def test_a_boundary_has_one_handoff_however_often_it_is_due(shift, handoff):
    assert make_due(shift.site) == []
    assert Handoff.objects.count() == 1
    with clock.at(NOW + 10 * MIN):
        assert keep_fresh(shift.site) == 1
    with clock.at(NOW + 11 * MIN):
        assert keep_fresh(shift.site) == 0


def test_own_words_stand_beside_the_drafted_ones_and_outlive_a_new_draft(shift, handoff):
    lead = shift.somebody()
    edit = Edit(
        words={"people:L1": "One is ill, two were lent to L2"}, left_out=frozenset({"quarantine"}),
        added=[("Forklift 2 leaks oil at door 4", True)],
    )  # fmt: skip
    edit_handoff(handoff, edit, lead)
    with clock.at(NOW + 10 * MIN):
        again = refreshed(Handoff.objects.get(pk=handoff.pk))
    texts = said(again)
    assert texts["people:L1"] == "One is ill, two were lent to L2"
    assert "3 of 5 present" in again.items.get(code="people:L1").drafted
    assert "quarantine" not in texts
    assert again.items.get(text="Forklift 2 leaks oil at door 4").unsafe


@pytest.mark.requirement("R147")
def test_two_people_sign_and_the_log_proves_both(shift, handoff):
    out, taking = shift.somebody(name="Ann"), shift.somebody(name="Ben")
    seen = frozenset(item.code for item in handoff.items.all())
    with pytest.raises(Refused, match="password or PIN is wrong"):
        sign_out(handoff, Edit(seen=seen), out, "guessed")
    with clock.at(BOUNDARY - 5 * MIN):
        sign_out(handoff, Edit(seen=seen), out, PASSWORD)
    with clock.at(BOUNDARY + 5 * MIN):
        handoff.refresh_from_db()
        with pytest.raises(Refused, match="you have signed it out yourself"):
            act(handoff, "sign_in", out, {}, secret=PASSWORD)
        signed = act(handoff, "sign_in", taking, {"questions": "Who has the key?"}, secret=PASSWORD)
    assert signed.state == "signed_in"
    signatures = [
        row.signature["meaning"] for row in Change.objects.exclude(signature=None).order_by("place")
    ]
    assert signatures == ["This is the truth about my shift as I know it", "I have read it and take over"]
    assert broken(shift.site.pk) is None
    with pytest.raises(Refused, match="no answer yet"):
        act(signed, "archive", taking, {})
    assert act(signed, "archive", out, {"answers": "The office"}).state == "archived"
    sheet = json.dumps(handoff_sheet(signed, taking))
    assert "Ann" in sheet
    assert "Ben" in sheet
    assert all(row.hash in sheet for row in Change.objects.exclude(signature=None))


def test_a_signed_handoff_stays_as_it_is(shift, handoff):
    lead, seen = shift.somebody(), frozenset(item.code for item in handoff.items.all())
    signed = sign_out(handoff, Edit(seen=seen), lead, PASSWORD)
    with pytest.raises(Refused, match="it is signed"):
        act(signed, "edit", lead, {"note": "by the way"})
    with pytest.raises(Refused):
        act(signed, "remove", shift.somebody(Role.administrator))
    assert refreshed(signed).version == signed.version


def test_what_comes_up_while_somebody_reads_must_be_read_before_it_is_signed(shift, handoff):
    lead, seen = shift.somebody(), frozenset(item.code for item in handoff.items.all())
    with clock.at(NOW + 5 * MIN):
        shift.say(shift.fact("incident", NOW + MIN, case="INC-8", severity="first_aid"))
        shift.drain()
        with pytest.raises(Refused, match=r"INC-8.*refresh it first"):
            sign_out(handoff, Edit(seen=seen), lead, PASSWORD)
        fresh = refreshed(handoff)
        with pytest.raises(Refused, match=r"since you opened this page.*INC-8") as refused:
            sign_out(fresh, Edit(seen=seen), lead, PASSWORD)
        assert refused.value.kind == Kind.conflict
        seen = frozenset(item.code for item in fresh.items.all())
        assert sign_out(fresh, Edit(seen=seen), lead, PASSWORD).state == "signed_out"


@pytest.mark.requirement("R147")
def test_nothing_unsafe_can_be_dropped_by_any_door(shift, handoff):
    lead, before = shift.somebody(), said(handoff)
    client = Client()
    client.force_login(User.objects.get(pk=lead.user_id))
    unsafe = [item for item in handoff.items.all() if item.unsafe]
    for item in unsafe:
        rows = rows_of(handoff, without={item.code})
        with pytest.raises(Refused, match="cannot be taken out"):
            act(handoff, "edit", lead, {"items": rows})
        with pytest.raises(Refused, match="cannot be taken out"):
            act_many(Handoff, "edit", lead, [{"id": handoff.pk, "items": rows}])
        with pytest.raises(Refused, match="cannot be taken out"):
            edit_handoff(handoff, Edit(left_out=frozenset({item.code})), lead)
        posted = {"do": "save", "left_out": [item.code], "seen": [item.code]}
        assert client.post(f"/handoff/{handoff.number}/", posted).status_code == 422
        rest = client.patch(
            f"/api/daily/handoffs/{handoff.pk}", json.dumps({"items": rows}), content_type="application/json"
        )
        assert rest.status_code in (403, 422), rest.content
        for change in ({"unsafe": False}, {"drafted": "All is well"}, {"kind": "note"}, {"opens": "/"}):
            with pytest.raises(Refused, match="stays as it is"):
                act(handoff, "edit", lead, {"items": rows_of(handoff, **{item.code: change})})
    with pytest.raises(Refused):
        act(
            Handoff,
            "create",
            lead,
            {"site": shift.site, "boundary_us": 1, "production_day": date(2026, 3, 10)},
        )
    with pytest.raises(Refused):
        act(handoff, "refresh", lead, {"sentences": "nothing"})
    handoff.refresh_from_db()
    assert said(handoff) == before


@settings(max_examples=40, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(data=st.data())
def test_whatever_is_edited_what_is_unsafe_stays(shift, handoff, data):
    lead = shift.__dict__.setdefault("lead", None) or shift.somebody()
    shift.lead = lead
    unsafe = {
        code for code, item in ((i.code, i) for i in handoff.items.all()) if item.unsafe and item.drafted
    }
    rows = rows_of(Handoff.objects.get(pk=handoff.pk))
    keep = data.draw(st.lists(st.sampled_from(rows), unique_by=lambda row: row["code"]))
    names = st.sampled_from(["text", "drafted", "source", "kind", "unsafe"])
    values = {"text": st.text(max_size=20), "drafted": st.just("nothing"), "source": st.just("me"),
              "kind": st.just("note"), "unsafe": st.booleans()}  # fmt: skip
    for row in keep:
        if data.draw(st.booleans()):
            name = data.draw(names)
            row[name] = data.draw(values[name])
    with contextlib.suppress(Refused):
        act(Handoff.objects.get(pk=handoff.pk), "edit", lead, {"items": keep})
    still = {item.code for item in Handoff.objects.get(pk=handoff.pk).items.all() if item.unsafe}
    assert unsafe <= still


def on_call(shift, role: Role, name: str, email: str = "") -> Person:
    """Somebody on call for the day of the handoff and the next."""
    user = User.objects.get(pk=shift.somebody(role, name).user_id)
    if email:
        act(user, "edit", SYSTEM, {"email": email})
    number = str(Person.objects.count() + 1)
    person = act(Person, "create", SYSTEM, {
        "site": shift.site, "number": number, "name": name, "user": user,
    })  # fmt: skip
    starts, ends = clock.from_us(at(DAY, "00:00")), clock.from_us(at("2026-03-12", "00:00"))
    act(OnCall, "create", SYSTEM, {
        "site": shift.site, "person": person, "role": role, "starts": starts, "ends": ends,
    })  # fmt: skip
    return person


def call_over() -> None:
    """The call of the shift is resolved and confirmed, so that only the handoff climbs."""
    call = AndonCall.objects.get()
    with clock.at(BOUNDARY - MIN):
        act(act(call, "resolve", SYSTEM), "confirm", SYSTEM)


def unsigned_rungs():
    return EscalationStep.objects.exclude(subject="")


def fired_at(at_us: int) -> int:
    """What the worker does at an instant; how many rungs it told."""
    with clock.at(at_us):
        for site in Site.objects.all():
            escalate_late(site)
        return fire_due()


@pytest.mark.requirement("R147", "R183")
def test_an_unsigned_handoff_climbs_the_ladder_once_for_each_signature(shift, handoff):
    on_call(shift, Role.supervisor, "Sam")
    on_call(shift, Role.manager, "Max")
    fired_at(BOUNDARY + 29 * MIN)  # of the call
    assert not unsigned_rungs().exists()
    assert fired_at(BOUNDARY + 31 * MIN) == 1
    assert fired_at(BOUNDARY + 32 * MIN) == 0
    late = Handoff.objects.get(pk=handoff.pk)
    assert late.escalated_us == BOUNDARY + 31 * MIN
    assert late.escalated_to == "Sam (Supervisor)"
    assert fired_at(BOUNDARY + 46 * MIN) == 1
    with clock.at(BOUNDARY + 47 * MIN):
        late = Handoff.objects.get(pk=handoff.pk)
        assert (late.escalated_us, late.escalated_to) == (
            BOUNDARY + 31 * MIN, "Sam (Supervisor); Max (Production manager)",
        )  # fmt: skip
        (waiting,) = questions.handoffs_waiting(shift.site, SYSTEM)
        assert (waiting.sign, waiting.overdue, waiting.number) == ("out", True, late.number)
        fresh = refreshed(late)
        seen = frozenset(item.code for item in fresh.items.all())
        sign_out(fresh, Edit(seen=seen), shift.somebody(), PASSWORD)
    assert fired_at(BOUNDARY + 60 * MIN) == 0
    assert questions.handoffs_waiting(shift.site, SYSTEM)[0].sign == "in"
    assert fired_at(BOUNDARY + 78 * MIN) == 1
    with clock.at(BOUNDARY + 79 * MIN):
        late = Handoff.objects.get(pk=handoff.pk)
        assert late.escalated_us == BOUNDARY + 78 * MIN
        signed = act(late, "sign_in", shift.somebody(), {}, secret=PASSWORD)
        assert signed.due_us is None
    assert fired_at(BOUNDARY + 600 * MIN) == 0
    assert list(unsigned_rungs().order_by("place").values_list("state", flat=True)) == [
        "told",
        "told",
        "told",
        "stopped",
    ]


@pytest.mark.requirement("R147", "R183")
def test_a_handoff_is_told_by_every_channel_of_the_rung(shift, handoff, mailoutbox, settings):
    settings.EMAIL_BACKEND = "django.core.mail.backends.locmem.EmailBackend"
    sam = on_call(shift, Role.supervisor, "Sam", "sam@example.org")
    call_over()
    assert fired_at(BOUNDARY + 31 * MIN) == 1
    with clock.at(BOUNDARY + 31 * MIN):
        assert send_due() == 2
    told = dict(Notice.objects.filter(person=sam).values_list("channel", "state"))
    assert told == {"board": "shown", "sound": "shown", "email": "sent", "gateway": "not_set_up"}
    (mail,) = mailoutbox
    assert mail.to == ["sam@example.org"]
    assert handoff.number in mail.subject
    assert "nobody has signed it out" in mail.subject
    assert "early (A) to late (B)" in mail.body
    assert "it was to be signed by 14:30" in mail.body


@pytest.mark.requirement("R147")
def test_boards_and_tablets_show_it_until_somebody_signs(shift, handoff):
    client = Client()
    client.force_login(User.objects.get(pk=shift.somebody().user_id))
    call_over()
    assert fired_at(BOUNDARY + 31 * MIN) == 1
    with clock.at(BOUNDARY + 32 * MIN):
        (one,) = unseen(shift.site, clock.now_us(), SYSTEM)
        assert (one.area, one.since_us, one.url) == (
            "FILL",
            BOUNDARY + 30 * MIN,
            f"/handoff/{handoff.number}/",
        )
        assert one.ring == Notice.objects.get(channel="sound").pk
        parts = andon_parts(shift.site, ["L1"], SYSTEM)
        assert parts["L1.andon_sound"]["ring"] == one.ring
        assert parts["andon.calls"]["ring"] == one.ring
        frame = calls_frame("B@FILL", SYSTEM)
        assert frame["B@FILL.call1"]["text"] == "Unsigned handoff"
        board = client.get("/andon/").content.decode()
        assert f"/handoff/{handoff.number}/" in board
        page = client.get(f"/handoff/{handoff.number}/").content.decode()
        # Who was told stands there once, with every channel.
        assert page.count("Rung 1: Supervisor") == 1
        assert "board" in page
        assert "tablet sound" in page
        fresh = refreshed(Handoff.objects.get(pk=handoff.pk))
        seen = frozenset(item.code for item in fresh.items.all())
        sign_out(fresh, Edit(seen=seen), shift.somebody(), PASSWORD)
        assert unseen(shift.site, clock.now_us(), SYSTEM) == []
        assert andon_parts(shift.site, ["L1"], SYSTEM)["L1.andon_sound"]["ring"] is None


def test_a_person_told_by_two_rungs_is_named_once(shift, handoff):
    on_call(shift, Role.manager, "Max")
    for n in (1, 2):
        values = {"site": shift.site, "code": f"H{n}", "about": "handoff", "role": Role.manager}
        act(EscalationRung, "create", SYSTEM, {**values, "rung": n, "delay": 5 * n * MIN})
    call_over()
    for minute in range(31, 60):
        fired_at(BOUNDARY + minute * MIN)
    assert list(unsigned_rungs().values_list("state", flat=True)) == ["told", "told"]
    assert Handoff.objects.get(pk=handoff.pk).escalated_to == "Max (Production manager)"


@pytest.mark.requirement("R147")
def test_a_site_has_rungs_of_its_own_for_handoffs(shift, handoff):
    def rung(code: str, **more: object) -> EscalationRung:
        values = {"site": shift.site, "code": code, "about": "handoff", "role": Role.manager, **more}
        return act(EscalationRung, "create", SYSTEM, values)

    rung("H1", rung=1, delay=5 * MIN, board=True, sound=False)
    rung("H2", rung=1, delay=10 * MIN, area=shift.area)
    act(EscalationRung, "create", SYSTEM, {"site": shift.site, "code": "C1", "rung": 1, "role": Role.planner})
    with pytest.raises(Refused, match="a handoff is of an area"):
        rung("H3", rung=2, line=shift.line)
    with clock.at(BOUNDARY - 5 * MIN):
        seen = frozenset(item.code for item in handoff.items.all())
        sign_out(handoff, Edit(seen=seen), shift.somebody(), PASSWORD)
    call_over()
    assert fired_at(BOUNDARY + 39 * MIN) == 0
    assert fired_at(BOUNDARY + 40 * MIN) == 1
    late = Handoff.objects.get(pk=handoff.pk)
    assert late.escalated_to == "nobody is on duty as Production manager"
    assert set(Notice.objects.values_list("state", flat=True)) == {"nobody", "shown"}


def test_who_takes_over_signs_in_late_where_nobody_signed_out(shift, handoff):
    taking = shift.somebody()
    with pytest.raises(Refused, match="not over yet"):
        act(handoff, "take_over", taking, {}, secret=PASSWORD, reason="nobody there")
    with clock.at(BOUNDARY + HOUR):
        with pytest.raises(Refused, match="a reason is required"):
            act(handoff, "take_over", taking, {}, secret=PASSWORD)
        assert act(handoff, "take_over", taking, {}, secret=PASSWORD, reason="lead ill").state == "signed_in"


def test_before_a_holiday_the_next_working_shift_receives_it(shift):
    with clock.at(at(DAY, "12:00")):
        act(Holiday, "create", SYSTEM, {"site": shift.site, "day": date(2026, 3, 11), "name": "Feast"})
    with clock.at(at("2026-03-11", "05:30")):
        (last,) = make_due(shift.site)
    assert last.boundary_us == at("2026-03-11", "06:00")
    assert last.next_shift == "early (A)"
    assert last.next_start_us == at("2026-03-12", "06:00")


def test_an_operator_reads_and_does_not_sign(shift, handoff):
    operator = shift.somebody(Role.operator)
    client = Client()
    client.force_login(User.objects.get(pk=operator.user_id))
    page = client.get(f"/handoff/{handoff.number}/")
    assert page.status_code == 200
    assert b"it does not sign them" in page.content
    posted = client.post(f"/handoff/{handoff.number}/", {"do": "sign_out", "secret": PASSWORD})
    assert posted.status_code in (403, 422)
    assert client.post(f"/handoff/{handoff.number}/", {"do": "refresh"}).status_code == 403
    assert client.post(f"/handoff/{handoff.number}/", {"do": "burn"}).status_code == 422
    assert client.get("/handoff/HO-999999/").status_code == 404


def test_another_site_sees_nothing_of_it(shift, handoff, plant):
    stranger = plant.actor(Role.manager)
    assert questions.handoffs_waiting(shift.site, stranger) == []
    assert questions.handoff_numbered(shift.site, handoff.number, stranger) is None


def test_pages_show_what_waits_and_find_what_was_said(shift, handoff):
    client = Client()
    client.force_login(User.objects.get(pk=shift.somebody().user_id))
    page = client.get("/handoff/").content.decode()
    assert "To be signed out" in page
    assert handoff.number in client.get("/handoff/?q=NM-7").content.decode()
    assert "Nothing found" in client.get("/handoff/?q=unicorn").content.decode()
    number = handoff.number
    words = {"do": "save", "seen": ["people:L1"], "words:people:L1": "Two were lent to L2"}
    assert client.post(f"/handoff/{number}/", words).status_code == 302
    assert "Two were lent to L2" in client.get(f"/handoff/{number}/").content.decode()


def test_the_paper_is_that_of_the_site(shift, handoff):
    lead = shift.somebody()
    assert b"595.2" in handoff_pdf(handoff, lead)
    act(PaperRule, "create", SYSTEM, {"site": shift.site, "paper": "us-letter"})
    assert b"612 792" in handoff_pdf(handoff, lead)
    with pytest.raises(Refused, match="no such paper"):
        handoff_pdf(handoff, lead, "papyrus")
    assert handoff_pdf(handoff, lead) == handoff_pdf(handoff, lead)


def test_a_line_without_facts_is_no_good_line(shift):
    with clock.at(at("2026-03-11", "05:30")):
        (handoff,) = make_due(shift.site)
        codes = {one.code for one in drafted(handoff).sentences}
    assert "result:L1" in codes
