"""The recipes of CONTRIBUTING.md, followed to the letter."""

from __future__ import annotations

import os
import re
import shutil
import subprocess
import sys
from pathlib import Path

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
        "release_offered": True,
        "release_as_it_was": 422,
        "release": 422,
        "release_calibrated": 302,
        "released": "in_use",
        "export": "code,name,line,calibrated,state",
        "label": 200,
        "search": True,
        "openapi": True,
        "history": ["create", "edit", "block", "release"],
        "chain_holds": True,
    }


class OwnCopy(TrialInstallation):
    """An installation that runs a copy of the product, in which files may be changed."""

    def __init__(self, folder: Path) -> None:
        super().__init__(folder, [])
        self.source = folder / "src" / "plantbeat"
        shutil.copytree(
            REPOSITORY / "src" / "plantbeat",
            self.source,
            ignore=shutil.ignore_patterns("__pycache__", "static"),
        )
        shutil.copytree(DOCS / "reference" / "kpi", folder / "docs" / "reference" / "kpi")
        views = REPOSITORY / "tests" / "facts" / "views"
        more = [str(folder / "src"), self.environment["PYTHONPATH"], str(views)]
        self.environment["PYTHONPATH"] = os.pathsep.join(more)

    def pages_test(self) -> subprocess.CompletedProcess[str]:
        """The copied test of the pages, over the copy."""
        command = [
            sys.executable,
            "-m",
            "pytest",
            "-q",
            "-p",
            "no:cacheprovider",
            "--rootdir",
            str(self.folder),
        ]
        return subprocess.run(
            [*command, "-c", os.devnull, str(self.folder / "tests")],
            cwd=self.folder,
            env=self.environment,
            capture_output=True,
            text=True,
        )

    def change(self, path: str, old: str, new: str) -> None:
        """Replace text that stands once in a file of the copy."""
        file = self.source / path
        text = file.read_text(encoding="utf-8")
        assert text.count(old) == 1, path
        file.write_text(text.replace(old, new), encoding="utf-8")


KPI_PAGE = """# Set-up

| Unit | Direction | Source |
| --- | --- | --- |
| % | lower is better | site practice |

## Formula

## Elements

## What is left out

## Worked example

```pycon
>>> from plantbeat.engine.oee import Elements
>>> from plantbeat.engine.kpi.setups import setup_percent
>>> early, late = Elements(setup_us=30, running_us=450), Elements(setup_us=90, running_us=390)
>>> setup_percent(early + late).value
12.5
```
"""


@pytest.mark.requirement("X3")
@pytest.mark.slow
def test_a_kpi_is_a_formula_with_a_page_and_a_measure_that_opens_down_to_facts(tmp_path):
    plant = OwnCopy(tmp_path)
    (plant.source / "engine/kpi/setups.py").write_text(recipe(CONTRIBUTING, "kpi"), encoding="utf-8")
    page_test = REPOSITORY / "tests/engine/kpi/test_kpi_pages.py"
    (tmp_path / "tests/engine/kpi").mkdir(parents=True)
    shutil.copy(page_test, tmp_path / "tests/engine/kpi")
    assert "test_formulas_and_pages_are_the_same_set" in plant.pages_test().stdout, "a formula needs its page"
    pages = tmp_path / "docs/reference/kpi"
    (pages / "setup_percent.md").write_text(KPI_PAGE, encoding="utf-8")
    with (pages / "index.md").open("a", encoding="utf-8") as index:
        index.write("| [Set-up](setup_percent.md) | What set-ups take. |\n")
    passed = plant.pages_test()
    assert passed.returncode == 0, passed.stdout

    (plant.source / "areas/execution/setup_measure.py").write_text(recipe(CONTRIBUTING, "measure"), "utf-8")
    (code,) = re.findall(r"`(setup_percent = .*?\))` among", CONTRIBUTING.read_text(encoding="utf-8"))
    last = '    otd = "otd", _("On-time delivery")\n'
    plant.change("facts/views/measure_codes.py", last, f"{last}    {code}\n")
    call = "        declare_record_measures()\n"
    imported = "        from plantbeat.areas.execution.setup_measure import declare_setup_measure\n"
    plant.change("areas/execution/apps.py", call, f"{imported}{call}        declare_setup_measure()\n")
    assert plant.django("makemigrations", "--check", "--dry-run").returncode == 0
    plant.migrate()
    assert plant.script("setup_walk.py") == {
        "value": 25.0,
        "by_machine": {"Filler": 25.0},
        "numerator_min": 120,
        "denominator_min": 480,
        "name": "Set-up",
        "opens": ["setup_start", "setup_end"],
        "may_be_a_target": True,
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
