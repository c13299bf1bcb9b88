"""The shared public instances: all are read, and no bound lies above the best value known."""

import csv
import re
import zipfile

import pytest

from nothing_left_out import MISSING_DATA
from plantbeat.engine.schedule import Moves, check, formats, solve
from plantbeat.engine.schedule.solver import METHODS

CLASSES = ("jsp", "jsp_large", "fjsp", "hfsp", "sdst_pfsp", "tt_pfsp")
SIZE_OF_THE_FILE = {"fattahi6": (3, 3), "kacem1": (4, 5)}
"""Where the list of best values states another size than the first line of the file."""
NO_TIME = 1e-9


@pytest.fixture(scope="module")
def published(reference_data):
    folder = reference_data / "scheduling"
    if not (folder / "best_known.csv").is_file():
        pytest.skip(f"{MISSING_DATA}: no best_known.csv in {folder}")
    with (folder / "best_known.csv").open(encoding="utf-8", newline="") as rows:
        return folder, list(csv.DictReader(rows))


def instances(published, kind):
    """Row of the list and problem of every instance of a class."""
    folder, rows = published
    for row in rows:
        if row["class"] == kind:
            yield row, problem_of(folder / row["file"], kind)


def problem_of(file, kind):
    if file.suffix == ".zip":
        with zipfile.ZipFile(file) as archive:
            text = archive.read(archive.namelist()[0]).decode()
        return formats.read(text, "jsp-reentrant" if file.name.startswith("dct") else "jsp", file.name)
    return formats.read(file.read_text(encoding="utf-8"), kind.replace("_", "-"), file.name)


@pytest.mark.slow
@pytest.mark.parametrize("kind", CLASSES)
def test_every_instance_is_read_with_its_size_and_its_bound_is_below_the_best_value_known(published, kind):
    seen = 0
    for row, problem in instances(published, kind):
        seen += 1
        size = tuple(map(int, re.findall(r"\d+", row["size"])))
        assert (problem.orders, problem.machines) == SIZE_OF_THE_FILE.get(row["instance"], size), row
        if any(method.suits(problem, problem.objective) for method in METHODS):
            schedule = solve(problem, budget=NO_TIME if kind == "jsp_large" else Moves(0))
            assert schedule.bound <= int(row["upper_bound"]), row
            assert schedule.objective >= int(row["lower_bound"] or 0), row
    assert (
        seen == {"jsp": 144, "jsp_large": 12, "fjsp": 218, "hfsp": 96, "sdst_pfsp": 32, "tt_pfsp": 27}[kind]
    )


@pytest.mark.parametrize("kind", CLASSES)
def test_the_first_instance_of_each_class_goes_through_plantbeat_json_unchanged(published, kind):
    _, problem = next(instances(published, kind))
    again = formats.from_json(formats.to_json(problem), "again")
    for row in ("mode_machine", "mode_min", "mode_ptr", "order_ptr", "setup_min", "machine_line", "due"):
        assert (getattr(problem, row) == getattr(again, row)).all(), row
    assert again.objective == problem.objective


def test_a_schedule_of_an_instance_is_accepted(published):
    _, problem = next(instances(published, "jsp"))
    assert check(problem, solve(problem, budget=Moves(200))).ok
