"""What a move would cost, told from its neighbourhood before anything is re-timed."""
