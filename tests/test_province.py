"""The made-up province proves itself from its workbooks: expected totals, honest corrections, faults only where planted."""

import csv
from collections import Counter, defaultdict
from datetime import date, datetime, timedelta
from statistics import mean

import pytest
from python_calamine import CalamineError, load_workbook

from pipelines.forms import META_SHEET, forms
from pipelines.province.make import make_province, plan_province
from pipelines.province.reference import report_714
from pipelines.province.registry import make_units
from pipelines.vietnamese import fold, periods_in

MAY_31 = date(2023, 5, 31)
PERCENTS = {
    "blocks_signed_pct": ("blocks_signed", "blocks_counted"),
    "grassroots_registered_pct": ("grassroots_registered", "grassroots_counted"),
    "grassroots_rolled_out_pct": ("grassroots_rolled_out", "grassroots_counted"),
    "grassroots_office_culture_pct": ("grassroots_office_culture", "grassroots_counted"),
    "grassroots_sports_pct": ("grassroots_sports", "grassroots_counted"),
    "registration_all_pct": ("registrations_made", "registrations_due"),
    "upper_unions_plans_pct": ("upper_plans", "upper_counted"),
    "fulltime_officers_pct": ("fulltime_officers_registered", "fulltime_officers"),
    "officers_trained_pct": ("officers_trained", "officers_counted"),
}
RENAMED = {
    "may_enterprises_visited": "enterprises_visited",
    "upper_unions_rolled_out": "upper_rolled_out",
    "mutual_units": "mutual_fund_kept",
}
SCHOOLING = {"edu_upper_secondary": "THPT", "edu_lower_secondary": "THCS", "edu_primary": "Tiểu học"}
QUALIFICATION = {
    "prof_postgraduate": "Trên đại học",
    "prof_university": "Đại học",
    "prof_college": "Cao đẳng",
    "prof_intermediate": "Trung cấp",
    "prof_elementary": "Sơ cấp",
    "prof_untrained": "Chưa qua đào tạo",
}
THEORY = {"polit_bachelor_advanced": "Cử nhân và Cao cấp", "polit_intermediate": "Trung cấp", "polit_elementary": "Sơ cấp"}


class Province:
    """What was made, and the latest rows of every return as read back from the files."""

    def __init__(self, folder):
        self.reference = folder / "reference"
        self.deliveries, self.planted = make_province(folder / "staging", self.reference)
        self.paths = {d.inbox_path: d.path for d in self.deliveries}
        self.latest = {}
        for d in self.deliveries:
            for key, rows in read_forms(d.path, members=d.inbox_path.startswith("2023-05")):
                self.latest[key] = rows

    def rows(self, form, period=None):
        return [r for (_, f, p), rows in self.latest.items() if f == form and period in (None, p) for r in rows]

    def table(self, name):
        return list(csv.DictReader((self.reference / name).open(encoding="utf-8")))


def read_forms(path, members=True):
    """((sender, form, period), rows as dicts of column names) of every form sheet of one file."""
    try:
        book = load_workbook(path)
    except CalamineError:
        return
    for _, label, form, _, sender, period, *_ in book.get_sheet_by_name(META_SHEET).to_python()[1:]:
        if form and (members or form != "members"):
            yield (sender, form, period), read_rows(book, forms()[str(form)], label)


def read_rows(book, form, label):
    sheet = book.get_sheet_by_name(label).to_python(skip_empty_area=False)
    header = [form.by_header[fold(cell)].name if cell and cell != "STT" else "" for cell in sheet[8]]
    return [dict(zip(header, row, strict=True)) for row in sheet[10:] if isinstance(row[0], float)]


@pytest.fixture(scope="session")
def province(tmp_path_factory):
    return Province(tmp_path_factory.mktemp("province"))


@pytest.fixture(scope="session")
def plan():
    return plan_province(make_units(714), 714)


@pytest.fixture(scope="session", params=[False, True], ids=["half-year", "with history"])
def either_plan(request):
    return plan_province(make_units(714), 714, request.param)


