"""Job shops and flexible job shops judged by the makespan alone."""
