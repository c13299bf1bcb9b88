"""The sign-ins and badges of a demo plant as its folder keeps them. Standard library only."""

from __future__ import annotations

from plantbeat.shell.demo.demo_folder import BADGES, SIGN_INS, DemoFolder

WORDS = ("username", "password", "role", "role_name", "name")
"""What is kept of each."""
BADGE_WORDS = ("username", "name", "job", "badge", "pin", "language")


def read_sign_ins(folder: DemoFolder) -> list[dict[str, str]] | None:
    """The sign-ins; None if they are not there whole, or as another version wrote them."""
    return _whole(folder.read(SIGN_INS), WORDS)


def read_badges(folder: DemoFolder) -> list[dict[str, str]] | None:
    """The badges and PINs for the terminals; None if they are not there whole."""
    return _whole(folder.read(BADGES), BADGE_WORDS)


def _whole(kept: object, words: tuple[str, ...]) -> list[dict[str, str]] | None:
    if not isinstance(kept, list) or not kept:
        return None
    is_whole = all(isinstance(one, dict) and all(isinstance(one.get(w), str) for w in words) for one in kept)
    return kept if is_whole else None
