"""The gate before a merge leaves no test out: skips fail there, PostgreSQL's own tests run on PostgreSQL."""

from __future__ import annotations

import os
import subprocess
import sys
from pathlib import Path

import pytest

INI = "[pytest]\nmarkers = postgresql: there only\naddopts = --strict-markers -p nothing_left_out\n"
SUITE = """
import pytest
from nothing_left_out import MISSING_DATA

def test_skips():
    pytest.skip("no such program")

def test_lacks_published_data():
    pytest.skip(f"{MISSING_DATA} at /nowhere")

@pytest.mark.skipif(True, reason="not here")
def test_is_marked_to_skip():
    pass

@pytest.mark.xfail
def test_is_expected_to_fail():
    assert False

@pytest.mark.postgresql
def test_needs_postgresql():
    pass
"""


@pytest.mark.parametrize(
    ("environment", "outcome"),
    [
        ({"CI": "true"}, "1 failed, 1 skipped, 1 deselected, 1 xfailed, 1 error"),
        ({}, "3 skipped, 1 deselected, 1 xfailed"),
        ({"PLANTBEAT_DATABASE_URL": "postgresql://nobody@127.0.0.1:1/x"}, "1 passed, 3 skipped, 1 xfailed"),
    ],
)
def test_skips_fail_in_the_gate_and_a_test_of_another_database_is_left_out(tmp_path, environment, outcome):
    (tmp_path / "pytest.ini").write_text(INI)
    (tmp_path / "test_suite.py").write_text(SUITE)
    mine = {name: value for name, value in os.environ.items() if not name.startswith(("CI", "PLANTBEAT_"))}
    mine |= {"PYTHONPATH": str(Path(__file__).parents[1]), "PYTEST_DISABLE_PLUGIN_AUTOLOAD": "1"}
    done = subprocess.run(
        [sys.executable, "-m", "pytest", "-q", "-p", "no:cacheprovider"],
        cwd=tmp_path,
        env=mine | environment,
        capture_output=True,
        text=True,
        check=False,
    )
    assert done.stdout.splitlines()[-1].startswith(f"{outcome} in "), done.stdout
