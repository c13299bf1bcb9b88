"""Record types of execution: none yet; what happens are facts."""
