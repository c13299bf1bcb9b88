"""Record types of improvement, one file each."""
