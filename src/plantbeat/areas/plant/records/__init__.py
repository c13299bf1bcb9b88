"""Record types of the plant, one file each."""
