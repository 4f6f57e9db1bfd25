"""Figures count by the day, from the cut-off and not the calendar; a unit that ends keeps what it did while it was in force."""

from datetime import date, datetime

import pytest
from federation import MAY, PROVINCE, UNITS, UPPER_A, gift, house, indicator, initiative, make_federation, member, nil, sheet

from pipelines.figures import figures
from pipelines.trace import trace

JUNE = "2023-06"
SENT = datetime(2023, 7, 1, 9)
AFTER = datetime(2023, 7, 6, 8)  # the deadline of June has passed
PERIODS = """period,label_vi,start_date,end_date,cutoff_date,issue_date
2023-H1,6 tháng đầu năm 2023,2023-01-01,2023-06-30,2023-05-15,
dot-2023,Đợt cao điểm 2023,2023-05-10,2023-06-10,2023-06-10,
"""
EVENTS = """event_id,date,kind,decision_no,from_unit,to_unit
E1,2023-05-14,established,,,MM-A-03
E2,2023-05-18,established,,,MM-A-04
E3,2023-05-20,dissolved,,MM-A-02,
"""
FOUNDED = tuple(
    f"MM-A-0{n},CĐCS Công ty Mới {n},grassroots,MM-A,business,direct,,{day}," for n, day in ((3, "2023-05-14"), (4, "2023-05-18"))
)
LOAN = {"kind": "Vay Quỹ tương hỗ", "gift_count": None, "unit_amount_vnd": None, "amount_vnd": 1_000_000}


@pytest.fixture(scope="module")
def home(tmp_path_factory):
    """MM-A-02 ends on 20 May; H1 closes on 15 May; a campaign runs from 10 May to 10 June."""
    units = [u + "2023-05-20" if u.startswith("MM-A-02") else u for u in UNITS]
    home = make_federation(tmp_path_factory.mktemp("cutoff"), AFTER, [*units, *FOUNDED])
    (home.home.reference / "periods.csv").write_text(PERIODS, "utf-8")
    (home.home.reference / "unit_events.csv").write_text(EVENTS, "utf-8")
    (home.home.reference / "targets.csv").write_text(
        "metric_id,period,unit_code,target\nnew_grassroots,2023,MM,10\nworkers_total,2023,MM,50\n", "utf-8"
    )
    given = ("2023-05-09", "2023-05-12", "2023-05-15", "2023-05-16", None)  # the last line tells no day
    lines = [gift("MM-A-02", n, given_date=d, gift_count=10**n, amount_vnd=10**n * 500_000) for n, d in enumerate(given)]
    loans = [
        gift("MM-A-01", 10 + n, given_date=d, model_code=f"M{n}", **LOAN) for n, d in enumerate(("2023-05-15", "2023-05-16"))
    ]
    listed = [initiative("MM-A-01", 1), initiative("MM-A-02", 2)]
    home.send(
        "may.xlsx",
        sheet("aid", UPPER_A, [*lines, *loans]),
        sheet("initiatives", UPPER_A, listed),
        sheet("members", UPPER_A, [member("MM-A-01"), member("MM-A-02", 2)]),
        at=SENT,
    )
    june = gift("MM-A-01", 20, given_date="2023-06-05", gift_count=100_000, amount_vnd=50_000_000_000)
    home.send(
        "june.xlsx",
        sheet("aid", UPPER_A, [june], JUNE),
        sheet("initiatives", UPPER_A, listed, JUNE),
        sheet("members", UPPER_A, [member("MM-A-01")], JUNE),
        at=SENT,
    )
    home.refresh()
    return home


def value(home, metric, period, unit=PROVINCE):
    return {f["id"]: f["value"] for f in figures(home.home, period, unit)}[metric]


def test_a_unit_that_ends_within_a_month_keeps_what_it_gave_in_it(home):
    assert [value(home, "aid_gifts_total", MAY, u) for u in ("MM-A-02", UPPER_A, PROVINCE)] == [11_111] * 3


def test_and_is_out_of_the_state_at_its_end(home):
    assert value(home, "workers_total", MAY) == 1
    assert value(home, "grassroots_total", MAY) == value(home, "grassroots_total", JUNE) == 5
    (found,) = home.findings("check_id = 'unit_not_in_force'")
    assert (found["form"], found["period"], found["unit_code"]) == ("members", MAY, UPPER_A)


