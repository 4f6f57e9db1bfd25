"""What a return that came again changed: rows added, removed, changed, unchanged, by natural key; what it reopens is elsewhere."""

import json
from datetime import datetime

import pytest
from federation import CENTRAL, LONE, MAY, UPPER_A, UPPER_B, gift, indicator, initiative, make_federation, member, nil, sheet

from pipelines import cli
from pipelines.outcome import board

DAY = [datetime(2023, 6, 3, h) for h in (8, 9, 10)]
PEOPLE = [member("MM-A-01", n) for n in range(1, 6)]
NONE = {"rows_added": 0, "rows_removed": 0, "rows_changed": 0, "rows_unchanged": 0}


@pytest.fixture(scope="module")
def home(tmp_path_factory):
    """Returns of every form that came two or three times, together and apart."""
    federation = make_federation(tmp_path_factory.mktemp("changes"), DAY[0])
    federation.send("an.xlsx", sheet("members", UPPER_A, PEOPLE), sheet("aid", UPPER_A, [gift("MM-A-01")] * 3))
    federation.send("bv_1.xlsx", sheet("activity", LONE, [indicator(LONE), indicator(LONE, "works_tasks", "?")]))
    federation.send("bv_2.xlsx", nil("activity", LONE), at=DAY[0])  # in one refresh with what it replaces
    federation.send("nh.xlsx", sheet("initiatives", CENTRAL, [initiative(CENTRAL), initiative(CENTRAL, 2, on_portal=None)]))
    federation.refresh(DAY[0])
    federation.send("sub/an_2.xlsx", sheet("members", UPPER_A, [*PEOPLE[1:3], PEOPLE[3] | {"income_vnd": "8.000.000"}, PEOPLE[4] | {"sex": "?"}, member("MM-A-01", 9)]))  # fmt: skip
    federation.send("an_qua.xlsx", sheet("aid", UPPER_A, [gift("MM-A-01"), gift("MM-A-01", note="bù"), gift("MM-A-01", 2)]))
    federation.send("nh_2.xlsx", sheet("initiatives", CENTRAL, [initiative(CENTRAL, 2, portal_date="25/02/2023"), initiative(CENTRAL, title="Sáng kiến  giả định 1", benefit_vnd="15 triệu")]))  # fmt: skip
    federation.send("bv_3.xlsx", sheet("activity", LONE, [indicator(LONE)]))
    federation.refresh(DAY[1])
    federation.send("an_3.xlsx", sheet("members", UPPER_A, [*PEOPLE[1:4], PEOPLE[4] | {"sex": "??"}]))
    federation.send("binh.xlsx", sheet("members", UPPER_B, [member("MM-B-01")]))
    federation.refresh(DAY[2])
    return federation


@pytest.fixture(scope="module")
def changes(home):
    return {c["file"]: c for c in board(home.settings(), None)["changes"]}


@pytest.mark.parametrize(
    ("file", "counts", "replaces"),
    [
        ("sub/an_2.xlsx", {"rows_added": 1, "rows_removed": 1, "rows_changed": 2, "rows_unchanged": 2}, "an.xlsx"),
        ("an_3.xlsx", {"rows_removed": 1, "rows_changed": 2, "rows_unchanged": 2}, "sub/an_2.xlsx"),
        ("an_qua.xlsx", {"rows_added": 1, "rows_removed": 1, "rows_changed": 1, "rows_unchanged": 1}, "an.xlsx"),
        ("nh_2.xlsx", {"rows_changed": 1, "rows_unchanged": 1}, "nh.xlsx"),
        ("bv_2.xlsx", {"rows_removed": 2}, "bv_1.xlsx"),
        ("bv_3.xlsx", {"rows_added": 1}, "bv_2.xlsx"),
    ],
)
def test_a_return_that_came_again_says_how_its_rows_differ(changes, file, counts, replaces):
    assert {k: v for k, v in changes[file].items() if k.startswith("rows_")} == NONE | counts
    assert changes[file]["replaces"] == replaces


def test_first_returns_and_forms_that_a_newer_file_lacks_are_no_change(changes):
    assert set(changes) == {"sub/an_2.xlsx", "an_3.xlsx", "an_qua.xlsx", "nh_2.xlsx", "bv_2.xlsx", "bv_3.xlsx"}
    assert {c["form"] for c in changes.values()} == {"members", "aid", "initiatives", "activity"}


def test_rows_of_a_change_are_the_rows_of_both_returns(home):
    for c in home.query("""
            select c.*, n.rows_loaded + n.rows_rejected as now_rows, o.rows_loaded + o.rows_rejected as before_rows
            from core.return_change c join core.submission n using (submission_id) join core.submission o on o.submission_id = c.replaced_submission_id"""):
        assert c["rows_added"] + c["rows_changed"] + c["rows_unchanged"] == c["now_rows"], c
        assert c["rows_removed"] + c["rows_changed"] + c["rows_unchanged"] == c["before_rows"], c


def test_status_tells_changes_newest_first_of_the_period_asked_for(home, capsys):
    def status(*options):
        with pytest.raises(SystemExit):
            cli.main(["status", *options, "--home", str(home.root)])
        return capsys.readouterr()

    told = json.loads(status("--json").out)["changes"]
    assert list(told[0]) == ["period", "unit_code", "form", "file", "replaces", "rows_added", "rows_removed", "rows_changed", "rows_unchanged", "received_at"]  # fmt: skip
    assert [c["received_at"] for c in told] == sorted((c["received_at"] for c in told), reverse=True)
    assert json.loads(status("--json", "--period", "2023-Q2").out)["changes"] == told
    assert {c["period"] for c in told} == {MAY}
    printed = status()
    assert "6 returns replaced an earlier one." in printed.err
    assert "an_3.xlsx" in printed.out
    assert "Giả Định" not in printed.out.replace("Ngân hàng Giả Định", "")


def test_a_month_that_is_rebuilt_says_the_same(home):
    from pipelines.refresh import refresh

    before = home.query("select * from core.return_change order by all")
    refresh(home.settings(), period=MAY)
    assert home.query("select * from core.return_change order by all") == before
