"""Iterated greedy: some orders are taken out of the sequence and put back where each costs least."""
