"""What comes round in the worker: at its pace, whatever happens to the others."""

from __future__ import annotations

import logging
import threading
from collections.abc import Callable

import pytest

from plantbeat.shell.rounds import Lane, Round, at_each_site
from plantbeat.shell.worker import lanes

PATIENCE_S = 20.0


class Work:
    """Counts its turns; fails, or says that there is more to do, as it was made to."""

    def __init__(self, turn: Callable[[int], object] = lambda _count: None) -> None:
        self.count, self.turn, self._counted = 0, turn, threading.Condition()

    def __call__(self) -> object:
        with self._counted:
            self.count += 1
            self._counted.notify_all()
        return self.turn(self.count)

    def reached(self, count: int) -> bool:
        """Wait until so many turns were taken."""
        with self._counted:
            return self._counted.wait_for(lambda: self.count >= count, PATIENCE_S)


@pytest.fixture
def lane():
    """Start a lane of pieces of work; all are stopped at the end."""
    stop, started = threading.Event(), []

    def start(*rounds: Round) -> Lane:
        started.append(Lane("tested", rounds, stop))
        started[-1].start()
        return started[-1]

    yield start
    stop.set()
    for one in started:
        one.join(PATIENCE_S)
    assert not any(one.is_alive() for one in started)


def failing(_count: int) -> object:
    raise ValueError("there is no such shift")


def test_pieces_of_work_come_round_again_and_again(lane):
    one, other = Work(), Work()
    lane(Round("one", 0.001, one), Round("other", 0.001, other))
    assert one.reached(5)
    assert other.reached(5)


def test_work_that_fails_is_told_and_tried_again_while_the_others_go_on(lane, caplog):
    broken, well = Work(failing), Work()
    lane(Round("handoffs", 0.001, broken), Round("shift packs", 0.001, well))
    assert broken.reached(3)
    assert well.reached(well.count + 3)
    told = [one for one in caplog.records if one.levelno == logging.ERROR]
    assert told[0].getMessage().startswith("handoffs failed, 1 in a row; again in ")
    assert "there is no such shift" in told[0].exc_text
    assert told[1].getMessage().startswith("handoffs failed, 2 in a row; again in ")


def test_the_pause_after_a_failure_grows_and_is_over_with_the_first_success(lane, caplog):
    work = Work(lambda count: failing(count) if count < 4 else None)
    lane(Round("notices", 0.01, work))
    assert work.reached(6)
    told = [one.getMessage() for one in caplog.records]
    assert [line.rpartition(" in ")[2] for line in told[:3]] == ["0.02 s", "0.04 s", "0.08 s"]
    assert told[3:] == ["notices: goes on after 3 failures"]


def test_work_that_has_more_to_do_takes_its_next_turn_at_once(lane):
    work = Work(lambda count: count < 5)
    lane(Round("late facts", 3_600, work))
    assert work.reached(5)


def test_work_without_an_end_does_not_keep_others_of_its_lane_waiting(lane):
    endless, other = Work(lambda _count: True), Work()
    lane(Round("endless", 1, endless), Round("other", 0.001, other))
    assert other.reached(5)


def test_a_lane_does_not_wait_for_another(lane):
    let_go = threading.Event()
    slow, prompt = Work(lambda _count: let_go.wait(PATIENCE_S)), Work()
    lane(Round("a mail server that does not answer", 1, slow))
    assert slow.reached(1)
    lane(Round("the ladder", 0.001, prompt))
    assert prompt.reached(5)
    let_go.set()


def test_a_site_where_work_fails_keeps_no_other_site_waiting(plant):
    done = []

    def work(site):
        done.append(site.code)
        if len(done) == 1:
            raise ValueError("no calendar")

    with pytest.raises(ExceptionGroup) as failed:
        at_each_site(work)()
    assert len(done) == 2
    assert [str(one) for one in failed.value.exceptions] == ["no calendar"]
    assert failed.value.exceptions[0].__notes__ == [f"at the site {done[0]}"]


@pytest.mark.django_db
def test_all_that_comes_round_in_the_worker_runs_in_an_installation_where_nothing_is_set_up():
    for rounds in lanes().values():
        for one in rounds:
            assert not one.work(), one.name
