"""Figures computed in one pass are those of a naive walk, row by row, over random metrics, units and periods."""

from collections import defaultdict
from fractions import Fraction
from random import Random

import duckdb
import pytest

from pipelines.measuring import compute
from pipelines.metrics import Metric, metrics
from pipelines.warehouse import prepare

pytestmark = pytest.mark.slow
KEYS = ("period", "submission_id", "sheet", "row", "sender_code", "row_key", "unit_code", "counted_date")
MONTHS = ["2022-12", "2023-01", "2023-02", "2023-03", "2023-04", "2023-05"]
BASE = [m for m in metrics().values() if not m.made_of and not m.days_ahead]


@pytest.fixture(scope="module")
def con(demo_home):
    with duckdb.connect(str(demo_home / "warehouse.duckdb"), read_only=True) as opened:
        yield opened


@pytest.fixture(scope="module")
def tree(con):
    return tree_of(con)


def tree_of(con) -> dict[tuple[str, str], str | None]:
    """(month, unit) → parent, first day, day it ended."""
    return {
        r[:2]: r[2:]
        for r in con.execute("select period, unit_code, parent_code, valid_from, valid_to from core.unit_known").fetchall()
    }


def under(tree, month: str, unit: str | None, scope: str) -> bool:
    while unit:
        if unit == scope:
            return True
        unit = tree.get((month, unit), (None,))[0]
    return False


def walk(con, tree, m: Metric, period: str, scope: str) -> tuple[float | None, float | None]:
    """Numerator and denominator by hand: days of the period, units below the scope, then one row after another."""
    start, end, last = con.execute(
        "select start_date, as_of_date, last_month from core.period where period = ?", [period]
    ).fetchall()[0]

    def counts(month, unit, day):
        _, born, ended = tree[month, unit]
        active = ended is None or ended.isoformat() > f"{month}-01"
        return {
            "stock": month == last and born <= end and (ended is None or ended > end),
            "list": month == last,
            "flow": active and day is not None and start <= day <= end,
            "to_date": active and day is not None and day <= end,
            "opening": active and day is not None and day < start,
        }[m.time]

    column = m.sum or m.distinct or m.ratio or m.mean or m.least or m.greatest or "1"
    unit = (
        ""
        if m.source == "core.unit_month"
        else "join (select period, unit_code, level, sector, managed, established_date from core.unit_known) u using (period, unit_code)"
    )
    rows = con.execute(f"""select f.period, f.unit_code, {m.day or "null"}, {column}, {m.predicate}, {m.of or "false"}, {m.once_per or "null"}
        from {m.rows} f {unit} cross join (select start_date, as_of_date from core.period where period = '{period}') p""").fetchall()
    mine = [
        (v, hit, of, key)
        for month, unit, day, v, hit, of, key in rows
        if counts(month, unit, day) and under(tree, month, unit, scope)
    ]
    if not mine:
        return None, None
    values = [v for v, hit, _, _ in mine if hit and v is not None]
    if m.once_per:
        largest: dict[object, float] = defaultdict(float)
        for v, hit, _, key in mine:
            if hit and v is not None:
                largest[key] = max(largest[key], v)
        return sum(largest.values()), None
    match m.aggregate:
        case "count" | "share":
            return sum(bool(hit) for _, hit, _, _ in mine), sum(bool(of) for _, _, of, _ in mine) if m.share else None
        case "sum" | "ratio":
            below = [v for v, _, of, _ in mine if of and v is not None]
            return sum(values), sum(below) if m.ratio and below else None
        case "mean":
            return sum(values), len(values)
        case "distinct":
            return len(set(values)), None
        case _:
            return (min if m.least else max)(values, default=None), None


@pytest.mark.parametrize("seed", range(40))
def test_one_pass_equals_a_walk_row_by_row(con, tree, seed):
    rng = Random(seed)
    periods = [p for (p,) in con.execute("select period from core.period order by 1").fetchall()]
    units = ["MM", *rng.choices(sorted({u for _, u in tree}), k=2), rng.choice(["MM-BL", "MM-GD", "MM-TP"])]
    for m in rng.sample(BASE, 4):
        period, unit = rng.choice(periods), rng.choice(units)
        stored = con.execute(
            "select numerator, denominator from marts.metric_value where metric_id = ? and period = ? and unit_code = ?",
            [m.id, period, unit],
        ).fetchall()
        numerator, denominator = walk(con, tree, m, period, unit)
        assert (stored[0] if stored else (None, None)) == (numerator, denominator), (m.id, period, unit)


