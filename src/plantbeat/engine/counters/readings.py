"""What counts as a reading of a counter."""

from __future__ import annotations

import re
from fractions import Fraction

Reading = int | Fraction

_NUMBER = re.compile(r"([+-]?)([0-9]{1,18})(?:\.([0-9]{1,9}))?").fullmatch


def counter_reading(text: str) -> Reading | None:
    """The reading a source wrote, exact; None for what is none (`UNAVAILABLE`, an empty value, `1e9`).

    A reading has up to 18 digits and up to 9 decimals. Totalisers of litres or metres have decimals, so these
    are kept as fractions; a whole number is an int however it was written.
    """
    match = _NUMBER(text.strip())
    if match is None:
        return None
    sign, whole, decimals = match.groups()
    value: Reading = int(whole)
    if decimals is not None and decimals.strip("0"):
        value += Fraction(int(decimals), 10 ** len(decimals))
    return -value if sign == "-" else value
