"""The province with its year before: the half-year stays as it was, and every figure has something to be compared with."""

import csv
import json
from collections import Counter, defaultdict

import duckdb
import pytest

from pipelines.config import Home
from pipelines.figures import figures
from pipelines.page_index import change
from pipelines.province.history import GIFTS
from pipelines.province.reference import report_714

pytestmark = pytest.mark.slow


@pytest.fixture(scope="module")
def half_years(history_home):
    return {p: {f["id"]: f for f in figures(Home(history_home), p, None)} for p in ("2023-H1", "2022-H1", "2022-H2", "2023-05")}


@pytest.fixture(scope="module")
def public(history_home):
    with duckdb.connect(str(history_home / "public" / "warehouse.duckdb"), read_only=True) as con:
        yield con


def test_the_half_year_is_the_same_with_history(half_years):
    wrong = {m["id"]: half_years["2023-H1"][m["id"]]["value"] for m in report_714()
             if half_years["2023-H1"][m["id"]]["value"] != float(m["expected"])}  # fmt: skip
    assert wrong == {}


def test_found_is_planted_and_nothing_stays_open(history_home, public):
    with (history_home / "planted_errors.csv").open(encoding="utf-8") as f:
        planted = Counter((r["file"], r["check_id"], r["row"]) for r in csv.DictReader(f))
    found = public.execute("""select check_id, coalesce(cast(row as varchar), '') from quality.finding
        where caused_by is null and severity <> 'info'""").fetchall()
    # a corrected finding names the file that fixed it, not the one that raised it
    assert Counter(found) == Counter((c, r) for _, c, r in planted.elements())
    assert public.execute("select count(*) from quality.finding where state = 'open'").fetchall() == [(0,)]


def test_a_figure_stands_beside_the_period_before_and_the_same_period_last_year(half_years):
    for metric_id, f in half_years["2023-H1"].items():
        for key, period in (("last_year", "2022-H1"), ("previous", "2022-H2")):
            assert (f[key], f[f"{key}_status"]) == (
                half_years[period][metric_id]["value"],
                half_years[period][metric_id]["status"],
            )
    assert half_years["2023-H1"]["aid_gifts_total"]["last_year"] == sum(g.gift_count for g in GIFTS if g.last.month < 6)
    assert half_years["2023-H1"]["aid_amount_total"]["last_year"] == sum(g.amount_vnd for g in GIFTS if g.last.month < 6)
    assert half_years["2023-H1"]["members_total"]["last_year"] < half_years["2023-H1"]["members_total"]["value"]


def test_percent_of_target_stands_beside_the_value(half_years):
    f = half_years["2023-H1"]["portal_total_initiatives"]
    assert (f["value"], f["target"], f["target_pct"]) == (2666, 2300, 115.91)
    assert half_years["2023-H1"]["members_total"]["target_pct"] is None


def test_targets_of_the_unions_add_up_to_those_of_the_province(history_home):
    parts, whole = Counter(), {}
    with (history_home / "reference" / "targets.csv").open(encoding="utf-8") as f:
        for r in csv.DictReader(f):
            if r["unit_code"] == "MM":
                whole[r["metric_id"]] = int(r["target"])
            else:
                parts[r["metric_id"]] += int(r["target"])
    assert parts == whole


def test_an_analyst_asks_which_union_gives_less_than_last_year(public):
    rows = public.execute("""
        select u.name, 100 * g.value / m.value - 100 * g0.value / m0.value as change
        from core.period p
        join core.unit u on u.level = 'upper' and u.valid_to is null
        join marts.metric_value g on (g.metric_id, g.period, g.unit_code) = ('aid_gifts_total', p.period, u.unit_code)
        join marts.metric_value m on (m.metric_id, m.period, m.unit_code) = ('members_total', p.period, u.unit_code)
        join marts.metric_value g0 on (g0.metric_id, g0.period, g0.unit_code) = ('aid_gifts_total', p.last_year_period, u.unit_code)
        join marts.metric_value m0 on (m0.metric_id, m0.period, m0.unit_code) = ('members_total', p.last_year_period, u.unit_code)
        where p.period = '2023-H1' order by change""").fetchall()
    assert len(rows) == 11
    assert rows[0][1] < -1  # somebody clearly fell, and somebody clearly rose
    assert rows[-1][1] > 1


def test_an_analyst_asks_who_was_late_three_months_running(public):
    late = defaultdict(set)
    for unit, period in public.execute(
        "select distinct unit_code, period from marts.return_status where status = 'late'"
    ).fetchall():
        late[unit].add(period)
    months = [f"2022-{m:02}" for m in range(1, 13)] + [f"2023-{m:02}" for m in range(1, 6)]
    running = {u for u, p in late.items() for i in range(len(months) - 2) if set(months[i : i + 3]) <= p}
    assert running == {"MM-SL", "MM-TT-11"}
    assert "MM-TW-20" in late


def test_an_analyst_asks_what_each_union_still_owes_the_target(public):
    owed = public.execute("""select unit_code, target - value from marts.metric_value
        where metric_id = 'portal_total_initiatives' and period = '2023-H1' and target > value order by 2 desc""").fetchall()
    assert owed  # the province is beyond its target, some unions are not
    assert all(unit != "MM" for unit, _ in owed)


def test_the_command_line_marks_what_is_not_whole(demo_home, congdoan):
    asked = json.loads(congdoan("metrics", "--period", "2023-H1", "--json", home=demo_home).stdout)
    by_id = {f["id"]: f for f in asked}
    # the demo without history has an opening return only: no half-year before, and no flow in it that could be whole
    assert by_id["aid_gifts_total"]["last_year"] is None
    assert by_id["mutual_borrowers_new"]["previous_status"] == "incomplete"
    assert by_id["mutual_borrowers_total"]["previous_status"] == "complete"
    shown = congdoan("metrics", "--period", "2023-H1", home=demo_home)
    assert "~374" in shown.stdout
    assert "~ is not whole" in shown.stderr


@pytest.mark.parametrize(
    ("value", "before", "unit", "said"),
    [
        (5506, 5454, "gifts", "+52 so với cùng kỳ"),
        (5454, 5506, "gifts", "−52 so với cùng kỳ"),
        (3_204_000_000.0, 3_029_400_000.0, "vnd", "+5,8% so với cùng kỳ"),
        (53.39, 53.41, "percent", "−0,02 điểm so với cùng kỳ"),
        (10, 10, "units", ""),
        (10, None, "units", ""),
        (10, 0, "vnd", ""),
    ],
)
def test_a_change_is_said_in_the_unit_of_its_figure(value, before, unit, said):
    assert change(value, before, unit, "so với cùng kỳ") == said


def test_the_tiles_compare_with_last_year(history_home, demo_home):
    assert "+52 so với cùng kỳ" in (history_home / "public" / "index.html").read_text("utf-8")
    assert "so với cùng kỳ" not in (demo_home / "public" / "index.html").read_text("utf-8")