def test_its_initiatives_stay_on_the_cumulative_list(home):
    assert [value(home, "portal_total_initiatives", p) for p in (MAY, JUNE, "2023")] == [2, 2, 2]
    assert value(home, "portal_total_initiatives", JUNE, "MM-A-02") == 1


def test_a_sender_that_ends_keeps_what_its_last_list_reached(tmp_path):
    """Its initiatives count once, also where the union that takes its unit over lists them again."""
    units = [u + "2023-05-20" if u.startswith("MM-C-01") else u for u in UNITS]
    home = make_federation(tmp_path, AFTER, units)
    home.send("c.xlsx", sheet("initiatives", "MM-C-01", [initiative("MM-C-01", n) for n in (1, 2, 3)], "2023-04"), at=SENT)
    home.send("a4.xlsx", sheet("initiatives", UPPER_A, [initiative("MM-A-01", 4)], "2023-04"), at=SENT)
    home.send("a6.xlsx", sheet("initiatives", UPPER_A, [initiative("MM-A-01", 4), initiative("MM-C-01", 3)], JUNE), at=SENT)
    home.refresh()
    assert [value(home, "portal_total_initiatives", p) for p in ("2023-04", JUNE, "2023")] == [4, 4, 4]
    assert [value(home, "initiatives_recognised", p) for p in ("2023-Q2", "2023")] == [0, 4]
    rows = trace(home.home, "portal_total_initiatives", JUNE, None)["rows"]
    assert sorted(r["file"] for r in rows) == ["a6.xlsx", "a6.xlsx", "c.xlsx", "c.xlsx"]


def test_one_early_return_moves_no_figure_of_a_period_that_still_runs(tmp_path):
    home = make_federation(tmp_path, datetime(2023, 6, 20, 8))
    home.send("may.xlsx", sheet("members", UPPER_A, [member("MM-A-01"), member("MM-A-02", 2)]), at=SENT)
    home.send("june.xlsx", sheet("members", UPPER_A, [member("MM-A-01")], JUNE), at=datetime(2023, 6, 19))
    home.refresh()

    def status(period):
        return {f["id"]: (f["value"], f["status"]) for f in figures(home.home, period, UPPER_A)}["workers_total"]

    assert [status(p) for p in (MAY, JUNE, "2023-Q2")] == [(2, "complete"), (1, "incomplete"), (2, "incomplete")]
    home.refresh(AFTER)  # nothing came, but June is over and its deadline passed
    assert [status(p) for p in (MAY, JUNE, "2023-Q2")] == [(2, "complete"), (1, "complete"), (1, "complete")]


def test_a_deadline_that_passes_makes_figures_incomplete(tmp_path):
    home = make_federation(tmp_path, datetime(2023, 5, 20, 8))
    home.send("a.xlsx", sheet("members", UPPER_A, [member("MM-A-01")], "2023-04"), at=datetime(2023, 5, 2))
    home.send("c.xlsx", sheet("members", "MM-C-01", [member("MM-C-01")]), at=datetime(2023, 5, 19))
    home.refresh()
    home.refresh(AFTER)
    assert {f["id"]: f["status"] for f in figures(home.home, MAY, UPPER_A)}["workers_total"] == "incomplete"
    assert {f["id"]: f["status"] for f in figures(home.home, MAY, "MM-C-01")}["workers_total"] == "complete"


def test_a_cut_off_within_a_month_splits_it_by_the_day(home):
    """A line without a day counts on the first of its month."""
    gifts = {p: value(home, "aid_gifts_total", p) for p in ("2023-H1", "2023-H2", "dot-2023", "2023-Q2", "2023")}
    assert gifts == {"2023-H1": 10_111, "2023-H2": 101_000, "dot-2023": 101_110, "2023-Q2": 10_111, "2023": 111_111}
    assert [value(home, "new_grassroots", p) for p in ("2023-H1", "2023-H2", MAY)] == [1, 1, 2]
    assert [value(home, "grassroots_total", p) for p in ("2023-H1", MAY)] == [5, 5]  # MM-A-02 still there, MM-A-04 not yet


