"""What a record is: declaration, permission, lifecycle, the one write path and its log."""
