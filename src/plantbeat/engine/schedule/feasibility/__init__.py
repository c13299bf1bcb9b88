"""Deadlines that cannot be met, whatever the plan: what is too much, where, by how many minutes."""
