"""Period dates, targets, indicators and published figures that a federation keeps, and what figures make of them."""

from datetime import datetime

import duckdb
import pytest
from federation import MAY, UPPER_A, UPPER_B, gift, indicator, initiative, member, nil, sheet
from registry import PERIOD_HEADER, RIGHT, assert_refused, of_periods

from pipelines.config import UserError
from pipelines.figures import asked_for, figures
from pipelines.reference import read_reference

AFTER_DEADLINE = datetime(2023, 6, 6, 8)
BROKEN = {
    "an emptied file": ("targets.csv", "", "targets.csv is empty"),
    "a period of another year": (
        "periods.csv",
        RIGHT["periods.csv"].replace("2023-H1", "2024-H1"),
        "2024-H1 is dated 2023-01-01 to 2023-05-31, in other months",
    ),
    "half-years that overlap": (
        "periods.csv",
        RIGHT["periods.csv"] + "2023-H2,cuối năm,2023-05-20,2023-12-31,2023-11-30,\n",
        "2023-H2 starts on 2023-05-20, but 2023-H1 closes on 2023-05-31",
    ),
    "days between two half-years": (
        "periods.csv",
        RIGHT["periods.csv"] + "2023-H2,cuối năm,2023-07-01,2023-12-31,2023-12-31,\n",
        "line 3: 2023-H2 starts on 2023-07-01, but 2023-H1 closes on 2023-05-31; the days between belong to no period.",
    ),
    "days between two months": (
        "periods.csv",
        PERIOD_HEADER + "2023-02,m,2023-02-01,2023-02-28,2023-02-25,\n2023-01,m,2022-12-26,2023-01-31,2023-01-25,\n",
        "line 2: 2023-02 starts on 2023-02-01, but 2023-01 closes on 2023-01-25",
    ),
    "a year that closes before its last half": (
        "periods.csv",
        of_periods(("2023", "2023-01-01", "2023-11-30"), ("2023-H2", "2023-06-01", "2023-12-31")),
        "periods.csv line 3: 2023-H2 closes on 2023-12-31, but 2023, which ends with it, on 2023-11-30.",
    ),
    "a year that closes before its last quarter": (
        "periods.csv",
        of_periods(("2023-Q4", "2023-10-01", "2023-12-31"), ("2023", "2023-01-01", "2023-11-30")),
        "periods.csv line 2: 2023-Q4 closes on 2023-12-31, but 2023,",
    ),
    "a year that closes before its last month": (
        "periods.csv",
        of_periods(("2023", "2023-01-01", "2023-12-30"), ("2023-12", "2023-12-01", "2023-12-31")),
        "periods.csv line 3: 2023-12 closes on 2023-12-31, but 2023,",
    ),
    "a half-year that closes before its last quarter": (
        "periods.csv",
        RIGHT["periods.csv"] + "2023-Q2,x,2023-04-01,2023-06-30,2023-06-30,\n",
        "periods.csv line 3: 2023-Q2 closes on 2023-06-30, but 2023-H1, which ends with it, on 2023-05-31.",
    ),
    "a half-year that closes before its last month": (
        "periods.csv",
        RIGHT["periods.csv"] + "2023-06,x,2023-06-01,2023-06-30,2023-06-30,\n",
        "periods.csv line 3: 2023-06 closes on 2023-06-30, but 2023-H1,",
    ),
    "a period twice": (
        "periods.csv",
        RIGHT["periods.csv"] + RIGHT["periods.csv"].splitlines()[1] + "\n",
        "periods.csv line 3: 2023-H1 stands already in line 2.",
    ),
    "a month dated as the next": (
        "periods.csv",
        RIGHT["periods.csv"] + "2023-01,m,2023-02-01,2023-02-28,2023-02-28,\n",
        "other months",
    ),
    "a flow's target for the programme": (
        "targets.csv",
        RIGHT["targets.csv"].replace("members_total,2023", "aid_gifts_total,programme"),
        "no target for the programme",
    ),
    "a target of forty digits": ("targets.csv", RIGHT["targets.csv"].replace("100", "9" * 40), "has too many digits"),
    "an amount of sixteen digits": (
        "published.csv",
        RIGHT["published.csv"].replace(",100,", ",2971500000000000,"),
        "published.csv line 2, value: «2971500000000000» has too many digits; at most 15 are read.",
    ),
    "a target below nothing": (
        "targets.csv",
        RIGHT["targets.csv"].replace("100", "-5"),
        "targets.csv line 2, target: «-5» must not be negative.",
    ),
    "a line that Excel writes for itself": (
        "targets.csv",
        "sep=,\n" + RIGHT["targets.csv"],
        "targets.csv line 1: «sep=» only tells Excel how cells are separated; delete this line",
    ),
    "such a line with quotes": ("targets.csv", '"sep=;"\n' + RIGHT["targets.csv"].replace(",", ";"), "delete this line"),
    "an issue before the cut-off": (
        "periods.csv",
        RIGHT["periods.csv"].replace("2023-06-13", "2023-05-13"),
        "before its cut-off",
    ),
    "dates of the programme": (
        "periods.csv",
        RIGHT["periods.csv"].replace("2023-H1", "programme"),
        "periods.csv line 2, period: «programme» is no period",
    ),
    "a target of a campaign without dates": (
        "targets.csv",
        RIGHT["targets.csv"].replace("2023,", "tet-2024,"),
        "the campaign tet-2024 has no dates",
    ),
    "nine months of another year": (
        "periods.csv",
        RIGHT["periods.csv"] + "2023-9M,Chín tháng,2022-01-01,2022-09-30,2022-09-30,\n",
        "2023-9M is dated 2022-01-01 to 2022-09-30, in other months",
    ),
    "a target that is no number": ("targets.csv", RIGHT["targets.csv"].replace("100", "nhiều"), "targets.csv line 2, target"),
    "a target of no period": ("targets.csv", RIGHT["targets.csv"].replace("2023,", "2023-13,"), "targets.csv line 2, period"),
    "a cut-off after the end": ("periods.csv", RIGHT["periods.csv"].replace("2023-05-31", "2023-07-31"), "periods.csv line 2"),
    "an indicator twice": ("indicators.csv", RIGHT["indicators.csv"] + "tournaments,Hội thao,giải\n", "indicators.csv line 3"),
    "an indicator with an accent": (
        "indicators.csv",
        RIGHT["indicators.csv"].replace("tournaments", "giải"),
        "indicators.csv line 2, indicator_id",
    ),
    "a target with a dot that may be one or the other": (
        "targets.csv",
        RIGHT["targets.csv"].replace("100", "1.200"),
        "no plain number",
    ),
    "a target of nan": ("targets.csv", RIGHT["targets.csv"].replace("100", "nan"), "targets.csv line 2, target"),
    "a target of nothing": ("targets.csv", RIGHT["targets.csv"].replace("100", "0"), "targets.csv line 2, target"),
    "a published thousand with a dot": (
        "published.csv",
        RIGHT["published.csv"].replace(",100,", ",5.333,"),
        "published.csv line 2, value",
    ),
    "a target of no metric": (
        "targets.csv",
        RIGHT["targets.csv"].replace("members_total", "member_total"),
        "targets.csv line 2: no metric is called member_total, perhaps members_total.",
    ),
    "a figure of no metric": (
        "published.csv",
        RIGHT["published.csv"].replace("members_total", "x"),
        "published.csv line 2: no metric",
    ),
    "a figure said in no known way": (
        "published.csv",
        RIGHT["published.csv"].replace("exact", "ish"),
        "published.csv line 2, qualifier",
    ),
    "a target of a target": (
        "targets.csv",
        RIGHT["targets.csv"].replace("members_total,2023", "portal_total_target,programme"),
        "targets.csv line 2: portal_total_target is itself a target; write it for portal_total_initiatives.",
    ),
    "a target of more than all": (
        "targets.csv",
        RIGHT["targets.csv"].replace("members_total", "female_share").replace("100", "100.5"),
        "targets.csv line 2: female_share is a share in percent, and the target 100.5 is more than 100.",
    ),
    "a published share of more than all": (
        "published.csv",
        RIGHT["published.csv"].replace("members_total", "female_share").replace("100", "5339"),
        "published.csv line 2: female_share is a share in percent, and the published value 5339 is more than 100.",
    ),
    "half a member": (
        "published.csv",
        RIGHT["published.csv"].replace("100", "26061.5"),
        "published.csv line 2: members_total counts members, and 26061.5 is no whole number.",
    ),
    "a target of half a model": (
        "targets.csv",
        RIGHT["targets.csv"] + "mutual_models_total,programme,MM,1.5\n",
        "mutual_models_total counts models, and 1.5 is no whole number.",
    ),
    "half a model": (
        "published.csv",
        RIGHT["published.csv"].replace("members_total", "mutual_models_new").replace("100", "1.5"),
        "mutual_models_new counts models, and 1.5 is no whole number.",
    ),
    "a target that is never published": (
        "targets.csv",
        RIGHT["targets.csv"].replace("members_total,2023,MM", "female_share,2023,MM-A-01"),
        "targets.csv line 2: female_share is personal and never published of a grassroots unit such as MM-A-01.",
    ),
    "a figure of nobody": ("published.csv", RIGHT["published.csv"].replace("MM,", "MM-X,"), "published.csv line 2"),
}
RIGHT_TOO = {
    "a year that closes with its parts, and nine months that do not": (
        "periods.csv",
        of_periods(
            ("2023", "2022-12-01", "2023-11-30"),
            ("2023-H2", "2023-06-01", "2023-11-30"),
            ("2023-Q3", "2023-07-01", "2023-09-30"),
            ("2023-9M", "2022-12-01", "2023-08-31"),
            ("2023-Q4", "2023-10-01", "2023-11-30"),
        ),
    ),
    "half-years of two years": (
        "periods.csv",
        of_periods(("2022-H1", "2022-01-01", "2022-05-31"), ("2023-H1", "2023-01-01", "2023-05-31")),
    ),
    "months of two years, in any order": (
        "periods.csv",
        of_periods(("2024-05", "2024-05-01", "2024-05-31"), ("2023-10", "2023-10-01", "2023-10-31")),
    ),
    "half-years that meet": (
        "periods.csv",
        of_periods(("2023-H1", "2023-01-01", "2023-05-31"), ("2023-H2", "2023-06-01", "2023-12-31")),
    ),
}


