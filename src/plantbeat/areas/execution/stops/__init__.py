"""One stop, one record: whatever belongs to it is reached from it, and its minutes are asked of the facts."""
