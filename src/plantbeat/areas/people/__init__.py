"""Who works here: people, crews, and who reports to whom."""
