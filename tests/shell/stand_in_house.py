"""A checkout with the real door, and stand-ins for uv and for what it installs.

The stand-in for uv makes a small environment and writes down how it was called.
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

REPOSITORY = Path(__file__).parents[2]
DOOR = REPOSITORY / "plantbeat"

UV = """#!{python}
import json, os, signal, sys, time
from pathlib import Path
if sys.argv[1:] == ["--version"]:
    sys.exit(print(os.environ.get("UV_SAYS", "uv 0.13.9 (test)")))
with open({calls!r}, "a") as calls:
    calls.write(json.dumps([sys.argv[1:], dict(os.environ)]) + "\\n")
venv = Path(os.environ["UV_PROJECT_ENVIRONMENT"])
(venv / "bin").mkdir(parents=True, exist_ok=True)
(venv / "bin" / "python").unlink(missing_ok=True)
(venv / "bin" / "python").symlink_to({stand_in!r})
time.sleep(float(os.environ.get("UV_TAKES", "0")))
if os.environ.get("UV_FAILS"):
    sys.exit("error: no route to files.pythonhosted.org")
for name in ("plantbeat", "pytest"):
    (venv / "bin" / name).unlink(missing_ok=True)
    (venv / "bin" / name).symlink_to({stand_in!r})
"""

# Stands for every program of the environment: tells how it was called.
STAND_IN = """#!{python}
import json, os, signal, sys, time
if os.environ.get("WAITS"):
    signal.signal(signal.SIGTERM, lambda *_: sys.exit(77))
    signal.signal(signal.SIGINT, lambda *_: sys.exit(78))
    print("ready", flush=True)
    time.sleep(30)
told = {{"program": os.path.basename(sys.argv[0]), "arguments": sys.argv[1:], "folder": os.getcwd(),
        "door": os.environ.get("PLANTBEAT_DOOR"), "ci": os.environ.get("CI"),
        "install": os.environ.get("PLANTBEAT_TEST_INSTALL")}}
print(json.dumps(told))
if any(word in " ".join(sys.argv) for word in os.environ.get("FAILING", "").split()):
    sys.exit(1)
sys.exit(int(os.environ.get("ENDS_WITH", "0")))
"""


def as_in_a_terminal() -> None:
    """Listen to Ctrl-C, also where the tests run in the background and it is ignored."""
    signal.signal(signal.SIGINT, signal.default_int_handler)


class House:
    """A checkout with the real door and stand-ins for uv and what it installs."""

    def __init__(self, folder: Path) -> None:
        self.root = folder / "house"
        self.root.mkdir()
        shutil.copy2(DOOR, self.root / "plantbeat")
        (self.root / "pyproject.toml").write_text("[project]\n")
        (self.root / "uv.lock").write_text("version = 1\n")
        self.programs = folder / "programs"
        self.programs.mkdir()
        self.calls_file = folder / "calls"
        python = os.path.realpath(sys.executable)
        stand_in = self._program(folder / "stand-in", STAND_IN.format(python=python))
        uv = UV.format(python=python, calls=str(self.calls_file), stand_in=str(stand_in))
        self._program(self.programs / "uv", uv)
        self.environment = {"PATH": f"{self.programs}:/usr/bin:/bin", "HOME": str(folder)}

    @staticmethod
    def _program(path: Path, text: str) -> Path:
        path.write_text(text)
        path.chmod(0o755)
        return path

    def command(self, *arguments: str, door: Path | None = None) -> list[str]:
        return [sys.executable, "-I", str(door or self.root / "plantbeat"), *arguments]

    def call(self, *arguments: str, door: Path | None = None, folder: Path | None = None, **environment: str):
        return subprocess.run(
            self.command(*arguments, door=door),
            cwd=folder or self.root,
            env={**self.environment, **environment},
            capture_output=True,
            text=True,
            timeout=60,
        )

    def start(self, *arguments: str, **environment: str) -> subprocess.Popen:
        return subprocess.Popen(
            self.command(*arguments),
            cwd=self.root,
            env={**self.environment, **environment},
            stdout=subprocess.PIPE,
            stderr=subprocess.STDOUT,
            text=True,
            preexec_fn=as_in_a_terminal,
        )

    def syncs(self) -> list[tuple[list[str], dict[str, str]]]:
        """Arguments and environment of each call of uv so far."""
        if not self.calls_file.exists():
            return []
        return [tuple(json.loads(line)) for line in self.calls_file.read_text().splitlines()]

    def wait_for_sync(self, count: int = 1) -> None:
        end = time.monotonic() + 20
        while len(self.syncs()) < count:
            assert time.monotonic() < end, "uv was not called"
            time.sleep(0.02)


def pinned_uv() -> str:
    """The version of uv the door installs where there is none."""
    module = ast.parse(DOOR.read_text())
    (version,) = [
        node.value.value
        for node in module.body
        if isinstance(node, ast.Assign) and ast.unparse(node.targets[0]) == "UV_VERSION"
    ]
    return version
