"""Words of the pages of the day."""
