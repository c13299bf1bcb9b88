"""Programs that use the REST interface with a token of their own."""
