"""Whether somebody can sign in yet. Standard library only."""

from __future__ import annotations

import http.client
import time

SIGN_IN_PAGE = "/accounts/login/"
PATIENCE_S = 20.0
POLL_S = 0.1


def await_first_page(host: str, port: int) -> None:
    """Wait until somebody can sign in, but not for ever."""
    begun_s = time.monotonic()
    while time.monotonic() - begun_s < PATIENCE_S and not has_page(host, port):
        time.sleep(POLL_S)


def has_page(host: str, port: int) -> bool:
    """True if the sign-in page is served."""
    connection = http.client.HTTPConnection(host, port, timeout=PATIENCE_S)
    try:
        connection.request("GET", SIGN_IN_PAGE)
        return connection.getresponse().status == 200
    except (OSError, http.client.HTTPException):
        return False
    finally:
        connection.close()
