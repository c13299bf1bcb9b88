"""Tuning a draft: tried in a warmed process, written as changes through one door."""
