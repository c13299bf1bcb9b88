"""The pages of the moments that have no room of their own: gemba, sync, people, results."""
