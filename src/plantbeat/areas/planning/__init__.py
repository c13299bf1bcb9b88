"""From demand to a schedule: work orders, plans, the published schedule."""
