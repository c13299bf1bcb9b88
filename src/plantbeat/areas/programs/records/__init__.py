"""Record types of programs, one file each."""
