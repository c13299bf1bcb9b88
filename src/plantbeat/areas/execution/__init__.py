"""What happens on the floor, as the people who run it ask about it."""
