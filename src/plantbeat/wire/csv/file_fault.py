"""What is wrong with a file or its mapping, in one sentence."""

from __future__ import annotations


class FileFault(ValueError):  # noqa: N818  (the words of the field)
    """The file cannot be taken at all; the message names it, what was wrong and what is allowed."""


class RowFault(ValueError):  # noqa: N818
    """One row cannot be taken; the message names the column, the value and what is allowed."""
