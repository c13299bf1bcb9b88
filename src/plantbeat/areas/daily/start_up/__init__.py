"""The start-up of a shift: what was, what limits today, and who gets help first."""
