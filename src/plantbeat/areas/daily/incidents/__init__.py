"""The room for something that went wrong: timeline, decisions, messages."""