@pytest.mark.parametrize(("name", "content", "said"), BROKEN.values(), ids=list(BROKEN))
def test_a_broken_file_is_named_with_its_line(reference, name, content, said):
    assert_refused(reference, name, content, said)


@pytest.mark.parametrize(("name", "content"), RIGHT_TOO.values(), ids=list(RIGHT_TOO))
def test_what_is_right_is_no_problem(reference, name, content):
    (reference / name).write_text(content, "utf-8")
    assert read_reference(reference).problems == []


def test_figures_of_no_province_say_so():
    con = duckdb.connect()
    con.execute("create schema core; create table core.unit (unit_code text, level text, valid_to date)")
    with pytest.raises(UserError, match="No province is in force"):
        asked_for(con, None, MAY)


def test_a_figure_made_of_what_reference_does_not_keep_has_no_value(federation, reference, congdoan):
    (reference / "periods.csv").unlink()
    checked = congdoan("reference", "check", home=federation.root)
    assert checked.returncode == 0
    assert "periods.csv: portal-phase1 is not kept, so there is no value for portal_phase1_initiatives" in checked.stderr
    assert "indicators.csv: works_completed is not kept" in checked.stderr
    federation.send(
        "a.xlsx", sheet("initiatives", UPPER_A, [initiative("MM-A-01")]), sheet("activity", UPPER_A, [indicator("MM-A-01")])
    )
    federation.refresh()
    found = {f["id"]: (f["value"], f["status"]) for f in figures(federation.home, MAY, None)}
    assert found["portal_phase1_initiatives"] == found["portal_phase1_pct"] == (None, "undefined")
    assert found["works_completed"] == (None, "undefined")
    assert found["portal_total_initiatives"][0] == 1
    assert found["tournaments"][0] == 3


