"""`plantbeat schedule solve` and `check` on problem files: exact keys, exit codes, one sentence per fault."""

import json
import os
import signal
import subprocess
import sys

import pytest
from click.testing import CliRunner

from plantbeat.shell.cli.schedule import schedule
from plantbeat.shell.cli.schedule_files import FORMAT_NAMES

JSP = "3 3\n0 3 1 2 2 2\n0 2 2 1 1 4\n1 4 2 3 0 1\n"
SHOP = {
    "format": "plantbeat-json",
    "version": 1,
    "work_centres": [{"name": "cut"}],
    "machines": [{"name": "M1", "work_centre": "cut"}],
    "orders": [{"name": "118", "due": 9, "operations": [{"work_centre": "cut", "minutes": 5}]}],
}
KEYS = ["objective", "bound", "gap", "first_s", "status", "moves"]


def run(*arguments):
    outcome = CliRunner().invoke(schedule, [str(argument) for argument in arguments])
    assert "Traceback" not in outcome.output
    assert outcome.exception is None or isinstance(outcome.exception, SystemExit), outcome.exception
    return outcome


@pytest.fixture
def jsp(tmp_path):
    file = tmp_path / "shop.txt"
    file.write_text(JSP)
    return file


@pytest.fixture
def planned(jsp, tmp_path):
    """A problem file and its plan file."""
    plan = tmp_path / "plan.json"
    assert run("solve", jsp, "--format", "jsp", "--moves", 100, "--out", plan).exit_code == 0
    return jsp, plan


def write(path, document):
    path.write_text(json.dumps(document))
    return path


def test_the_formats_named_in_the_help_are_those_of_the_engine():
    from plantbeat.engine.schedule import formats

    assert tuple(formats.FORMATS) == FORMAT_NAMES


@pytest.mark.requirement("R002")
def test_json_is_one_line_of_exactly_these_keys(jsp):
    outcome = run("solve", jsp, "--format", "jsp", "--seconds", "0.2", "--workers", 1, "--seed", 3, "--json")
    assert (outcome.exit_code, outcome.stderr) == (0, "")
    assert outcome.stdout.count("\n") == 1
    found = json.loads(outcome.stdout)
    assert list(found) == KEYS
    assert [type(found[key]) for key in KEYS] == [int, int, float, float, str, int]
    assert 0 < found["bound"] <= found["objective"]
    assert found["gap"] == pytest.approx((found["objective"] - found["bound"]) / found["objective"], abs=1e-6)


@pytest.mark.parametrize(
    ("kind", "text"),
    [
        ("jsp-reentrant", "2 2\n0 3 1 2 0 1 -1 -1\n1 4 -1 -1\n"),
        ("fjsp", "2 4 1.5\n2 2 1 3 2 5 1 4 7\n1 1 3 2\n"),
        ("hfsp", "2\n2\n1\t2\t\n3\t4\t\n5\t6\t\n"),
    ],
)
def test_each_format_is_solved_and_its_plan_accepted(tmp_path, kind, text):
    file, plan = tmp_path / "shop.txt", tmp_path / "plan.json"
    file.write_text(text)
    solved = json.loads(run("solve", file, "--format", kind, "--moves", 50, "--out", plan, "--json").stdout)
    outcome = run("check", file, plan, "--format", kind)
    assert (outcome.exit_code, outcome.stdout) == (0, f"valid: objective {solved['objective']}\n")


def test_people_get_a_short_table(planned, tmp_path):
    outcome = run("solve", planned[0], "--format", "jsp", "--moves", 10, "--out", tmp_path / "other.json")
    lines = outcome.stdout.splitlines()
    assert lines[0] == "problem     3 orders, 9 operations, 3 machines"
    assert [line.split()[0] for line in lines[1:5]] == ["objective", "bound", "gap", "status"]
    assert lines[-1] == f"Written to {tmp_path / 'other.json'}."


def test_the_same_moves_and_seed_give_the_same_plan(planned, tmp_path):
    again = tmp_path / "again.json"
    run("solve", planned[0], "--format", "jsp", "--moves", 100, "--out", again)
    assert again.read_text() == planned[1].read_text()


def test_a_json_file_needs_no_format(tmp_path):
    shop, plan = write(tmp_path / "shop.json", SHOP), tmp_path / "plan.json"
    assert json.loads(run("solve", shop, "--moves", 0, "--out", plan, "--json").stdout)["objective"] == 5
    assert run("check", shop, plan).stdout == "valid: objective 5\n"
    found = json.loads(run("check", shop, plan, "--json").stdout)
    assert found == {"valid": True, "objective": 5, "violations": []}


