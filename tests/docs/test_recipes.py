"""The recipes of CONTRIBUTING.md, followed to the letter."""

from __future__ import annotations

import pytest
from doc_pages import DOCS, REPOSITORY, recipe
from trial_installation import TrialInstallation

CONTRIBUTING = REPOSITORY / "CONTRIBUTING.md"
MOST_RECORD_LINES, MOST_CONNECTOR_LINES = 120, 40


@pytest.fixture
def plant(tmp_path):
    """Replaces the fixture of that name: here a plant is an installation of its own."""
    return TrialInstallation(tmp_path, ["plantbeat.areas.metrology"])


@pytest.mark.slow
def test_a_record_type_is_one_file_and_one_migration_and_has_every_surface(plant):
    record = recipe(CONTRIBUTING, "record")
    assert len(record.splitlines()) <= MOST_RECORD_LINES
    for folder in ("", "records/", "migrations/"):
        plant.write(f"metrology/{folder}__init__.py")
    plant.write("metrology/apps.py", recipe(CONTRIBUTING, "area"))
    plant.write("metrology/records/gauge.py", record)

    missing = plant.django("makemigrations", "metrology", "--check", "--dry-run")
    assert missing.returncode == 1, missing.stderr
    assert "Create model Gauge" in missing.stdout
    assert plant.django("makemigrations", "metrology").returncode == 0
    migrations = [path.name for path in (plant.areas / "metrology/migrations").glob("0*.py")]
    assert migrations == ["0001_initial.py"]
    assert plant.django("makemigrations", "metrology", "--check", "--dry-run").returncode == 0
    plant.migrate()

    assert plant.script("gauge_walk.py") == {
        "registered": True,
        "form": 302,
        "form_in_the_future": 422,
        "list": True,
        "api_list": ["G-1"],
        "api_create": 201,
        "api_default": 365,
        "api_twice": 422,
        "operator_creates": 403,
        "detail": True,
        "edit": "Plug gauge 12H7",
        "block_without_reason": 422,
        "block": "blocked",
        "operator_releases": 403,
        "why_not": "the calibration of 2020-01-31 has expired",
        "release": 422,
        "export": "code,name,line,calibrated,state",
        "label": 200,
        "search": True,
        "openapi": True,
        "history": ["create", "edit", "block"],
        "chain_holds": True,
    }


@pytest.mark.requirement("R159")
@pytest.mark.slow
def test_the_connector_delivers_each_line_once_also_when_an_answer_is_lost(tmp_path):
    connector = recipe(CONTRIBUTING, "connector")
    assert len(connector.splitlines()) <= MOST_CONNECTOR_LINES
    plant = TrialInstallation(tmp_path, [])
    (tmp_path / "palletiser.py").write_text(connector, encoding="utf-8")
    plant.migrate()

    found = plant.script("palletiser_walk.py")
    assert found["first"] == "the answer got lost"
    assert found["stored"] == found["again"] == 4
    assert [(seq, kind) for seq, kind, _body in found["kinds"]] == [
        (1, "state"),
        (2, "counter"),
        (4, "state"),
        (5, "counter"),
        (6, "state"),
    ]
    assert found["kinds"][1][2] == '{"value":1200}'
    assert found["quarantined"] == [[3, "bad_time", True]]
    assert found["committed_up_to"] == 6


@pytest.mark.requirement("X7")
@pytest.mark.slow
def test_the_program_on_the_page_about_rest_does_what_it_says(tmp_path):
    plant = TrialInstallation(tmp_path, [])
    plant.migrate()
    known = plant.script("rest_walk.py")
    with plant.serving() as address:
        exec(recipe(DOCS / "reference" / "rest.md", "rest"), known | {"ADDRESS": address})
