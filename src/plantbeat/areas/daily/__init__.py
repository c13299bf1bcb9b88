"""The manager's day: start-up, handoff, tier meetings, routines."""