def test_other_files_need_a_format_and_are_told_which_are_allowed(jsp, planned):
    for arguments in (("solve", jsp), ("check", *planned)):
        outcome = run(*arguments)
        assert outcome.exit_code == 2
        assert "give it with --format, allowed are jsp, jsp-reentrant, fjsp" in outcome.stderr
        outcome = run(*arguments, "--format", "ortools")
        assert outcome.exit_code == 2
        assert "'ortools' is not one of 'jsp', 'jsp-reentrant'" in outcome.stderr


def changed(plan, **values):
    return write(plan, json.loads(plan.read_text()) | values)


@pytest.mark.requirement("R103")
def test_a_plan_that_is_not_valid_ends_with_1_and_its_first_violation(planned):
    file, plan = planned
    changed(plan, start=[0] * 9)
    outcome = run("check", file, plan, "--format", "jsp")
    assert outcome.exit_code == 1
    first, more = outcome.stdout.splitlines()
    assert first.startswith("not valid: order 0 step 2 on machine 1: starts at minute 0, step 1 ends at 3")
    assert more.endswith("more; --all names them")
    every = run("check", file, plan, "--format", "jsp", "--all")
    assert (every.exit_code, len(every.stdout.splitlines()) > 6) == (1, True)
    as_json = run("check", file, plan, "--format", "jsp", "--json")
    found = json.loads(as_json.stdout)
    assert (as_json.exit_code, found["valid"], found["objective"]) == (1, False, None)
    assert list(found["violations"][0]) == ["kind", "message", "order", "step", "machine"]
    assert len(found["violations"]) == len(every.stdout.splitlines())


def test_a_plan_that_lies_about_its_objective_is_not_valid(planned):
    file, plan = planned
    changed(plan, objective=1)
    outcome = run("check", file, plan, "--format", "jsp")
    assert (outcome.exit_code, "is said to be 1, but it is" in outcome.stdout) == (1, True)


def test_the_plan_of_another_problem_is_not_valid(planned, tmp_path):
    outcome = run("check", write(tmp_path / "shop.json", SHOP), planned[1])
    assert (outcome.exit_code, "machine must hold 1 whole numbers" in outcome.stdout) == (1, True)


WITH_BAD_ORDERS = SHOP | {
    "orders": [
        *SHOP["orders"],
        {"name": "119", "due": 9, "operations": [{"work_centre": "paint", "minutes": 5}]},
        {"name": "120", "due": 9, "operations": [{"work_centre": "cut", "minutes": -5}]},
    ]
}


def test_orders_with_faults_refuse_unless_they_are_to_be_left_out(tmp_path):
    shop, plan = write(tmp_path / "shop.json", WITH_BAD_ORDERS), tmp_path / "plan.json"
    outcome = run("solve", shop, "--moves", 0, "--out", plan, "--json")
    assert (outcome.exit_code, outcome.stdout, plan.exists()) == (2, "", False)
    assert "$.orders[2].operations[0].minutes is -5; allowed is a whole number from 0" in outcome.stderr
    outcome = run("solve", shop, "--moves", 0, "--out", plan, "--json", "--leave-out")
    assert (outcome.exit_code, list(json.loads(outcome.stdout))) == (0, KEYS)
    assert "order 120 is not scheduled, because $.orders[2].operations[0].minutes is -5" in outcome.stderr
    assert (
        "order 119 is not scheduled, because order 119 step 10: work centre paint is unknown"
        in outcome.stderr
    )
    assert [one["order"] for one in json.loads(plan.read_text())["left_out"]] == ["120", "119"]
    assert run("check", shop, plan).stdout == "valid: objective 5\n"


def test_a_plan_may_not_leave_out_an_order_without_fault(tmp_path):
    shop, plan = write(tmp_path / "shop.json", WITH_BAD_ORDERS), tmp_path / "plan.json"
    run("solve", shop, "--moves", 0, "--out", plan, "--leave-out")
    changed(plan, left_out=[{"order": "118", "because": "no time"}])
    outcome = run("check", shop, plan)
    assert (outcome.exit_code, "order 118 is left out" in outcome.stdout) == (1, True)


def folder(path):
    path.mkdir()
    return path