@pytest.fixture
def subset(demo_home, request):
    """A warehouse of a random few units and months of the demo, in which every tenth cell of a fact is empty, every fifth unit ends
    on a random day, and periods start and close within their months."""
    rng = Random(request.param)
    with duckdb.connect() as small:
        small.execute(f"attach '{demo_home / 'warehouse.duckdb'}' as whole (read_only)")
        for table in ("core.unit_month", "core.unit_known", "core.unit_scope", "core.period", "core.target_in_force", "core.form_start", "core.return_gap", "reference.metric",
                      "reference.periods", "core.unit_event"):  # fmt: skip
            small.execute(f"create schema if not exists {table.split('.')[0]}")
            small.execute(f"create table {table} as from whole.{table}")
        small.execute(
            "update core.unit_known set valid_to = date '2023-01-01' + cast(hash(unit_code || $1) % 150 as integer) where hash(unit_code || $1) % 5 = 0",
            [str(request.param)],
        )
        small.execute(
            "update core.period set start_date = start_date + cast(hash(period || $1) % 25 as integer), as_of_date = as_of_date - cast(hash(period) % 25 as integer)",
            [str(request.param)],
        )
        prepare(small, "key")
        units = [u for (u,) in small.execute("select distinct unit_code from core.unit_month order by 1").fetchall()]
        kept, months = rng.sample(units, rng.randint(1, 60)), rng.sample(MONTHS, rng.randint(1, 6))
        small.execute("select setseed(?)", [rng.random()])
        for fact in ("core.member", "core.initiative", "core.initiative_carried", "core.aid", "core.activity"):
            names = [d[0] for d in small.execute(f"select * from whole.{fact} limit 0").description]
            cells = ", ".join(n if n in KEYS else f"case when random() > 0.1 then {n} end as {n}" for n in names)
            small.execute(f"""create table {fact} as select {cells} from whole.{fact}
                where list_contains($1, unit_code) and list_contains($2, period)""", [kept, months])  # fmt: skip
        small.execute("create schema meta; create schema marts; create table meta.touched (period varchar)")
        compute(small)
        yield small, rng, kept


@pytest.mark.parametrize("subset", range(6), indirect=True)
def test_one_pass_equals_a_walk_over_random_subsets_of_units_and_months(subset):
    small, rng, kept = subset
    tree = tree_of(small)
    periods = [p for (p,) in small.execute("select period from core.period order by 1").fetchall()]
    computed = {
        r[:3]: r[3:]
        for r in small.execute("select metric_id, period, unit_code, numerator, denominator from marts.metric_value").fetchall()
    }
    for m in BASE:
        for period, unit in ((rng.choice(periods), rng.choice([*kept, "MM", "MM-BL", "MM-TP"])) for _ in range(2)):
            assert computed.get((m.id, period, unit), (None, None)) == walk(small, tree, m, period, unit), (m.id, period, unit)


@pytest.mark.parametrize("subset", range(3), indirect=True)
def test_a_figure_made_of_others_is_made_of_their_values(subset):
    small, _, _ = subset
    value = {
        r[:3]: r[3:]
        for r in small.execute("select metric_id, period, unit_code, value, target from marts.metric_value").fetchall()
    }
    for m in (m for m in metrics().values() if m.made_of):
        for (metric_id, period, unit), (got, target) in value.items():
            if metric_id != m.made_of[0]:
                continue
            if m.difference:
                wanted = got - (value.get((m.made_of[1], period, unit)) or (0,))[0]
            elif m.target_of or not target:
                wanted = target if m.target_of else None
            else:
                wanted = float((Fraction(int(got) * 100, int(target)) + Fraction(1, 2)).__floor__())
            assert (value.get((m.id, period, unit)) or (None,))[0] == wanted, (m.id, period, unit)


def test_shares_round_half_up_from_whole_people(con):
    for value, n, d in con.execute("""select v.value, v.numerator, v.denominator from marts.metric_value v
            join reference.metric m on m.metric_id = v.metric_id and m.is_ratio_of_people where v.denominator > 0 using sample 2000 rows""").fetchall():
        exact = Fraction(int(n) * 100, int(d))
        assert value == float((exact * 100 + Fraction(1, 2)).__floor__()) / 100


def test_opening_and_new_make_the_total_for_every_unit_and_period(con):
    broken = con.execute("""
        select period, unit_code, metric_id, sum(part) from (
            select period, unit_code, regexp_replace(metric_id, '_(before|new|total)$', '') as metric_id,
                case when metric_id like '%_total' then value else -value end as part
            from marts.metric_value where metric_id like 'mutual_%' and regexp_matches(metric_id, '_(before|new|total)$')
        ) group by all having abs(sum(part)) > 0.001""").fetchall()
    assert broken == []


@pytest.mark.parametrize(
    ("metric_id", "value"),
    [("portal_days_ahead", 265), ("portal_total_pct", 116), ("portal_phase1_pct", 148), ("new_grassroots_pct", 194)],
)
def test_a_figure_against_its_target_shows_the_target(demo_figures, metric_id, value):
    assert demo_figures[metric_id]["value"] == value
    if metric_id.endswith("_pct"):
        assert demo_figures[metric_id]["denominator"] in (1200, 2300, 134)
