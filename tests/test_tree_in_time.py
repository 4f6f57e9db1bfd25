"""Figures of units that were not always there, and the findings that stand under a figure, however deep the tree."""

from datetime import date, datetime

import pytest
from federation import LONE, MAY, PROVINCE, UNITS, UPPER_A, UPPER_B, gift, initiative, make_federation, member, nil, sheet

from pipelines.config import UserError
from pipelines.figures import figures

AFTER = datetime(2023, 7, 6, 8)
SENT = datetime(2023, 7, 1, 9)
APRIL, JUNE = "2023-04", "2023-06"


def of(home, metric, period, unit=None):
    """Value, status, previous and its status of one figure."""
    (f,) = (f for f in figures(home.home, period, unit) if f["id"] == metric)
    return f["value"], f["status"], f["previous"], f["previous_status"]


@pytest.fixture(scope="module")
def reformed(tmp_path_factory):
    """The province ends on 1 May and another takes its units over; a unit is founded in June."""
    units = [u.replace(",2000-01-01,", ",2000-01-01,2023-05-01") if u.startswith("MM,") else u for u in UNITS[:-1]]
    units += ["NN,LĐLĐ tỉnh Nối (giả định),province,,,direct,,2023-05-01,"]
    moved = []
    for u in units:
        cells = u.split(",")
        if cells[3] == "MM":
            moved += [
                ",".join([*cells[:7], "2000-01-01", "2023-05-01"]),
                ",".join([*cells[:3], "NN", *cells[4:7], "2023-05-01", ""]),
            ]
        else:
            moved.append(u)
    home = make_federation(
        tmp_path_factory.mktemp("reform"), AFTER, [*moved, "MM-A-09,CĐCS Mới,grassroots,MM-A,business,direct,,2023-06-10,"]
    )
    for period in (APRIL, MAY, JUNE):
        home.send(f"{period}.xlsx", sheet("members", UPPER_A, [member("MM-A-01"), member("MM-A-02", 2)], period), at=SENT)
    home.refresh()
    return home


def test_the_province_is_the_one_of_that_time(reformed):
    assert of(reformed, "workers_total", APRIL)[0] == of(reformed, "workers_total", APRIL, "MM")[0] == 2
    assert of(reformed, "workers_total", JUNE)[0] == of(reformed, "workers_total", JUNE, "NN")[0] == 2


def test_a_unit_that_was_not_there_has_no_figure_and_not_nothing(reformed):
    assert of(reformed, "workers_total", MAY, "NN")[2:] == (None, "not_in_force")
    assert of(reformed, "workers_total", JUNE, "MM")[:2] == (None, "not_in_force")
    assert of(reformed, "workers_total", MAY, "MM-A-09")[:2] == (None, "not_in_force")
    assert of(reformed, "aid_gifts_total", MAY, "MM-A-09")[:2] == (None, "not_in_force")
    assert of(reformed, "workers_total", JUNE, "MM-A-09")[0] == 0


def test_a_period_may_be_written_as_returns_write_it(reformed):
    assert of(reformed, "workers_total", "05/2023") == of(reformed, "workers_total", MAY)
    assert of(reformed, "workers_total", "Quý 2 năm 2023") == of(reformed, "workers_total", "2023-Q2")
    assert of(reformed, "workers_total", "quý II/2023") == of(reformed, "workers_total", "2023-Q2")
    assert of(reformed, "workers_total", "6 tháng đầu năm 2023") == of(reformed, "workers_total", "2023-H1")
    with pytest.raises(UserError, match="No data for the period «05/2019»"):
        figures(reformed.home, "05/2019", None)


def checks(home, unit, metric="aid_gifts_total"):
    return {c["check_id"] for f in figures(home.home, MAY, unit) if f["id"] == metric for c in f["checks"]}


def test_findings_stand_under_every_figure_that_counts_their_rows(tmp_path):
    """The province's own return has a fault in a row of MM-A; MM-N, two steps below the province, one of its own."""
    nested = ["MM-N,LĐLĐ Nhỏ,upper,MM-B,,direct,,2000-01-01,", "MM-N-01,CĐCS Nhỏ,grassroots,MM-N,public,direct,,2000-01-01,"]
    home = make_federation(tmp_path, AFTER, [*UNITS, *nested])
    wrong = {"gift_count": 0, "amount_vnd": 0, "unit_amount_vnd": None}
    home.send("p.xlsx", sheet("aid", PROVINCE, [gift("MM-A-01"), gift("MM-A-01", 2, **wrong)]), at=SENT)
    home.send("n.xlsx", sheet("aid", "MM-N", [gift("MM-N-01", 1, given_by=None)]), at=SENT)
    home.refresh()
    ours, theirs = "aid_gift_count_not_positive", "aid_given_by_missing"
    assert {u: checks(home, u) & {ours, theirs} for u in (PROVINCE, UPPER_A, "MM-A-01", UPPER_B, "MM-N", LONE)} == {
        PROVINCE: {ours, theirs}, UPPER_A: {ours}, "MM-A-01": {ours}, UPPER_B: {theirs}, "MM-N": {theirs}, LONE: set()
    }  # fmt: skip


