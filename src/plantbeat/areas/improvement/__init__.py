"""What is to become better: actions with an owner and a date."""
