"""./plantbeat coverage: rows of the requirements list that have passing tests."""

import json
import os
import subprocess
import sys
from pathlib import Path

import pytest

import requirement_coverage
from requirement_coverage import ROWS, main, ranges

INI = "[pytest]\nmarkers = requirement(*rows): rows\naddopts = --strict-markers -p requirement_coverage\n"

FIRST = """
import pytest

pytestmark = pytest.mark.requirement("X2")

@pytest.mark.requirement("R001", "R002")
def test_passes():
    pass

@pytest.mark.requirement("R001")
class TestClass:
    @pytest.mark.parametrize("n", [1, 2])
    def test_passes(self, n):
        pass

@pytest.mark.requirement("R003")
def test_fails():
    assert False

@pytest.mark.requirement("R004")
def test_is_skipped():
    pytest.skip("no data")

@pytest.mark.requirement("R005")
@pytest.mark.xfail(strict=False)
def test_is_expected_to_fail():
    pass

@pytest.fixture
def breaks():
    yield
    raise OSError

@pytest.mark.requirement("R006")
def test_fails_in_the_end(breaks):
    pass
"""

SECOND = """
import pytest

@pytest.mark.requirement("R143")
def test_passes():
    pass

def test_names_no_row():
    pass
"""


class Suite:
    """A small suite with the plugin, in a folder of its own."""

    def __init__(self, folder: Path) -> None:
        self.folder = folder
        (folder / "pytest.ini").write_text(INI)
        self.write("test_first.py", FIRST)
        self.write("test_second.py", SECOND)

    def write(self, name: str, text: str) -> None:
        (self.folder / name).write_text(text)

    def run(self, *arguments: str) -> subprocess.CompletedProcess:
        path = str(Path(requirement_coverage.__file__).parent)
        return subprocess.run(
            [sys.executable, "-m", "pytest", "-q", "-p", "no:django", *arguments],
            cwd=self.folder,
            env={**os.environ, "PYTHONPATH": path, "PYTEST_ADDOPTS": "", "PYTHONDONTWRITEBYTECODE": "1"},
            capture_output=True,
            text=True,
        )

    @property
    def notes(self) -> Path:
        return self.folder / ".pytest_cache" / "v" / requirement_coverage.CACHE

    def counts(self) -> dict[str, int]:
        rows = [row for rows in json.loads(self.notes.read_text()).values() for row in rows]
        return {row: rows.count(row) for row in sorted(set(rows))}


@pytest.fixture
def suite(tmp_path):
    return Suite(tmp_path)


ALL = {"R001": 3, "R002": 1, "R143": 1, "X2": 3}


@pytest.mark.parametrize("arguments", [[], ["-n", "2"]])
def test_only_passing_tests_count_in_one_process_and_in_several(suite, arguments):
    done = suite.run(*arguments)
    assert "1 failed" in done.stdout, done.stdout
    assert suite.counts() == ALL


@pytest.mark.parametrize(
    "arguments",
    [["test_second.py"], ["-k", "names_no_row"], ["test_second.py::test_names_no_row"], ["-n2", "-k", "row"]],
)
def test_a_run_of_some_tests_keeps_the_notes_of_the_others(suite, arguments):
    suite.run()
    suite.run(*arguments)
    assert suite.counts() == ALL


def test_a_test_that_fails_now_or_is_gone_loses_its_rows(suite):
    suite.run()
    suite.write("test_second.py", SECOND.replace("pass\n", "assert False\n", 1))
    suite.run("test_second.py")
    assert "R143" not in suite.counts()
    suite.write("test_first.py", FIRST.replace("def test_passes():", "def test_is_renamed():"))
    suite.run("test_first.py", "-k", "TestClass")
    assert suite.counts() == {"R001": 2, "X2": 2}
    (suite.folder / "test_first.py").unlink()
    suite.run("test_second.py")
    assert suite.counts() == {}


@pytest.mark.parametrize(
    ("marker", "said", "arguments"),
    [
        (
            '@pytest.mark.requirement("R999", "R001")',
            "names the unknown requirement R999; rows are R001 to R183",
            [],
        ),
        ('@pytest.mark.requirement("R999")', "names the unknown requirement R999", ["-n", "2"]),
        ("@pytest.mark.requirement(143)", "names the unknown requirement 143", []),
        ("@pytest.mark.requirement()", "names no requirement", []),
    ],
)
def test_a_marker_with_a_row_that_does_not_exist_is_an_error(suite, marker, said, arguments):
    suite.write("test_first.py", f"import pytest\n\n{marker}\ndef test_wrong():\n    pass\n")
    done = suite.run(*arguments)
    assert done.returncode != 0
    assert f"test_first.py::test_wrong {said}" in done.stdout


def test_the_command_prints_rows_with_their_tests_and_the_rest_as_ranges(suite, capsys):
    suite.run()
    assert main([], suite.notes) == 0
    assert capsys.readouterr().out.splitlines() == [
        "R001     3 tests",
        "R002     1 test",
        "R143     1 test",
        "X2       3 tests",
        "4 of 193 rows have passing tests.",
        "None: R003-R142, R144-R183, X1, X3-X10",
    ]


def test_the_command_prints_json(suite, capsys):
    suite.run()
    assert main(["--json"], suite.notes) == 0
    told = json.loads(capsys.readouterr().out)
    assert told["rows"] == ALL
    assert (len(told["missing"]), told["total"]) == (189, 193)


def test_without_a_run_the_command_says_what_to_do(tmp_path, capsys):
    assert main([], tmp_path / "none.json") == 1
    assert "run ./plantbeat test first" in capsys.readouterr().err


def test_ranges_do_not_run_from_one_letter_into_the_other():
    assert ranges(["X1", "R183", "R182", "R001"]) == "R001, R182-R183, X1"
    assert ranges(ROWS) == "R001-R183, X1-X10"
    assert ranges([]) == ""
