"""A page reads the rules of a site once; whoever changes something reads them anew."""

from __future__ import annotations

import pytest
from line_of_machines import LineOfMachines

from plantbeat.facts.views.rules_at_hand import rules_of, rules_read_once


@pytest.fixture
def line(db):
    return LineOfMachines()


def test_within_a_page_the_rules_are_read_once_and_outside_every_time(
    line, django_assert_num_queries
) -> None:
    site = line.site.pk
    assert rules_of(site) is not rules_of(site)
    with rules_read_once():
        first = rules_of(site)
        with django_assert_num_queries(0), rules_read_once():
            assert rules_of(site) is first, "a question within a question, too"
        assert rules_of(site) is first
    assert rules_of(site) is not first


def test_the_next_page_sees_what_was_changed(line) -> None:
    with rules_read_once():
        before = len(rules_of(line.site.pk).assets)
    line.make(type(line.m1), code="SOLO", name="Alone")
    with rules_read_once():
        assert len(rules_of(line.site.pk).assets) == before + 1
