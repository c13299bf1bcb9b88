"""Plugin: tests for one database are collected there only, and the gate before a merge lets no test skip."""

from __future__ import annotations

import os
from collections.abc import Iterator
from pathlib import Path

import pytest

REPOSITORY = Path(__file__).parents[1]
MISSING_DATA = "reference data not found"


def on_postgresql() -> bool:
    """Whether this run's database is PostgreSQL."""
    return os.environ.get("PLANTBEAT_DATABASE_URL", "").startswith("postgres")


def pytest_collection_modifyitems(config: pytest.Config, items: list[pytest.Item]) -> None:
    """A test marked `postgresql` belongs to the run on PostgreSQL; elsewhere it is left out, not skipped."""
    if on_postgresql():
        return
    elsewhere = [item for item in items if item.get_closest_marker("postgresql")]
    if elsewhere:
        config.hook.pytest_deselected(items=elsewhere)
        items[:] = [item for item in items if not item.get_closest_marker("postgresql")]


@pytest.hookimpl(wrapper=True)
def pytest_runtest_makereport(item: pytest.Item, call: pytest.CallInfo[None]) -> Iterator[None]:
    """In .ci/run a skipped test has failed, unless the published data sets are not on this machine."""
    report = yield
    if os.environ.get("CI") and report.skipped and not hasattr(report, "wasxfail"):
        reason = str(report.longrepr[-1]) if isinstance(report.longrepr, tuple) else str(report.longrepr)
        if MISSING_DATA not in reason:
            report.outcome, report.longrepr = "failed", f"{reason}\nWith CI set, no test may skip."
    return report


@pytest.fixture(scope="session")
def reference_data() -> Path:
    """Folder of certified and real data sets; a laptop without it skips, naming the reason."""
    folder = Path(os.environ.get("PLANTBEAT_REFERENCE_DATA", REPOSITORY.parent / "shared" / "data"))
    if not folder.is_dir():
        pytest.skip(f"{MISSING_DATA} at {folder} (set PLANTBEAT_REFERENCE_DATA)")
    return folder
