"""Calls for help: raised, answered, escalated, confirmed."""
