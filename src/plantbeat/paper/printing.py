"""One function: a sheet and its data as a PDF."""

from __future__ import annotations

import json
from collections.abc import Mapping
from pathlib import Path
from typing import Any, Literal, get_args

Paper = Literal["a4", "us-letter"]
PAPERS: tuple[str, ...] = get_args(Paper)

_SHEETS = Path(__file__).parent / "sheets"
_SHARED = "form"
"""What the sheets share; it is none itself."""


class PaperError(ValueError):
    """A sheet that cannot be printed; the message says why and what is allowed."""


def sheets() -> list[str]:
    """Names of the sheets there are."""
    return sorted(file.stem for file in _SHEETS.glob("*.typ") if file.stem != _SHARED)


def pdf(template: str, data: Mapping[str, Any], *, paper: str = "a4", language: str = "en") -> bytes:
    """The PDF of a sheet with its data (JSON values), on a paper, in a language (ISO 639).

    Same arguments, same bytes. Raises `PaperError` for a sheet or paper there is not, for data that is no
    JSON, for data the sheet cannot lay out, and where typst is not installed.
    """
    if template not in sheets():
        raise PaperError(f"there is no sheet “{template}”; allowed are {', '.join(sheets())}")
    if paper not in PAPERS:
        raise PaperError(f"there is no paper “{paper}”; allowed are {', '.join(PAPERS)}")
    try:
        text = json.dumps(data, ensure_ascii=False, allow_nan=False, sort_keys=True)
        # A lone half of a surrogate pair is no text that anybody can print.
        text = text.encode("utf-8", "replace").decode("utf-8")
    except (TypeError, ValueError) as error:
        raise PaperError(f"the data of the sheet “{template}” is no JSON: {error}") from error
    return _compiled(template, {"data": text, "paper": paper, "language": language})


def _compiled(template: str, inputs: dict[str, str]) -> bytes:
    try:
        import typst
    except ModuleNotFoundError as error:
        raise PaperError("PDFs need the package typst: pip install 'plantbeat[server]'") from error
    source = _SHEETS / f"{template}.typ"
    try:
        return bytes(
            typst.compile(
                source, root=_SHEETS, sys_inputs=inputs, format="pdf", ignore_system_fonts=True, timestamp=0
            )
        )
    except typst.TypstError as error:
        raise PaperError(f"the sheet “{template}” cannot be laid out: {error}") from error
