"""Live boards: what changes in the database reaches the screens that show it."""

from plantbeat.facts.live.topics import Frame, topic

__all__ = ["Frame", "topic"]
