"""Several programs as one command: started together, watched, and stopped together.

Each child leads a process group of its own. So Ctrl-C in the terminal reaches the supervisor alone, which
stops the children one after the other, and what a child started itself ends with it. If the supervisor is
killed without a chance to do that, its guard does: a second process that holds the other end of a pipe and
ends the groups it was told of when the pipe closes.
"""

import contextlib
import errno
import os
import queue
import signal
import socket
import subprocess
import sys
import threading
import time
from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from typing import BinaryIO, TextIO, cast

from plantbeat.shell import process_guard
from plantbeat.shell.process_guard import OWN_GROUP, OWN_GROUP_FLAGS, ask_to_end, kill_group

LINE_BYTES = 65_536
# A wrapper that forwards Ctrl-C makes two signals of one key press.
SECOND_SIGNAL_S = 0.5
# The event that nobody reads our output any more (`plantbeat demo | head`); the others are signal numbers.
UNHEARD = 0
_COLOURS = ("36", "32", "33", "35", "34", "31")


class PortError(Exception):
    """A port cannot be used; the text is one sentence for the person who starts the server."""


@dataclass(frozen=True)
class Restart:
    """Start an ended child again, after a pause that doubles until it has run for `settled_s`."""

    first_s: float = 1.0
    longest_s: float = 30.0
    settled_s: float = 60.0

    def pause_s(self, quick_ends: int) -> float:
        """Pause after this many ends in a row that came before the child had settled."""
        return min(self.longest_s, self.first_s * 2.0 ** min(quick_ends - 1, 30))


@dataclass(frozen=True)
class Child:
    """A program of the command.

    Without `restart` its unasked end stops everything; with `may_finish` an end with code 0 is its work done.
    """

    name: str
    command: Sequence[str]
    environment: Mapping[str, str] = field(default_factory=dict)
    restart: Restart | None = None
    may_finish: bool = False
    stop_s: float = 10.0


def require_free_port(host: str, port: int) -> None:
    """Raise PortError, in one sentence, if no server can listen on this port of this address."""
    if not 0 <= port <= 65_535:
        raise PortError(f"Port {port} does not exist; ports go up to 65535.")
    try:
        family, _, _, _, address = socket.getaddrinfo(host, port, type=socket.SOCK_STREAM)[0]
    except OSError:
        raise PortError(f"{host} is not a known host name or address.") from None
    fault = _bind_fault(family, address)
    if fault == errno.EADDRINUSE:
        others = range(port + 1, min(port + 20, 65_535))
        free = next((one for one in others if not _bind_fault(family, (address[0], one, *address[2:]))), None)
        advice = f"{free} is free" if free else "choose another"
        raise PortError(f"Port {port} on {host} is already in use by another program; {advice}.")
    if fault == errno.EACCES:
        raise PortError(f"Port {port} is reserved by the system; choose one from 1024 up.")
    if fault:
        raise PortError(f"Nothing can listen on {host}:{port}: {os.strerror(fault)}.")


def _bind_fault(family: int, address: tuple[object, ...]) -> int:
    """errno of an attempt to take the port, 0 if that worked."""
    with socket.socket(family, socket.SOCK_STREAM) as probe:
        if sys.platform == "win32":
            probe.setsockopt(socket.SOL_SOCKET, socket.SO_EXCLUSIVEADDRUSE, 1)
        else:
            # Connections that are still closing after a server's end are no obstacle.
            probe.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
        try:
            probe.bind(address)
            probe.listen(1)
        except OSError as problem:
            return problem.errno or errno.EINVAL
    return 0


