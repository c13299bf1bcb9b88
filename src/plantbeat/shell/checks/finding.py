"""What a check found, and where."""

from dataclasses import dataclass


@dataclass(frozen=True, order=True)
class Finding:
    """One fault: file below the repository root ("" for none), line (0 for the whole file), sentence."""

    path: str
    line: int
    message: str
    is_note: bool = False
    """Said, but no fault of the tree: what could not be looked at."""

    def __str__(self) -> str:
        place = f"{self.path}:{self.line}" if self.line else self.path
        return f"{place}: {self.message}" if place else self.message
