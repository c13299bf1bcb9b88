"""The build of the pages' files: stamp, licences, sizes, what the wheel gets."""

from __future__ import annotations

import gzip
import importlib.util
import json
import re
from pathlib import Path
from typing import Any

import django_htmx
import pytest

REPOSITORY = Path(__file__).parents[2]
DIST = REPOSITORY / "src" / "plantbeat" / "static" / "dist"


@pytest.fixture(scope="module")
def hook() -> Any:
    spec = importlib.util.spec_from_file_location("hatch_build", REPOSITORY / "hatch_build.py")
    assert spec is not None
    assert spec.loader is not None
    module = importlib.util.module_from_spec(spec)
    spec.loader.exec_module(module)
    return module


def package(modules: Path, name: str, licence: str | None, text: str = "Permission is granted") -> None:
    folder = modules / name
    folder.mkdir(parents=True)
    (folder / "package.json").write_text(json.dumps({"name": name, "version": "1.2.3", "license": licence}))
    if text:
        (folder / "LICENSE").write_text(text)


@pytest.mark.parametrize("licence", ["GPL-3.0-only", "UNLICENSED", None, "(MIT OR GPL-2.0)"])
def test_a_licence_that_is_not_on_the_list_stops_the_build(hook, tmp_path, licence):
    package(tmp_path, "good", "MIT")
    package(tmp_path, "doubtful", licence)
    with pytest.raises(hook.WebBuildError, match=r"doubtful 1\.2\.3 has the licence .* not on the list"):
        hook.licence_text(tmp_path, tmp_path / "added", ["good", "doubtful"])


def test_a_package_without_a_licence_text_stops_the_build_until_one_is_added(hook, tmp_path):
    package(tmp_path, "@scope/silent", "MIT", text="")
    with pytest.raises(hook.WebBuildError, match=r"web/licences/@scope__silent\.txt"):
        hook.licence_text(tmp_path, tmp_path / "added", ["@scope/silent"])
    (tmp_path / "added").mkdir()
    (tmp_path / "added" / "@scope__silent.txt").write_text("The text")
    text = hook.licence_text(tmp_path, tmp_path / "added", ["@scope/silent"])
    assert "@scope/silent 1.2.3\nLicence: MIT\n" in text
    assert "The text" in text


def test_nothing_is_built_while_the_stamp_matches(hook, tmp_path, monkeypatch):
    web = tmp_path / "web"
    for folder in ("build", "src", "licences"):
        (web / folder).mkdir(parents=True)
    for name in ("package.json", "package-lock.json", "build.mjs", "src/app.js"):
        (web / name).write_text(name)
    built = []

    def pretend(web: Path, out: Path) -> None:
        built.append(out)
        out.mkdir(parents=True)
        (out / "app.js").write_text("built")
        (web / "dist" / "packages.json").write_text("[]")

    monkeypatch.setattr(hook, "run_node", pretend)
    assert hook.build(tmp_path) is True
    assert hook.build(tmp_path) is False
    (web / "src" / "app.js").write_text("changed")
    assert hook.build(tmp_path) is True
    assert len(built) == 2
    assert (tmp_path / hook.DIST / "app.js").read_text() == "built"


def test_built_files_without_their_sources_are_taken_as_they_are(hook, tmp_path):
    with pytest.raises(hook.WebBuildError, match="incomplete"):
        hook.build(tmp_path)
    (tmp_path / hook.DIST).mkdir(parents=True)
    (tmp_path / hook.DIST / "app.js").write_text("built")
    assert hook.build(tmp_path) is False


def test_a_failing_command_says_what_failed_and_why(hook, tmp_path):
    with pytest.raises(hook.WebBuildError, match=r"It failed \(exit code 3\):\nbecause"):
        hook.run(["sh", "-c", "echo because; exit 3"], tmp_path, {"PATH": "/bin:/usr/bin"}, "It failed")


def test_the_lock_names_no_host_and_exact_versions_only():
    text = (REPOSITORY / "web" / "package-lock.json").read_text(encoding="utf-8")
    assert "://" not in text
    lock = json.loads(text)
    assert len(lock["packages"]) > 5
    assert [name for name, entry in lock["packages"].items() if "resolved" in entry] == []
    wanted = json.loads((REPOSITORY / "web" / "package.json").read_text(encoding="utf-8"))
    versions = {**wanted["dependencies"], **wanted["devDependencies"]}
    assert {name: text for name, text in versions.items() if not re.fullmatch(r"\d+\.\d+\.\d+", text)} == {}


def test_every_bundled_package_is_listed_with_its_licence_text(hook):
    names = json.loads((REPOSITORY / "web" / "dist" / "packages.json").read_text(encoding="utf-8"))
    assert {"echarts", "zrender", "@tabler/core", "@tabler/icons", "@fontsource-variable/inter"} <= set(names)
    text = hook.licence_text(REPOSITORY / "web/node_modules", REPOSITORY / "web/licences", names)
    for name in names:
        assert re.search(rf"^{re.escape(name)} \d+\.\d+\.\d+$", text, re.MULTILINE)
    assert (DIST / "THIRD-PARTY-LICENSES.txt").read_text(encoding="utf-8") == text


def gz(path: Path) -> int:
    return len(gzip.compress(path.read_bytes(), 9))


def test_what_every_page_loads_is_small_and_charts_are_not_part_of_it():
    seen, waiting = set(), [DIST / "app.js"]
    while waiting:
        path = waiting.pop()
        if path in seen:
            continue
        seen.add(path)
        code = path.read_text(encoding="utf-8")
        found = re.findall(r'(?:from|import)\s*"(\./[^"]+)"', code)
        waiting += [(path.parent / name).resolve() for name in found]
    assert not [path for path in seen if "echarts" in path.name]
    htmx = Path(django_htmx.__file__).parent / "static/django_htmx/htmx-2.min.js"
    assert sum(map(gz, seen)) + gz(DIST / "theme-early.js") + gz(htmx) <= 30_000
    assert gz(DIST / "app.css") <= 32_000


def test_the_wheel_is_told_about_the_built_files(hook, tmp_path, monkeypatch):
    monkeypatch.setattr(hook, "build", lambda root: False)
    made = hook.WebBuildHook.__new__(hook.WebBuildHook)
    if hook.BuildHookInterface is object:
        made.root = str(tmp_path)
    else:
        monkeypatch.setattr(hook.WebBuildHook, "root", str(tmp_path), raising=False)
    build_data: dict[str, Any] = {"artifacts": []}
    made.initialize("standard", build_data)
    assert build_data == {"artifacts": ["/src/plantbeat/static/dist/**"]}


def test_no_source_file_is_longer_than_four_hundred_lines():
    files = [
        path
        for folder in ("src", "build", "gallery")
        for path in (REPOSITORY / "web" / folder).rglob("*")
        if path.suffix in {".js", ".mjs", ".css", ".scss", ".py", ".html"}
    ]
    assert len(files) > 50
    assert [path.name for path in files if len(path.read_text(encoding="utf-8").splitlines()) > 400] == []
