"""Hazards, observations and incidents."""
