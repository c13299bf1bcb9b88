"""Search on all cores at once: each in a window of time of the same schedule."""
