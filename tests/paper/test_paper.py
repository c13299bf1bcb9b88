"""Paper: data in, the same PDF out, whatever the data says."""

from __future__ import annotations

import subprocess
import sys

import pytest

from plantbeat.paper import PAPERS, PaperError, pdf, sheets

HOSTILE = [
    '#panic("spliced")',
    '"); #import "/etc/passwd" //',
    '#read("form.typ") $ x^2 $ *bold* _it_ `raw` @ref <label> \\ { } [ ]',
    "#sys.inputs \u0000\u0007\ud800 \u202e right to left ﷽ 你好 😀",
    "=" * 400,
    "x" * 5000,
]


def handoff(text="Line 1 made 4,200 of 4,500", **more):
    """Everything the sheet of a handoff needs."""
    words = ("page", "unsafe", "drafted", "signatures", "what", "who", "when", "questions")
    return {
        "words": dict.fromkeys(words, text),
        "title": text,
        "foot": text,
        "facts": [[text, text]],
        "groups": [
            {"name": text, "empty": text, "items": []},
            {
                "name": text,
                "empty": "",
                "items": [{"unsafe": True, "text": text, "drafted": text, "source": text}],
            },
        ],
        "signatures": [{"what": text, "who": text, "proof": text, "when": text}],
        "questions": text,
        "log": text,
        **more,
    }


def test_a_handoff_becomes_a_pdf_on_each_paper():
    made = {paper: pdf("handoff", handoff(), paper=paper) for paper in PAPERS}
    assert all(one.startswith(b"%PDF-") for one in made.values())
    assert made["a4"] != made["us-letter"]
    assert b"595.2" in made["a4"]
    assert b"612 792" in made["us-letter"]


def test_the_same_data_makes_the_same_bytes():
    assert pdf("handoff", handoff()) == pdf("handoff", handoff())
    script = (
        f"import sys; from plantbeat.paper import pdf; sys.stdout.buffer.write(pdf('handoff', {handoff()!r}))"
    )
    other = subprocess.run([sys.executable, "-c", script], capture_output=True, check=True)
    assert other.stdout == pdf("handoff", handoff())


@pytest.mark.parametrize("text", HOSTILE)
def test_words_are_never_read_as_source(text):
    assert pdf("handoff", handoff(text)).startswith(b"%PDF-")


def test_bad_calls_are_refused_in_words():
    with pytest.raises(PaperError, match=r"no sheet “../form”; allowed are .*handoff"):
        pdf("../form", {})
    with pytest.raises(PaperError, match="no paper “a3”; allowed are a4, us-letter"):
        pdf("handoff", handoff(), paper="a3")
    with pytest.raises(PaperError, match="no JSON"):
        pdf("handoff", handoff(foot=object()))
    with pytest.raises(PaperError, match="no JSON"):
        pdf("handoff", handoff(foot=float("nan")))
    with pytest.raises(PaperError, match="cannot be laid out"):
        pdf("handoff", {})


def test_what_the_sheets_share_is_no_sheet():
    assert "handoff" in sheets()
    assert "form" not in sheets()


def test_typst_is_not_loaded_before_a_sheet_is_printed():
    script = "import sys, plantbeat.paper; print('typst' in sys.modules, 'django' in sys.modules)"
    said = subprocess.run([sys.executable, "-c", script], capture_output=True, text=True, check=True).stdout
    assert said.split() == ["False", "False"]
