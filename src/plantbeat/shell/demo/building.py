"""Making the demo plant: its records, its people's sign-ins, the tokens of its gateways."""

from __future__ import annotations

import secrets
from zoneinfo import ZoneInfo

from plantbeat.facts.source import FactSource
from plantbeat.facts.tokens import token_create, token_renew
from plantbeat.kernel import clock
from plantbeat.kernel.access import Actor, visible
from plantbeat.kernel.accounts import Site
from plantbeat.kernel.writing import writing
from plantbeat.shell.demo import catalogue, master_data
from plantbeat.shell.demo.contingency_plans import make_contingency_plans
from plantbeat.shell.demo.day_records import set_up_the_day
from plantbeat.shell.demo.demo_folder import CLOCK, MARK, OUTBOX, PROGRESS, TOKENS, DemoFolder, FolderError
from plantbeat.shell.demo.floor import give_badges, set_up_the_floor
from plantbeat.shell.demo.help_calls import set_up_calls
from plantbeat.shell.demo.past_actions import record_past_actions
from plantbeat.shell.demo.plant_reading import demo_site
from plantbeat.shell.demo.plant_simulation import CELL
from plantbeat.shell.demo.routine_history import make_routines
from plantbeat.shell.demo.sign_in_list import read_badges, read_sign_ins
from plantbeat.shell.demo.sign_ins import make_sign_ins
from plantbeat.shell.demo.tier_boards import make_boards
from plantbeat.shell.demo.wall_boards import make_wall_boards

BY = Actor.system("demo plant")


def build_plant(folder: DemoFolder, history_days: int) -> Site:
    """Make the plant in the folder's database unless it is there; all of it or nothing.

    Raises `FolderError` for a plant whose history cannot be taken up.
    """
    if (known := demo_site()) is not None:
        if not folder.is_marked:
            raise FolderError(
                f"the demo plant in {folder.path} was made by another version; build a new one with --fresh."
            )
        if read_sign_ins(folder) is None:
            with writing():
                make_sign_ins(known, folder)
        if read_badges(folder) is None:
            with writing():
                give_badges(known, folder)
        return known
    now_us = clock.now_us()
    folder.forget(PROGRESS, CLOCK, OUTBOX, f"{OUTBOX}-wal", f"{OUTBOX}-shm")
    with writing():
        today = clock.from_us(now_us).astimezone(ZoneInfo(catalogue.SITE["zone"])).date()
        site = master_data.build(today)
        make_sign_ins(site, folder)
        make_contingency_plans(site)
        set_up_calls(site, today)
        set_up_the_floor(site, folder)
        sources = (gateway_source(code) for code in (*catalogue.CENTRE_OF_LINE, CELL))
        folder.write(TOKENS, {source: token_create(source, site, BY) for source in sources})
        seed = secrets.token_hex(8)
        set_up_the_day(site, now_us, seed, today, history_days)
        make_boards(site)
        make_wall_boards(site)
        record_past_actions(site, now_us, seed, today, history_days)
        make_routines(site)
        folder.write(MARK, {"built_us": now_us, "seed": seed, "history_days": history_days})
    return site


def gateway_source(line: str) -> str:
    """Name of the source a line's gateway sends as."""
    return f"{line}.gateway"


def renewed_token(folder: DemoFolder, source: str) -> str:
    """A new token for a gateway whose token is good no longer."""
    token = token_renew(visible(FactSource, BY).get(name=source), BY)
    folder.write(TOKENS, {**folder.read_table(TOKENS), source: token})
    return token
