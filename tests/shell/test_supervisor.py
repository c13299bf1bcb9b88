"""Several programs as one command: ended in order, never orphaned, every end told in one sentence."""

import io
import json
import os
import re
import signal
import socket
import subprocess
import sys
import time
from pathlib import Path

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from plantbeat.shell.supervisor import Child, PortError, Restart, Supervisor, require_free_port

pytestmark = pytest.mark.skipif(os.name == "nt", reason="POSIX signals")

# Writes its process id, and takes a while to stop when asked ("never" is a while, too).
WORKER = r"""
import os, signal, sys, time
folder, name, takes_s = sys.argv[1:]
def stop(*_):
    os.write(1, b"stopping\n")
    time.sleep(float(takes_s))
    sys.exit(0)
signal.signal(signal.SIGTERM, stop)
signal.signal(signal.SIGINT, stop)
print("runs", flush=True)
with open(os.path.join(folder, name), "w") as file:
    file.write(str(os.getpid()))
while True:
    time.sleep(60)
"""

# Starts a program of its own that ignores every request to stop.
PARENT = """
import os, subprocess, sys, time
folder, name = sys.argv[1:]
deaf = "import signal, time; signal.signal(signal.SIGTERM, signal.SIG_IGN); time.sleep(60)"
own = subprocess.Popen([sys.executable, "-S", "-c", deaf])
for file, pid in ((name + "-own", own.pid), (name, os.getpid())):
    with open(os.path.join(folder, file), "w") as out:
        out.write(str(pid))
time.sleep(60)
"""

# Started with the signals of a terminal, also where the tests run under nohup or in the background.
COMMAND = """
import json, os, signal, sys
signal.signal(signal.SIGHUP, signal.SIG_DFL)
if os.isatty(0):
    os.close(os.open(os.ttyname(0), os.O_RDWR))  # become the terminal's foreground command
from plantbeat.shell.supervisor import Child, Restart, Supervisor
children = [Child(**{**child, "restart": Restart(**child["restart"]) if "restart" in child else None})
            for child in json.loads(sys.argv[1])]
sys.exit(Supervisor(children).run())
"""


def python(text: str, *arguments: object) -> list[str]:
    return [sys.executable, "-S", "-c", text, *map(str, arguments)]


class Command:
    """A supervisor in its own process, with children that leave their process ids in a folder."""

    def __init__(self, folder: Path) -> None:
        self.folder = folder
        self.children: list[dict] = []
        self.process: subprocess.Popen[str] | None = None

    def worker(self, name: str, takes_s: float = 0, **settings: object) -> None:
        """Add a child that takes this long to stop."""
        command = python(WORKER, self.folder, name, takes_s)
        self.children.append({"name": name, "command": command, **settings})

    def parent(self, name: str) -> None:
        self.children.append({"name": name, "command": python(PARENT, self.folder, name)})

    def start(self, **streams: int) -> "subprocess.Popen[str]":
        self.process = subprocess.Popen(
            [sys.executable, "-c", COMMAND, json.dumps(self.children)],
            **{"stdout": subprocess.PIPE, "stderr": subprocess.STDOUT, **streams},
            text=True,
            start_new_session=True,
        )
        for child in self.children:
            wait_until((self.folder / child["name"]).exists)
            wait_until(lambda name=child["name"]: self.pid(name))
        return self.process

    def pid(self, name: str) -> int:
        return int((self.folder / name).read_text() or 0)

    def left(self) -> list[str]:
        """Names of the children that still run."""
        return [file.name for file in self.folder.iterdir() if lives(self.pid(file.name))]

    def __enter__(self) -> "Command":
        return self

    def __exit__(self, *_: object) -> None:
        for file in self.folder.iterdir():
            if lives(self.pid(file.name)):
                os.kill(self.pid(file.name), signal.SIGKILL)
        if self.process:
            self.process.kill()
            self.process.communicate()


@pytest.fixture
def command(tmp_path):
    with Command(tmp_path) as made:
        yield made


def lives(pid: int) -> bool:
    """Whether the process runs; one that nobody has collected yet does not."""
    if not pid:
        return False
    try:
        os.kill(pid, 0)
    except ProcessLookupError:
        return False
    stat = Path(f"/proc/{pid}/stat")
    try:
        return stat.read_text().rpartition(")")[2].split()[0] != "Z"
    except FileNotFoundError:
        return not stat.parent.parent.is_dir()


def wait_until(condition, seconds: float = 15) -> None:
    end = time.monotonic() + seconds
    while not condition():
        assert time.monotonic() < end, "did not happen in time"
        time.sleep(0.02)


def run(*children: Child) -> tuple[int, list[str]]:
    """Code and lines of a supervisor in this process."""
    output = io.StringIO()
    code = Supervisor(children, output=output).run()
    return code, output.getvalue().splitlines()


# --- output ---------------------------------------------------------------------------------------------


