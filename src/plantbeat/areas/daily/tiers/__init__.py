"""Tier boards, their meetings and what they send up."""
