"""The sign-ins of a demo plant as its folder keeps them. Standard library only."""

from __future__ import annotations

from plantbeat.shell.demo.demo_folder import SIGN_INS, DemoFolder

WORDS = ("username", "password", "role", "role_name", "name")
"""What is kept of each."""


def read_sign_ins(folder: DemoFolder) -> list[dict[str, str]] | None:
    """The sign-ins; None if they are not there whole, or as another version wrote them."""
    kept = folder.read(SIGN_INS)
    if not isinstance(kept, list) or not kept:
        return None
    return kept if all(map(_is_whole, kept)) else None


def _is_whole(one: object) -> bool:
    return isinstance(one, dict) and all(isinstance(one.get(word), str) for word in WORDS)
