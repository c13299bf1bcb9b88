"""What is wrong in a file: one sentence each, with the place and what is allowed."""

from __future__ import annotations

from collections.abc import Sequence

MOST_FAULTS = 100
"""Faults named of one file; whoever mends a hundred reads it again anyway."""


class FormatError(ValueError):
    """A file cannot be read; `file` is its name, `faults` are sentences (place, what, what is allowed)."""

    def __init__(self, file: str, faults: Sequence[str]) -> None:
        self.file, self.faults = file, tuple(faults[:MOST_FAULTS])
        more = len(self.faults) - 1
        super().__init__(f"{file}: {self.faults[0]}" + (f" (and {more} more)" if more else ""))


def shown_limit(number: int) -> str:
    """A limit in messages: large powers of two and ten as powers."""
    size, sign = abs(number), "-" if number < 0 else ""
    if size >= 10**9:
        if size & (size - 1) == 0:
            return f"{sign}2^{size.bit_length() - 1}"
        if size & (size + 1) == 0:
            return f"{sign}2^{size.bit_length()} - 1"
        if size == 10 ** (len(str(size)) - 1):
            return f"{sign}10^{len(str(size)) - 1}"
    return str(number)