def test_kept_and_new_make_the_total_on_either_side_of_it(home):
    counted = {p: [value(home, f"mutual_borrowers_{k}", p) for k in ("before", "new", "total")] for p in ("2023-H1", "2023-H2")}
    assert counted == {"2023-H1": [None, 1, 1], "2023-H2": [1, 1, 2]}


def test_what_follows_a_cut_off_starts_the_day_after_it(home):
    dates = {r["period"]: r for r in home.query("select * from core.period")}
    assert dates["2023-H2"]["start_date"] == date(2023, 5, 16)
    assert (dates["2023-H2"]["cutoff_date"], dates["2023-H2"]["as_of_date"]) == (date(2023, 12, 31), date(2023, 6, 30))
    assert dates["2023-9M"]["start_date"] == date(2023, 1, 1)
    assert dates["2023-Q2"]["cutoff_date"] == date(2023, 5, 15)  # the half-year ends with it


def test_the_quarter_after_an_early_half_year_begins_with_the_half_year_after_it(tmp_path):
    home = make_federation(tmp_path, datetime(2023, 8, 10, 8))
    (home.home.reference / "periods.csv").write_text(
        "period,label_vi,start_date,end_date,cutoff_date,issue_date\n2023-H1,Nửa năm,2023-01-01,2023-06-30,2023-05-31,\n", "utf-8"
    )
    for n, month in enumerate((MAY, "2023-06", "2023-07")):
        home.send(f"{month}.xlsx", sheet("aid", "MM-C-01", [gift("MM-C-01", n, given_date=date(2023, 5 + n, 10))], month))
    home.refresh()
    gifts = {p: value(home, "aid_gifts_total", p, "MM-C-01") for p in ("2023-H1", "2023-Q2", "2023-H2", "2023-Q3", "2023")}
    assert gifts == {"2023-H1": 1, "2023-Q2": 1, "2023-H2": 2, "2023-Q3": 2, "2023": 3}


def test_a_house_without_a_code_lends_no_rooms_to_a_total_that_leaves_it_out(federation):
    houses = [
        house("MM-C-01", 1, rooms_count=6),
        house("MM-C-01", 2, model_code=None, rooms_count=10),
        house("MM-C-01", 3, rooms_count=6),
    ]
    federation.send("a.xlsx", sheet("aid", "MM-C-01", houses))
    federation.refresh()
    assert [value(federation, f"lodging_{n}", MAY, "MM-C-01") for n in ("houses", "rooms", "area")] == [1, 6, 120]
    assert [r["contribution"] for r in trace(federation.home, "lodging_rooms", MAY, "MM-C-01")["rows"]] == [6]
    assert [f["check_id"] for f in federation.findings() if f["form"] == "aid"] == ["aid_model_code_missing"]


def test_a_code_is_one_however_it_is_written_and_a_renewed_agreement_counts_its_people_once(federation):
    houses = [house("MM-C-01", n, model_code=code, rooms_count=6) for n, code in enumerate(("NLT-01", "nlt 01", "NLT.01 "))]
    signed = gift("MM-C-01", 9, model_code="PL-1", valid_until="2024-09-30", beneficiary_count=20, **LOAN)
    renewed = signed | {"model_code": "pl-1", "beneficiary_count": 25, "given_date": date(2023, 5, 20)}
    lines = [*houses, *(line | {"kind": "Thỏa thuận phúc lợi"} for line in (signed, renewed))]
    federation.send("a.xlsx", sheet("aid", "MM-C-01", lines))
    federation.refresh()
    asked = ("lodging_houses", "lodging_rooms", "welfare_agreements_valid", "welfare_beneficiaries")
    assert [value(federation, m, MAY, "MM-C-01") for m in asked] == [1, 6, 1, 25]


def test_a_years_target_is_held_against_what_counts_since_the_year_began(home):
    targets = {p: {f["id"]: f["target"] for f in figures(home.home, p, PROVINCE)} for p in ("2023-H1", "2023-H2", MAY, "2023")}
    assert [t["new_grassroots"] for t in targets.values()] == [10, None, None, 10]
    assert [t["workers_total"] for t in targets.values()] == [50] * 4  # a state has no start