def holding(content):
    def make(path):
        path.write_bytes(content)
        return path

    return make


BAD_FILES = [
    (lambda path: path, "cannot be read (No such file or directory)"),
    (lambda path: path / "deeper", "cannot be read (No such file or directory)"),
    (folder, "is a folder; allowed is a file"),
    (holding(b""), "is empty"),
    (holding(b" \n\n"), "is empty"),
    (holding(bytes(range(256))), "is not text; allowed is a text file in UTF-8"),
    (holding(JSP.encode("utf-16")), "is not text; allowed is a text file in UTF-8"),
    (holding(b"\x00\x01\x02"), "line 1"),
    (holding(JSP.encode()[:28]), "the file ends after line"),
    (holding(b"PK\x03\x04"), "line 1"),
]


@pytest.mark.parametrize(("make", "said"), BAD_FILES)
def test_files_that_cannot_be_read_end_with_2_and_a_sentence(tmp_path, planned, make, said):
    out = tmp_path / "out.json"
    bad = make(tmp_path / "bad.txt")
    outcome = run("solve", bad, "--format", "jsp", "--moves", 0, "--out", out)
    assert (outcome.exit_code, outcome.stdout, out.exists()) == (2, "", False)
    assert outcome.stderr.startswith(f"Error: {bad}")
    assert said in outcome.stderr
    for problem, plan in ((bad, planned[1]), (planned[0], bad)):
        outcome = run("check", problem, plan, "--format", "jsp")
        assert (outcome.exit_code, outcome.stdout) == (2, "")
        assert outcome.stderr.startswith(f"Error: {bad}")


@pytest.mark.parametrize("kind", FORMAT_NAMES)
def test_a_file_of_another_format_ends_with_2(tmp_path, kind):
    file = tmp_path / "shop.txt"
    file.write_text("1 1 1 1\nhello\n")
    outcome = run("solve", file, "--format", kind, "--moves", 0)
    assert (outcome.exit_code, outcome.stdout) == (2, "")
    assert "line 1" in outcome.stderr or "line 2" in outcome.stderr


@pytest.mark.parametrize(
    ("options", "said"),
    [
        (["--seconds", "-1"], "give seconds from 0"),
        (["--seconds", "nan"], "give seconds from 0"),
        (["--seconds", "inf"], "give seconds from 0"),
        (["--seconds", "soon"], "is not a valid float"),
        (["--seconds", "1", "--moves", "1"], "--moves and --seconds are both given; allowed is one of them"),
        (["--moves", "-1"], "-1 is not in the range"),
        (["--moves", "1.5"], "is not a valid int"),
        (["--seed", "-1"], "-1 is not in the range"),
        (["--seed", "x"], "is not a valid int"),
        (["--seed", str(2**63)], "is not in the range"),
        (["--workers", "0"], "0 is not in the range"),
        (["--out", "."], ". is a folder"),
        (["--out", "nowhere/plan.json"], "the folder nowhere does not exist"),
        (["--out", os.devnull], "is not a regular file"),
        (["--leave-out"], "--leave-out is not for jsp; it is for plantbeat-json"),
        (["--fast"], "No such option"),
    ],
)
def test_wrong_options_end_with_2(jsp, options, said):
    outcome = run("solve", jsp, "--format", "jsp", *options)
    assert (outcome.exit_code, outcome.stdout) == (2, "")
    assert said in outcome.stderr
    assert [path.name for path in jsp.parent.iterdir()] == ["shop.txt"]


def test_the_file_that_is_read_is_never_overwritten(jsp):
    outcome = run("solve", jsp, "--format", "jsp", "--moves", 0, "--out", jsp)
    assert (outcome.exit_code, "name another file for the plan" in outcome.stderr) == (2, True)
    assert jsp.read_text() == JSP


def test_a_plan_is_written_whole_through_a_link_and_leaves_nothing_beside_it(jsp, tmp_path):
    plans = folder(tmp_path / "plans")
    (tmp_path / "link.json").symlink_to(plans / "real.json")
    (plans / "real.json").write_text("before")
    assert run("solve", jsp, "--format", "jsp", "--moves", 0, "--out", tmp_path / "link.json").exit_code == 0
    assert json.loads((plans / "real.json").read_text())["format"] == "plantbeat-plan"
    assert [path.name for path in plans.iterdir()] == ["real.json"]
    assert (tmp_path / "link.json").is_symlink()


