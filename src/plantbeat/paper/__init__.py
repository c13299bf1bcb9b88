"""Paper: data in, a PDF out. Pure; no Django, no network, no clock.

A sheet is a typst template of this package. Its data reaches it as one JSON value, never as source, so that
no word of a person can change what a sheet does. The same data makes the same bytes: the document carries no
time of making and sees only the fonts that typst brings along, not those of the machine.
"""

from __future__ import annotations

from plantbeat.paper.printing import PAPERS, Paper, PaperError, pdf, sheets

__all__ = ["PAPERS", "Paper", "PaperError", "pdf", "sheets"]