def member_figures(province):
    units = {u["code"]: u for u in province.table("units.csv")}
    workers = province.rows("members", "2023-05")
    members = [w for w in workers if w["is_member"] == "x"]
    direct = [m for m in members if units[m["unit_code"]]["managed"] == "direct"]
    new = sum(units[m["unit_code"]]["valid_from"] >= "2023-01-01" for m in members)

    def share(column, value):
        return round(100 * sum(m[column] == value for m in members) / len(members), 2)

    def income(sector):
        return mean(w["income_vnd"] for w in workers if units[w["unit_code"]]["sector"] == sector)

    by_sector = Counter(units[m["unit_code"]]["sector"] for m in direct)
    return {
        "workers_total": len(workers),
        "members_total": len(members),
        "members_direct": len(direct),
        "workers_direct": sum(units[w["unit_code"]]["managed"] == "direct" for w in workers),
        "workers_central": sum(units[w["unit_code"]]["managed"] == "central" for w in workers),
        "members_direct_public": by_sector["public"],
        "members_direct_business": by_sector["business"],
        "members_central": len(members) - len(direct),
        "female_share": share("sex", "Nữ"),
        **{m: share("schooling", v) for m, v in SCHOOLING.items()},
        **{m: share("qualification", v) for m, v in QUALIFICATION.items()},
        **{m: share("political_theory", v) for m, v in THEORY.items()},
        "income_public": income("public"),
        "income_business": income("business"),
        "new_grassroots_members": new,
        "new_grassroots_pct": round(100 * new / 134),
    }


def registry_figures(province):
    units = province.table("units.csv")
    grassroots = [u for u in units if u["level"] == "grassroots" and u["managed"] == "direct"]
    return {
        "upper_unions": sum(u["level"] == "upper" for u in units),
        "grassroots_total": len(grassroots),
        "grassroots_public": sum(u["sector"] == "public" for u in grassroots),
        "grassroots_business": sum(u["sector"] == "business" for u in grassroots),
        "new_grassroots": len(province.table("unit_events.csv")),
        "portal_total_target": 2300,
    }


def initiative_figures(province):
    rows = province.rows("initiatives", "2023-05")
    entered = sorted(r["portal_date"] for r in rows if r["on_portal"] == "x")
    phase_1 = sum(date(2022, 1, 8) <= d <= date(2022, 5, 31) for d in entered)
    return {
        "initiatives_recognised": sum(date(2023, 1, 1) <= r["decision_date"] <= MAY_31 for r in rows),
        "portal_phase1_initiatives": phase_1,
        "portal_phase1_pct": round(100 * phase_1 / 1200),
        "portal_total_initiatives": len(entered),
        "portal_total_pct": round(100 * len(entered) / 2300),
        "portal_days_ahead": (date(2023, 9, 1) - entered[2299]).days,
    }


def gift_figures(province):
    gifts = [r for r in province.rows("aid") if r["kind"] == "Quà"]
    picks = {
        "total": lambda g: True,
        "province": lambda g: g["given_by"] == "Tỉnh",
        "lower": lambda g: g["given_by"] in ("Cấp trên cơ sở", "Cơ sở"),
    }
    figures = {}
    for name, fits in picks.items():
        figures[f"aid_gifts_{name}"] = sum(g["gift_count"] for g in gifts if fits(g))
        figures[f"aid_amount_{name}"] = sum(g["amount_vnd"] for g in gifts if fits(g))
    for name, occasion in (("tet", "Tết"), ("may", "Tháng Công nhân")):
        figures[f"{name}_gifts"] = sum(g["gift_count"] for g in gifts if g["occasion"] == occasion)
        figures[f"{name}_amount"] = sum(g["amount_vnd"] for g in gifts if g["occasion"] == occasion)
    return figures


