"""The page of one fact: what it says, who said it, where it stands in the log, and where it counts."""
