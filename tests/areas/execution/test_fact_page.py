"""The page of one fact: words and fields, source, block, correction, and where it counts."""

from __future__ import annotations

import re

import msgspec
import pytest
from django.db import connection
from django.test import Client
from half_shift import DAY, half_a_shift
from line_of_machines import SYSTEM, at
from test_kpi_page import person

from plantbeat.areas.execution.kpis.asking import kpi_address
from plantbeat.areas.execution.one_fact.fields import (
    CHOICE_WORDS,
    FIELD_WORDS,
    body_with_defaults,
    fields_shown,
)
from plantbeat.areas.execution.one_fact.pages import MEASURES
from plantbeat.areas.execution.one_fact.sentences import SENTENCES, sentence
from plantbeat.facts.incoming import arrival_of_json
from plantbeat.facts.kinds import KINDS
from plantbeat.facts.log import append, reverse
from plantbeat.facts.models import Fact, Quarantine
from plantbeat.facts.source import source_actor
from plantbeat.facts.views.catalogue import measure_named
from plantbeat.facts.views.scopes import Scope
from plantbeat.kernel.access import Actor, Role
from plantbeat.kernel.accounts import Site, User
from plantbeat.kernel.act import act

pytestmark = [pytest.mark.django_db, pytest.mark.requirement("R149", "R157")]


@pytest.fixture
def line(db):
    for made in half_a_shift():
        first = {"username": "first", "name": "First", "grants": [{"role": Role.administrator, "site": None}]}
        act(
            act(User, "create", SYSTEM, first), "set_password", SYSTEM, {"password": "a good long passphrase"}
        )
        yield made


@pytest.fixture
def reader(line) -> Client:
    return person(Role.analyst, line.site)


def count() -> Fact:
    return Fact.objects.filter(kind="count").order_by("lsn").first()


def shown(client: Client, lsn: int):
    answer = client.get(f"/facts/{lsn}/")
    assert answer.status_code == 200, answer.content[:500]
    return answer.context, re.sub(r"\s+", " ", answer.content.decode())


def test_a_fact_is_told_in_words_and_fields_with_time_source_and_days(line, reader):
    row = count()
    context, text = shown(reader, row.lsn)
    assert context["says"] == "M2 Packer counts 90 good pieces, 3 scrapped and 0 sent to rework."
    said = {one.name: (one.text, one.unit) for one in context["fields"]}
    assert said["good"] == ("90", "pcs")
    assert said["order"] == ("", "")
    assert "2026-03-10 09:30:00" in text
    assert "2026-03-10T09:30:00.000000Z" in text
    assert context["later_us"] == at(DAY, "12:30") - at(DAY, "09:30")
    assert context["speaker"] == "Plantbeat itself"
    assert ">gw</a>" in text
    assert [(one["asset"], one["is_computed"]) for one in context["days"]] == [
        ("M2 Packer", True), ("L1 Line 1", True),
    ]  # fmt: skip
    for one in context["days"]:
        opened = reader.get(one["url"])
        assert opened.status_code == 200
        assert opened.context["period_label"] == DAY


def test_every_number_of_a_fact_behind_a_figure_opens_to_it(line, reader):
    row = count()
    kpi = reader.get("/kpis/?measure=throughput&scope=line:L1&period=today&cut=none&facts=1")
    assert f'href="/facts/{row.lsn}/"' in kpi.content.decode()
    jam = Fact.objects.get(kind="state", t_us=at(DAY, "08:00"))
    for page in (f"/lines/L1/stops/{at(DAY, '08:10')}/", "/lines/L1/"):
        assert f'href="/facts/{jam.lsn}/"' in reader.get(page).content.decode()


def test_a_correction_and_what_it_takes_back_lead_to_each_other(line, reader):
    row = count()
    grants = [{"role": Role.supervisor, "site": line.site}]
    by = act(User, "create", SYSTEM, {"username": "lead", "name": "Ada Lead", "grants": grants})
    (lsn,) = reverse(row, Actor.of(by), "the scale was off").lsns
    context, text = shown(reader, row.lsn)
    assert "Taken back: “the scale was off”" in text
    assert f'href="/facts/{lsn}/"' in text
    assert [one["is_computed"] for one in context["days"]] == [False, False]
    context, text = shown(reader, lsn)
    assert context["says"] == "A fact about M2 Packer is taken back: “the scale was off”"
    assert f'href="/facts/{row.lsn}/"' in text
    assert [one["is_computed"] for one in context["days"]] == [False, False]
    assert by.pseudonym in context["speaker"]
    assert "Ada" not in text
    line.drain()
    context, _text = shown(reader, lsn)
    assert [one["is_computed"] for one in context["days"]] == [True, True]
    kpi = reader.get("/kpis/?measure=throughput&scope=line:L1&period=today&cut=none&facts=1")
    assert f'href="/facts/{lsn}/"' not in kpi.content.decode(), "neither is behind the figure any more"


def test_facts_of_other_sites_and_unknown_ones_are_not_found(line, reader):
    lsn = count().lsn
    other = act(Site, "create", SYSTEM, {"code": "Z", "name": "Zurich", "zone": "Europe/Zurich"})
    assert person(Role.manager, other).get(f"/facts/{lsn}/").status_code == 404
    assert person(Role.operator, line.site).get(f"/facts/{lsn}/").status_code == 200
    assert Client().get(f"/facts/{lsn}/").status_code == 302
    for unknown in (0, lsn + 10_000, 2**63 - 1, 2**63, 10**40):
        assert reader.get(f"/facts/{unknown}/").status_code == 404


