"""Local search over complete schedules."""
