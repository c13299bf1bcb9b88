"""Plantbeat: the operating system of an industrial production manager."""

__version__ = "0.1.0"
