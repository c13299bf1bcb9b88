"""One Django application per capability, all of one shape."""
