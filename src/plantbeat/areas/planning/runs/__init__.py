"""What a schedule version expects of each line in a shift."""
