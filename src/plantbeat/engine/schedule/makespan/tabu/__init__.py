"""Tabu search on the critical path."""
