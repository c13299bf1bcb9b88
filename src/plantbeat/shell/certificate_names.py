"""Host names and addresses as certificates hold them."""

from __future__ import annotations

import contextlib
import ipaddress
import re
import socket
from collections.abc import Iterable

Address = ipaddress.IPv4Address | ipaddress.IPv6Address
Network = ipaddress.IPv4Network | ipaddress.IPv6Network

_LABEL = r"[a-z0-9_](?:[a-z0-9_-]{0,61}[a-z0-9_])?"
# A dotted run of digits is a mistyped address.
_HOST = re.compile(rf"(?![\d.]*\.[\d.]*$)(?=.{{1,253}}$){_LABEL}(?:\.{_LABEL})*")


class CertificateError(Exception):
    """A certificate cannot be used; the text is one sentence for the person who starts the server."""


def machine_names() -> list[str]:
    """Names and addresses under which this machine is likely called on its network."""
    host = socket.gethostname().rstrip(".").lower()
    names = ["localhost", "127.0.0.1", "::1", host]
    if "." not in host:
        names.append(f"{host}.local")
    for family, elsewhere in ((socket.AF_INET, "192.0.2.1"), (socket.AF_INET6, "2001:db8::1")):
        # Choosing a route sends nothing; a machine without that network has no route.
        with contextlib.suppress(OSError), socket.socket(family, socket.SOCK_DGRAM) as probe:
            probe.connect((elsewhere, 9))
            names.append(probe.getsockname()[0])
    return list(dict.fromkeys(names))


def parsed_names(names: Iterable[str]) -> list[str | Address]:
    """Host names in the form certificates hold (lower case, ASCII) and addresses, each once."""
    parsed: dict[str | Address, None] = {}
    for name in names:
        text = name.strip().strip("[]").rstrip(".").lower()
        try:
            address = ipaddress.ip_address(text.partition("%")[0])
        except ValueError:
            parsed[_host_name(text, name)] = None
        else:
            if address.is_unspecified:
                raise CertificateError(f"{name} is no address a browser can call; name the machine's own")
            parsed[address] = None
    if not parsed:
        raise CertificateError("a certificate needs at least one host name or IP address")
    return list(parsed)


def _host_name(text: str, given: str) -> str:
    with contextlib.suppress(UnicodeError):
        ascii_name = text.removeprefix("*.").encode("idna").decode("ascii")
        if _HOST.fullmatch(ascii_name):
            return f"*.{ascii_name}" if text.startswith("*.") else ascii_name
    raise CertificateError(f'"{given}" is neither a host name nor an IP address')


def covers(listed: str | Address, name: str | Address) -> bool:
    """Whether a browser calling `name` accepts a certificate that lists this (RFC 6125: * is one label)."""
    if isinstance(listed, str) and isinstance(name, str) and listed.startswith("*."):
        return name.partition(".")[2] == listed[2:] or name == listed
    return listed == name


def inside(name: str | Address, zone: str | Network) -> bool:
    """Whether a name constraint with this zone permits the name (a zone contains its subdomains)."""
    if isinstance(name, str):
        return isinstance(zone, str) and f".{name.removeprefix('*.')}".endswith(f".{zone}")
    return not isinstance(zone, str) and name in zone
