"""One source, two ways to run: plain Python for small work, machine code for large work.

A kernel is an ordinary function over flat lists or arrays. Called, it runs as plain Python, so a small
problem neither imports numba nor compiles anything. Its `.compiled` form is the same function as machine
code, with every kernel it calls compiled too, so that both forms give the same result by construction.

Compiled code is kept in the user's cache folder under a name that is a hash of all engine sources: numba
itself notices a change only in the file of the compiled function, not in the files of the functions it
calls. Import this module before numba.
"""

from __future__ import annotations

import atexit
import hashlib
import os
import shutil
import sys
import tempfile
import threading
from collections.abc import Callable
from pathlib import Path
from types import FunctionType
from typing import Any, Generic, ParamSpec, TypeVar, cast

_P = ParamSpec("_P")
_R = TypeVar("_R")

_KEPT_VERSIONS = 8
_compiling = threading.RLock()


def sources_hash(folder: Path) -> str:
    """Hash of every Python source below `folder`: names and contents, independent of where the folder is."""
    digest = hashlib.sha256()
    for source in sorted(folder.rglob("*.py")):
        digest.update(source.relative_to(folder).as_posix().encode() + b"\0")
        digest.update(source.read_bytes() + b"\0")
    return digest.hexdigest()[:16]


def user_cache_folder() -> Path:
    """Where this user's programs keep what can be made again (XDG, macOS and Windows conventions)."""
    if sys.platform == "win32":
        return Path(os.environ.get("LOCALAPPDATA", Path.home() / "AppData" / "Local")) / "plantbeat" / "cache"
    if sys.platform == "darwin":
        return Path.home() / "Library" / "Caches" / "plantbeat"
    return Path(os.environ.get("XDG_CACHE_HOME") or Path.home() / ".cache") / "plantbeat"


def _forget_old_versions(kernels: Path) -> None:
    versions = sorted(kernels.iterdir(), key=lambda folder: folder.stat().st_mtime, reverse=True)
    for old in versions[_KEPT_VERSIONS:]:
        shutil.rmtree(old, ignore_errors=True)


def _kernel_folder() -> Path:
    """A folder only this user writes to: loading compiled code from a shared one would run a stranger's
    code.

    A NUMBA_CACHE_DIR the user chose is kept as the parent; one inherited from a parent process of this very
    version is kept as it is.
    """
    version = sources_hash(Path(__file__).parent)
    chosen = os.environ.get("NUMBA_CACHE_DIR")
    try:
        kernels = Path(chosen) if chosen else user_cache_folder() / "kernels"
        folder = kernels if kernels.name == version else kernels / version
        folder.mkdir(parents=True, exist_ok=True)
        with tempfile.TemporaryFile(dir=folder):
            if not chosen:
                _forget_old_versions(folder.parent)
            return folder
    except (OSError, RuntimeError):
        private = Path(tempfile.mkdtemp(prefix="plantbeat-kernels-"))
        atexit.register(shutil.rmtree, private, ignore_errors=True)
        return private


os.environ["NUMBA_CACHE_DIR"] = str(_kernel_folder())
if "numba" in sys.modules:
    sys.modules["numba"].config.CACHE_DIR = os.environ["NUMBA_CACHE_DIR"]


class Kernel(Generic[_P, _R]):
    """A function that runs as plain Python when called and as machine code through `compiled`."""

    def __init__(self, function: Callable[_P, _R]) -> None:
        self.python = function
        self._forms: dict[bool, Callable[_P, _R]] = {}
        self.__doc__ = function.__doc__

    def __call__(self, *args: _P.args, **kwargs: _P.kwargs) -> _R:
        return self.python(*args, **kwargs)

    @property
    def compiled(self) -> Callable[_P, _R]:
        """The function as machine code; the first use compiles it or loads it from the cache."""
        return self._form(inner=False)

    def _form(self, *, inner: bool) -> Callable[_P, _R]:
        with _compiling:
            if inner not in self._forms:
                self._forms[inner] = self._compile(inner)
            return self._forms[inner]

    def _compile(self, inner: bool) -> Callable[_P, _R]:
        """For a kernel that another one calls (`inner`) the doors to Python are left out: they cost the
        most.

        Kernels make no arrays, so the counting of references (`_nrt`) is left out too: each row taken out
        of a tuple would cost two atomic operations, in the innermost loops.
        """
        import numba

        source = cast("FunctionType", self.python)
        names = dict(source.__globals__)
        for name in source.__code__.co_names:
            if isinstance(names.get(name), Kernel):
                names[name] = names[name]._form(inner=True)
        clone = FunctionType(source.__code__, names, source.__name__, source.__defaults__)
        clone.__module__, clone.__qualname__ = source.__module__, source.__qualname__ + "_inner" * inner
        doors: dict[str, Any] = {"no_cpython_wrapper": inner, "no_cfunc_wrapper": True, "_nrt": False}
        compiled: Any = numba.njit(cache=True, nogil=True, error_model="numpy", **doors)(clone)
        return cast("Callable[_P, _R]", compiled)


def kernel(function: Callable[_P, _R]) -> Kernel[_P, _R]:
    """Make a function a `Kernel`: written over flat lists or arrays, whole numbers and floats only."""
    return Kernel(function)
