"""The editable grid: paste from a spreadsheet, what is refused, keys, undo."""

from __future__ import annotations

import pytest
from playwright.sync_api import Page, expect

pytestmark = [pytest.mark.browser, pytest.mark.requirement("R008", "X7")]


@pytest.fixture
def grid(open_page) -> Page:
    page = open_page("forms/")
    page.wait_for_timeout(300)
    return page


def paste(page: Page, field: str, text: str) -> None:
    page.focus(f"[name='{field}']")
    page.evaluate(
        """text => {
            const clipboardData = new DataTransfer();
            clipboardData.setData('text/plain', text);
            const paste = new ClipboardEvent('paste', { clipboardData, bubbles: true, cancelable: true });
            document.activeElement.dispatchEvent(paste);
        }""",
        text,
    )


def values(page: Page, column: str) -> list[str]:
    return page.locator(f".pb-grid tbody [data-col='{column}']").evaluate_all(
        "cells => cells.map(c => c.value)"
    )


def note(page: Page) -> str:
    return page.locator("[data-grid-note]").inner_text()


def test_a_block_fills_right_and_down_and_adds_rows(grid):
    paste(grid, "op-1-op", "40\tMill 3\t12.5\n50\tlathe 2\t8\n60\tWasher\t0\n")
    assert values(grid, "op") == ["10", "40", "50", "60"]
    assert values(grid, "machine") == ["m1", "m1", "m2", "m3"]
    assert values(grid, "setup") == ["25", "12.5", "8", "0"]
    assert grid.locator("[name='op-TOTAL_FORMS']").input_value() == "4"
    assert grid.locator("[name='op-3-setup']").count() == 1
    assert note(grid) == "Cells filled: 9. Rows added: 1."


def test_a_line_of_names_maps_the_columns_in_any_order(grid):
    paste(grid, "op-0-machine", "Run [min]\tOperation\tColour\n1.5\t15\tred\n2.5\t25\tblue\n")
    assert values(grid, "op") == ["15", "25", "30"]
    assert values(grid, "run") == ["1.5", "2.5", "0.40"]
    assert values(grid, "machine") == ["m1", "m2", "m3"]
    assert "Columns without a place here: 1." in note(grid)


def test_a_refused_cell_keeps_its_value_and_the_note_says_row_column_text_and_what_is_allowed(grid):
    paste(grid, "op-0-op", "10\tRobot\t900\n20\tWasher\tsoon")
    assert values(grid, "machine") == ["m1", "m3", "m3"]
    assert values(grid, "setup") == ["25", "40", "5"]
    said = note(grid)
    assert "Refused: 3; these cells kept what they had." in said
    assert "Row 1, Machine: “Robot” is refused. Allowed: one of: Mill 3, Lathe 2, Washer, Hurco 01." in said
    assert "Row 1, Set-up: “900” is refused. Allowed: a number from 0 to 480." in said
    assert "Row 2, Set-up: “soon” is refused. Allowed: a number from 0 to 480." in said
    assert grid.locator("[aria-invalid='true'][data-col]").count() == 3
    grid.click("text=Row 2, Set-up")
    assert grid.evaluate("document.activeElement.name") == "op-1-setup"


def test_the_sheets_own_decimal_sign_is_found_from_the_whole_block(grid):
    paste(grid, "op-0-setup", "12,5\t1,75\n1.234,5\t2\n5\t1.500")
    assert values(grid, "setup") == ["12.5", "40", "5"]
    assert values(grid, "run") == ["1.75", "2", "1500"]
    assert "“1.234,5” is refused" in note(grid)


def test_a_number_that_can_be_read_two_ways_is_named(grid):
    paste(grid, "op-0-run", "1,500\n2")
    assert values(grid, "run")[0] == "1500"
    assert "Row 1, Run: “1,500” was read as 1500. Please check." in note(grid)


def test_dates_are_read_in_the_usual_ways_and_an_impossible_one_is_refused(grid):
    paste(grid, "op-0-valid", "2026-04-01\n29.03.2026\n31.02.2026")
    assert values(grid, "valid") == ["2026-04-01", "2026-03-29", "2026-03-01"]
    assert "Row 3, Valid from: “31.02.2026” is refused. Allowed: a date, such as 2026-03-29." in note(grid)


def test_a_full_grid_says_how_many_rows_it_left_out(grid):
    paste(grid, "op-0-op", "\n".join(str(n) for n in range(1, 12)))
    assert len(values(grid, "op")) == 8
    assert "Rows left out: 3; this grid holds 8." in note(grid)


def test_undo_takes_a_whole_paste_back_and_redo_brings_it_again(grid):
    before = values(grid, "op"), values(grid, "setup")
    paste(grid, "op-1-op", "40\tMill 3\t12.5\n50\tLathe 2\t8\n60\tWasher\t0\n")
    grid.keyboard.press("Control+z")
    assert (values(grid, "op"), values(grid, "setup")) == before
    assert grid.locator("[name='op-TOTAL_FORMS']").input_value() == "3"
    grid.keyboard.press("Control+Shift+z")
    assert values(grid, "op") == ["10", "40", "50", "60"]
    assert grid.locator("[name='op-TOTAL_FORMS']").input_value() == "4"
    grid.click("[data-grid-undo]")
    assert (values(grid, "op"), values(grid, "setup")) == before


def test_a_typed_cell_can_be_undone_too(grid):
    grid.fill("[name='op-0-op']", "77")
    grid.keyboard.press("Enter")
    assert grid.evaluate("document.activeElement.name") == "op-1-op"
    grid.keyboard.press("Control+z")
    assert values(grid, "op") == ["10", "20", "30"]


def test_arrows_and_tab_walk_the_cells(grid):
    grid.focus("[name='op-0-op']")
    walk = [
        ("ArrowDown", "op-1-op"),
        ("ArrowUp", "op-0-op"),
        ("Tab", "op-0-machine"),
        ("Tab", "op-0-setup"),
        ("ArrowRight", "op-0-run"),
        ("ArrowLeft", "op-0-setup"),
    ]
    for key, name in walk:
        grid.keyboard.press(key)
        assert grid.evaluate("document.activeElement.name") == name, key


def test_a_quoted_cell_with_a_line_break_stays_one_cell(grid):
    rows = grid.evaluate(
        'import(\'/src/tsv.js\').then(m => m.readTsv(\'a\\t"b\\nc ""d"""\\n"e\\tf"\\tg\\r\\n\'))'
    )
    assert rows == [["a", 'b\nc "d"'], ["e\tf", "g"]]


def test_editing_marks_the_form_as_not_saved(grid):
    grid.fill("#name", "Mill housing B")
    expect(grid.locator("[data-dirty-note]")).to_have_text("Not saved yet")
    grid.fill("#name", "Mill housing")
    expect(grid.locator("[data-dirty-note]")).to_have_text("")
