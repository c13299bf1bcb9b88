"""Why a row or a fact goes to quarantine instead of into the figures."""

from __future__ import annotations

from enum import StrEnum


class QuarantineReason(StrEnum):
    """Stable code (the value; stored and shown by the API) with a sentence for people."""

    CLOCK_TOO_EARLY = "clock_too_early"
    CLOCK_AHEAD = "clock_ahead"
    BAD_TIMESTAMP = "bad_timestamp"
    BAD_FILE_DATE = "bad_file_date"
    MALFORMED_ROW = "malformed_row"
    NO_KEY = "no_key"
    NO_STATE = "no_state"

    @property
    def sentence(self) -> str:
        """What was wrong and what is allowed, in plain words."""
        return _SENTENCES[self]


_SENTENCES = {
    QuarantineReason.CLOCK_TOO_EARLY: (
        "The device clock is before the earliest date accepted, so it had lost its time."
    ),
    QuarantineReason.CLOCK_AHEAD: (
        "The device clock is further ahead of the receipt (or of the file's date) than is accepted."
    ),
    QuarantineReason.BAD_TIMESTAMP: "The timestamp is not an ISO 8601 date and time.",
    QuarantineReason.BAD_FILE_DATE: (
        "The file date is neither YYYYMMDD nor YYYY-MM-DD nor an ISO 8601 date and time."
    ),
    QuarantineReason.MALFORMED_ROW: (
        "The row has fewer or more fields than the header, or a quote that is not closed."
    ),
    QuarantineReason.NO_KEY: "The key is empty, so nothing says what the value measures.",
    QuarantineReason.NO_STATE: "The value of the state key is empty; a state has a name.",
}
