"""Record types of safety, one file each."""