def works_and_loans(province):
    by_kind = defaultdict(list)
    for r in province.rows("aid"):
        by_kind[r["kind"]].append(r)
    house, rooms = by_kind["Nhà lưu trú"], by_kind["Phòng học"]
    jobs, agreements = by_kind["Vay Quỹ quốc gia"], [r for r in by_kind["Thỏa thuận phúc lợi"] if r["valid_until"] >= MAY_31]
    return {
        "lodging_houses": len({r["model_code"] for r in house}),
        "lodging_amount": total(house, "amount_vnd"),
        "lodging_rooms": max(r["rooms_count"] for r in house),
        "lodging_area": max(r["area_m2"] for r in house),
        "lodging_cdvc_support": sum(r["amount_vnd"] for r in house if r["given_by"] == "Trung ương"),
        "classrooms": len({r["model_code"] for r in rooms}),
        "classroom_bays": total(rooms, "rooms_count"),
        "classroom_area": total(rooms, "area_m2"),
        "classroom_amount": total(rooms, "amount_vnd"),
        "job_fund_projects": len(jobs),
        "job_fund_amount": total(jobs, "amount_vnd"),
        "job_fund_income_min": min(r["income_gain_min_vnd"] for r in jobs),
        "job_fund_income_max": max(r["income_gain_max_vnd"] for r in jobs),
        "welfare_new_partners": len({r["model_code"] for r in agreements if r["given_date"].year == 2023}),
        "welfare_agreements_valid": len({r["model_code"] for r in agreements}),
        "welfare_beneficiaries": total(agreements, "beneficiary_count"),
        "welfare_amount": total(agreements, "amount_vnd"),
    }


def mutual_figures(province):
    loans = [r for r in province.rows("aid") if r["kind"] == "Vay Quỹ tương hỗ"]
    figures = {
        "mutual_income_min": min(r["income_gain_min_vnd"] for r in loans),
        "mutual_income_max": max(r["income_gain_max_vnd"] for r in loans),
    }
    for name, years in (("before", (2021, 2022)), ("new", (2023,)), ("total", (2021, 2022, 2023))):
        lent = [r for r in loans if r["given_date"].year in years]
        figures |= {
            f"mutual_models_{name}": len({r["model_code"] for r in lent}),
            f"mutual_borrowers_{name}": len(lent),
            f"mutual_amount_{name}": total(lent, "amount_vnd"),
        }
    return figures


def activity_figures(province):
    sums = Counter()
    for r in province.rows("activity", "2023-05"):
        sums[r["indicator_id"]] += r["value"]
    return (
        dict(sums)
        | {m: sums[i] for m, i in RENAMED.items()}
        | {m: 100 * sums[part] / sums[whole] for m, (part, whole) in PERCENTS.items()}
    )


def total(rows, column):
    return sum(r[column] for r in rows)


def test_every_expected_figure_comes_out_of_the_rows(province):
    computed = {}
    for figures in (
        member_figures,
        registry_figures,
        initiative_figures,
        gift_figures,
        works_and_loans,
        mutual_figures,
        activity_figures,
    ):
        computed |= figures(province)
    expected = {m["id"]: float(m["expected"]) for m in report_714()}
    assert len(expected) == 103
    assert {i: computed.get(i) for i in expected} == expected


def test_works_add_up_in_every_unit_and_month(either_plan):
    returns, _ = either_plan
    for s in (s for r in returns for s in r.sheets if s.form == "activity"):
        value = {r["indicator_id"]: r["value"] for r in s.right_lines()}
        if "works_completed" in value:
            assert value["works_completed"] == value["works_plaqued"] + value["works_tasks"] + value["works_products"]