def test_one_older_gift_makes_no_opening_return_and_founding_needs_no_return(tmp_path):
    founded = [f"MM-A-0{n},CĐCS Mới {n},grassroots,MM-A,business,direct,,2023-0{m}-20," for n, m in ((3, 1), (4, 5))]
    home = make_federation(tmp_path, datetime(2023, 6, 3, 8), [*UNITS, *founded])
    (home.home.reference / "unit_events.csv").write_text(
        "event_id,date,kind,decision_no,from_unit,to_unit\nE1,2023-01-20,established,,,MM-A-03\nE2,2023-05-20,established,,,MM-A-04\n",
        "utf-8",
    )
    lines = [gift("MM-A-01", n, given_date=f"2023-05-1{n}") for n in (1, 2)] + [gift("MM-A-01", 3, given_date="2023-04-28")]
    home.send("a.xlsx", sheet("aid", UPPER_A, lines), at=datetime(2023, 6, 1, 9))
    home.send("p.xlsx", nil("aid", PROVINCE), at=datetime(2023, 6, 1, 9))
    home.refresh()
    assert of(home, "aid_gifts_total", MAY, UPPER_A)[:2] == (3, "complete")
    assert of(home, "new_grassroots", "2023")[0] == 2


def test_a_month_that_closes_early_asks_for_the_state_of_that_day(tmp_path):
    units = [u + "2023-05-27" if u.startswith("MM-A-02") else u for u in UNITS]
    home = make_federation(tmp_path, AFTER, units)
    (home.home.reference / "periods.csv").write_text(
        "period,label_vi,start_date,end_date,cutoff_date,issue_date\n2023-05,Tháng 5,2023-05-01,2023-05-31,2023-05-25,\n", "utf-8"
    )
    home.send("a.xlsx", sheet("members", UPPER_A, [member("MM-A-01"), member("MM-A-02", 2)]), at=SENT)
    home.send("a6.xlsx", sheet("members", UPPER_A, [member("MM-A-01"), member("MM-A-02", 2)], JUNE), at=SENT)
    home.refresh()
    assert of(home, "workers_total", MAY)[0] == 2
    (found,) = home.findings("check_id = 'unit_not_in_force'")
    assert found["period"] == JUNE
    assert "đã ngừng hoạt động từ ngày 27/05/2023" in found["message"]


MOVED = [
    *(u for u in UNITS if not u.startswith("MM-A-02")),
    "MM-A-02,CĐCS Công ty Gỗ Tưởng Tượng,grassroots,MM-A,business,direct,,2000-01-01,2023-05-01",
    "MM-A-02,CĐCS Công ty Gỗ Tưởng Tượng,grassroots,MM-B,business,direct,,2023-05-01,",
]


def test_a_unit_that_changed_unions_keeps_its_initiatives_and_is_missed_in_the_new_list_of_people(tmp_path):
    home = make_federation(tmp_path, datetime(2023, 6, 3, 8), MOVED)
    theirs = initiative("MM-A-02", 2, decision_no="2/QĐ", portal_date=date(2023, 3, 1))
    for period, of_a in ((APRIL, ["MM-A-01", "MM-A-02"]), (MAY, ["MM-A-01"])):
        lists = [initiative("MM-A-01"), theirs][: len(of_a)]
        home.send(
            f"{period}/a.xlsx", sheet("members", UPPER_A, map(member, of_a), period), sheet("initiatives", UPPER_A, lists, period)
        )
        home.send(f"{period}/b.xlsx", sheet("members", UPPER_B, [member("MM-B-01")], period), nil("initiatives", UPPER_B, period))
    home.refresh()
    assert of(home, "portal_total_initiatives", APRIL)[0] == of(home, "portal_total_initiatives", MAY)[0] == 2
    assert of(home, "portal_total_initiatives", MAY, UPPER_B)[0] == 1
    assert of(home, "workers_total", MAY)[0] == 2
    (found,) = home.findings("check_id like '%unlisted%' or check_id like '%shrank' or check_id = 'unit_disappeared'")
    assert (found["check_id"], found["unit_code"], found["severity"]) == ("members_unit_unlisted", UPPER_B, "critical")
    assert "MM-A-02 nay thuộc đơn vị mình, tháng 04/2023 còn trong danh sách của đơn vị khác" in found["message"]
    both = [member("MM-B-01"), member("MM-A-02")]
    own = sheet("initiatives", UPPER_B, [{**theirs, "title": "Tên viết khác"}])
    home.send(f"{MAY}/b2.xlsx", sheet("members", UPPER_B, both), own, at=datetime(2023, 6, 2, 9))
    home.refresh(datetime(2023, 6, 3, 9))
    assert of(home, "portal_total_initiatives", MAY)[0] == 2
    assert of(home, "workers_total", MAY)[0] == 3
    assert {f["check_id"] for f in home.findings()} == {"return_missing"}  # of April, from others


def test_a_unit_founded_a_month_ago_is_missed_in_its_unions_list(tmp_path):
    new = "MM-A-09,CĐCS Mới,grassroots,MM-A,business,direct,,2023-05-10,"
    home = make_federation(tmp_path, AFTER, [*UNITS, new])
    for period in (APRIL, MAY, JUNE):
        home.send(f"{period}.xlsx", sheet("members", UPPER_A, [member("MM-A-01")], period), at=SENT)
    home.refresh()
    (found,) = home.findings("check_id = 'members_unit_unlisted'")
    assert (found["period"], found["unit_code"]) == (JUNE, UPPER_A)
    assert "MM-A-09 thành lập ngày 10/05/2023" in found["message"]


def test_initiatives_that_go_to_the_successor_of_a_merged_unit_are_not_missed(tmp_path):
    ended = [u + "2023-05-10" if u.startswith("MM-A-02") else u for u in UNITS]
    home = make_federation(tmp_path, datetime(2023, 6, 3, 8), ended)
    for period, unit in ((APRIL, "MM-A-02"), (MAY, "MM-A-01")):
        rows = [initiative("MM-A-01"), initiative(unit, 2, decision_no="2/QĐ", authors="Tác Giả Giả Định Hai")]
        home.send(f"{period}/a.xlsx", sheet("initiatives", UPPER_A, rows, period))
    home.refresh()
    assert home.findings("check_id = 'initiatives_list_shrank'") == []
