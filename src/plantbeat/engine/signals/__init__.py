"""What stands out: how surprising a value is, where a level or a rate changed, which place to look at first.

All of it is plain arithmetic over what the caller gives; every function says from how much data on it speaks.
"""
