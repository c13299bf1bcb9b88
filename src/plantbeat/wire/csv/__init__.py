"""Log files as facts: event files of machines, and lists of operations with quantities and labour."""
