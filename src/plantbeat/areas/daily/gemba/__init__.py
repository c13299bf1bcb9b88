"""Walks to where the work is, prepared from what the floor has told."""
