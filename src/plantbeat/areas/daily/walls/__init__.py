"""Wall boards of the day: the plant, the start-up, tier boards, the last week, and who gets help first."""
