"""The door, ./plantbeat, makes the real environment."""

import os
import shutil
import subprocess
import sys
from pathlib import Path

import pytest
from stand_in_house import REPOSITORY, pinned_uv


@pytest.mark.slow
@pytest.mark.skipif(
    not os.environ.get("PLANTBEAT_TEST_INSTALL"), reason="set PLANTBEAT_TEST_INSTALL=1 to install"
)
def test_a_fresh_clone_without_uv_makes_the_real_environment(tmp_path):
    """Only Python on PATH and an empty home; the cache of fetched packages is shared to spare the network."""
    clone = tmp_path / "clone"
    listed = subprocess.run(
        ["git", "ls-files", "-co", "--exclude-standard", "-z"],
        cwd=REPOSITORY,
        capture_output=True,
        text=True,
        check=True,
    )
    for name in filter(None, listed.stdout.split("\0")):
        if (REPOSITORY / name).is_file():
            (clone / name).parent.mkdir(parents=True, exist_ok=True)
            shutil.copy2(REPOSITORY / name, clone / name)
    kept = {name: value for name, value in os.environ.items() if name.startswith(("SSL_", "HTTP", "PIP_"))}
    cache = os.environ.get("UV_CACHE_DIR") or str(Path.home() / ".cache/uv")
    base = os.path.realpath(sys.executable)
    environment = {**kept, "HOME": str(tmp_path), "PATH": "/usr/bin:/bin", "UV_CACHE_DIR": cache}
    done = subprocess.run(
        [base, str(clone / "plantbeat"), "--help"],
        cwd=tmp_path,
        env=environment,
        capture_output=True,
        text=True,
        timeout=600,
    )
    assert done.returncode == 0, done.stderr
    assert "environment ready in" in done.stderr
    assert (clone / f".tool/uv-{pinned_uv()}/bin/uv").exists()
    again = subprocess.run(
        [base, str(clone / "plantbeat"), "--help"],
        env=environment,
        capture_output=True,
        text=True,
        check=True,
    )
    assert (again.stdout, again.stderr) == (done.stdout, "")
    packages = subprocess.run(
        [
            clone / ".venv/bin/python",
            "-c",
            "import django, pytest, numpy, plantbeat; print(plantbeat.__file__)",
        ],
        env=environment,
        capture_output=True,
        text=True,
        check=True,
    )
    assert packages.stdout.strip() == str(clone / "src/plantbeat/__init__.py")
