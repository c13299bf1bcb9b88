"""Hybrid flow shops: all orders through the same stages of alike machines, judged by the last end."""
