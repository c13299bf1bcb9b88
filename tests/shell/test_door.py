"""The door, ./plantbeat: one environment, made once, never half; then out of the way.

Most tests put a stand-in for uv on PATH; test_door_install.py makes the real environment.
"""

import ast
import json
import os
import shutil
import signal
import subprocess
import sys
import time
from pathlib import Path

import pytest
from stand_in_house import DOOR, REPOSITORY, House, pinned_uv

pytestmark = pytest.mark.skipif(os.name == "nt", reason="the stand-in programs are POSIX scripts")


@pytest.fixture
def house(tmp_path):
    return House(tmp_path)


# --- making the environment -----------------------------------------------------------------------------


@pytest.mark.parametrize("arguments", [["demo"], ["--help"], ["test"], []])
def test_the_first_call_of_any_command_makes_the_environment(house, arguments):
    done = house.call(*arguments, VIRTUAL_ENV="/somewhere/else", UV_PROJECT="/somewhere/else")
    assert done.returncode == 0, done.stderr
    ((called, environment),) = house.syncs()
    assert called[:6] == ["sync", "--frozen", "--extra", "server", "--project", str(house.root)]
    assert environment["UV_PROJECT_ENVIRONMENT"] == str(house.root / ".venv")
    assert not {"VIRTUAL_ENV", "UV_PROJECT"} & environment.keys()
    assert "plantbeat: environment ready in " in done.stderr
    suite = [str(house.root / "tests" / "whole_suite.py")]
    assert json.loads(done.stdout)["arguments"] == (suite if arguments == ["test"] else arguments)


def test_a_company_certificate_reaches_pip_and_npm_too(house):
    house.call("demo", SSL_CERT_FILE="/etc/company.pem", PIP_CERT="/etc/other.pem")
    ((_, environment),) = house.syncs()
    assert (environment["NODE_EXTRA_CA_CERTS"], environment["PIP_CERT"]) == (
        "/etc/company.pem",
        "/etc/other.pem",
    )


def test_the_second_call_makes_nothing_and_says_nothing(house):
    house.call("demo")
    done = house.call("demo", PATH="/usr/bin:/bin")
    assert (done.returncode, done.stderr, len(house.syncs())) == (0, "", 1)


@pytest.mark.parametrize(
    "name",
    [
        "pyproject.toml",
        "uv.lock",
        "hatch_build.py",
        "web/package-lock.json",
        "web/src/a/b.js",
        "web/build/c.mjs",
    ],
)
def test_a_changed_source_of_the_environment_brings_it_up_to_date(house, name):
    built = house.root / "src/plantbeat/static/dist"
    built.mkdir(parents=True)
    (built / "build-stamp.txt").touch()
    house.call("demo")
    (house.root / name).parent.mkdir(parents=True, exist_ok=True)
    (house.root / name).write_text("changed")
    assert "up to date" in house.call("demo").stderr
    assert house.call("demo").stderr == ""
    assert len(house.syncs()) == 2


def test_the_project_is_built_again_when_its_web_files_are_gone(house):
    built = house.root / "src/plantbeat/static/dist/build-stamp.txt"
    built.parent.mkdir(parents=True)
    built.touch()
    (house.root / "hatch_build.py").touch()
    house.call("demo")
    assert house.call("demo").stderr == ""
    built.unlink()
    house.call("demo")
    assert len(house.syncs()) == 2
    assert "--reinstall-package plantbeat" in " ".join(house.syncs()[1][0])


def test_a_moved_checkout_gets_its_programs_anew(house):
    house.call("demo")
    house.root = house.root.rename(house.root.with_name("moved"))
    house.call("demo")
    assert house.syncs()[1][0][-1] == "--reinstall"
    assert house.call("demo").stderr == ""


def test_an_environment_whose_python_was_removed_is_made_again(house):
    house.call("demo")
    (house.root / ".venv/bin/python").unlink()
    (house.root / ".venv/bin/python").symlink_to("/nowhere/python3")
    assert house.call("demo").returncode == 0
    assert len(house.syncs()) == 2


def test_uv_of_the_caller_is_found_by_its_variable(house):
    uv = house.programs / "uv"
    elsewhere = uv.rename(house.root.parent / "my-uv")
    assert house.call("demo", UV=str(elsewhere)).returncode == 0
    assert len(house.syncs()) == 1


# --- failures -------------------------------------------------------------------------------------------


def test_a_failed_download_names_the_command_and_what_to_try_and_leaves_nothing_believed(house):
    done = house.call("demo", UV_FAILS="1")
    assert done.returncode == 1
    assert done.stdout == ""
    assert "no route to files.pythonhosted.org" in done.stderr
    assert f"`{house.programs}/uv sync --frozen --extra server" in done.stderr
    assert "ended with code 1" in done.stderr
    assert "HTTPS_PROXY" in done.stderr
    assert "Traceback" not in done.stderr
    assert house.call("demo").returncode == 0
    assert len(house.syncs()) == 2


