"""Public formats of scheduling research: what is read, and what a wrong file is told."""

import time
from contextlib import suppress
from itertools import pairwise

import pytest

from plantbeat.engine.schedule import Moves, check, formats, solve
from plantbeat.engine.schedule.formats.flexible_job_shop import connected

JSP = "2 3\n0 3 1 2 2 2\n2 4 0 1 1 0\n"
REENTRANT = "2 2\n0 3 1 2 0 1 -1 -1\n1 4 -1 -1\n"
FJSP = "2 4 1.5\n2 2 1 3 2 5 1 4 7\n1 1 3 2\n"
HFSP = "2\n2\n1\t2\t\n3\t4\t\n5\t6\t\n"
SDST = "2\n2\n3 4\n5 6\n0 1\n2 0\n0 7\n8 0\n"
TARDINESS = "2\n2\n9 12\n3 4\n5 6\n"
EXAMPLES = {
    "jsp": JSP,
    "jsp-reentrant": REENTRANT,
    "fjsp": FJSP,
    "hfsp": HFSP,
    "sdst-pfsp": SDST,
    "tt-pfsp": TARDINESS,
}


def routings(problem):
    """Modes of every operation, by order."""
    ptr = problem.order_ptr.tolist()
    return [[problem.modes(o) for o in range(a, b)] for a, b in pairwise(ptr)]


@pytest.mark.parametrize("kind", ["jsp", "jsp-reentrant", "fjsp", "hfsp"])
def test_what_is_read_is_solved_and_accepted(kind):
    problem = formats.read(EXAMPLES[kind], kind)
    schedule = solve(problem, budget=Moves(100))
    assert check(problem, schedule).ok
    assert schedule.bound <= schedule.objective == schedule.terms.makespan


def test_a_job_shop_has_a_work_centre_per_machine():
    problem = formats.read(JSP, "jsp")
    assert routings(problem) == [[{0: 3}, {1: 2}, {2: 2}], [{2: 4}, {0: 1}, {1: 0}]]
    assert problem.work_centres == problem.machines == 3
    assert (problem.objective.makespan, problem.objective.weighted_tardiness) == (1, 0)


def test_a_job_may_come_to_a_machine_again():
    expected = [[{0: 3}, {1: 2}, {0: 1}], [{1: 4}]]
    assert routings(formats.read(REENTRANT, "jsp-reentrant")) == expected
    assert routings(formats.read(REENTRANT.replace(" -1 -1", ""), "jsp")) == expected


def test_machines_of_a_flexible_job_shop_count_from_the_smallest_number():
    problem = formats.read(FJSP, "fjsp")
    assert routings(problem) == [[{0: 3, 1: 5}, {3: 7}], [{2: 2}]]
    assert [problem.machine_label(m) for m in range(4)] == ["1", "2", "3", "4"]
    from_zero = formats.read("1 2\n2 2 0 3 1 5 1 1 7\n", "fjsp")
    assert routings(from_zero) == [[{0: 3, 1: 5}, {1: 7}]]
    assert from_zero.machine_label(0) == "0"


def test_machines_that_alternatives_connect_are_one_work_centre():
    assert formats.read(FJSP, "fjsp").machine_work_centre.tolist() == [0, 0, 1, 2]
    assert connected([4, 1, 1, 0, 3], [2, 2, 1], 5) == [0, 0, 1, 2, 0]


def test_a_hybrid_flow_shop_has_a_work_centre_per_stage():
    problem = formats.read(HFSP, "hfsp")
    assert routings(problem) == [[{0: 3}, {1: 4, 2: 4}], [{0: 5}, {1: 6, 2: 6}]]
    assert problem.machine_work_centre.tolist() == [0, 1, 1]


def test_a_line_has_set_ups_per_machine_between_jobs_and_no_passing():
    problem = formats.read(SDST, "sdst-pfsp")
    assert routings(problem) == [[{0: 3}, {1: 4}], [{0: 5}, {1: 6}]]
    assert problem.lines == ((0, 1),)
    assert [problem.setup(0, 0, 1), problem.setup(0, 1, 0)] == [1, 2]
    assert [problem.setup(1, 0, 1), problem.setup(1, 1, 0)] == [7, 8]
    assert check(problem, ([0, 1, 0, 1], [0, 3, 4, 14])).ok
    assert check(problem, ([0, 1, 0, 1], [0, 3, 4, 13])).first.kind == "setup"
    assert (problem.objective.makespan, problem.objective.weighted_tardiness) == (1, 0)


def test_total_tardiness_counts_no_makespan():
    problem = formats.read(TARDINESS, "tt-pfsp")
    assert problem.due.tolist() == [9, 12]
    assert problem.lines == ((0, 1),)
    assert (problem.objective.makespan, problem.objective.weighted_tardiness) == (0, 1)


@pytest.mark.parametrize("kind", EXAMPLES)
def test_blank_lines_and_the_ends_of_lines_of_other_systems_do_not_matter(kind):
    plain = formats.read(EXAMPLES[kind], kind)
    other = formats.read("\r\n" + EXAMPLES[kind].replace("\n", " \r\n\r\n"), kind)
    assert routings(other) == routings(plain)


