"""Text files of whole numbers, line by line; every fault names its line."""

from __future__ import annotations

import re

from plantbeat.engine.schedule.formats.faults import FormatError, shown_limit
from plantbeat.engine.schedule.validation import MINUTES_LIMIT

COUNT_LIMIT = 1_000_000
"""Jobs, machines or stages a file may announce; more is a wrong format, read as a number."""
_NO_NUMBER = re.compile(r"[^\s\d-]|-(?!\d)|(?<=\d)-")


class NumberLines:
    """The lines of a file that are not blank, taken one after the other."""

    def __init__(self, text: str, file: str) -> None:
        self.file, self.line = file, 0
        self._lines = [(at, line) for at, line in enumerate(text.split("\n"), 1) if line.strip()]
        self._lines.reverse()

    def fault(self, said: str) -> FormatError:
        """An error in the line taken last."""
        return FormatError(self.file, [f"line {self.line}: {said}"])

    def words(self, what: str) -> list[str]:
        """The next line in words; raises FormatError if the file ends before it."""
        if not self._lines:
            said = f"the file ends after line {self.line}; what is missing is {what}"
            raise FormatError(self.file, [said])
        self.line, line = self._lines.pop()
        return line.split()

    def whole(self, words: list[str], lowest: int = 0, highest: int = MINUTES_LIMIT) -> list[int]:
        """Words as whole numbers within the limits."""
        wrong = [word for word in words if not word.isascii() or _NO_NUMBER.search(word) or len(word) > 20]
        if wrong:
            raise self.fault(f"{_shown(wrong[0])} is not a whole number; allowed are digits and spaces")
        numbers = list(map(int, words))
        if numbers and not lowest <= min(numbers) <= max(numbers) <= highest:
            outside = next(number for number in numbers if not lowest <= number <= highest)
            raise self.fault(f"{outside} is not allowed; allowed are {lowest} to {shown_limit(highest)}")
        return numbers

    def row(self, what: str, count: int, lowest: int = 0, highest: int = MINUTES_LIMIT) -> list[int]:
        """The next line, which has to hold that many whole numbers."""
        words = self.words(what)
        numbers = self.whole(words, lowest, highest)
        if len(numbers) != count:
            raise self.fault(f"{_counted(len(numbers))}; allowed are {count}: {what}")
        return numbers

    def count(self, what: str) -> int:
        """The next line, which has to hold one number of things, from 1."""
        return self.row(what, 1, 1, COUNT_LIMIT)[0]

    def end(self, what: str) -> None:
        """Nothing may follow."""
        if self._lines:
            self.line, line = self._lines.pop()
            raise self.fault(f"{_shown(line.strip())} follows after {what}; allowed is nothing more")


def _counted(numbers: int) -> str:
    return "1 number" if numbers == 1 else f"{numbers} numbers"


def _shown(word: str) -> str:
    return repr(word if len(word) <= 30 else f"{word[:30]}…")
