"""How sure a schedule is: replayed many times with real minutes, scrap and breakdowns."""
