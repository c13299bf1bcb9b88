"""The moments of the day and the boundaries of its shifts, from each site's shift calendar."""

from plantbeat.areas.daily.moments.boundaries import Boundary, ShiftAt, boundaries
from plantbeat.areas.daily.moments.day import MomentAt, Moments, moments_of
from plantbeat.areas.daily.records.day_moment import MomentCode

__all__ = ["Boundary", "MomentAt", "MomentCode", "Moments", "ShiftAt", "boundaries", "moments_of"]
