"""The plant workbook and the assumptions in the browser."""

from __future__ import annotations

import pytest
from django.test import Client
from django.urls import reverse
from sample_plant import sample_plant

from people_of_the_plant import SYSTEM
from plantbeat.areas.planning.records.work_order import WorkOrder
from plantbeat.areas.plant import tasks, workbook_upload
from plantbeat.areas.plant.assumptions import standing_assumptions
from plantbeat.areas.plant.records.item import Item
from plantbeat.areas.plant.records.routing import Routing
from plantbeat.areas.plant.records.work_centre import WorkCentre
from plantbeat.areas.plant.workbook import Reading, read_book
from plantbeat.kernel.access import Role
from plantbeat.kernel.act import act
from plantbeat.kernel.log import Change
from plantbeat.surfaces.import_.loading import load
from plantbeat.surfaces.import_.planning import plan
from plantbeat.surfaces.models import Assumption
from workbooks import cells, opened, xlsx

pytestmark = pytest.mark.django_db

ITEMS = [["Code", "Name", "Kind"], ["A", "First", "made"], ["B", "Second", "stolen"]]


@pytest.fixture
def browser(plant):
    """`browser(role)` is a signed-in browser of somebody at north."""

    def signed_in(role: Role | None = None, **where: object) -> Client:
        client = Client()
        user = plant.user(role, **where)
        client.force_login(user, backend="allauth.account.auth_backends.AuthenticationBackend")
        client.user_pk = user.pk
        return client

    return signed_in


def sent(client: Client, sheets: dict) -> str:
    """Upload a workbook; address of its preview."""
    answer = client.post(reverse("plant_workbook"), {"file": xlsx(sheets)})
    assert answer.status_code == 302, answer.content.decode()[-2000:]
    return answer.url


@pytest.mark.requirement("X7", "X4")
def test_upload_preview_correct_load(plant, browser):
    planner = browser(Role.planner)
    page = planner.get(reverse("plant_workbook"))
    assert "Routing operations" in page.content.decode()
    url = sent(planner, {"Items": ITEMS, "Notes": [["x", "y"]]})
    page = planner.get(url)
    text = page.content.decode()
    assert all(
        word in text
        for word in ("stolen", "one of: made, bought", "Sheets left out: Notes", "Load the good rows")
    )
    assert "Load all rows" not in text
    assert page.context["report"]["sheets"][0]["bad"] == 1
    refused = planner.get(f"{url}refused.xlsx")
    assert cells(refused.content)["Items"][1][:3] == ("B", "Second", "stolen")
    all_or_nothing = planner.post(url, {"mode": "all"})
    assert all_or_nothing.status_code == 422
    assert Item.objects.count() == 1
    assert planner.post(url, {"mode": "good"}, follow=True).content.decode().count("1 created") >= 1
    url = sent(planner, {"Items": [*ITEMS[:2], ["B", "Second", "bought"]]})
    assert "Load all rows" in planner.get(url).content.decode()
    assert planner.post(url, {"mode": "all"}).status_code == 302
    assert set(Item.objects.values_list("code", flat=True)) == {"BOTTLE", "A", "B"}
    assert planner.get(url).status_code == 404
    assert Change.objects.filter(reason="import of plant.xlsx", door="page").count() == 2


def test_a_file_of_the_wrong_kind_is_refused_on_the_page(plant, browser):
    planner = browser(Role.planner)
    assert planner.post(reverse("plant_workbook"), {}).status_code == 422
    answer = planner.get(sent(planner, {"Pivot": ITEMS}))
    assert answer.status_code == 422
    assert "is no sheet of the plant workbook" in answer.content.decode()


@pytest.mark.requirement("X6")
@pytest.mark.parametrize("role", [Role.operator, Role.quality])
def test_who_may_only_raise_actions_loads_no_items(plant, browser, role):
    reader = browser(role)
    answer = reader.post(sent(reader, {"Items": ITEMS}), {"mode": "all"}, follow=True)
    assert "your role does not allow" in answer.content.decode()
    assert not Item.objects.exclude(code="BOTTLE").exists()


@pytest.mark.requirement("X6")
def test_who_may_create_nothing_here_loads_nothing(plant, browser):
    reader = browser(Role.analyst)
    page = reader.get(reverse("plant_workbook"))
    assert "does not allow loading" in page.content.decode()
    answer = reader.post(reverse("plant_workbook"), {"file": xlsx({"Items": ITEMS})})
    assert answer.status_code == 403
    assert reader.get(reverse("plant_workbook_export")).status_code == 200


@pytest.mark.requirement("X6")
def test_strangers_see_nothing_and_nobody_opens_anothers_upload(plant, browser, client):
    planner, other = browser(Role.planner), browser(Role.planner)
    url = sent(planner, {"Items": ITEMS})
    for name in ("plant_workbook", "plant_workbook_export", "plant_workbook_template", "plant_assumptions"):
        assert client.get(reverse(name)).status_code == 302
        assert browser(None).get(reverse(name)).status_code == 403
    assert client.get(url).status_code == 302
    assert other.get(url).status_code == other.post(url, {"mode": "all"}).status_code == 404
    assert other.get(f"{url}refused.xlsx").status_code == 404


@pytest.mark.requirement("X6")
def test_a_workbook_loads_into_the_site_in_view_and_no_other(plant, browser):
    planner = browser(Role.planner)
    answer = planner.post(f"{reverse('plant_workbook')}?site=S", {"file": xlsx({"Items": ITEMS[:2]})})
    planner.post(answer.url, {"mode": "all"})
    assert Item.objects.get(code="A").site == plant.north
    sample_plant(plant.south)
    exported = cells(planner.get(f"{reverse('plant_workbook_export')}?site=S").content)
    assert [row[0] for row in exported["Items"][1:]] == ["A", "BOTTLE"]


