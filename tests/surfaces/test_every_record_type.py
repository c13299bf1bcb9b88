"""The contract of a declaration: what every record type can do on every surface, and what nobody can."""

from __future__ import annotations

import csv
import io
import json

import pytest
from examples import record, values

from people_of_the_plant import SYSTEM
from plantbeat.kernel import registry
from plantbeat.kernel.access import Role
from plantbeat.kernel.act import act
from plantbeat.kernel.record import Record
from plantbeat.kernel.schema import fields_of, keyed_fields
from plantbeat.surfaces.addresses import address, address_of

pytestmark = pytest.mark.django_db

TYPES = [model for model in registry.records() if model.face.menu]
OF_A_SITE = [model for model in TYPES if model.scope not in (None, "id")]
BY_HAND = [model for model in TYPES if model.access.create]


def every(models: list[type[Record]]):
    return pytest.mark.parametrize("model", models, ids=lambda model: model.type_code())


ONE_PER_SITE = [
    model
    for model in TYPES
    if tuple(model.key[:1]) == ("site",)
    and all(fields_of(model)[name].kind == "choice" for name in model.key[1:])
]
"""Settings of a site: there is no second one, or only one for each choice."""


def api_address(model: type[Record], pk: int | None = None) -> str:
    return f"/api/{model._meta.app_label}/{model.slug()}" + (f"/{pk}" if pk else "")


@pytest.fixture
def admin(browser):
    return browser(Role.administrator, everywhere=True)


@every(TYPES)
@pytest.mark.requirement("X4", "X5")
def test_list_shows_rows_and_sorts_by_each_column(model, plant, admin):
    made = record(model, plant.north)
    page = admin.get(address(model), {"site": "N"})
    assert page.status_code == 200
    assert address_of(made) in page.content.decode()
    for name in model.face.columns:
        assert admin.get(address(model), {"sort": f"-{name}"}).status_code == 200
    assert admin.get(address(model), {"sort": "no_such"}).status_code == 422
    assert admin.get(address(model), {"no_such": "1"}).status_code == 422


@every(TYPES)
def test_each_declared_filter_finds_the_record_by_its_own_value(model, plant, admin):
    made = record(model, plant.north)
    for name in model.face.filters:
        spec = fields_of(model)[name]
        plain = spec.plain(made)
        if plain in (None, ""):
            continue
        if spec.kind == "link":
            asked = {name: str(getattr(made, f"{name}_id"))}
        elif spec.kind in ("date", "datetime"):
            asked = {f"{name}_from": plain[:10], f"{name}_to": "2099-01-01"}
        else:
            asked = {name: "yes" if plain is True else str(plain)}
        page = admin.get(address(model), asked)
        assert page.status_code == 200
        assert address_of(made) in page.content.decode()


@every(TYPES)
def test_detail_shows_every_field_and_the_history(model, plant, admin):
    made = record(model, plant.north)
    page = admin.get(address_of(made))
    assert page.status_code == 200
    text = page.content.decode()
    assert "created" in text
    for name, spec in keyed_fields(model).items():
        if spec.kind in ("text", "integer") and name in model.face.columns:
            assert spec.shown(made) in text


@every(BY_HAND)
def test_the_form_creates_and_the_empty_form_names_each_required_field(model, plant, admin):
    admin.get("/", {"site": "N"})
    assert admin.get(address(model, "new")).status_code == 200
    empty = admin.post(address(model, "new"), dict.fromkeys(keyed_fields(model), ""))
    required = [s for s in keyed_fields(model).values() if s.required and s.name != "site"]
    if required:
        assert empty.status_code == 422
        assert empty.content.decode().count("is required") >= len(required)
    before = model._base_manager.count()
    filled = as_typed(model, values(model, plant.north))
    page = admin.post(address(model, "new"), filled)
    assert page.status_code == 302, page.content.decode()[-3000:]
    assert model._base_manager.count() >= before + 1


def as_typed(model: type[Record], data: dict[str, object]) -> dict[str, str]:
    """Values as a person types them into the form."""
    instance = model(**data)
    typed = {}
    for name in data:
        spec = fields_of(model)[name]
        if name == "site":
            continue
        plain = spec.plain(instance)
        typed[name] = "yes" if plain is True else "" if plain is None else str(plain)
    return typed


@every(TYPES)
@pytest.mark.requirement("X6")
def test_strangers_and_people_without_a_role_see_nothing(model, plant, browser, client):
    made = record(model, plant.north)
    assert client.get(address(model)).status_code == 302
    assert client.get(api_address(model)).status_code == 401
    nobody = browser(None)
    for url in (
        address(model),
        address_of(made),
        address(model, "export", kind="csv"),
        address(model, "import"),
    ):
        assert nobody.get(url).status_code == 404
    assert nobody.get(api_address(model)).status_code == 403
    assert nobody.get(api_address(model, made.pk)).status_code in (403, 404)


@every(OF_A_SITE)
@pytest.mark.requirement("X1", "X6")
def test_a_foreign_site_stays_invisible_on_every_surface(model, plant, browser):
    foreign = record(model, plant.south)
    mine = browser(Role.administrator, site=plant.north)
    links = [address_of(foreign), address_of(foreign, "edit")]
    assert all(mine.get(url).status_code == 404 for url in links)
    assert mine.post(address_of(foreign, "remove")).status_code == 404
    for url in (
        address(model),
        f"{address(model)}?site=S",
        f"/search/?q={foreign.key_text().split(' / ')[0]}",
    ):
        assert address_of(foreign) not in mine.get(url).content.decode()
    assert str(foreign.pk) not in [row.get("id") for row in mine.get(api_address(model)).json()["items"]]
    assert mine.get(api_address(model), {"site": "S"}).status_code == 404
    assert mine.get(api_address(model, foreign.pk)).status_code == 404
    patch = mine.patch(api_address(model, foreign.pk), "{}", content_type="application/json")
    assert patch.status_code == 404
    assert mine.delete(api_address(model, foreign.pk)).status_code == 404
    body = mine.get(address(model, "export", kind="csv")).getvalue().decode()
    if model not in ONE_PER_SITE:
        assert foreign.key_text().split(" / ")[-1] not in body
    bulk = {"chosen": [str(foreign.pk)], "field": model.face.columns[-1], "value": "x"}
    mine.post(address(model, "bulk"), bulk)
    foreign.refresh_from_db()
    assert foreign.version == 1


