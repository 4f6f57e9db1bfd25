"""A late correction for January reopens January: every row and finding of other months stays, and named figures move."""

from datetime import datetime

import pytest
from federation import UPPER_A, gift, indicator, initiative, make_federation, member, sheet
from test_versions import CLOCKS

from pipelines.metrics import metrics
from pipelines.warehouse import read_only

JANUARY = "2023-01"
MONTHS = ("2022-12", JANUARY, "2023-02", "2023-03", "2023-04")
DAY = [datetime(2023, 5, 3, 8), datetime(2023, 5, 3, 9)]
ABOUT_RETURNS = ("core.submission", "core.accepted_return", "core.return_change")  # whose `period` is the month of a return
WITH_JANUARY = {JANUARY, "2023-Q1", "2023-H1", "2023-9M", "2023"}


def returns(period, corrected=False):
    """All forms of a month, each with a fault that stays open; the correction has rows more."""
    day = f"{period}-10"
    loan = {
        "kind": "Vay Quỹ tương hỗ",
        "gift_count": None,
        "unit_amount_vnd": None,
        "amount_vnd": 10_000_000,
        "model_code": "TH-1",
    }
    first = {
        "members": [member("MM-A-01"), member("MM-A-02", 5, sex="?")],
        "initiatives": [initiative("MM-A-01", decision_date=day, portal_date=day), initiative("MM-A-02", 5, decision_date="?")],
        "aid": [gift("MM-A-01", given_date=day), gift("MM-A-02", 8, given_date=day, occasion=None)],
        "activity": [indicator("MM-A-01"), indicator("MM-A-02", value="?")],
    }
    more = {
        "members": [member("MM-A-01", 20), member("MM-A-02", 21)],
        "initiatives": [initiative("MM-A-01", 22, decision_date=day, portal_date=day)],
        "aid": [gift("MM-A-01", 23, given_date=day), gift("MM-A-01", 24, given_date=day, **loan)],
        "activity": [indicator("MM-A-02", "works_tasks", 9)],
    }
    if period != JANUARY:  # the later lists of initiatives, which only grow, have it already
        first["initiatives"] += more["initiatives"]
    return [sheet(form, UPPER_A, rows + (more[form] if corrected else []), period) for form, rows in first.items()]


def rows(federation, table, where):
    """Rows of a table as text, without clocks."""
    con = read_only(federation.home.private)
    try:
        names = [d[0] for d in con.execute(f"select * from {table} limit 0").description]
        kept = [n for n in names if n not in CLOCKS]
        return sorted(map(str, con.execute(f"select {', '.join(kept)} from {table} where {where}").fetchall()))
    finally:
        con.close()


def tables(federation):
    """Tables of core and marts that have a month, by name."""
    found = federation.query("""select schema_name || '.' || table_name as t from duckdb_columns()
        where schema_name in ('core', 'marts') and column_name = 'period' and table_name not like 'metric%'""")
    return [f["t"] for f in found]


def figures(federation):
    found = federation.query("select * from marts.metric_value")
    return {(f["metric_id"], f["period"], f["unit_code"], f["structure"]): f for f in found}


@pytest.fixture(scope="module")
def told(tmp_path_factory):
    """What was there before the correction and after: rows of other months, findings, figures."""
    federation = make_federation(tmp_path_factory.mktemp("closed"), DAY[0])
    for period in MONTHS:
        federation.send(f"{period}/an.xlsx", *returns(period))
    federation.refresh(DAY[0])

    def look():
        others = {t: rows(federation, t, f"period <> '{JANUARY}'") for t in tables(federation)}
        others["quality.finding"] = rows(federation, "quality.finding", f"period <> '{JANUARY}'")
        mine = {t: rows(federation, t, f"period = '{JANUARY}'") for t in (*tables(federation), "quality.finding")}
        return others, mine, figures(federation)

    before = look()
    federation.send(f"{JANUARY}/an_dinh_chinh.xlsx", *returns(JANUARY, corrected=True))
    federation.refresh(DAY[1])
    return federation, before, look()


def test_the_correction_changed_january(told):
    _, (_, before, _), (_, after, _) = told
    changed = {t for t in before if before[t] != after[t]}
    assert changed >= {
        "core.member",
        "core.initiative",
        "core.aid",
        "core.activity",
        "marts.member_month",
        "marts.aid_month",
        *ABOUT_RETURNS[:2],
    }


def test_every_row_and_finding_of_the_other_months_stays_as_it_was(told):
    _, (before, _, _), (after, _, _) = told
    assert set(before) == set(after)
    assert {t for t in before if before[t] != after[t]} == set()
    assert len(before) > 15
    assert sum(map(len, before.values())) > 100
    assert len(before["quality.finding"]) >= 4 * 4


def moved(told):
    """Metric → the periods whose figure is another one now."""
    _, (_, _, before), (_, _, after) = told
    found = {}
    for key in before.keys() | after.keys():
        if before.get(key) != after.get(key):
            found.setdefault(key[0], set()).add(key[1])
    return found


def test_figures_move_in_the_periods_that_january_counts_in_and_in_no_other(told):
    periods = told[0].query("select period, first_month, last_month from core.period where last_month >= $1", [JANUARY])
    later = {p["period"] for p in periods if p["first_month"] > JANUARY}
    reach = {"stock": {JANUARY}, "list": {JANUARY}, "flow": WITH_JANUARY, "to_date": WITH_JANUARY | later, "opening": later}
    assert {p["period"] for p in periods} == WITH_JANUARY | later
    seen = {time: set() for time in reach}
    for metric_id, changed in moved(told).items():
        times = {metrics()[m].time for m in metrics()[metric_id].made_of or (metric_id,)}
        assert changed <= set().union(*(reach[t] for t in times)), (metric_id, changed)
        if len(times) == 1:
            seen[times.pop()] |= changed
    assert seen == reach


def test_the_difference_says_what_the_correction_was(told):
    changes = told[0].query(
        "select form, rows_added, rows_removed, rows_changed, rows_unchanged from core.return_change order by 1"
    )
    assert [tuple(c.values()) for c in changes] == [
        ("activity", 1, 0, 0, 2),
        ("aid", 2, 0, 0, 2),
        ("initiatives", 1, 0, 0, 2),
        ("members", 2, 0, 0, 2),
    ]
