"""The processes of a running demo plant, for `plantbeat demo` to start.

`history` and `live HOST PORT` are the plant itself. `after HOST PORT COMMAND ...` becomes a command once the
server has shown its first page, and lets pages go first from then on.
"""

from __future__ import annotations

import os
import sys

from plantbeat.shell.demo.first_page import await_first_page

POLITE = 5
"""How far these processes stand back behind the pages."""


def main(what: str, *arguments: str) -> None:
    """Run one of them until it is done or asked to stop."""
    if what == "after":
        host, port, *command = arguments
        await_first_page(host, int(port))
        os.nice(POLITE)
        os.execv(command[0], command)  # noqa: S606 (the demo's own command)
    from plantbeat.shell.cli import django_ready

    django_ready()
    from plantbeat.shell.demo.demo_folder import demo_folder
    from plantbeat.shell.demo.plant_reading import demo_site

    site, folder = demo_site(), demo_folder()
    if site is None:
        sys.exit("plantbeat: there is no demo plant in this database.")
    if what == "history":
        from plantbeat.shell.demo.history import build_history

        build_history(site, folder, lambda sentence: print(sentence, flush=True))
    else:
        from plantbeat.shell.demo.live import run_live

        host, number = arguments
        run_live(site, folder, (host, int(number)))


if __name__ == "__main__":
    main(*sys.argv[1:])
