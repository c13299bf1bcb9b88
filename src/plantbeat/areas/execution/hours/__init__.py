"""The hour-by-hour board: what each hour of a shift was to make, what it made, and where the gap went."""