def test_every_line_stands_behind_its_child_without_colour_when_nobody_looks():
    text = "import sys; print('one'); print('two', file=sys.stderr); print('last', end='')"
    other = Child("simulation", python("print(1)"), may_finish=True)
    code, lines = run(Child("web", python(text), may_finish=True), other)
    assert code == 0
    assert [line for line in lines if line.startswith("web")] == [
        "web        | one",
        "web        | two",
        "web        | last",
    ]
    assert "simulation | 1" in lines
    assert "\x1b" not in "".join(lines)


def test_bytes_that_are_no_text_and_a_line_without_end_do_no_harm():
    text = "import sys; sys.stdout.buffer.write(b'\\xff\\n' + b'x' * 200_000)"
    code, lines = run(Child("web", python(text), may_finish=True))
    assert code == 0
    assert lines[0] == "web       | \ufffd"
    assert sum(line.count("x") for line in lines) == 200_000


def test_without_prefix_lines_pass_as_they_are():
    output = io.StringIO()
    Supervisor([Child("web", python("print('{}')"), may_finish=True)], output=output, prefix=False).run()
    assert output.getvalue() == "{}\n"


# --- an end that was asked for --------------------------------------------------------------------------


@pytest.mark.parametrize("sign", [signal.SIGINT, signal.SIGTERM, signal.SIGHUP])
def test_a_signal_stops_the_children_in_reverse_order_one_after_the_other(command, sign):
    for name in ("web", "worker", "simulation"):
        command.worker(name, takes_s=0.2)
    process = command.start()
    process.send_signal(sign)
    said, _ = process.communicate(timeout=15)
    assert process.returncode == 0, said
    assert re.findall(r"(\w+) +\| stopping", said) == ["plantbeat", "simulation", "worker", "web"]
    assert command.left() == []


def test_ctrl_c_in_a_terminal_reaches_the_supervisor_alone(command):
    master, slave = os.openpty()
    command.worker("web", takes_s=0.2)
    command.worker("worker", takes_s=0.2)
    process = command.start(stdin=slave, stdout=slave, stderr=slave)
    os.close(slave)
    os.write(master, b"\x03")
    assert process.wait(timeout=15) == 0
    shown = os.read(master, 65_536).decode()
    os.close(master)
    said = re.sub(r"\x1b\[\d+m|\^C", "", shown)
    # Were the children in the foreground group, the first would stop at once, too.
    assert re.findall(r"(\w+) +\| stopping", said) == ["plantbeat", "worker", "web"]
    assert "\x1b[36mweb" in shown
    assert command.left() == []


def test_a_child_that_does_not_stop_in_time_is_killed_and_named(command):
    command.worker("web")
    command.worker("worker", takes_s=60, stop_s=0.5)
    process = command.start()
    process.terminate()
    said, _ = process.communicate(timeout=15)
    assert process.returncode == 0
    assert "plantbeat | killing worker as it did not stop within 0.5 s." in said
    assert "web       | stopping" in said
    assert command.left() == []


def test_a_second_signal_kills_at_once_but_not_one_of_the_same_key_press(command):
    command.worker("web", takes_s=60, stop_s=60)
    process = command.start()
    process.send_signal(signal.SIGINT)
    process.send_signal(signal.SIGTERM)
    time.sleep(1)
    assert command.left() == ["web"]

    def ended_after_another_signal() -> bool:
        process.send_signal(signal.SIGINT)
        time.sleep(0.6)
        return process.poll() is not None

    wait_until(ended_after_another_signal)
    said, _ = process.communicate(timeout=15)
    assert "killing web now." in said
    assert command.left() == []


def test_what_a_child_started_ends_with_it(command):
    command.parent("web")
    process = command.start()
    assert lives(command.pid("web-own"))
    process.terminate()
    assert process.wait(timeout=15) == 0
    wait_until(lambda: command.left() == [])


def test_it_stops_when_nobody_reads_its_output_any_more(command):
    command.worker("web")
    talker = python("import time\nwhile True: print('x', flush=True); time.sleep(0.05)")
    command.children.append({"name": "talker", "command": talker})
    reader, writer = os.pipe()
    process = subprocess.Popen(
        [sys.executable, "-c", COMMAND, json.dumps(command.children)],
        stdout=writer,
        stderr=subprocess.DEVNULL,
    )
    os.close(writer)
    wait_until((command.folder / "web").exists)
    os.close(reader)
    process.wait(timeout=15)
    wait_until(lambda: command.left() == [])


# --- an end that was not --------------------------------------------------------------------------------


def test_the_death_of_a_child_stops_everything_in_one_sentence(command):
    command.worker("web")
    command.worker("worker")
    process = command.start()
    os.kill(command.pid("worker"), signal.SIGKILL)
    said, _ = process.communicate(timeout=15)
    assert process.returncode == 1
    assert re.search(r"plantbeat \| worker was ended by SIGKILL after \d s; stopping everything\.\n", said)
    assert "web       | stopping" in said
    assert command.left() == []


