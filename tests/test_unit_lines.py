"""Units, their senders and their parents: who wins, who is asked, and that nobody drops out of the province."""

from datetime import datetime

import pytest
from federation import MAY, UNITS, gift, make_federation, member, nil, sheet

DAY = [datetime(2023, 6, d, 8) for d in (1, 2, 3)]


@pytest.fixture(scope="module")
def home(tmp_path_factory):
    """A unit sent by itself and its union; a foreign row; a child of a union that ended; a nil that empties aid; unreadable bytes."""
    ends = {"MM-B": "2023-05-01", "MM-B-01": "2023-06-10"}
    ended = [u + ends.get(u.split(",")[0], "") for u in UNITS]
    home = make_federation(tmp_path_factory.mktemp("lines"), DAY[0], ended)
    people = [member("MM-A-01", n) for n in range(1, 6)]
    home.send("a.xlsx", sheet("members", "MM-A", people))
    home.send("b.xlsx", sheet("members", "MM-B", [member("MM-B-01", n) for n in range(1, 21)]))
    home.send("aid.xlsx", sheet("aid", "MM-C-01", [gift("MM-C-01")]))
    home.drop("scan.xlsx", b"no workbook")
    home.refresh(DAY[0])
    before = home.query(
        "select value from marts.metric_value where metric_id = 'aid_amount_total' and period = '2023-H1' and unit_code = 'MM'"
    )
    home.send("own.xlsx", sheet("members", "MM-A-01", people[:4]))
    home.send("c.xlsx", sheet("members", "MM-C-01", [member("MM-C-01"), member("MM-B-01", 30)]))
    home.send("aid2.xlsx", nil("aid", "MM-C-01"))
    home.send("scan.xlsx", sheet("members", "MM-T-01", [member("MM-T-01")]))
    home.refresh(DAY[1])
    return home, before


def counts(home, sql: str) -> dict:
    return {r["k"]: r["n"] for r in home.query(sql)}


def test_the_newer_of_two_senders_in_a_units_line_wins_without_an_alarm(home):
    people = counts(home[0], "select sender_code as k, count(*) as n from core.member where unit_code = 'MM-A-01' group by all")
    assert people == {"MM-A-01": 4}
    assert not [f for f in home[0].findings() if f["check_id"] == "members_citizen_id_duplicate"]


def test_a_foreign_row_is_found_and_displaces_nobody(home):
    people = counts(home[0], "select sender_code as k, count(*) as n from core.member where unit_code = 'MM-B-01' group by all")
    assert people == {"MM-B": 20}
    (finding,) = (f for f in home[0].findings() if f["check_id"] == "unit_outside_sender")
    assert (finding["unit_code"], finding["severity"], "MM-B-01" in finding["message"]) == ("MM-C-01", "critical", True)


def test_a_child_of_a_union_that_ended_still_counts_in_the_province(home):
    total = counts(
        home[0],
        "select unit_code as k, value as n from marts.metric_value where metric_id = 'workers_total' and period = '2023-05'",
    )
    assert total["MM"] == 4 + 20 + 1 + 1
    assert total["MM-B-01"] == 20


def test_a_nil_return_takes_the_old_figure_of_every_period_away(home):
    fed, before = home
    assert before[0]["value"] > 0
    left = fed.query(
        "select period, value from marts.metric_value where metric_id = 'aid_amount_total' and coalesce(value, 0) <> 0"
    )
    assert left == []


def test_unreadable_bytes_of_nobody_are_not_answered_by_another_units_file_of_that_name(home):
    (finding,) = home[0].findings("check_id = 'file_unreadable'")
    assert (finding["unit_code"], finding["state"]) == (None, "open")


def test_every_month_of_the_story_is_may(home):
    assert counts(home[0], "select distinct period as k, 1 as n from core.accepted_return") == {MAY: 1}