def test_an_agreement_runs_in_a_year_that_still_does(tmp_path):
    """«In force at the cut-off» means today's where the cut-off is still to come."""
    home = make_federation(tmp_path)
    signed = gift("MM-A-01", model_code="PL-1", valid_until="2023-09-30") | LOAN | {"kind": "Thỏa thuận phúc lợi"}
    home.send("a.xlsx", sheet("aid", UPPER_A, [signed | {"beneficiary_count": 20}]))
    home.refresh()
    assert [value(home, "welfare_agreements_valid", p) for p in (MAY, "2023")] == [1, 1]


def test_a_units_gifts_wait_for_the_provinces_return_too(tmp_path):
    home = make_federation(tmp_path)
    home.send("a.xlsx", *(sheet(f, "MM-A-01", [r]) for f, r in (("aid", gift("MM-A-01")), ("members", member("MM-A-01")))))
    home.send("b.xlsx", *(sheet(f, UPPER_A, [r]) for f, r in (("aid", gift("MM-A-02")), ("members", member("MM-A-02")))))
    home.send("c.xlsx", sheet("activity", UPPER_A, [indicator(UPPER_A)]))

    def status(unit):
        return {f["id"]: (f["value"], f["status"]) for f in figures(home.home, MAY, unit)}

    home.refresh()
    assert status(UPPER_A)["aid_gifts_total"] == (2, "incomplete")
    assert status(UPPER_A)["workers_total"] == (2, "complete")  # people come from nobody above
    home.send("d.xlsx", nil("aid", PROVINCE))
    home.refresh()
    assert status(UPPER_A)["aid_gifts_total"] == (2, "complete")
    assert status(UPPER_A)["tournaments"] == (3, "complete")
    assert status("MM-A-01")["tournaments"] == (None, "not_reported")
    assert status("MM-A-02")["initiatives_recognised"] == (None, "incomplete")  # nobody has sent that form yet


def test_a_comparison_without_rows_is_zero_where_its_month_was_all_in(tmp_path):
    home = make_federation(tmp_path, datetime(2023, 6, 3, 8))
    for period, rows in (("2023-04", []), (MAY, [gift("MM-C-01")])):
        for unit in (PROVINCE, UPPER_A, "MM-B", "MM-T-01"):
            home.send(f"{unit}-{period}.xlsx", nil("aid", unit, period))
        home.send(f"c-{period}.xlsx", sheet("aid", "MM-C-01", rows, period) if rows else nil("aid", "MM-C-01", period))
    home.refresh()
    gifts = {f["id"]: f for f in figures(home.home, MAY, PROVINCE)}["aid_gifts_total"]
    assert (gifts["value"], gifts["status"], gifts["previous"], gifts["previous_status"]) == (1, "complete", 0, "complete")
    assert (gifts["last_year"], gifts["last_year_status"]) == (None, None)


def test_a_mistyped_year_makes_no_return_due_and_no_year_whole(tmp_path):
    home = make_federation(tmp_path, AFTER)
    senders = (PROVINCE, UPPER_A, "MM-B", "MM-C-01", "MM-T-01")
    for unit in senders:
        home.send(f"{unit}.xlsx", sheet("activity", unit, [indicator(unit)]), at=SENT)
    home.refresh()
    before = {p: figures(home.home, p, None) for p in (MAY, "2023")}
    home.send("a.xlsx", sheet("activity", UPPER_A, [indicator(UPPER_A)], "2021-06"), at=SENT)
    home.refresh()
    assert home.query("select form, first_month from core.form_start") == [{"form": "activity", "first_month": MAY}]
    assert home.query("select min(period) as first from core.due_return") == [{"first": MAY}]
    assert {p: figures(home.home, p, None) for p in (MAY, "2023")} == before
    (found,) = home.findings("check_id = 'period_year_mistyped'")
    assert (found["unit_code"], found["period"]) == (UPPER_A, "2021-06")
    assert "kỳ 06/2023 chưa có" in found["message"]
    missing = {f["unit_code"]: f["caused_by"] for f in home.findings("check_id = 'return_missing' and period = '2023-06'")}
    assert missing == dict.fromkeys(senders, None) | {UPPER_A: "period_year_mistyped"}