def test_right_rows_break_no_rule(either_plan):
    opening = min(s.period for r in either_plan[0] for s in r.sheets)
    for s in (s for r in either_plan[0] if r.wave == "first" for s in r.sheets):
        year, month = map(int, s.period.split("-"))
        cutoff = date(year + month // 12, month % 12 + 1, 1) - timedelta(days=1)
        for r in s.right_lines():
            if s.form == "members":
                joined = r.get("joined_date")
                day = datetime.strptime(joined, "%m/%Y").date() if isinstance(joined, str) else joined
                assert bool(day) == (r.get("is_member") == "x")
                assert not day or (r["birth_date"].year + 18 <= day.year <= 2023 and day <= cutoff)
                assert 3_000_000 <= r["income_vnd"] <= 25_000_000
            elif s.form == "initiatives":
                assert r["decision_date"] <= (r["portal_date"] or cutoff) <= cutoff
            elif s.form == "aid":
                assert f"{r['given_date']:%Y-%m}" == s.period or (s.period == opening and r["given_date"] < cutoff)
                if r["kind"] == "Quà":
                    assert r["gift_count"] * r["unit_amount_vnd"] == r["amount_vnd"]
                    assert 200_000 <= r["unit_amount_vnd"] <= 3_000_000


def test_natural_keys_are_unique_in_every_month(either_plan):
    keys = {
        "members": ("citizen_id",),
        "initiatives": ("unit_code", "decision_no", "title"),
        "activity": ("unit_code", "indicator_id"),
        "aid": ("unit_code", "recipient", "kind", "occasion", "given_date", "amount_vnd"),
    }
    seen = Counter()
    for s in (s for r in either_plan[0] if r.wave == "first" for s in r.sheets):
        for r in s.right_lines():
            seen[s.form, s.period, *(fold(v) if isinstance(v, str) else v for v in map(r.get, keys[s.form]))] += 1
    assert [key for key, n in seen.items() if n > 1] == []


def test_units_have_one_name_each_and_three_workers_at_least(province):
    units = province.table("units.csv")
    assert len({fold(u["name"]) for u in units}) == len(units) == 1 + 11 + 778 + 24
    workers = Counter(w["unit_code"] for w in province.rows("members", "2023-05"))
    assert min(workers[u["code"]] for u in units if u["level"] == "grassroots") >= 3


def test_no_cell_is_spoilt_twice_and_every_sheet_with_an_error_is_corrected(province):
    cells = [(p.file, p.sheet, p.row, p.column) for p in province.planted]
    assert len(cells) == len(set(cells)) >= 28
    arrived = {d.inbox_path: d.received_at for d in province.deliveries}
    for p in province.planted:
        assert arrived[p.file] < arrived[p.file.replace(".xlsx", "_dinh-chinh.xlsx")] < datetime(2023, 6, 12, 12)


def test_a_planted_row_differs_from_its_correction_in_the_named_column(province):
    wanted = {f.label: f for f in forms().values()}
    whole = ("file_unreadable", "column_missing", "period_conflict")
    for p in (p for p in province.planted if p.check_id not in whole):
        form = wanted[p.sheet]
        at = [c.name for c in form.columns].index(p.column) + 1
        first, corrected = (
            load_workbook(province.paths[path]).get_sheet_by_name(p.sheet).to_python(skip_empty_area=False)
            for path in (p.file, p.file.replace(".xlsx", "_dinh-chinh.xlsx"))
        )
        assert first[p.row - 1][at] != corrected[p.row - 1][at], p
        assert (first[p.row - 1][1] == "Tổng cộng") == ("_total_differs" in p.check_id), p


def test_returns_arrive_in_time_except_those_of_the_late_union(province):
    times = [d.received_at for d in province.deliveries]
    assert times == sorted(times)
    for d in (d for d in province.deliveries if d.wave == "first"):
        year, month = map(int, d.inbox_path[:7].split("-"))
        deadline = datetime(year + month // 12, month % 12 + 1, 6)
        assert (d.received_at >= deadline) == ("/MM-SL" in d.inbox_path), d
        assert periods_in(d.inbox_path) == {d.inbox_path[:7]}
    assert max(times) <= datetime(2023, 6, 12, 12)


def test_the_seed_decides_every_row(plan):
    def rows(seed):
        returns, planted = plan_province(make_units(seed), seed)
        return [(r.inbox_path, r.received_at, [s.rows[:3] for s in r.sheets]) for r in returns], planted

    assert rows(714) == ([(r.inbox_path, r.received_at, [s.rows[:3] for s in r.sheets]) for r in plan[0]], plan[1])
    assert rows(715) != rows(714)
