"""Compiled code: kept in the user's cache folder, renewed with the sources, not needed for small problems."""

import os
import subprocess
import sys
from pathlib import Path

import pytest

from plantbeat.engine import _kernel_cache

SMALL = """
import sys
from plantbeat.engine.schedule import Moves, ProblemBuilder, solve
shop = ProblemBuilder()
shop.work_centre("w")
shop.machine("m", "w")
for i in range(5):
    shop.order(str(i), due=10)
    shop.operation(str(i), "w", minutes=5)
print(solve(shop.build(), budget=Moves(100)).objective, "numba" in sys.modules)
"""

COMPILE = """
import os
from plantbeat.engine.calendars import worktime
first_open = worktime.first_open.compiled
import numpy as np
row = np.array([0, 20])
answer = first_open(0, 2, row, row + 10, 15)
hits = sum(first_open.stats.cache_hits.values())
print(answer, hits, os.environ["NUMBA_CACHE_DIR"])
"""

FOLDER = """
import os
from pathlib import Path
from plantbeat.engine import _kernel_cache
folder = os.environ["NUMBA_CACHE_DIR"]
print(folder, Path(folder).is_dir())
"""


def run(code, **environment):
    env = {key: value for key, value in os.environ.items() if key != "NUMBA_CACHE_DIR"} | environment
    done = subprocess.run(
        [sys.executable, "-c", code], env=env, capture_output=True, text=True, timeout=120, check=False
    )
    assert done.returncode == 0, done.stderr
    return done.stdout.split()


def test_a_small_problem_is_solved_without_loading_the_compiler():
    assert run(SMALL) == ["55", "False"]


@pytest.mark.skipif(sys.platform == "win32", reason="the cache folder is elsewhere")
def test_the_second_process_finds_the_compiled_code_in_the_users_cache_folder(tmp_path):
    answer, hits, folder = run(COMPILE, XDG_CACHE_HOME=str(tmp_path), HOME=str(tmp_path))
    assert (answer, hits) == ("20", "0")
    assert folder.startswith(str(tmp_path))
    assert list(tmp_path.rglob("*.nbi"))
    assert run(COMPILE, XDG_CACHE_HOME=str(tmp_path), HOME=str(tmp_path)) == ["20", "1", folder]


@pytest.mark.skipif(sys.platform != "linux", reason="needs a folder nobody can write to")
def test_without_a_cache_folder_a_private_one_is_used_and_removed_at_the_end():
    folder, there = run(FOLDER, XDG_CACHE_HOME="/proc/nowhere", HOME="/proc/nowhere")
    assert there == "True"
    assert not Path(folder).exists()


def test_a_cache_folder_the_user_has_chosen_is_kept_as_the_parent(tmp_path):
    folder, there = run(FOLDER, NUMBA_CACHE_DIR=str(tmp_path))
    assert (Path(folder).parent, there) == (tmp_path, "True")
    assert run(FOLDER, NUMBA_CACHE_DIR=folder)[0] == folder, "inherited from a parent process: taken as it is"


def test_the_name_of_the_cache_changes_with_any_source_and_not_with_the_place(tmp_path):
    for place in ("here", "there"):
        (tmp_path / place / "deep").mkdir(parents=True)
        (tmp_path / place / "a.py").write_text("x = 1\n")
        (tmp_path / place / "deep" / "b.py").write_text("y = 2\n")
    here = _kernel_cache.sources_hash(tmp_path / "here")
    assert here == _kernel_cache.sources_hash(tmp_path / "there")
    (tmp_path / "here" / "deep" / "b.py").write_text("y = 3\n")
    assert here != _kernel_cache.sources_hash(tmp_path / "here")


def test_old_versions_are_forgotten_and_the_newest_kept(tmp_path):
    for age in range(12):
        version = tmp_path / f"v{age}"
        version.mkdir()
        os.utime(version, (1_000 - age, 1_000 - age))
    _kernel_cache._forget_old_versions(tmp_path)
    assert sorted(folder.name for folder in tmp_path.iterdir()) == [f"v{age}" for age in range(8)]


def test_the_example_of_the_package_is_true():
    import doctest

    import plantbeat.engine.schedule

    outcome = doctest.testmod(plantbeat.engine.schedule)
    assert (outcome.attempted > 5, outcome.failed) == (True, 0)