@pytest.mark.parametrize("sign", [signal.SIGINT, signal.SIGTERM, signal.SIGKILL])
def test_a_broken_off_set_up_is_taken_up_by_the_next_call(house, sign):
    with house.start("demo", UV_TAKES="1.5") as door:
        house.wait_for_sync()
        door.send_signal(sign)
        door.wait(timeout=10)
    assert not (house.root / ".venv/plantbeat.stamp").exists()
    done = house.call("demo")
    assert (done.returncode, len(house.syncs())) == (0, 2)
    assert "environment ready" in done.stderr


def test_an_update_that_is_broken_off_leaves_the_old_stamp_away(house):
    house.call("demo")
    (house.root / "uv.lock").write_text("version = 2\n")
    with house.start("demo", UV_TAKES="5") as door:
        house.wait_for_sync(2)
        door.terminate()
        assert door.wait(timeout=10) == 143
    (house.root / "uv.lock").write_text("version = 1\n")
    house.call("demo")
    assert len(house.syncs()) == 3


def test_calls_at_the_same_time_make_the_environment_once(house):
    doors = [house.start("demo", UV_TAKES="1") for _ in range(6)]
    said = [door.communicate(timeout=30)[0] for door in doors]
    assert [door.returncode for door in doors] == [0] * 6
    assert len(house.syncs()) == 1
    assert sum("environment ready" in words for words in said) == 1


def test_a_killed_door_keeps_the_next_one_waiting_until_its_uv_has_ended(house):
    with house.start("demo", UV_TAKES="3") as door:
        house.wait_for_sync()
        door.kill()
        door.wait()
        begin = time.monotonic()
        done = house.call("demo")
    assert "waiting for it" in done.stderr
    assert time.monotonic() - begin > 1
    assert done.returncode == 0


def test_without_ensurepip_the_missing_package_is_named(house):
    # A path entry whose finder knows no ensurepip, as on a Debian without python3-venv.
    blind = (
        "import importlib.util, runpy, sys\n"
        "found = importlib.util.find_spec\n"
        "importlib.util.find_spec = lambda name: None if name == 'ensurepip' else found(name)\n"
        f"sys.argv = [{str(house.root / 'plantbeat')!r}]\n"
        "runpy.run_path(sys.argv[0], run_name='__main__')\n"
    )
    done = subprocess.run(
        [sys.executable, "-I", "-c", blind],
        env={**house.environment, "PATH": "/nowhere"},
        capture_output=True,
        text=True,
    )
    assert done.returncode == 1
    assert "apt install python3-venv" in done.stderr
    assert "Traceback" not in done.stderr


def test_an_old_uv_is_named_and_not_used(house):
    done = house.call("demo", UV_SAYS="uv 0.4.30", PIP_NO_INDEX="1", PIP_FIND_LINKS="/nowhere")
    assert "uv is 0.4.30, too old for uv.lock; using uv" in done.stderr
    assert house.syncs() == []
    # Nothing can be fetched here, so the next sentence is about that.
    assert done.returncode == 1
    assert "-m pip" in done.stderr
    assert not (house.root / f".tool/uv-{pinned_uv()}").exists()


def test_a_folder_that_cannot_be_written_is_a_sentence(house):
    (house.root / ".tool").write_text("in the way")
    done = house.call("demo")
    assert done.returncode == 1
    assert done.stderr.startswith(f"plantbeat: {house.root}/.tool")
    assert "Traceback" not in done.stderr


# --- old Pythons ----------------------------------------------------------------------------------------


def test_the_door_is_readable_for_python_3_6():
    ast.parse(DOOR.read_text(), feature_version=(3, 6))


def old_python(house: House, **environment: str) -> subprocess.CompletedProcess:
    """The door as a Python 3.9 starts it."""
    pretend = (
        "import runpy, sys\n"
        "sys.version_info = (3, 9, 2, 'final', 0)\n"
        f"sys.argv = [{str(house.root / 'plantbeat')!r}, 'demo']\n"
        "runpy.run_path(sys.argv[0], run_name='__main__')\n"
    )
    return subprocess.run(
        [sys.executable, "-I", "-c", pretend],
        env={**house.environment, **environment},
        capture_output=True,
        text=True,
    )


def test_a_python_below_3_11_is_told_so_in_one_sentence(house):
    done = old_python(house, PATH="/nowhere")
    assert done.returncode == 1
    assert done.stderr.startswith("Plantbeat needs Python 3.11 or newer; this is Python 3.9.2 (")
    assert done.stderr.count("\n") == 1


