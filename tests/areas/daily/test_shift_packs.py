"""Shift packs: written before each shift, on the site's paper, with a number that is keyed in later."""

from __future__ import annotations

import json
import stat
from datetime import date

import pytest
from click.testing import CliRunner
from django.test import Client
from line_of_machines import HOUR, MIN, SYSTEM
from shift_to_hand_over import BOUNDARY, DAY, NOW, ShiftToHandOver

from plantbeat.areas.daily.handoffs.actions import make_due
from plantbeat.areas.daily.packs import worker, writing
from plantbeat.areas.daily.packs.gathering import pack_sheet
from plantbeat.areas.daily.packs.worker import write_due_packs
from plantbeat.areas.daily.packs.writing import deliver, pack_pdf
from plantbeat.areas.daily.records.paper_rule import PaperRule
from plantbeat.areas.execution.records.shift_sheet import ShiftSheet
from plantbeat.areas.execution.sheets.actions import sheet_for
from plantbeat.areas.people.records.crew import Crew
from plantbeat.areas.people.records.person import Person
from plantbeat.facts.models import FactShift
from plantbeat.kernel import clock
from plantbeat.kernel.access import Role
from plantbeat.kernel.accounts import User
from plantbeat.kernel.act import act
from plantbeat.kernel.problems import Refused
from plantbeat.shell.cli.shift_pack import shift_pack

pytestmark = pytest.mark.django_db


@pytest.fixture
def shift():
    worker._tried.clear()
    with clock.at(NOW):
        yield ShiftToHandOver()


def late(shift):
    return FactShift.objects.get(shift="late", owner_day=date.fromisoformat(DAY), site=shift.site)


@pytest.mark.requirement("R180")
def test_a_pack_holds_what_a_shift_on_paper_needs(shift):
    make_due(shift.site)
    coming = late(shift)
    crew = shift.make(Crew, code="B", name="Crew B", pattern=shift.pattern, letter=coming.crew)
    shift.make(Person, number="7", name="Ada Lovelace", crew=crew, home_line=shift.line)
    said = pack_sheet(sheet_for(shift.site, "L1", coming, SYSTEM), SYSTEM)
    assert said["number"] == "SH-000001"
    assert [hour["time"] for hour in said["hours"]][:2] == ["14:00–15:00", "15:00–16:00"]
    assert len(said["hours"]) == 8
    assert said["people"] == ["Ada Lovelace"]
    text = json.dumps([said["open"], said["handoff"]])
    for words in ("WO-000003 (P) is on hold", "lubrication", "Bottles run out", "NM-7", "HO-000001"):
        assert words in text
    assert said["plan_source"] == "no schedule is published"
    assert said["checks"] == []


def test_names_are_printed_for_who_takes_attendance_only(shift):
    sheet = sheet_for(shift.site, "L1", late(shift), SYSTEM)
    said = pack_sheet(sheet, shift.somebody(Role.quality))
    assert said["people"] == []
    assert "take attendance" in said["no_people"]


@pytest.mark.requirement("R180")
def test_packs_are_written_once_before_the_shift_into_the_folder(shift, tmp_path, settings):
    assert write_due_packs(shift.site) == []
    assert not ShiftSheet.objects.exists()
    settings.PACK_FOLDER = str(tmp_path)
    (written,) = write_due_packs(shift.site)
    (file,) = tmp_path.iterdir()
    assert file.name == "2026-03-10_late_L1_SH-000001.pdf"
    assert file.read_bytes().startswith(b"%PDF")
    assert b"595.2" in file.read_bytes()
    assert stat.S_IMODE(file.stat().st_mode) == 0o644
    assert (written.written_us, written.written_to, written.trouble) == (NOW, str(file), "")
    assert write_due_packs(shift.site) == []
    with clock.at(BOUNDARY + 7 * HOUR + 29 * MIN):
        assert write_due_packs(shift.site) == []
    with clock.at(BOUNDARY + 7 * HOUR + 31 * MIN):
        assert [one.shift for one in write_due_packs(shift.site)] == ["night"]


def test_the_paper_rule_names_paper_folder_and_minutes(shift, tmp_path):
    rule = {"site": shift.site, "paper": "us-letter", "folder": str(tmp_path), "minutes_before": 10}
    with pytest.raises(Refused, match="print queue"):
        act(PaperRule, "create", SYSTEM, rule | {"printer": "a; rm -rf /"})
    act(PaperRule, "create", SYSTEM, rule)
    assert write_due_packs(shift.site) == []
    with clock.at(BOUNDARY - 9 * MIN):
        assert len(write_due_packs(shift.site)) == 1
    (file,) = tmp_path.iterdir()
    assert b"612 792" in file.read_bytes()