@every([model for model in TYPES if model.access.private])
@pytest.mark.requirement("X10")
def test_a_private_field_reaches_nobody_without_the_right(model, plant, browser):
    made = record(model, plant.north)
    reader = browser(Role.operator)
    if Role.operator not in model.access.read:
        assert reader.get(address(model)).status_code == 404
        return
    pages = [address(model), address_of(made), f"{address(model)}?columns={','.join(model.access.private)}"]
    for name in model.access.private:
        secret = str(fields_of(model)[name].plain(made))
        for url in (
            *pages,
            address(model, "export", kind="csv"),
            api_address(model),
            api_address(model, made.pk),
        ):
            answer = reader.get(url)
            text = (answer.getvalue() if answer.streaming else answer.content).decode()
            assert secret not in text, f"{name} leaks through {url}"
        assert reader.get(address(model), {name: secret}).status_code == 422
        assert reader.get(address(model), {"sort": name}).status_code == 422


@every(TYPES)
@pytest.mark.requirement("X7")
def test_rest_reads_edits_and_refuses(model, plant, admin):
    made = record(model, plant.north)
    listed = admin.get(api_address(model), {"size": 1000}).json()
    assert made.pk in [row["id"] for row in listed["items"]]
    read = admin.get(api_address(model, made.pk)).json()
    assert (read["key"], read["version"]) == (made.key_text(), 1)
    again = {name: read[name] for name in keyed_fields(model) if name in read and name != "site"}
    url = api_address(model, made.pk)
    if not model.access.edit:
        assert admin.patch(url, "{}", content_type="application/json").status_code == 403
        return
    edited = admin.patch(url, json.dumps({**again, "version": 1}), content_type="application/json")
    assert edited.status_code == 200, edited.content
    stale = admin.patch(url, json.dumps({**again, "version": 1}), content_type="application/json")
    assert (stale.status_code, stale.json()["kind"]) == (409, "conflict")
    wrong = admin.patch(url, json.dumps({"no_such": 1}), content_type="application/json")
    assert (wrong.status_code, wrong.json()["problems"][0]["field"]) == (422, "no_such")


@every([model for model in OF_A_SITE if model.access.create])
@pytest.mark.requirement("X7")
def test_an_export_can_be_imported_again_and_changes_nothing(model, plant, admin):
    rows = 1 if model in ONE_PER_SITE else 3
    for _ in range(rows):
        record(model, plant.north)
    rows_before = model._base_manager.count()
    admin.get("/", {"site": "N"})
    content = admin.get(address(model, "export", kind="csv"), {"shape": "import"}).getvalue()
    assert len(list(csv.reader(io.StringIO(content.decode())))) >= rows + 1
    file = io.BytesIO(content)
    file.name = "rows.csv"
    staged = admin.post(address(model, "import"), {"file": file})
    assert staged.status_code == 302, staged.content.decode()[-2000:]
    preview = admin.get(staged.url)
    assert preview.status_code == 200, preview.content.decode()[-2000:]
    counts = preview.context["counts"]
    assert (counts["create"], counts["update"], counts["bad"]) == (0, 0, 0), [
        str(p) for p in preview.context["plan"].problems()
    ]
    assert counts["same"] >= rows
    assert model._base_manager.count() == rows_before


@every([model for model in TYPES if model not in ONE_PER_SITE])
def test_a_list_costs_the_same_queries_for_many_rows_as_for_few(
    model, plant, admin, django_assert_max_num_queries
):
    from django.db import connection
    from django.test.utils import CaptureQueriesContext

    record(model, plant.north)
    admin.get(address(model))
    with CaptureQueriesContext(connection) as few:
        admin.get(address(model))
    for _ in range(5):
        record(model, plant.north)
    with CaptureQueriesContext(connection) as many:
        admin.get(address(model))
    assert len(many) <= len(few) + 1, [query["sql"][:120] for query in many]


def test_the_openapi_document_names_every_record_type(client):
    schema = client.get("/api/openapi.json").json()
    for model in TYPES:
        assert api_address(model) in schema["paths"]
    operations = [op["operationId"] for path in schema["paths"].values() for op in path.values()]
    assert len(operations) == len(set(operations))


def test_every_link_between_areas_points_downwards_or_inside():
    """A foreign key goes to the kernel, the facts, the plant, the people, or stays in its area."""
    low = {"kernel", "facts", "plant", "people"}
    for model in registry.records():
        for field in model._meta.concrete_fields:
            target = getattr(field, "related_model", None)
            if target is not None and issubclass(target, Record):
                assert target._meta.app_label in low | {model._meta.app_label}, f"{model} → {target}"


def test_removing_and_creating_leave_a_trace_that_names_the_person(plant, browser):
    model = registry.record("plant.Item")
    supervisor = browser(Role.supervisor)
    made = act(model, "create", SYSTEM, {"site": plant.north, "code": "GONE", "name": "Gone"})
    assert supervisor.post(address_of(made, "remove"), {"version": "1"}).status_code == 302
    from plantbeat.kernel.log import Change

    assert Change.objects.get(verb="remove").door == "page"
