"""Record types of planning, one file each."""