def test_workbooks_take_no_options_of_problem_files(tmp_path):
    for option in (["--moves", "5"], ["--leave-out"]):
        outcome = run("solve", tmp_path / "orders.xlsx", *option)
        assert (outcome.exit_code, "is for problem files" in outcome.stderr) == (2, True)


def test_calendars_that_end_too_soon_are_told(tmp_path):
    shop = SHOP | {"calendars": [{"name": "day", "open": [[0, 8]]}]}
    shop["machines"] = [{"name": "M1", "work_centre": "cut", "calendar": "day"}]
    shop["orders"] = [
        {"name": str(j), "due": 9, "operations": [{"work_centre": "cut", "minutes": 5}]} for j in range(2)
    ]
    outcome = run("solve", write(tmp_path / "shop.json", shop), "--moves", 0)
    assert (outcome.exit_code, outcome.stdout) == (2, "")
    assert "the horizon is too short" in outcome.stderr


def test_a_problem_that_no_method_solves_ends_with_2(jsp, monkeypatch):
    from plantbeat.engine.schedule import solver

    monkeypatch.setattr(solver, "METHODS", ())
    outcome = run("solve", jsp, "--format", "jsp", "--moves", 0)
    assert (outcome.exit_code, outcome.stdout) == (2, "")
    assert f"{jsp}: no method solves" in outcome.stderr


def test_a_missed_deadline_is_a_result_which_the_check_refuses(tmp_path):
    order = SHOP["orders"][0] | {"deadline": 3}
    shop, plan = write(tmp_path / "shop.json", SHOP | {"orders": [order]}), tmp_path / "plan.json"
    found = json.loads(run("solve", shop, "--moves", 0, "--out", plan, "--json").stdout)
    assert found["status"] == "deadline missed"
    outcome = run("check", shop, plan)
    assert (outcome.exit_code, "after its deadline 3" in outcome.stdout) == (1, True)


BELOW = "import sys\nfor name in ('django', 'msgspec', 'ninja', 'openpyxl'):\n    sys.modules[name] = None\n"
CALL = "sys.argv[0] = 'plantbeat'\nfrom plantbeat.shell.cli import main\nmain()\n"


def test_the_commands_need_neither_server_nor_spreadsheets(planned):
    file, plan = map(str, planned)
    for arguments in (["solve", file, "--moves", "5"], ["check", file, plan]):
        command = [sys.executable, "-c", BELOW + CALL, "schedule", *arguments, "--format", "jsp"]
        done = subprocess.run(command, capture_output=True, text=True, check=False)
        assert (done.returncode, done.stderr) == (0, "")


def test_the_help_loads_no_engine():
    code = "import sys\nsys.argv = ['plantbeat', 'schedule', 'solve', '--help']\n"
    code += "from plantbeat.shell.cli import main\ntry:\n    main()\nexcept SystemExit:\n    pass\n"
    code += "print('numpy' in sys.modules)\n"
    done = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=False)
    assert done.stdout.splitlines()[-1] == "False"


def test_ctrl_c_ends_at_once_and_writes_nothing(jsp, tmp_path, monkeypatch):
    import plantbeat.engine.schedule as engine

    before = signal.getsignal(signal.SIGINT)
    monkeypatch.setattr(engine, "solve", lambda *_, **__: signal.raise_signal(signal.SIGINT))
    monkeypatch.setattr(os, "_exit", sys.exit)
    outcome = run("solve", jsp, "--format", "jsp", "--out", tmp_path / "plan.json")
    assert (outcome.exit_code, outcome.stdout) == (130, "")
    assert outcome.stderr.strip() == "Stopped; nothing was written."
    assert not (tmp_path / "plan.json").exists()
    assert signal.getsignal(signal.SIGINT) == before


def test_a_schedule_that_the_checker_refuses_is_not_shown(jsp, tmp_path, monkeypatch):
    import plantbeat.engine.schedule as engine

    violation = engine.Violation("overlap", "order 0 step 1 on machine 0: overlaps")
    monkeypatch.setattr(engine, "check", lambda *_: engine.Violations((violation,)))
    outcome = run("solve", jsp, "--format", "jsp", "--moves", 0, "--out", tmp_path / "plan.json")
    assert (outcome.exit_code, outcome.stdout) == (1, "")
    assert "not valid: order 0 step 1 on machine 0: overlaps" in outcome.stderr
    assert not (tmp_path / "plan.json").exists()
