"""Capable to promise: when an order that is asked for can be done, and who would pay for it being sooner."""
