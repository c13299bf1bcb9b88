"""The reference page says exactly what the declarations say."""

from __future__ import annotations

from pathlib import Path

import pytest

from plantbeat.facts import ingest
from plantbeat.facts.kinds import KINDS
from plantbeat.facts.log import MOST_GAPS
from plantbeat.facts.quarantine import Fault
from plantbeat.facts.reference import field_notes, kinds_in_markdown
from plantbeat.facts.tables import Fact

PAGE = (Path(__file__).parents[2] / "docs" / "reference" / "facts.md").read_text("utf-8")


def test_the_kinds_on_the_page_are_those_declared():
    _before, _mark, kinds = PAGE.partition(
        "<!-- kinds: read off the declarations in plantbeat.facts.bodies -->\n\n"
    )
    assert kinds == kinds_in_markdown()


@pytest.mark.parametrize("code", KINDS)
def test_every_kind_and_every_field_says_what_it_means(code):
    assert len(KINDS[code].meaning) >= 15
    assert all(note.meaning and note.allowed for note in field_notes(KINDS[code]))


def test_reasons_columns_and_limits_on_the_page_are_those_in_force():
    assert all(f"| `{fault.value}` |" in PAGE for fault in Fault)
    assert all(f"`{field.column}`" in PAGE for field in Fact._meta.concrete_fields)
    assert f"at most {ingest.SIZES.most_facts:,} facts" in PAGE
    assert f"{ingest.SIZES.most_bytes // 2**20} MiB" in PAGE
    assert f"more than {MOST_GAPS:,} gaps" in PAGE
