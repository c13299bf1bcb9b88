"""Tags of the shell's own pages."""
