"""Search over the list in which the operations of a coupled plant are placed."""
