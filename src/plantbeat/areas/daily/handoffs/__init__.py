"""What one shift leaves to the next: drafted from facts, edited, signed out, signed in."""
