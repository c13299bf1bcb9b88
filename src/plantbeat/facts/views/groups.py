"""How many people a figure speaks of: a crew of fewer than five would be told about as persons.

The areas know the people; they say how many there are, and nothing else.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Mapping

LEAST = 5
"""People a group must have for a figure of its own."""

Sizes = Callable[[int, frozenset[str] | None], Mapping[str, int]]
"""People of each crew at a site, or of those at home on some lines (by code)."""

_asked: list[Sizes] = []


def declare_group_sizes(sizes: Sizes) -> None:
    """Say who knows how many people a crew has."""
    _asked[:] = [sizes]


def withheld_crews(site_id: int, lines: frozenset[str] | None, crews: Iterable[str]) -> set[str]:
    """Crews whose figures are not shown apart.

    Where those withheld have fewer than five people together, the next smallest joins them: what is missing
    from the whole would be theirs.
    """
    known = _asked[0](site_id, lines) if _asked else {}
    by_size = sorted(set(crews), key=lambda crew: (known.get(crew, 0), crew))
    hidden = [crew for crew in by_size if known.get(crew, 0) < LEAST]
    while hidden and len(hidden) < len(by_size) and sum(known.get(crew, 0) for crew in hidden) < LEAST:
        hidden.append(by_size[len(hidden)])
    return set(hidden)
