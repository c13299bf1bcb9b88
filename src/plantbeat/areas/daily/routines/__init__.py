"""What each role does every day, week and month, and whether it was done."""
