"""The kernel's own tables, each declared beside what is done with it."""

from plantbeat.kernel import accounts, devices, log, outbox

__all__ = ["accounts", "devices", "log", "outbox"]
