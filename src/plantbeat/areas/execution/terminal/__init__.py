"""The operator terminal of a line: what it shows, and what a tap on it does."""
