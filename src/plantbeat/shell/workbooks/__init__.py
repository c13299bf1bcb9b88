"""Workbooks people fill in and get back: reading with every fault named by its cell, and writing results."""
