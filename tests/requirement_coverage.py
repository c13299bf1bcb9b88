"""Which rows of the requirements list have passing tests.

As a pytest plugin it notes the rows of `@pytest.mark.requirement("R143")` of each test that runs, and merges
them into .pytest_cache. Run as a program (`./plantbeat coverage [--json]`) it prints what is noted.
"""

import argparse
import itertools
import json
import sys
from collections import Counter
from collections.abc import Iterable, Iterator
from pathlib import Path
from typing import Any

import pytest

ROWS = tuple([f"R{number:03}" for number in range(1, 184)] + [f"X{number}" for number in range(1, 11)])
CACHE = "plantbeat/requirements.json"
NOTES = Path(__file__).parents[1] / ".pytest_cache" / "v" / CACHE
PROPERTY = "requirement"

Tests = dict[str, list[str]]  # node id of a passing test → its rows


def rows_of(item: pytest.Item) -> list[str]:
    """Rows the markers of a test, its class and its module name."""
    return sorted({str(row) for marker in item.iter_markers("requirement") for row in marker.args})


@pytest.hookimpl(wrapper=True)
def pytest_make_collect_report(collector: pytest.Collector) -> Iterator[None]:
    """A marker that names no row, or one that is not in the list, is an error of its file."""
    report = yield
    faults = [
        fault
        for item in report.result or ()
        if isinstance(item, pytest.Item)
        for fault in _marker_faults(item)
    ]
    if faults:
        report.outcome, report.result, report.longrepr = "failed", [], "\n".join(faults)
    return report


def _marker_faults(item: pytest.Item) -> Iterator[str]:
    for marker in item.iter_markers("requirement"):
        unknown = [str(row) for row in marker.args if row not in ROWS]
        if unknown or not marker.args:
            named = f"the unknown requirement {', '.join(unknown)}" if unknown else "no requirement"
            yield f"{item.nodeid} names {named}; rows are {ROWS[0]} to R183 and X1 to {ROWS[-1]}."


class Recorder:
    """Follows one run and merges it into the notes at its end."""

    def __init__(self, config: pytest.Config) -> None:
        self.config = config
        self.collected: set[str] = set()
        self.passed: Tests = {}
        self.run: set[str] = set()
        self.whole_files = not any("::" in argument for argument in config.args)

    @pytest.hookimpl(tryfirst=True)
    def pytest_collection_modifyitems(self, items: list[pytest.Item]) -> None:
        """Before others take items away: `-k` chooses tests, it does not remove them from their file."""
        self.collected.update(item.nodeid for item in items)

    def pytest_runtest_setup(self, item: pytest.Item) -> None:
        rows = rows_of(item)
        if rows:
            item.user_properties.append((PROPERTY, rows))

    def pytest_runtest_logreport(self, report: pytest.TestReport) -> None:
        self.run.add(report.nodeid)
        if report.when == "call" and report.passed and not hasattr(report, "wasxfail"):
            self.passed[report.nodeid] = [
                row for name, rows in report.user_properties if name == PROPERTY for row in rows
            ]
        elif report.failed:
            self.passed.pop(report.nodeid, None)

    @pytest.hookimpl(optionalhook=True)
    def pytest_testnodedown(self, node: Any) -> None:
        """Parallel runs collect in the workers only; each one hands over what it saw at its end."""
        self.collected.update(getattr(node, "workeroutput", {}).get("collected", ()))

    def pytest_sessionfinish(self) -> None:
        if hasattr(self.config, "workeroutput"):
            self.config.workeroutput["collected"] = sorted(self.collected)
        elif getattr(self.config, "cache", None):
            before = self.config.cache.get(CACHE, {})
            self.config.cache.set(CACHE, self.merged(before))

    def merged(self, before: Tests) -> Tests:
        """The earlier notes without tests that ran now or are gone, and the tests that passed now."""
        files = {_file(test) for test in self.collected} if self.whole_files else set()
        kept = {
            test: rows
            for test, rows in before.items()
            if test not in self.run
            and (self.config.rootpath / _file(test)).is_file()
            and (test in self.collected or _file(test) not in files)
        }
        return dict(sorted({**kept, **{test: rows for test, rows in self.passed.items() if rows}}.items()))


def pytest_configure(config: pytest.Config) -> None:
    config.pluginmanager.register(Recorder(config), "requirement-recorder")


def _file(test: str) -> str:
    return test.partition("::")[0]


def ranges(rows: Iterable[str]) -> str:
    """Rows of the list, in its order, as "R001-R003, R007, X1-X2"."""
    wanted = set(rows)
    parts = []
    for letter in ("R", "X"):
        numbered = [(number, row) for number, row in enumerate(ROWS) if row in wanted and row[0] == letter]
        for _, run in itertools.groupby(enumerate(numbered), lambda pair: pair[1][0] - pair[0]):
            found = [row for _, (_, row) in run]
            parts.append(found[0] if len(found) == 1 else f"{found[0]}-{found[-1]}")
    return ", ".join(parts)


def main(arguments: list[str] | None = None, notes: Path = NOTES) -> int:
    """Print the rows that have passing tests, with their number, and the rows that have none."""
    parser = argparse.ArgumentParser(prog="plantbeat coverage", description=main.__doc__)
    parser.add_argument("--json", action="store_true", help="print JSON")
    as_json = parser.parse_args(arguments).json
    if not notes.is_file():
        print("No test run is noted yet; run ./plantbeat test first.", file=sys.stderr)
        return 1
    tests: Tests = json.loads(notes.read_text(encoding="utf-8"))
    counts = Counter(row for rows in tests.values() for row in rows)
    shown = {row: counts[row] for row in ROWS if counts[row]}
    missing = [row for row in ROWS if row not in shown]
    if as_json:
        print(json.dumps({"rows": shown, "missing": missing, "total": len(ROWS)}))
        return 0
    for row, count in shown.items():
        print(f"{row:<5} {count:>4} {'test' if count == 1 else 'tests'}")
    print(f"{len(shown)} of {len(ROWS)} rows have passing tests.")
    if missing:
        print(f"None: {ranges(missing)}")
    return 0


if __name__ == "__main__":
    sys.exit(main())