def test_a_folder_that_is_gone_is_said_and_tried_again(shift, tmp_path, settings):
    settings.PACK_FOLDER = str(tmp_path / "gone")
    (failed,) = write_due_packs(shift.site)
    assert failed.written_us is None
    assert "No such file or directory" in failed.trouble
    assert write_due_packs(shift.site) == []
    (tmp_path / "gone").mkdir()
    with clock.at(NOW + 6 * MIN):
        (written,) = write_due_packs(shift.site)
    assert (written.trouble, written.written_us) == ("", NOW + 6 * MIN)


def test_a_printer_takes_the_pack_from_the_print_command(shift, tmp_path, monkeypatch):
    lp = tmp_path / "lp"
    lp.write_text(f'#!/bin/sh\necho "$@" > {tmp_path}/said\ncat > {tmp_path}/paper\n')
    lp.chmod(0o755)
    act(PaperRule, "create", SYSTEM, {"site": shift.site, "printer": "office_1"})
    sheet = sheet_for(shift.site, "L1", late(shift), SYSTEM)
    monkeypatch.setattr(writing.shutil, "which", lambda name: None)
    assert "no print command" in deliver(sheet).trouble
    monkeypatch.setattr(writing.shutil, "which", lambda name: str(lp) if name == "lp" else None)
    done = deliver(ShiftSheet.objects.get())
    assert (done.trouble, done.written_to) == ("", "printer office_1")
    assert (tmp_path / "said").read_text().split()[:2] == ["-d", "office_1"]
    assert (tmp_path / "paper").read_bytes().startswith(b"%PDF")
    lp.write_text("#!/bin/sh\necho 'lp: unknown destination' >&2\nexit 1\n")
    assert "lp: unknown destination" in deliver(ShiftSheet.objects.get()).trouble


def test_the_page_makes_a_pack_at_once_and_says_what_is_not_set_up(shift):
    client = Client()
    client.force_login(User.objects.get(pk=shift.somebody().user_id))
    page = client.get("/shift-packs/").content.decode()
    assert page.count("not set up") == 2
    wanted = {"line": "L1", "shift": late(shift).pk}
    answer = client.post("/shift-packs/", wanted | {"do": "show"})
    assert answer.url == "/shift-packs/SH-000001.pdf"
    made = client.get(answer.url + "?paper=us-letter")
    assert made["Content-Type"] == "application/pdf"
    assert client.get(answer.url + "?paper=a3").status_code == 422
    assert client.post("/shift-packs/", wanted | {"do": "deliver"}).status_code == 422
    assert client.post("/shift-packs/", {"line": "L1", "shift": "x"}).status_code == 422
    assert client.post("/shift-packs/", wanted | {"line": "L9"}).status_code == 404


def test_the_same_pack_has_the_same_bytes(shift):
    sheet = sheet_for(shift.site, "L1", late(shift), SYSTEM)
    assert pack_pdf(sheet, SYSTEM) == pack_pdf(sheet, SYSTEM)


@pytest.mark.requirement("R180")
def test_the_command_writes_a_pack_and_names_what_there_is(shift, tmp_path):
    out = tmp_path / "pack.pdf"
    asked = ["--site", "B", "--line", "L1", "--out", str(out)]
    done = CliRunner().invoke(shift_pack, [*asked, "--paper", "us-letter"])
    assert done.exit_code == 0, done.output
    assert "SH-000001, L1, 2026-03-10 late" in done.output
    assert b"612 792" in out.read_bytes()
    for more, said in (
        (["--site", "X"], "there is no site “X”; there are: B"),
        (["--line", "L7"], "there is no line “L7” at B; there are: L1"),
        (["--shift", "noon"], "L1 works no “noon”; it works: 2026-03-10 early"),
        (["--paper", "a3"], "'a3' is not one of 'a4', 'us-letter'"),
        (["--out", str(tmp_path / "pack.txt")], "must end in .pdf"),
        (["--out", str(tmp_path / "no" / "pack.pdf")], "does not exist"),
    ):
        refused = CliRunner().invoke(shift_pack, [*asked, *more])
        assert refused.exit_code == 2
        assert said in refused.output, refused.output
    other = CliRunner().invoke(shift_pack, [*asked, "--shift", "night", "--day", "2026-03-12"])
    assert "2026-03-12 night" in other.output
