"""Flow lines without passing: all orders visit all machines in one sequence, which is what is searched."""
