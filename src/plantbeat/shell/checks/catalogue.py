"""All checks under the names `./plantbeat check NAME` takes, the slow ones first."""

from collections.abc import Callable

from plantbeat.shell.checks import (
    audits,
    clocks,
    languages,
    locks,
    names,
    programs,
    reads,
    saves,
    sizes,
    templates,
    todos,
    words,
)
from plantbeat.shell.checks.finding import Finding
from plantbeat.shell.checks.tree import Tree

Check = Callable[[Tree], list[Finding]]

CHECKS: dict[str, Check] = {
    "types": programs.types,
    "migrations": programs.missing_migrations,
    "layers": programs.layers,
    "lint": programs.lint,
    "format": programs.layout,
    "files": sizes.file_sizes,
    "functions": sizes.function_sizes,
    "rooms": sizes.generic_rooms,
    "names": names.module_names,
    "saves": saves.writes_past_act,
    "reads": reads.bare_managers,
    "clock": clocks.wall_clock,
    "templates": templates.templates,
    "locks": locks.lock_hosts,
    "todo": todos.open_notes,
    "words": words.foreign_words,
    "languages": languages.untranslated,
}

ON_REQUEST: dict[str, Check] = {"audit": audits.vulnerabilities}
"""Run only when named: what they find depends on the day, not on the tree alone."""