def test_a_target_of_a_unit_without_rows_is_shown_and_units_wait_for_their_senders_return(federation, reference):
    (reference / "targets.csv").write_text("metric_id,period,unit_code,target\nclassrooms,2023-05,MM-A-01,2\n", "utf-8")
    federation.send("a.xlsx", sheet("aid", UPPER_A, [gift("MM-A-01")]), sheet("members", "MM-C-01", [member("MM-C-01")]))
    federation.send("b.xlsx", sheet("members", UPPER_B, [member("MM-B-01")]))
    federation.send("p.xlsx", nil("aid", "MM"))
    federation.refresh(AFTER_DEADLINE)
    found = {f["id"]: f for f in figures(federation.home, MAY, "MM-A-01")}
    assert (found["classrooms"]["value"], found["classrooms"]["target"], found["classrooms"]["target_pct"]) == (0, 2, 0)
    assert found["aid_gifts_total"]["status"] == "complete"
    assert found["workers_total"]["status"] == "incomplete"  # MM-A has not sent its members
    # MM-B sent no aid, so neither it nor what is below it is complete
    gifts = federation.query(
        "select unit_code, status from marts.metric_value where metric_id = 'aid_gifts_total' and period = ?", [MAY]
    )
    assert {r["unit_code"]: r["status"] for r in gifts}["MM"] == "incomplete"
    assert {f["id"]: f["status"] for f in figures(federation.home, MAY, "MM-B-01")}["aid_gifts_total"] == "incomplete"
