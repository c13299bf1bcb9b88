"""What the gateways have to send: kept until the server says it has it, whatever happens in between."""

from __future__ import annotations

import json
import threading
from collections.abc import Iterator
from http.server import BaseHTTPRequestHandler, HTTPServer

import pytest

from plantbeat.shell.demo.gateway import Gateway
from plantbeat.shell.demo.line_plan import Told
from plantbeat.shell.demo.outbox import Outbox

TOLD = [
    Told(10, "L1", "order_start", {"order": "WO-1", "item": "A"}, True),
    Told(20, "L1-FIL", "state", {"state": "running"}),
    Told(30, "L1", "order_end", {"order": "WO-1"}, True),
]


@pytest.fixture
def outbox(tmp_path) -> Iterator[Outbox]:
    made = Outbox(tmp_path / "outbox.sqlite3")
    yield made
    made.close()


class Server:
    """Answers posts as it is told to, and keeps what it took."""

    def __init__(self) -> None:
        self.answers: list[tuple[int, dict, dict]] = []
        self.taken: list[dict] = []
        self.tokens: list[str] = []
        outer = self

        class Handler(BaseHTTPRequestHandler):
            protocol_version = "HTTP/1.1"

            def do_POST(self) -> None:
                facts = json.loads(self.rfile.read(int(self.headers["Content-Length"])))
                outer.tokens.append(self.headers["Authorization"])
                status, answer, headers = outer.answers.pop(0) if outer.answers else (200, {}, {})
                if status == 200:
                    outer.taken += facts
                    answer = answer or {"committed_up_to": {"L1.gateway": facts[-1]["seq"]}}
                content = json.dumps(answer).encode()
                self.send_response(status)
                for name, value in {**headers, "Content-Length": str(len(content))}.items():
                    self.send_header(name, value)
                self.end_headers()
                self.wfile.write(content)

            def log_message(self, *_: object) -> None:
                pass

        self.http = HTTPServer(("127.0.0.1", 0), Handler)
        self.thread = threading.Thread(target=self.http.serve_forever, daemon=True)
        self.thread.start()

    @property
    def address(self) -> tuple[str, int]:
        return "127.0.0.1", self.http.server_address[1]


@pytest.fixture
def server() -> Iterator[Server]:
    made = Server()
    yield made
    made.http.shutdown()
    made.http.server_close()


def gateway(server: Server, renew=lambda _source: "new") -> Gateway:
    return Gateway("L1.gateway", "old", server.address, renew)


@pytest.mark.requirement("R159")
def test_facts_get_numbers_from_one_on_and_stay_until_the_server_has_them(outbox, server) -> None:
    outbox.put({"L1.gateway": TOLD[:2]}, "p-1", b"after two")
    outbox.put({"L1.gateway": TOLD[2:]}, "p-1", b"after three")
    assert [seq for seq, _said in outbox.pending("L1.gateway", 10)] == [1, 2, 3]
    assert gateway(server).deliver(outbox) == 0
    assert [one["seq"] for one in server.taken] == [1, 2, 3]
    assert server.taken[0] == {
        "seq": 1, "asset": "L1", "t_us": 10, "kind": "order_start",
        "body": {"order": "WO-1", "item": "A"}, "actor": "p-1",
    }  # fmt: skip
    assert "actor" not in server.taken[1], "a machine speaks for itself"
    assert outbox.waiting() == 0
    outbox.put({"L1.gateway": TOLD[:1]}, "", b"later")
    assert [seq for seq, _said in outbox.pending("L1.gateway", 10)] == [4]


def test_facts_and_the_simulation_that_follows_them_are_kept_together(tmp_path) -> None:
    first = Outbox(tmp_path / "outbox.sqlite3")
    first.put({"L1.gateway": TOLD}, "", b"state")
    with pytest.raises(ZeroDivisionError):
        first.put({"L1.gateway": (1 / 0 for _ in range(2))}, "", b"never")
    first.close()
    again = Outbox(tmp_path / "outbox.sqlite3")
    assert again.simulation() == b"state"
    assert again.next_seq("L1.gateway") == 4
    assert [(step.verb, step.order, step.t_us) for step in again.steps()] == [
        ("start", "WO-1", 10),
        ("complete", "WO-1", 30),
    ]
    again.step_done(again.steps()[0])
    assert [step.verb for step in again.steps()] == ["complete"]
    again.close()


@pytest.mark.requirement("R159")
def test_while_the_server_is_away_nothing_is_lost_and_it_is_tried_again(outbox, server) -> None:
    outbox.put({"L1.gateway": TOLD}, "", b"")
    away = Gateway("L1.gateway", "old", ("127.0.0.1", 1), lambda _source: "new")
    assert away.deliver(outbox) > 0
    assert outbox.waiting() == 3
    assert gateway(server).deliver(outbox) == 0
    assert outbox.waiting() == 0


def test_a_server_that_is_full_is_left_alone_as_long_as_it_asks(outbox, server) -> None:
    outbox.put({"L1.gateway": TOLD}, "", b"")
    server.answers = [(503, {"problems": []}, {"Retry-After": "7"})]
    assert gateway(server).deliver(outbox) == 7
    assert outbox.waiting() == 3


def test_a_refused_token_is_renewed_and_the_facts_go_with_the_new_one(outbox, server) -> None:
    outbox.put({"L1.gateway": TOLD}, "", b"")
    server.answers = [(401, {"problems": []}, {})]
    one = gateway(server, lambda source: f"new for {source}")
    assert one.deliver(outbox) > 0
    assert one.deliver(outbox) == 0
    assert server.tokens == ["Bearer old", "Bearer new for L1.gateway"]


def test_only_what_the_server_has_stored_leaves_the_outbox(outbox, server) -> None:
    outbox.put({"L1.gateway": TOLD}, "", b"")
    server.answers = [
        (200, {"committed_up_to": {"L1.gateway": 2}}, {}),
        (200, {"committed_up_to": {"L1.gateway": 2}}, {}),
    ]
    assert gateway(server).deliver(outbox) > 0, "it says again that it lacks number 3"
    assert [seq for seq, _said in outbox.pending("L1.gateway", 10)] == [3]