def test_its_last_words_come_before_the_report_of_its_end():
    code, lines = run(Child("web", python("import sys; sys.exit('no secret key')")))
    assert code == 1
    assert lines == [
        "web       | no secret key",
        "plantbeat | web ended unexpectedly with code 1 after 0 s; stopping everything.",
    ]


# Ends with code 3 on its first three starts; the third takes as long as told.
FOURTH_TIME_LUCKY = """
import sys, time
with open(sys.argv[1], "a+") as marks:
    marks.write("x")
    marks.seek(0)
    starts = len(marks.read())
time.sleep(float(sys.argv[2]) if starts == 3 else 0)
sys.exit(3 if starts < 4 else 0)
"""


def test_a_child_that_may_restart_is_started_again_after_growing_pauses(tmp_path):
    marks = tmp_path / "marks"
    command = python(FOURTH_TIME_LUCKY, marks, 0)
    code, lines = run(Child("worker", command, restart=Restart(first_s=0.05), may_finish=True))
    assert (code, marks.read_text()) == (0, "xxxx")
    assert lines == [
        f"plantbeat | worker ended unexpectedly with code 3 after 0 s; starting it again in {pause} s."
        for pause in ("0.05", "0.1", "0.2")
    ]


@settings(deadline=None)
@given(st.integers(1, 10_000))
def test_pauses_double_up_to_the_longest(quick_ends):
    restart = Restart()
    pause_s = restart.pause_s(quick_ends)
    assert pause_s == min(30, 2 ** (quick_ends - 1))


def test_a_child_that_has_settled_starts_over_with_the_first_pause(tmp_path):
    command = python(FOURTH_TIME_LUCKY, tmp_path / "marks", 1.5)
    restart = Restart(first_s=0.05, settled_s=1.5)
    _, lines = run(Child("worker", command, restart=restart, may_finish=True))
    assert [line.rpartition("in ")[2] for line in lines] == ["0.05 s.", "0.1 s.", "0.05 s."]


def test_a_program_that_is_not_there_is_named_and_the_others_are_stopped(command):
    command.worker("web")
    children = [Child(**command.children[0]), Child("worker", ["/nowhere/worker"])]
    code, lines = run(*children)
    assert code == 1
    sentence = (
        "worker could not be started (/nowhere/worker: No such file or directory); stopping everything."
    )
    assert f"plantbeat | {sentence}" in lines
    assert command.left() == []


def test_children_that_may_finish_and_do_leave_nothing_to_run():
    code, lines = run(*(Child(name, python("pass"), may_finish=True) for name in ("one", "two")))
    assert (code, lines) == (0, [])


def test_no_orphan_is_left_when_the_supervisor_is_killed(command):
    command.worker("web")
    command.parent("worker")
    process = command.start()
    assert sorted(command.left()) == ["web", "worker", "worker-own"]
    process.kill()
    wait_until(lambda: command.left() == [], seconds=10)


def test_no_orphan_is_left_when_its_whole_group_is_killed(command):
    command.worker("web")
    process = command.start()
    os.killpg(process.pid, signal.SIGKILL)
    wait_until(lambda: command.left() == [], seconds=10)


# --- ports ----------------------------------------------------------------------------------------------


def test_a_port_in_use_is_found_before_the_start_and_a_free_one_named():
    with socket.create_server(("127.0.0.1", 0)) as server:
        port = server.getsockname()[1]
        with pytest.raises(PortError) as refused:
            require_free_port("127.0.0.1", port)
    said = str(refused.value)
    assert said.startswith(f"Port {port} on 127.0.0.1 is already in use by another program; ")
    free = int(re.search(r"(\d+) is free", said).group(1))
    require_free_port("127.0.0.1", free)


def test_a_free_port_is_fine_even_right_after_a_server_on_it_ended():
    with socket.create_server(("127.0.0.1", 0)) as server:
        port = server.getsockname()[1]
        with socket.create_connection(("127.0.0.1", port)) as client:
            connection, _ = server.accept()
            connection.close()  # this side now waits for late packets
            client.recv(1)
    require_free_port("127.0.0.1", port)
    require_free_port("localhost", 0)


@pytest.mark.parametrize(
    ("host", "port", "said"),
    [
        ("127.0.0.1", 70_000, "Port 70000 does not exist; ports go up to 65535."),
        ("no-such-host.invalid", 8000, "no-such-host.invalid is not a known host name or address."),
        ("192.0.2.1", 8000, "Nothing can listen on 192.0.2.1:8000: Cannot assign requested address."),
    ],
)
def test_a_place_where_nothing_can_listen_is_told_in_one_sentence(host, port, said):
    with pytest.raises(PortError, match=re.escape(said)):
        require_free_port(host, port)
