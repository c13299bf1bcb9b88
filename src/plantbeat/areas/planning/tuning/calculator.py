"""The warmed process that holds the engine: a page asks, the calculator answers, and no page loads arrays.

`ask` hands a question to a child process of the server, started at the first question and kept. Where no
server runs (commands, tests, the worker) the question is answered in place. One line of JSON goes each way.
"""

from __future__ import annotations

import atexit
import json
import logging
import os
import queue
import subprocess
import sys
import threading
from contextlib import nullcontext
from typing import IO, Any, cast

from django.utils import translation
from django.utils.translation import gettext as _

from plantbeat.kernel.problems import Kind, Problem, Refused

logger = logging.getLogger("plantbeat.planning")

ANSWERS_WITHIN_S = 45.0
"""The first question on a machine also compiles the kernels."""
Answer = dict[str, Any]


def ask(name: str, *arguments: Any) -> Answer:
    """The answer of one of `answers.ANSWERS`. Raises `Refused` as the answer does, or when none comes."""
    if "PLANTBEAT_ROLE" not in os.environ:
        from plantbeat.areas.planning.tuning.answers import ANSWERS

        return ANSWERS[name](*arguments)
    question = {"name": name, "arguments": arguments, "language": translation.get_language()}
    return _child.ask(question)


def warm(pk: int, version: int) -> None:
    """Lay a draft out behind the page that shows it; what goes wrong is said by the first real question."""
    if "PLANTBEAT_ROLE" not in os.environ:
        return

    def run() -> None:
        try:
            ask("warm", pk, version)
        except Refused:
            logger.info("draft %s cannot be laid out now", pk)

    threading.Thread(target=run, daemon=True).start()


class _Child:
    """The process and its two pipes; one question at a time."""

    def __init__(self) -> None:
        self._one_at_a_time = threading.Lock()
        self._process: subprocess.Popen[str] | None = None
        self._lines: queue.Queue[str] = queue.Queue()

    def ask(self, question: Answer) -> Answer:
        with self._one_at_a_time:
            said = self._said(json.dumps(question, default=str))
        answer = json.loads(said)
        if "refused" in answer:
            problems = [Problem(message, field) for message, field in answer["refused"]]
            raise Refused(problems, Kind(answer["kind"]))
        found: Answer = answer["answer"]
        return found

    def _said(self, line: str) -> str:
        try:
            process = self._running()
            questions = cast("IO[str]", process.stdin)
            questions.write(line + "\n")
            questions.flush()
            said = self._lines.get(timeout=ANSWERS_WITHIN_S)
        except (OSError, queue.Empty):
            said = ""
        if not said:
            self.stop()
            raise Refused(_("the calculation did not answer; try again"), Kind.busy)
        return said

    def _running(self) -> subprocess.Popen[str]:
        if self._process is None or self._process.poll() is not None:
            self._lines = queue.Queue()
            self._process = subprocess.Popen(  # noqa: S603 - our own interpreter and module
                [sys.executable, "-m", __name__],
                stdin=subprocess.PIPE,
                stdout=subprocess.PIPE,
                text=True,
                encoding="utf-8",
            )
            threading.Thread(target=_listen, args=(self._process, self._lines), daemon=True).start()
            atexit.register(self.stop)
        return self._process

    def stop(self) -> None:
        """End the process; the next question starts another."""
        if self._process is not None:
            self._process.kill()
            self._process = None


def _listen(process: subprocess.Popen[str], lines: queue.Queue[str]) -> None:
    for line in cast("IO[str]", process.stdout):
        lines.put(line)
    lines.put("")


_child = _Child()


def answer_line(line: str) -> str:
    """One question as a line of JSON answered by another one."""
    from plantbeat.areas.planning.tuning.answers import ANSWERS

    question = json.loads(line)
    try:
        with translation.override(question["language"]) if question["language"] else nullcontext():
            found = ANSWERS[question["name"]](*question["arguments"])
    except Refused as refused:
        said = [[str(problem.message), problem.field] for problem in refused.problems]
        return json.dumps({"refused": said, "kind": str(refused.kind)})
    except Exception:
        logger.exception("the calculator could not answer %s", question["name"])
        return json.dumps({"refused": [[_("the calculation failed; see the log"), ""]], "kind": "state"})
    return json.dumps({"answer": found}, default=str)


def main() -> None:
    """Answer questions until the server closes the pipe."""
    import django

    django.setup()
    from django.db import close_old_connections

    out = os.fdopen(os.dup(1), "w", encoding="utf-8")
    os.dup2(2, 1)  # whatever else prints goes to the log, never between the answers
    for line in sys.stdin:
        close_old_connections()
        out.write(answer_line(line) + "\n")
        out.flush()


if __name__ == "__main__":
    main()
