"""Nothing personal leaves the private files: not in public/, not in findings, not in run records."""

import re
import stat
from pathlib import Path

import duckdb
import pytest
import yaml
from federation import CENTRAL, LONE, MAY, NOW, PROVINCE, UNITS, UPPER_A, UPPER_B, make_federation, member, sheet

from pipelines.forms import FORM_OF, forms

ASSETS = Path(__file__).parent.parent / "assets"


def test_the_allow_list_names_no_personal_column():
    for table, entry in yaml.safe_load((ASSETS / "public.yml").read_text("utf-8")).items():
        source = entry.get("from", table)
        if source in FORM_OF:
            private = {c.name for c in forms()[FORM_OF[source]].columns if c.privacy != "open"}
            assert not private & set(entry["columns"]), table


def test_no_row_of_a_member_is_public():
    listed = yaml.safe_load((ASSETS / "public.yml").read_text("utf-8"))
    assert not [t for t, e in listed.items() if "core.member" in (t, e.get("from"))]


@pytest.fixture(scope="module")
def personal_values(demo_home) -> set[str]:
    """Every personal text of the demo that is long enough to be told from ordinary words."""
    found: set[str] = set()
    with duckdb.connect(str(demo_home / "warehouse.duckdb"), read_only=True) as con:
        for table, form in FORM_OF.items():
            for c in forms()[form].columns:
                if c.privacy == "personal" and c.type in ("person", "digits", "text") and c.name != "note":
                    found |= {
                        v for (v,) in con.execute(f"select distinct {c.name} from {table} where {c.name} is not null").fetchall()
                    }
    assert len(found) > 30_000
    return {v for v in found if len(v) >= 8 and not v.startswith("Tập thể")}


@pytest.mark.slow
def test_the_public_copy_holds_no_personal_value(demo_home, personal_values):
    with duckdb.connect(str(demo_home / "public" / "warehouse.duckdb"), read_only=True) as con:
        texts = con.execute(
            "select schema_name || '.' || table_name, column_name from duckdb_columns() where data_type = 'VARCHAR' and not internal"
        ).fetchall()
        assert len(texts) > 50
        for table, column in texts:
            values = {v for (v,) in con.execute(f"select distinct {column} from {table} where {column} is not null").fetchall()}
            assert not values & personal_values, f"{table}.{column}"


@pytest.mark.slow
def test_pages_findings_and_run_records_hold_no_personal_value(demo_home, open_home, personal_values):
    longest = max(len(v.split()) for v in personal_values)
    for home in (demo_home, open_home):
        texts = [p.read_text("utf-8") for p in (home / "public").glob("*.html")]
        with duckdb.connect(str(home / "warehouse.duckdb"), read_only=True) as con:
            texts += [m for (m,) in con.execute("select message from quality.finding").fetchall()]
        texts += [p.read_bytes().decode("utf-8", "ignore") for p in (home / "dagster").rglob("*") if p.is_file()]
        whole = "\n".join(texts)
        assert "members_total" in whole
        words = re.findall(r"\w+", whole)
        said = {" ".join(words[i : i + n]) for n in range(1, longest + 1) for i in range(len(words) - n + 1)}
        assert not [v for v in personal_values if " ".join(re.findall(r"\w+", v)) in said][:1], "a personal value stands here"


@pytest.mark.slow
def test_everything_but_public_is_the_owners_alone(demo_home):
    for path in demo_home.rglob("*"):
        mode = stat.S_IMODE(path.lstat().st_mode)
        if demo_home / "public" in (path, *path.parents):
            assert mode & 0o022 == 0, path
        elif path.parent == demo_home and path.is_dir():
            assert mode & 0o077 == 0, path
        elif path.name in ("warehouse.duckdb", "build.duckdb", ".secret", "received.jsonl"):
            assert mode == 0o600, path


@pytest.mark.slow
def test_a_published_small_group_does_not_bring_its_true_figure_to_light(demo_home):
    with duckdb.connect(str(demo_home / "public" / "warehouse.duckdb"), read_only=True) as con:
        shown = con.execute("""select count(*) from marts.reconciliation r join reference.metric m on m.metric_id = r.metric_id and m.is_personal
            left join marts.metric_value v on (v.metric_id, v.period, v.unit_code) = (r.metric_id, r.period, r.unit_code)
            where v.value is null""").fetchall()
    assert shown == [(0,)]


