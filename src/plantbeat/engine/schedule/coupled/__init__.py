"""Plants whose operations share people and tools, wait for each other by the clock, or overlap."""
