"""The project speaks of plants and of itself; not of the tools or the machine it was written with."""

import re

from plantbeat.shell.checks.finding import Finding
from plantbeat.shell.checks.tree import PACKAGE, Tree

FORBIDDEN = (
    "AI agent",
    "AI assistant",
    "Anthropic",
    "ChatGPT",
    "Claude",
    "Copilot",
    "language model",
    "LLM",
    "OpenAI",
    "/work/main",
    "/work/shared",
)
_THIS = PACKAGE + "shell/checks/words.py"
_WORDS = re.compile(rf"(?<!\w)(?:{'|'.join(map(re.escape, FORBIDDEN))})s?(?!\w)", re.IGNORECASE)


def foreign_words(tree: Tree) -> list[Finding]:
    """Names of writing tools and paths of one machine, in any text of the project."""
    return [
        Finding(path, number, f'"{word}" does not belong in the project')
        for path in tree.texts()
        if path != _THIS
        for number, line in enumerate(tree.text(path).splitlines(), 1)
        for word in _WORDS.findall(line)
    ]
