"""The kernel's own tables."""

from plantbeat.kernel.accounts import Device, Grant, Site, User
from plantbeat.kernel.devices import Pairing
from plantbeat.kernel.log import ChainHead, Change, ChangePrivate
from plantbeat.kernel.outbox import Outbox, Sequence

__all__ = [
    "ChainHead",
    "Change",
    "ChangePrivate",
    "Device",
    "Grant",
    "Outbox",
    "Pairing",
    "Sequence",
    "Site",
    "User",
]
