"""Wall boards: at most five tiles, read from metres away, live."""
