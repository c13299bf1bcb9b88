"""`./plantbeat check`: the checks other programs do, the table, and the allowances."""

import pytest
from small_checkout import PAGES, UV_LOCK, Checkout

from plantbeat.shell.checks import programs
from plantbeat.shell.checks.__main__ import main
from plantbeat.shell.checks.allowances import Allowance, without_allowed
from plantbeat.shell.checks.catalogue import CHECKS
from plantbeat.shell.checks.finding import Finding


@pytest.fixture
def checkout(tmp_path):
    return Checkout(tmp_path)


# --- other programs -------------------------------------------------------------------------------------


def test_ruff_finds_lint_and_layout(checkout):
    tree = checkout.write("src/plantbeat/x.py", "import os\n\nx = {  'a':1 }\n")
    (unused,) = programs.lint(tree)
    assert (unused.path, unused.line) == ("src/plantbeat/x.py", 1)
    assert "`os` imported but unused" in unused.message
    assert [f.path for f in programs.layout(tree)] == ["src/plantbeat/x.py"]
    clean = checkout.write("src/plantbeat/x.py", 'x = {"a": 1}\n')
    assert programs.lint(clean) == programs.layout(clean) == []


def test_mypy_finds_a_wrong_type_and_leaves_its_notes_out(checkout):
    checkout.write("pyproject.toml", '[tool.mypy]\nfiles = ["x.py"]\n')
    tree = checkout.write("x.py", "def f(a: list[int]) -> int:\n    return a\n\n\nreveal_type(f)\n")
    (finding,) = programs.types(tree)
    assert (finding.path, finding.line) == ("x.py", 2)
    assert "Incompatible return value" in finding.message
    assert programs.types(checkout.write("x.py", "x: int = 1\n")) == []


def test_import_linter_finds_an_import_upwards(checkout, monkeypatch):
    monkeypatch.setenv("PYTHONPATH", str(checkout.root))
    contract = 'name = "one way"\ntype = "layers"\nlayers = ["house.roof", "house.cellar"]\n'
    checkout.write(
        "pyproject.toml",
        f'[tool.importlinter]\nroot_packages = ["house"]\n[[tool.importlinter.contracts]]\n{contract}',
    )
    checkout.write("house/__init__.py", "")
    checkout.write("house/roof.py", "import house.cellar\n")
    assert programs.layers(checkout.write("house/cellar.py", "")) == []
    checkout.write("house/roof.py", "")
    (finding,) = programs.layers(checkout.write("house/cellar.py", "import house.roof\n"))
    assert "house.cellar -> house.roof" in finding.message


def test_a_program_that_cannot_start_is_a_finding(checkout, monkeypatch):
    monkeypatch.setattr("sys.executable", str(checkout.root / "bin" / "python"))
    (finding,) = programs.lint(checkout.write("pyproject.toml", ""))
    assert finding.message == "ruff could not be started: No such file or directory"


def test_migrations_need_the_settings_and_a_crash_is_told_in_its_last_line(checkout, monkeypatch):
    (finding,) = programs.missing_migrations(checkout.write("pyproject.toml", ""))
    assert str(finding) == (
        "src/plantbeat/shell/settings.py: is missing, so migrations cannot be compared with records"
    )
    monkeypatch.setattr(programs, "SETTINGS", "plantbeat.shell.no_such_settings")
    (finding,) = programs.missing_migrations(checkout.write("src/plantbeat/shell/settings.py", ""))
    assert finding.message.startswith("django ended with code 1: ModuleNotFoundError")
    assert "\n" not in finding.message


# --- the command ----------------------------------------------------------------------------------------


def test_the_command_runs_all_named_checks_prints_a_table_and_fails_on_a_finding(checkout, capsys):
    checkout.write("pyproject.toml", "")
    checkout.write("uv.lock", UV_LOCK)
    checkout.write(PAGES, "order.save()\n")
    assert main(["saves", "names", "locks"], checkout.root) == 1
    table, findings = capsys.readouterr().out.split("\n\n", 1)
    assert [(line.split()[0], line.split()[-1]) for line in table.splitlines()] == [
        ("check", "result"),
        ("saves", "found"),
        ("names", "ok"),
        ("locks", "ok"),
    ]
    assert f"{PAGES}:1: order.save() writes past act()" in findings
    assert findings.endswith("1 of 3 checks failed.\n")


def test_the_command_ends_with_0_when_nothing_is_found(checkout, capsys):
    checkout.write("pyproject.toml", "")
    assert main(["saves", "names"], checkout.root) == 0
    assert "All 2 checks passed." in capsys.readouterr().out


def test_an_unknown_check_is_answered_with_the_known_ones(checkout, capsys):
    checkout.write("pyproject.toml", "")
    with pytest.raises(SystemExit) as ended:
        main(["savings"], checkout.root)
    assert ended.value.code == 2
    said = capsys.readouterr().err
    assert "no check is called savings" in said
    assert all(name in said for name in CHECKS)


def test_outside_a_checkout_the_command_says_so(tmp_path, capsys):
    with pytest.raises(SystemExit) as ended:
        main([], tmp_path)
    assert ended.value.code == 2
    assert "works in a checkout of the repository" in capsys.readouterr().err


def test_an_allowance_covers_its_own_check_and_path_only():
    findings = [Finding("a/b.py", 1, "x"), Finding("a/c.py", 2, "y")]
    assert without_allowed("saves", findings, (Allowance("saves", "a/b.py", "its own file"),)) == findings[1:]
    assert without_allowed("saves", findings, (Allowance("saves", "a/", "its own file"),)) == []
    assert without_allowed("saves", findings, (Allowance("reads", "a/", "its own file"),)) == findings


def test_an_allowance_without_need_or_reason_is_a_finding():
    (finding,) = without_allowed("saves", [], (Allowance("saves", "a/b.py", "its own file"),))
    assert finding.message == "the allowance for saves is not needed any more; remove it"
    (finding,) = without_allowed("saves", [Finding("a/b.py", 1, "x")], (Allowance("saves", "a/b.py", " "),))
    assert finding.message == "the allowance for saves states no reason"
