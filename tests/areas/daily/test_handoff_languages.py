"""A handoff speaks the language of whoever reads it, on the page and on paper; what is old stays readable."""

from __future__ import annotations

import json
import re

import msgspec
import pytest
from django.test import Client
from django.utils import translation
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st
from line_of_machines import MIN, SYSTEM
from shift_to_hand_over import BOUNDARY, NOW, PASSWORD, ShiftToHandOver

from pdf_text import pdf_text
from plantbeat.areas.daily.handoffs.actions import make_due, refreshed
from plantbeat.areas.daily.handoffs.drafting import unsafe_left_out
from plantbeat.areas.daily.handoffs.editing import Edit, edit_handoff, sign_out
from plantbeat.areas.daily.handoffs.printing import handoff_pdf
from plantbeat.areas.daily.handoffs.reading import read_items
from plantbeat.areas.daily.handoffs.wording import Joined, Lasting, Number, Said, Value, spoken
from plantbeat.areas.daily.records.handoff import Handoff
from plantbeat.areas.execution.andon.actions import raise_call
from plantbeat.kernel import clock
from plantbeat.kernel.accounts import User
from plantbeat.kernel.act import act

pytestmark = pytest.mark.django_db

SAID_IN_SPANISH = {
    "stop:": "L1 está parada desde 12:30 (1 h 0 min hasta ahora): Parada propia, sin motivo indicado.",
    "loss:": "L1 estuvo parada 45 min desde 08:00: Parada propia, Jam.",
    "result:": "L1: 200 buenas de 400 planificadas (50,0\u00a0%); OEE",
    "incident:": "Casi accidente en L1 a las 09:15, caso NM-7.",
    "people:": "L1: 3 de 5 presentes, 1 ausentes, 1 de permiso.",
    "quarantine": "1 hecho espera en cuarentena; las cifras de arriba pueden cambiar.",
    "held:": "WO-000003 (P) está retenida.",
    "risk:": "Bottles run out. Señal: pallet 3 begun. Plan B: run cans (Kim).",
}


@pytest.fixture
def shift():
    with clock.at(NOW):
        yield ShiftToHandOver()


@pytest.fixture
def handoff(shift):
    (made,) = make_due(shift.site)
    return made


def words_of(handoff) -> dict[str, str]:
    return {item.code: item.words for item in read_items(handoff)}


def of(words: dict[str, str], begins: str) -> str:
    return next(text for code, text in words.items() if code.startswith(begins))


@pytest.mark.requirement("R147", "X9")
def test_each_reader_gets_it_in_their_language(shift, handoff):
    english = words_of(handoff)
    assert of(english, "loss:") == "L1 stood 45 min from 08:00: Own stop, Jam."
    with translation.override("es"):
        spanish = words_of(handoff)
        for begins, text in SAID_IN_SPANISH.items():
            assert of(spanish, begins).startswith(text), of(spanish, begins)
        sources = {item.code: item.source for item in read_items(handoff)}
        assert of(sources, "people:") == "asistencia de L1"
    assert words_of(handoff) == english


@pytest.mark.requirement("R147", "X9")
def test_who_makes_the_draft_does_not_choose_the_language(shift, handoff):
    with translation.override("es"), clock.at(NOW + 10 * MIN):
        again = refreshed(Handoff.objects.get(pk=handoff.pk))
        assert of(words_of(again), "people:").startswith("L1: 3 de 5 presentes")
    assert of(words_of(again), "people:").startswith("L1: 3 of 5 present")
    assert "3 of 5 present" in again.items.get(code="people:L1").drafted
    assert "3 of 5 present" in again.text


@pytest.mark.requirement("R147", "X9")
def test_the_page_and_the_paper_speak_it_too(shift, handoff):
    lead = shift.somebody()
    client = Client()
    user = User.objects.get(pk=lead.user_id)
    client.force_login(act(user, "edit", SYSTEM, {"language": "es"}))
    page = client.get(f"/handoff/{handoff.number}/").content.decode()
    assert "Inseguro y abierto" in page
    assert SAID_IN_SPANISH["loss:"] in page
    paper = client.get(f"/handoff/{handoff.number}/paper.pdf")
    said = pdf_text(paper.content)
    assert "Inseguro y abierto" in said
    assert SAID_IN_SPANISH["loss:"] in said
    assert "L1 stood 45 min" in pdf_text(handoff_pdf(handoff, lead))


@pytest.mark.requirement("R147", "X9")
def test_what_is_missing_is_told_in_the_language_of_who_signs(shift, handoff):
    lead, seen = shift.somebody(), frozenset(item.code for item in handoff.items.all())
    with clock.at(NOW + MIN):
        raise_call(shift.site, "M2", "quality", lead)
    with clock.at(NOW + 2 * MIN):
        with translation.override("es"):
            (missing,) = unsafe_left_out(handoff)
        assert re.fullmatch(r"AC-\d+ Calidad en M2 desde 13:31: Llamando\.", missing), missing
        refreshed(Handoff.objects.get(pk=handoff.pk))
        handoff.refresh_from_db()
        with translation.override("es"), pytest.raises(Exception, match="Calidad en M2 desde 13:31"):
            sign_out(handoff, Edit(seen=seen), lead, PASSWORD)


@pytest.mark.requirement("R147")
def test_own_words_and_what_was_drafted_before_stay_as_they_are(shift, handoff):
    edit_handoff(handoff, Edit(words={"people:L1": "One is ill"}), shift.somebody())
    old = json.loads(handoff.draft)
    for one in old:
        del one["said"], one["told_from"]
    handoff.refresh_from_db()
    handoff.draft = json.dumps(old)
    with translation.override("es"):
        words = words_of(handoff)
    assert words["people:L1"] == "One is ill"
    assert of(words, "loss:") == "L1 stood 45 min from 08:00: Own stop, Jam."
    handoff.draft = ""
    with translation.override("es"):
        assert of(words_of(handoff), "loss:") == "L1 stood 45 min from 08:00: Own stop, Jam."
    assert handoff.boundary_us == BOUNDARY


texts = st.text(max_size=20)
values = st.recursive(
    texts | st.builds(Number, st.integers(-10, 10**9)) | st.builds(Lasting, st.integers(0, 10**12)),
    lambda inner: st.builds(Said, st.sampled_from(["%(a)s", "x %(a)s %(b)s"]), st.fixed_dictionaries(
        {"a": inner, "b": inner}
    )) | st.builds(Joined, st.lists(inner, max_size=3), texts, texts),
    max_leaves=8,
)  # fmt: skip


@settings(max_examples=40, deadline=None, suppress_health_check=[HealthCheck.too_slow])
@given(values)
def test_whatever_is_said_outlives_being_kept(said):
    kept = msgspec.json.encode(said)
    again = msgspec.json.decode(kept, type=Value)
    assert again == said
    assert spoken(again) == spoken(said)
    assert len(spoken(said)) <= 500
