"""Material and capacity requirements: rough-cut load of work centres."""

from plantbeat.engine.mrp.rough_cut import Bucket, CentreLoad, Need, Step, needs_back_from_due, rough_cut_load

__all__ = ["Bucket", "CentreLoad", "Need", "Step", "needs_back_from_due", "rough_cut_load"]
