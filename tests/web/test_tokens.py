"""The colours: contrast of every pair that is shown, in all themes (WCAG 2.2, 1.4.3 and 1.4.11)."""

from __future__ import annotations

import re
from itertools import combinations
from pathlib import Path

import pytest

TOKENS = (Path(__file__).parents[2] / "web" / "src" / "css" / "tokens.css").read_text(encoding="utf-8")
STATES = [
    "running",
    "slow",
    "setup",
    "planned_stop",
    "own_stop",
    "starved",
    "blocked",
    "no_data",
    "off_shift",
]
THEMES = ["light", "dark", "wall dark", "wall light"]
BLOCKS = {
    "base": r"^:root \{",
    "light": r'^:root,\n\[data-bs-theme="light"\] \{',
    "dark": r'^\[data-bs-theme="dark"\] \{',
    "wall dark": r'^\.pb-wall\[data-bs-theme="dark"\] \{',
    "wall light": r'^\.pb-wall\[data-bs-theme="light"\] \{',
}


def block(name: str) -> dict[str, str]:
    found = re.search(BLOCKS[name] + r"(.*?)^\}", TOKENS, re.MULTILINE | re.DOTALL)
    assert found is not None, name
    return dict(re.findall(r"--pb-([\w-]+):\s*([^;]+);", found[1]))


def theme(name: str) -> dict[str, str]:
    kind = name.split()[-1]
    values = block("base") | block("light") | (block("dark") if kind == "dark" else {})
    return values | (block(name) if name.startswith("wall") else {})


def colour(values: dict[str, str], name: str) -> tuple[float, float, float]:
    text = values[name]
    if link := re.fullmatch(r"var\(--pb-([\w-]+)\)", text):
        return colour(values, link[1])
    return tuple(int(text[i : i + 2], 16) / 255 for i in (1, 3, 5))  # type: ignore[return-value]


def luminance(rgb: tuple[float, float, float]) -> float:
    linear = [c / 12.92 if c <= 0.04045 else ((c + 0.055) / 1.055) ** 2.4 for c in rgb]
    return 0.2126 * linear[0] + 0.7152 * linear[1] + 0.0722 * linear[2]


def contrast(values: dict[str, str], one: str, other: str) -> float:
    light, dark = sorted((luminance(colour(values, one)), luminance(colour(values, other))), reverse=True)
    return (light + 0.05) / (dark + 0.05)


@pytest.mark.parametrize("name", THEMES)
@pytest.mark.parametrize("ink", ["ink", "ink-2", "ink-3", "accent", "error-ink"])
def test_text_is_readable_on_every_surface(name, ink):
    values = theme(name)
    for surface in ("page", "surface", "sunken"):
        assert contrast(values, ink, surface) >= 4.5, surface
    assert contrast(values, "accent-ink", "accent") >= 4.5
    assert contrast(values, "accent-ink", "accent-hover") >= 4.5


@pytest.mark.parametrize("name", THEMES)
@pytest.mark.parametrize("state", STATES)
def test_a_state_is_told_from_its_background_and_its_label_is_readable_on_it(name, state):
    values = theme(name)
    for surface in ("page", "surface"):
        assert contrast(values, f"state-{state}-edge", surface) >= 3, surface
    assert contrast(values, f"state-{state}-ink", f"state-{state}") >= 4.5


@pytest.mark.parametrize("name", THEMES)
@pytest.mark.parametrize("status", ["good", "watch", "act", "none"])
def test_a_status_is_told_from_its_background(name, status):
    values = theme(name)
    for surface in ("page", "surface"):
        assert contrast(values, f"status-{status}-edge", surface) >= 3, surface


@pytest.mark.parametrize("name", THEMES)
def test_borders_of_fields_are_seen(name):
    values = theme(name)
    for surface in ("page", "surface"):
        assert contrast(values, "line-strong", surface) >= 3, surface


# Machado, Oliveira, Fernandes (2009), "A physiologically-based model for simulation of color vision
# deficiency", IEEE TVCG 15(6), table 1, severity 1.0; to be used on linear RGB.
BLIND = {
    "protan": (
        (0.152286, 1.052583, -0.204868),
        (0.114503, 0.786281, 0.099216),
        (-0.003882, -0.048116, 1.051998),
    ),
    "deutan": (
        (0.367322, 0.860646, -0.227968),
        (0.280085, 0.672501, 0.047413),
        (-0.011820, 0.042940, 0.968881),
    ),
    "tritan": (
        (1.255528, -0.076749, -0.178779),
        (-0.078411, 0.930809, 0.147602),
        (0.004733, 0.691367, 0.303900),
    ),
}


def lab(rgb: tuple[float, float, float], matrix) -> tuple[float, float, float]:
    linear = [c / 12.92 if c <= 0.04045 else ((c + 0.055) / 1.055) ** 2.4 for c in rgb]
    if matrix is not None:
        linear = [
            min(max(sum(m * c for m, c in zip(line, linear, strict=True)), 0.0), 1.0) for line in matrix
        ]
    r, g, b = linear
    xyz = (
        (0.4124 * r + 0.3576 * g + 0.1805 * b) / 0.95047,
        0.2126 * r + 0.7152 * g + 0.0722 * b,
        (0.0193 * r + 0.1192 * g + 0.9505 * b) / 1.08883,
    )
    x, y, z = (v ** (1 / 3) if v > 0.008856 else 7.787 * v + 16 / 116 for v in xyz)
    return 116 * y - 16, 500 * (x - y), 200 * (y - z)


@pytest.mark.parametrize("name", ["light", "dark"])
@pytest.mark.parametrize("eyes", [None, *BLIND])
def test_no_two_states_look_alike_to_any_eyes(name, eyes):
    """CIE 1976 colour difference of at least 10 between any two fills, also with colour-blind eyes."""
    values = theme(name)
    seen = {state: lab(colour(values, f"state-{state}"), BLIND.get(eyes or "")) for state in STATES}
    close = {
        (a, b): round(sum((x - y) ** 2 for x, y in zip(seen[a], seen[b], strict=True)) ** 0.5, 1)
        for a, b in combinations(STATES, 2)
    }
    assert {pair: far for pair, far in close.items() if far < 10} == {}


def test_stop_and_run_differ_in_height_too():
    strip = (Path(__file__).parents[2] / "web/src/js/state-timeline.js").read_text(encoding="utf-8")
    assert "HEIGHT_SHARE = { running: 0.62, slow: 0.62, off_shift: 0.22 }" in strip
