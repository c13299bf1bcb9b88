"""Shifts on paper: a numbered sheet for each line and shift, and its facts keyed in afterwards."""