class Supervisor:
    """Runs children until one of them, a signal or a second signal ends them all."""

    def __init__(
        self, children: Sequence[Child], *, output: TextIO | None = None, prefix: bool = True
    ) -> None:
        """`prefix=False` passes the children's lines on as they are, for logs that a program reads."""
        self._children = children
        self._running: list[_Running] = []
        self._waiting: list[tuple[float, Child, int]] = []  # when to start again, which, quick ends so far
        self._events: queue.SimpleQueue[_Running | int] = queue.SimpleQueue()
        self._output = _Output(
            output or sys.stdout, [child.name for child in children], prefix, self._events.put
        )
        self._failed = False
        self._asked = -SECOND_SIGNAL_S  # when the first signal came, on the monotonic clock
        self._hurry = False

    def run(self) -> int:
        """Start the children in order and stay until all have ended; 1 if one of them failed, else 0.

        Must be called from the main thread, which receives the signals.
        """
        with _signals_to(self._events.put), _Guard() as guard:
            self._guard = guard
            try:
                if all(self._start(child) for child in self._children):
                    self._watch()
            finally:
                self._stop_all()
        return 1 if self._failed else 0

    def _start(self, child: Child, quick_ends: int = 0) -> bool:
        try:
            process = subprocess.Popen(  # noqa: S603 (the caller names the program)
                child.command,
                env={**os.environ, "PYTHONUNBUFFERED": "1", **child.environment},
                stdin=subprocess.DEVNULL,
                stdout=subprocess.PIPE,
                stderr=subprocess.STDOUT,
                process_group=OWN_GROUP,
                creationflags=OWN_GROUP_FLAGS,
            )
        except OSError as problem:
            self._failed = True
            reason = problem.strerror or problem
            self._output.say(
                f"{child.name} could not be started ({child.command[0]}: {reason}); stopping everything."
            )
            return False
        self._guard.watch(process.pid)
        running = _Running(child, process, quick_ends)
        self._running.append(running)
        running.listen(self._output, self._events.put)
        return True

    def _watch(self) -> None:
        """Until a signal comes, a child's end stops everything, or nothing is left to watch."""
        while self._running or self._waiting:
            event = self._next_event(min((due for due, _, _ in self._waiting), default=None))
            if isinstance(event, int):
                self._asked = time.monotonic()
                self._output.say("stopping.")
                return
            if event is not None and not self._goes_on_after(event):
                return
            now = time.monotonic()
            due = [again for again in self._waiting if again[0] <= now]
            self._waiting = [again for again in self._waiting if again[0] > now]
            if not all(self._start(child, quick_ends) for _, child, quick_ends in due):
                return

    def _goes_on_after(self, ended: "_Running") -> bool:
        """Deal with a child's unasked end; False if it stops everything."""
        child = ended.child
        lived_s = time.monotonic() - ended.begin
        self._leave(ended)
        if child.may_finish and ended.process.returncode == 0:
            return True
        how = f"{child.name} {_how(ended.process.returncode)} after {lived_s:.0f} s"
        if child.restart is None:
            self._failed = True
            self._output.say(f"{how}; stopping everything.")
            return False
        quick_ends = 1 if lived_s >= child.restart.settled_s else ended.quick_ends + 1
        pause_s = child.restart.pause_s(quick_ends)
        self._output.say(f"{how}; starting it again in {pause_s:g} s.")
        self._waiting.append((time.monotonic() + pause_s, child, quick_ends))
        return True

    def _stop_all(self) -> None:
        """Stop the children, the last started first; a signal meanwhile kills what is left."""
        self._waiting.clear()
        for running in reversed(self._running.copy()):
            if not self._hurry:
                ask_to_end(running.process.pid)
            end = time.monotonic() + running.child.stop_s
            while not running.ended.is_set() and not self._hurry and time.monotonic() < end:
                event = self._next_event(end)
                again = isinstance(event, int) and event != UNHEARD
                self._hurry = again and time.monotonic() > self._asked + SECOND_SIGNAL_S
            if not running.ended.is_set():
                reason = "now" if self._hurry else f"as it did not stop within {running.child.stop_s:g} s"
                self._output.say(f"killing {running.child.name} {reason}.")
            self._leave(running)

    def _leave(self, running: "_Running") -> None:
        """Kill what is left of a child's group, and forget it."""
        kill_group(running.process.pid)
        running.ended.wait(5)
        running.reader.join(1)
        self._guard.forget(running.process.pid)
        self._running.remove(running)

    def _next_event(self, until: float | None) -> "_Running | int | None":
        """The next signal or ended child; None at this moment of the monotonic clock (or now and then)."""
        # Windows interrupts no endless wait for Ctrl-C.
        left_s = 1.0 if until is None else min(1.0, max(0.0, until - time.monotonic()))
        try:
            return self._events.get(timeout=left_s)
        except queue.Empty:
            return None


