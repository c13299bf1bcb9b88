"""The base install: engines and command line without the web server's packages."""

from __future__ import annotations

import subprocess
import sys

import pytest

HIDDEN = ("django", "ninja", "uvicorn", "msgspec", "allauth", "psycopg", "whitenoise", "cryptography")
WITHOUT_SERVER = f"""
import sys
for name in {HIDDEN!r}:
    sys.modules[name] = None
"""


def run(code: str) -> subprocess.CompletedProcess[str]:
    return subprocess.run(
        [sys.executable, "-c", WITHOUT_SERVER + code], capture_output=True, text=True, check=False
    )


def command(*arguments: str) -> subprocess.CompletedProcess[str]:
    return run(f"sys.argv = ['plantbeat', *{arguments!r}]\nfrom plantbeat.shell.cli import main\nmain()")


def test_every_engine_module_loads_without_the_server():
    code = """
import pkgutil, importlib, plantbeat.engine
for module in pkgutil.walk_packages(plantbeat.engine.__path__, "plantbeat.engine."):
    importlib.import_module(module.name)
    print(module.name)
"""
    done = run(code)
    assert done.returncode == 0, done.stderr
    assert len(done.stdout.splitlines()) > 30


def test_the_analysts_commands_work(reference_data):
    done = command("--help")
    assert (done.returncode, "schedule" in done.stdout) == (0, True)
    file = str(reference_data / "execution" / "nist_hurco01_events.csv.gz")
    done = command(
        "facts", "summarize", file, "--state-key", "Program_Status", "--received", "2020-01-01T00:00:00Z"
    )
    assert done.returncode == 0, done.stderr


@pytest.mark.parametrize(
    "name", ["demo", "serve", "backup", "restore", "upgrade", "doctor", "verify-log", "token"]
)
def test_server_commands_name_the_missing_extra(name, tmp_path):
    more = {"restore": [str(tmp_path / "x")], "token": ["create", "x", "--site", "N"]}.get(name, [])
    done = command(name, *more)
    assert done.returncode == 2, done.stdout
    assert "pip install 'plantbeat[server]'" in done.stderr
    assert "Traceback" not in done.stderr


def test_settings_bring_no_solver_into_the_web_process():
    code = """
import os, sys
os.environ["DJANGO_SETTINGS_MODULE"] = "plantbeat.shell.settings"
import django
django.setup()
import plantbeat.shell.urls
heavy = {"numpy", "numba", "scipy", "ortools", "duckdb", "pandas", "openpyxl", "statsmodels"}
print(sorted(heavy & set(sys.modules)))
"""
    done = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=False)
    assert done.returncode == 0, done.stderr
    assert done.stdout.strip() == "[]"
