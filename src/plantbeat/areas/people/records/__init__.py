"""Record types of people, one file each."""