def test_a_python_below_3_11_hands_over_to_a_newer_one_on_the_path(house):
    (house.programs / "python3.12").symlink_to("/bin/false")
    (house.programs / "python3.11").symlink_to(os.path.realpath(sys.executable))
    done = old_python(house)
    assert done.returncode == 0, done.stderr
    assert json.loads(done.stdout)["arguments"] == ["demo"]


def test_a_python_below_3_11_asks_uv_for_a_newer_one(house):
    old_python(house, PATH=str(house.programs))
    ((called, _),) = house.syncs()
    door = str(house.root / "plantbeat")
    assert called == ["run", "--no-project", "--python", ">=3.11", "--", "python", door, "demo"]


# --- handing over ---------------------------------------------------------------------------------------


def told(done: subprocess.CompletedProcess) -> dict:
    assert done.returncode == 0, done.stderr
    return json.loads(done.stdout)


def test_each_command_reaches_its_program(house):
    root = str(house.root)
    demo = told(house.call("demo", "--port", "0"))
    assert (demo["program"], demo["arguments"]) == ("plantbeat", ["demo", "--port", "0"])
    test = told(house.call("test", "-k", "door", "-x"))
    assert (test["program"], test["arguments"], test["folder"]) == ("pytest", ["-k", "door", "-x"], root)
    check = told(house.call("check", "saves"))
    assert (check["program"], check["arguments"]) == ("python", ["-m", "plantbeat.shell.checks", "saves"])
    rows = told(house.call("coverage", "--json"))
    assert rows["arguments"] == [f"{root}/tests/requirement_coverage.py", "--json"]
    assert demo["door"] == f"{root}/plantbeat"


def test_it_works_from_any_folder_and_through_a_link(house, tmp_path):
    link = tmp_path / "bin-plantbeat"
    link.symlink_to(house.root / "plantbeat")
    (house.root / "tests").mkdir()
    (house.root / "tests/test_x.py").touch()
    assert told(house.call("import", "plant.xlsx", door=link, folder=tmp_path))["folder"] == str(tmp_path)
    test = told(house.call("test", "test_x.py::test_y", "-x", door=link, folder=house.root / "tests"))
    assert test["folder"] == str(house.root)
    assert test["arguments"] == [f"{house.root}/tests/test_x.py::test_y", "-x"]


def test_the_code_of_the_program_is_the_code_of_the_door(house):
    assert house.call("demo", ENDS_WITH="3").returncode == 3


@pytest.mark.parametrize(("sign", "code"), [(signal.SIGTERM, 77), (signal.SIGINT, 78)])
def test_signals_reach_the_program(house, sign, code):
    house.call("demo")
    with house.start("demo", WAITS="1") as door:
        assert door.stdout.readline() == "ready\n"
        door.send_signal(sign)
        assert door.wait(timeout=10) == code


def test_a_warm_call_costs_less_than_a_tenth_of_a_second(house):
    house.call("demo")

    def cpu_s(command: list[str]) -> float:
        before = os.times()
        subprocess.run(command, env=house.environment, stdout=subprocess.DEVNULL, check=True)
        after = os.times()
        return after.children_user + after.children_system - before.children_user - before.children_system

    through_door = min(cpu_s(house.command("demo")) for _ in range(5))
    direct = min(cpu_s([str(house.root / ".venv/bin/plantbeat"), "demo"]) for _ in range(5))
    assert through_door - direct < 0.1


# --- the run before a merge ------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("red", "code"), [("", 0), ("checks", 1), ("whole_suite", 1), ("checks whole_suite", 1)]
)
def test_the_merge_run_does_both_commands_and_fails_if_one_does(house, red, code):
    (house.root / ".ci").mkdir()
    shutil.copy2(REPOSITORY / ".ci/run", house.root / ".ci/run")
    done = subprocess.run(
        [house.root / ".ci/run"],
        cwd=house.root.parent,
        env={
            **house.environment,
            "FAILING": red,
            "PATH": f"{house.programs}:{Path(sys.executable).parent}:/usr/bin:/bin",
        },
        capture_output=True,
        text=True,
    )
    assert done.returncode == code, done.stderr
    calls = [json.loads(line) for line in done.stdout.splitlines() if line.startswith("{")]
    programs = [Path(call["arguments"][-1]).name for call in calls]
    assert programs == ["plantbeat.shell.checks", "whole_suite.py"]
    assert all((call["ci"], call["install"]) == ("true", "1") for call in calls)
    assert ("=== all green" in done.stdout) == (code == 0)
    assert done.stdout.count("FAILED with code 1") == len(red.split())