class _Running:
    """A started child."""

    def __init__(self, child: Child, process: "subprocess.Popen[bytes]", quick_ends: int) -> None:
        self.child = child
        self.process = process
        self.quick_ends = quick_ends
        self.begin = time.monotonic()
        self.ended = threading.Event()
        self.reader = threading.Thread(daemon=True)

    def listen(self, output: "_Output", tell: "Callable[[_Running], None]") -> None:
        """Pass its lines on, and tell when it has ended."""
        lines = cast("BinaryIO", self.process.stdout)
        self.reader = threading.Thread(target=output.copy, args=(self.child.name, lines), daemon=True)
        self.reader.start()
        threading.Thread(target=self._wait, args=(tell,), daemon=True).start()

    def _wait(self, tell: "Callable[[_Running], None]") -> None:
        self.process.wait()
        self.reader.join(1)  # its last words come before the report of its end
        self.ended.set()
        tell(self)


class _Output:
    """One stream for the lines of all children, each behind its name."""

    def __init__(
        self, stream: TextIO, names: Sequence[str], prefix: bool, tell: Callable[[int], None]
    ) -> None:
        self._stream = stream
        self._tell = tell
        self._lock = threading.Lock()
        width = max(map(len, [*names, "plantbeat"]))
        coloured = stream.isatty() and not os.environ.get("NO_COLOR")
        self._prefixes = {"plantbeat": f"{'plantbeat':<{width}} | "}
        for number, name in enumerate(names):
            column = f"{name:<{width}} | "
            colour = _COLOURS[number % len(_COLOURS)]
            self._prefixes[name] = f"\x1b[{colour}m{column}\x1b[0m" if coloured else column
        if not prefix:
            self._prefixes = dict.fromkeys(self._prefixes, "")

    def say(self, sentence: str) -> None:
        self._write("plantbeat", sentence)

    def copy(self, name: str, lines: BinaryIO) -> None:
        """Every line of a child until it and all it started have closed their end."""
        with lines:
            while line := lines.readline(LINE_BYTES):
                self._write(name, line.decode("utf-8", errors="replace").rstrip("\r\n"))

    def _write(self, name: str, line: str) -> None:
        with self._lock:
            try:
                self._stream.write(f"{self._prefixes[name]}{line}\n")
                self._stream.flush()
            except (OSError, ValueError):
                self._tell(UNHEARD)


class _Guard:
    """The process that ends the children if this one cannot."""

    def __enter__(self) -> "_Guard":
        self._process = subprocess.Popen(  # noqa: S603 (our own script)
            [sys.executable, "-I", "-S", process_guard.__file__],
            stdin=subprocess.PIPE,
            stdout=subprocess.DEVNULL,
            stderr=subprocess.DEVNULL,
            process_group=OWN_GROUP,
            creationflags=OWN_GROUP_FLAGS,
        )
        return self

    def __exit__(self, *_: object) -> None:
        with contextlib.suppress(OSError):
            self._process.communicate()

    def watch(self, pid: int) -> None:
        self._tell(f"+{pid}\n")

    def forget(self, pid: int) -> None:
        self._tell(f"-{pid}\n")

    def _tell(self, line: str) -> None:
        pipe = cast("BinaryIO", self._process.stdin)
        with contextlib.suppress(OSError):
            pipe.write(line.encode())
            pipe.flush()


def _how(code: int) -> str:
    """How a process ended, from its return code."""
    if code >= 0:
        return f"ended unexpectedly with code {code}"
    try:
        return f"was ended by {signal.Signals(-code).name}"
    except ValueError:
        return f"was ended by signal {-code}"


@contextlib.contextmanager
def _signals_to(put: Callable[[int], None]) -> Iterator[None]:
    """Turn the signals that ask for an end into events; a hang-up that the caller ignores stays ignored."""
    names = ("SIGINT", "SIGTERM", "SIGHUP", "SIGBREAK")
    signs = [getattr(signal, name) for name in names if hasattr(signal, name)]
    before = {
        sign: signal.signal(sign, lambda number, _: put(number))
        for sign in signs
        if sign.name != "SIGHUP" or signal.getsignal(sign) is not signal.SIG_IGN
    }
    try:
        yield
    finally:
        for sign, handler in before.items():
            signal.signal(sign, handler)
