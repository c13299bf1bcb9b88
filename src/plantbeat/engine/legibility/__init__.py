"""How large text on a wall must be to be read from a distance, and how many tiles then fit."""

from plantbeat.engine.legibility.walls import (
    CAP_PER_EM,
    Fit,
    cap_height_cm,
    text_of_width_percent,
    tiles_that_fit,
)

__all__ = ["CAP_PER_EM", "Fit", "cap_height_cm", "text_of_width_percent", "tiles_that_fit"]