@pytest.mark.requirement("X7")
def test_a_large_workbook_is_planned_and_loaded_by_the_worker(plant, browser, monkeypatch):
    monkeypatch.setattr(workbook_upload, "LARGE", 10)
    planner = browser(Role.planner)
    url = sent(planner, {"Items": ITEMS})
    token = int(url.rstrip("/").rpartition("/")[2])
    assert "The workbook is being read" in planner.get(url).content.decode()
    tasks.prepare_workbook.call(token, planner.user_pk)
    page = planner.get(url)
    assert page.context["report"]["problem_count"] == 1
    assert cells(planner.get(f"{url}refused.xlsx").content)["Items"][1][0] == "B"
    planner.post(url, {"mode": "good"})
    assert "The workbook is being loaded" in planner.get(url).content.decode()
    assert not Item.objects.filter(code="A").exists()
    tasks.load_workbook.call(token, planner.user_pk, True)
    assert "1 created" in planner.get(url, follow=True).content.decode()
    assert Item.objects.filter(code="A").exists()


def test_the_worker_says_why_it_did_not_finish(plant, browser, monkeypatch):
    monkeypatch.setattr(workbook_upload, "LARGE", 10)
    planner = browser(Role.planner)
    url = sent(planner, {"Pivot": ITEMS})
    token = int(url.rstrip("/").rpartition("/")[2])
    tasks.prepare_workbook.call(token, planner.user_pk)
    assert "is no sheet of the plant workbook" in planner.get(url).content.decode()
    url = sent(planner, {"Items": ITEMS})
    token = int(url.rstrip("/").rpartition("/")[2])
    monkeypatch.setattr(workbook_upload, "found_in", lambda upload, by: 1 / 0)
    with pytest.raises(ZeroDivisionError):
        tasks.prepare_workbook.call(token, planner.user_pk)
    assert "broke off" in planner.get(url).content.decode()


def assume(plant, sheet: str, rows: list, defaults: dict[str, str]) -> None:
    book = read_book(xlsx({"T": rows}), "erp.xlsx", SYSTEM, Reading(sheet, None, None, defaults))
    made = plan(book.parts, SYSTEM, plant.north)
    assert made.problems() == []
    load(made, SYSTEM, good_rows_only=False, source="erp.xlsx", reason="import of erp.xlsx")


@pytest.mark.requirement("X7")
def test_the_ten_assumptions_worth_most_are_those_most_records_point_at(plant, browser):
    assume(plant, "Items", [["Code", "Kind"], *([f"I{n:02}", "made"] for n in range(12))], {"name": "?"})
    items = {item.code: item for item in Item.objects.all()}
    for n in range(3):
        act(WorkOrder, "create", SYSTEM, plant.order_data(item=items["I05"], quantity=n + 1))
    act(WorkOrder, "create", SYSTEM, plant.order_data(item=items["I07"]))
    act(WorkCentre, "create", SYSTEM, {"site": plant.north, "code": "FILL", "name": "Filling"})
    operations = [["Item", "Step", "Work centre"], ["I05", 10, "FILL"]]
    assume(plant, "Routing operations", operations, {"run": "60"})
    standing = standing_assumptions(plant.north, SYSTEM)
    assert len(standing) == 13
    assert [(one.record.key_text(), one.dependents) for one in standing[:3]] == [
        ("I05", 4),
        ("I05", 3),
        ("I07", 1),
    ]
    planner = browser(Role.planner)
    page = planner.get(reverse("plant_assumptions"))
    text = page.content.decode()
    assert len(page.context["worst"]) == 10
    assert "10 of 13" in text
    assert "Operations 10 run time per unit" in text
    assert "ranked by how many records and lines point at the record" in text


@pytest.mark.requirement("X7")
def test_an_assumption_goes_when_the_value_is_changed_or_confirmed(plant, browser):
    assume(plant, "Items", [["Code", "Kind"], ["A", "made"], ["B", "made"], ["C", "made"]], {"name": "?"})
    act(Item.objects.get(code="A"), "edit", SYSTEM, {"name": "Known now"})
    assert [one.record.key_text() for one in standing_assumptions(plant.north, SYSTEM)] == ["B", "C"]
    planner = browser(Role.planner)
    for one in Assumption.objects.filter(record_id=Item.objects.get(code="B").pk):
        assert (
            browser(Role.operator).post(reverse("plant_assumption_confirm", args=[one.pk])).status_code == 403
        )
        assert planner.post(reverse("plant_assumption_confirm", args=[one.pk])).status_code == 302
    assert [one.record.key_text() for one in standing_assumptions(plant.north, SYSTEM)] == ["C"]
    export = planner.get(reverse("plant_workbook_export")).content
    sheet = opened(export)["Items"]
    marked = {row[0].value for row in sheet.iter_rows(min_row=2) if row[1].fill.fgColor.rgb == "00FFE7A8"}
    assert marked == {"C"}
    assert "1 value is only assumed" in planner.get(reverse("plant_workbook")).content.decode()


def test_where_nothing_is_assumed_the_page_says_so(plant, browser):
    text = browser(Role.planner).get(reverse("plant_assumptions")).content.decode()
    assert "Nothing is assumed" in text
    assert Routing.objects.count() == 0