def test_its_block_is_computed_again_and_an_altered_fact_shows(line, reader):
    row = count()
    context, text = shown(reader, row.lsn)
    assert context["batch"].broken is None
    assert context["batch"].first_lsn <= row.lsn <= context["batch"].last_lsn
    assert "Verified now" in text
    assert context["batch"].hash in text
    with connection.cursor() as cursor:
        if connection.vendor == "sqlite":
            for name in _triggers(cursor):
                cursor.execute(f"DROP TRIGGER {name}")
        else:
            cursor.execute("ALTER TABLE fact DISABLE TRIGGER USER")
        cursor.execute("UPDATE fact SET body = %s WHERE lsn = %s", ['{"good":91,"scrap":3}', row.lsn])
    _context, text = shown(reader, row.lsn)
    assert "Does not hold" in text
    assert "a fact was altered after it was written" in text


def _triggers(cursor) -> list[str]:
    cursor.execute("SELECT name FROM sqlite_master WHERE type = 'trigger' AND tbl_name = 'fact'")
    return [name for (name,) in cursor.fetchall()]


def test_a_fact_from_the_quarantine_and_its_row_there_lead_to_each_other(line, reader):
    raw = b'{"asset":"M9","t":"2026-03-10T08:00:00Z","kind":"count","body":{"good":5}}'
    append([arrival_of_json(raw, "gw")], source_actor("gw"), line.source)
    held = Quarantine.objects.get()
    act(held, "release", SYSTEM, {"asset": "M2"})
    held.refresh_from_db()
    _context, text = shown(reader, held.lsn)
    assert held.number in text
    assert f'href="/quarantine/{held.pk}/"' in text
    assert f'href="/facts/{held.lsn}/"' in reader.get(f"/quarantine/{held.pk}/").content.decode()


def test_who_worked_is_not_told(line, reader):
    (lsn,) = line.say(line.fact("operator_on", at(DAY, "06:05"), "L1", person="p-secret"))
    _context, text = shown(reader, lsn)
    assert "p-secret" not in text
    assert "somebody; not shown here" in text


def test_every_kind_has_its_sentence_and_every_field_its_word():
    assert {key.split()[0] for key in SENTENCES} == set(KINDS)
    names = {field.name for kind in KINDS.values() for field in msgspec.structs.fields(kind.body)}
    assert names == set(FIELD_WORDS)


def test_the_measure_of_every_kind_opens_and_counts_it(line, reader):
    for kind, code in MEASURES.items():
        assert kind in measure_named(code).kinds, kind
    for code in set(MEASURES.values()):
        page = kpi_address(
            code, Scope.line(line.site.pk, "L1"), **{"period": "custom", "from": DAY, "to": DAY}
        )
        assert reader.get(page).status_code == 200, page


SAID = {
    "state": '{"state":"RUN"}', "counter": '{"value":12.5}', "count": "{}", "scrap": '{"quantity":2}',
    "reason": '{"reason":"JAM","from_us":1}', "order_start": '{"order":"W1"}', "order_end": '{"order":"W1"}',
    "first_piece_ok": '{"order":"W1"}', "operator_on": '{"person":"p"}', "operator_off": '{"person":"p"}',
    "andon_raise": '{"call":"c","category":"quality"}',
    "reading": '{"characteristic":"width","value":3,"unit":"mm"}', "gap": '{"from_us":1,"until_us":2}',
    "note": '{"text":"100 % \\u201cgood\\u201d ."}', "incident": '{"case":"I1","severity":"near_miss"}',
    "attendance": '{"rostered":5,"present":4}', "rework": '{"quantity":1,"outcome":"recovered"}',
}  # fmt: skip


@pytest.mark.parametrize("kind", sorted(KINDS))
def test_every_kind_can_be_told(kind):
    stored = SAID.get(kind, '{"call":"c"}' if kind.startswith("andon") else "{}")
    body = KINDS[kind].read(stored.encode())
    said = sentence(kind, "M1 Filler", body_with_defaults(body), "why")
    assert "%(" not in said
    assert "M1 Filler" in said
    assert len(fields_shown(body)) == len(body.__struct_fields__)


def test_other_words_where_a_kind_says_something_else():
    later = {"order": "W1", "complete": False}
    assert sentence("order_end", "L1", later, "") == "Order W1 leaves L1 and will be continued."
    bare = {"characteristic": "width", "value": 3, "unit": ""}
    assert sentence("reading", "M1", bare, "") == "width at M1 was measured as 3."
    sent = {"quantity": 2, "outcome": "sent"}
    assert sentence("rework", "M1", sent, "") == "M1 has sent 2 pieces to rework."
    assert set(CHOICE_WORDS) >= {"sent", "recovered", "scrapped"}


@pytest.mark.requirement("X9")
def test_the_page_speaks_spanish_too(line):
    grants = [{"role": Role.operator, "site": line.site}]
    ana = act(User, "create", SYSTEM, {"username": "ana", "name": "Ana", "language": "es", "grants": grants})
    client = Client()
    client.force_login(ana, backend="allauth.account.auth_backends.AuthenticationBackend")
    _context, text = shown(client, count().lsn)
    assert "Qué dice" in text
    assert "M2 Packer cuenta 90 piezas buenas" in text
    plan = client.get("/lines/L1/hours/plan/").content.decode()
    assert "Cómo se forma el plan de cada hora" in plan
