"""The tutorials, followed from top to bottom in an installation of their own."""

from __future__ import annotations

import shlex
import subprocess
import sys
from pathlib import Path

import pytest
from doc_pages import DOCS, recipe
from trial_installation import TrialInstallation

IMPORT = DOCS / "tutorials" / "import-your-plant.md"


class Reader:
    """Somebody who types what the page says and compares what comes back."""

    def __init__(self, folder: Path) -> None:
        self.folder = folder
        self.environment = TrialInstallation(folder, []).environment

    def follow(self, page: Path, name: str) -> list[int]:
        """Call each command of a block; every line shown below it must be answered. The exit codes."""
        answers: list[str] = []
        codes = []
        for line in recipe(page, name).splitlines():
            if line.startswith("$ plantbeat "):
                done = self._call(shlex.split(line)[2:])
                answers, codes = (
                    done.stdout.splitlines() + done.stderr.splitlines(),
                    [*codes, done.returncode],
                )
                assert "Traceback" not in done.stderr
            else:
                assert line in answers, f"{line!r} is not in {answers}"
        return codes

    def _call(self, arguments: list[str]) -> subprocess.CompletedProcess[str]:
        command = [sys.executable, "-m", "plantbeat.shell.cli", *arguments]
        return subprocess.run(command, cwd=self.folder, env=self.environment, capture_output=True, text=True)


@pytest.mark.slow
def test_a_plant_comes_in_from_a_sheet_of_ones_own(tmp_path):
    from openpyxl import load_workbook

    reader = Reader(tmp_path)
    (tmp_path / "machines.csv").write_text(recipe(IMPORT, "machines"), encoding="utf-8")
    assert reader.follow(IMPORT, "preview") == [1]
    assert reader.follow(IMPORT, "good-rows") == [1]
    refused = tmp_path / "machines-refused.xlsx"
    book = load_workbook(refused)
    corrected = {"unknown": "2020-01-31", "P 02": "P-02"}
    found = [cell for row in book.active for cell in row if cell.value in corrected]
    assert len(found) == 2
    for cell in found:
        cell.value = corrected[cell.value]
    book.save(refused)
    assert reader.follow(IMPORT, "corrected") == [0]
    assert reader.follow(IMPORT, "workbook") == [0, 0, 0, 0]