FAULTS = [
    ("jsp", "", "the file ends after line 0; what is missing is the numbers of jobs and of machines"),
    ("jsp", "2\n", "line 1: 1 number; allowed are 2: the numbers of jobs and of machines"),
    ("jsp", "2 x\n", "line 1: 'x' is not a whole number; allowed are digits and spaces"),
    ("jsp", "2 1e3\n", "line 1: '1e3' is not a whole number"),
    ("jsp", "2 ٣\n", "line 1: '٣' is not a whole number"),
    ("jsp", "2 1_0\n", "line 1: '1_0' is not a whole number"),
    ("jsp", "0 3\n", "line 1: 0 is not allowed; allowed are 1 to 1000000"),
    ("jsp", "2 9999999\n", "line 1: 9999999 is not allowed; allowed are 1 to 1000000"),
    ("jsp", f"1 1\n0 {'9' * 5000}\n", "line 2: '999999999999999999999999999999…' is not a whole number"),
    ("jsp", "1 1\n0 99999999999999\n", "line 2: 99999999999999 is not allowed; allowed are 0 to 2^40"),
    ("jsp", JSP.rsplit("\n", 2)[0], "the file ends after line 2; what is missing is job 2 of 2"),
    ("jsp", JSP + "1 2\n", "line 4: '1 2' follows after the 2 jobs; allowed is nothing more"),
    ("jsp", "1 2\n0 3 1\n", "line 2: 3 numbers are not pairs; allowed are pairs of machine and duration"),
    ("jsp", "1 2\n0 3 2 1\n", "line 2: machine 2 is unknown; allowed are 0 to 1"),
    ("jsp", "1 2\n0 -3\n", "line 2: -3 is not allowed; allowed are 0 to"),
    ("jsp", REENTRANT, "line 2: -1 -1 at the end of a line is not allowed in jsp; it is in jsp-reentrant"),
    ("jsp-reentrant", JSP, "line 2: the line does not end with -1 -1, as it has to in jsp-reentrant"),
    ("jsp-reentrant", "1 1\n-1 -1\n", "line 2: 0 numbers are not pairs"),
    ("fjsp", "2\n", "line 1: 1 words; allowed are numbers of jobs and machines, and the mean flexibility"),
    ("fjsp", "1 2 many\n", "line 1: 'many' is not a number; allowed is the mean flexibility"),
    ("fjsp", "1 2\n0\n", "line 2: a job of 0 operations; allowed is at least 1"),
    ("fjsp", "1 2\n2 1 1 3\n", "line 2: operation 2 of 2 is cut off; allowed are pairs of machine"),
    ("fjsp", "1 2\n1 0\n", "line 2: operation 1 of 1 has no machine; allowed are pairs of machine"),
    ("fjsp", "1 2\n1 2 1 3 2\n", "line 2: operation 1 of 1 is cut off"),
    ("fjsp", "1 2\n1 1 1 3 9\n", "line 2: 1 numbers follow after the 1 operations; allowed is nothing more"),
    ("fjsp", "2 2\n1 1 1 3\n1 1 3 4\n", "line 3: machine 3 is unknown; allowed are 1 to 2"),
    ("fjsp", "1 2\n1 2 1 3 1 4\n", "order 0 step 1: machine 1 is listed twice"),
    ("hfsp", "2\n2\n1\n", "line 3: 1 number; allowed are 2: the machines of each stage"),
    ("hfsp", "2\n2\n1 0\n", "line 3: 0 is not allowed; allowed are 1 to 1000000"),
    ("hfsp", "99999\n1\n999999\n3\n", "line 3: 99999 jobs x 999999 machines are too many"),
    ("hfsp", HFSP[:-4], "line 5: 1 number; allowed are 2: the durations of job 2 of 2"),
    ("sdst-pfsp", SDST[:-4], "what is missing is the set-ups on machine 2 of 2 after job 2 of 2"),
    ("sdst-pfsp", SDST + "1 1\n", "line 9: '1 1' follows after the set-ups of 2 machines"),
    ("sdst-pfsp", SDST.replace("5 6", "5 0"), "order 1 step 2: 0 min on machine 1; allowed is a whole"),
    ("tt-pfsp", TARDINESS.replace("9 12", "9"), "line 3: 1 number; allowed are 2: the due dates of the jobs"),
    ("tt-pfsp", "2 2\n", "line 1: 2 numbers; allowed are 1: the number of jobs"),
]


@pytest.mark.parametrize(("kind", "text", "said"), FAULTS)
def test_a_wrong_file_is_told_where_and_what_is_allowed(kind, text, said):
    with pytest.raises(formats.FormatError) as raised:
        formats.read(text, kind, "shop.txt")
    assert str(raised.value).startswith(f"shop.txt: {said}") or said in str(raised.value)
    assert raised.value.file == "shop.txt"


@pytest.mark.parametrize("kind", EXAMPLES)
def test_a_file_that_is_cut_within_its_lines_is_refused(kind):
    text = EXAMPLES[kind]
    for cut in range(text.rindex("\n", 0, -1)):
        with pytest.raises(formats.FormatError):
            formats.read(text[:cut], kind)


@pytest.mark.parametrize("kind", EXAMPLES)
@pytest.mark.parametrize("other", EXAMPLES)
def test_a_file_of_another_format_never_ends_in_an_error_of_the_program(kind, other):
    with suppress(formats.FormatError):
        assert formats.read(EXAMPLES[other], kind).orders


def test_an_unknown_format_names_those_that_are_allowed():
    with pytest.raises(ValueError, match="'ortools' is unknown; allowed are jsp, jsp-reentrant, fjsp, hfsp"):
        formats.read("", "ortools")


def test_a_hundred_thousand_operations_are_read_in_seconds():
    text = "1000 100\n" + "\n".join(" ".join(f"{m} {m + 1}" for m in range(100)) for _ in range(1000))
    begun = time.process_time()
    assert formats.read(text, "jsp").operations == 100_000
    assert time.process_time() - begun < 5.0