def test_small_cells_of_personal_metrics_are_empty_and_cannot_be_subtracted(demo_home):
    with duckdb.connect(str(demo_home / "public" / "warehouse.duckdb"), read_only=True) as con:
        shown = con.execute("""
            select v.metric_id, v.unit_code, v.numerator, v.denominator, u.level from marts.metric_value v
            join reference.metric m on m.metric_id = v.metric_id and m.is_personal and m.unit = 'percent'
            join core.unit u on u.unit_code = v.unit_code and u.valid_to is null where v.value is not null""").fetchall()
        assert shown
        assert not [s for s in shown if s[2] < 5 or s[3] - s[2] < 5]
        assert not [s for s in shown if s[4] == "grassroots"]
        alone = con.execute("""
            select v.period, v.unit_code from marts.metric_value v
            where v.metric_id like 'edu_%' group by all having count(*) filter (where v.status = 'suppressed') = 1""").fetchall()
        assert not alone, "one hidden part of a whole is the rest of it"
        subtracted = con.execute("""
            select v.metric_id, v.period from marts.metric_value v
            join core.unit u on u.unit_code = v.unit_code and u.valid_to is null and u.level = 'upper'
            group by all having count(*) filter (where v.status = 'suppressed') = 1""").fetchall()
        assert not subtracted, "one hidden union is the province minus the others"
        assert con.execute("select 1 from marts.metric_value where status = 'suppressed' limit 1").fetchall()


def published_shares(tmp_path, units, members):
    """What of `female_share` is published of each unit, where `members` tells sender, unit and how many."""
    home = make_federation(tmp_path, NOW, units)
    for sender, unit, count in members:
        people = [member(unit, n, sex="Nữ" if n % 2 else "Nam") for n in range(count)]
        home.send(f"{MAY}/{sender}.xlsx", sheet("members", sender, people))
    home.refresh()
    with duckdb.connect(str(home.home.published), read_only=True) as con:
        found = con.execute("""select period, unit_code, denominator from marts.metric_value where metric_id = 'female_share'
            and value is not null and denominator > 0""").fetchall()  # fmt: skip
    shown = {p: {unit: count for period, unit, count in found if period == p} for p in (MAY, "2023-Q2", "2023")}
    assert shown[MAY] == shown["2023-Q2"] == shown["2023"]  # a period that still runs shows no more than its last month
    return shown[MAY]


def test_a_lone_unit_under_the_province_is_no_difference_of_published_cells(tmp_path):
    units = [u for u in UNITS if not u.startswith(("MM-T", "MM-OLD"))]
    sent = ((UPPER_A, "MM-A-01", 60), (UPPER_B, "MM-B-01", 30), (LONE, LONE, 13))
    assert published_shares(tmp_path, units, sent) == {PROVINCE: 103, UPPER_A: 60}


def test_few_people_right_under_the_province_are_no_difference_either(tmp_path):
    units = [u for u in UNITS if not u.startswith("MM-OLD")]
    sent = ((UPPER_A, "MM-A-01", 60), (UPPER_B, "MM-B-01", 30), (LONE, LONE, 2), (CENTRAL, CENTRAL, 2))
    assert published_shares(tmp_path, units, sent) == {PROVINCE: 94, UPPER_A: 60}


def test_of_a_union_below_a_union_the_companion_is_a_sibling(tmp_path):
    nested = [f"MM-{x},LĐLĐ {x},upper,{above},,direct,,2000-01-01," for x, above in (("N", "MM-B"), ("Q", "MM-B"), ("S", "MM"))]
    below = [f"MM-{x}-01,CĐCS Giả Định {x},grassroots,MM-{x},public,direct,,2000-01-01," for x in "NQS"]
    units = [u for u in UNITS if not u.startswith(("MM-T", "MM-C", "MM-OLD", "MM-B-01"))]
    sent = [(UPPER_A, "MM-A-01", 60), *((f"MM-{x}", f"MM-{x}-01", n) for x, n in (("N", 3), ("Q", 40), ("S", 20)))]
    assert published_shares(tmp_path, [*units, *nested, *below], sent) == {PROVINCE: 123, UPPER_A: 60, UPPER_B: 43, "MM-S": 20}
