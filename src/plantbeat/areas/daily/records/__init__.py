"""Record types of daily, one file each."""
