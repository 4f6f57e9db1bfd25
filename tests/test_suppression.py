"""Small cells of personal metrics: none is published, and none comes out of those that are by adding and subtracting."""

import itertools
import random

import duckdb
import numpy as np
import pytest
from federation import CENTRAL, LONE, MAY, NOW, PROVINCE, UNITS, UPPER_A, UPPER_B, make_federation, member, sheet

from pipelines.models import models

METRICS = {
    "share_1": (True, "parts"),
    "share_2": (True, "parts"),
    "rest": (True, "parts"),  # no metric: who is in no part, as the parts tell it
    "mean": (False, None),
}  # is it a ratio of people, its partition


def test_small_cells_of_the_demo_are_empty(demo_home):
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
        assert con.execute("select 1 from marts.metric_value where status = 'suppressed' limit 1").fetchall()


def random_tree(draw: random.Random) -> tuple[dict[str, str | None], dict[str, dict[str, tuple[int, int]]]]:
    """Units with their parent, and of each metric the people of those who have some themselves: (numerator, denominator)."""
    unions = ["P", *(f"U{n}" for n in range(draw.randint(1, 5)))]
    above: dict[str, str | None] = {u: draw.choice(unions[: n or 1]) if n else None for n, u in enumerate(unions)}
    above |= {f"g{n}": draw.choice(unions) for n in range(draw.randint(1, 7))}
    own: dict[str, dict[str, tuple[int, int]]] = {m: {} for m in METRICS}
    for unit in above:
        if unit.startswith("g") or draw.random() < 0.15:
            people = draw.choice((0, 1, 3, 4, 6, 10, 14, 30))
            first = draw.choice((0, min(people, 2), people // 2, people))
            rest = draw.choice((0, 0, min(people - first, 2), (people - first) // 2))
            own["share_1"][unit] = (first, people)
            own["share_2"][unit] = (people - first - rest, people)
            own["rest"][unit] = (rest, people)
            own["mean"][unit] = (people * 7, people)
    return above, own


def published(above: dict[str, str | None], own: dict[str, dict[str, tuple[int, int]]]) -> dict[str, set[str]]:
    """Units of each metric whose cell the model publishes."""
    scopes = [(u, s) for u in above for s in scope(above, u)]
    con = duckdb.connect()
    con.execute("""create schema marts; create schema reference; create schema core;
        create table reference.metric (metric_id varchar, is_personal boolean, partition_name varchar, is_ratio_of_people boolean);
        create table marts.metric_value (metric_id varchar, period varchar, cutoff date, unit_code varchar, structure varchar, value double,
            numerator bigint, denominator bigint, target double, status varchar);
        create table core.period as select 'm' as period, 'm' as last_month;
        create table core.unit_month (period varchar, unit_code varchar, level varchar, parent_code varchar);
        create table core.unit_scope (period varchar, unit_code varchar, scope_code varchar)""")
    con.executemany(
        "insert into reference.metric values (?, true, ?, ?)",
        [(m, part, ratio) for m, (ratio, part) in METRICS.items() if m != "rest"],
    )
    level = {u: "province" if u == "P" else "grassroots" if u.startswith("g") else "upper" for u in above}
    con.executemany("insert into core.unit_month values ('m', ?, ?, ?)", [(u, level[u], above[u]) for u in above])
    con.executemany("insert into core.unit_scope values ('m', ?, ?)", scopes)
    for metric, cells in own.items():
        for unit in above if metric != "rest" else ():
            inside = [cells[u] for u, s in scopes if s == unit and u in cells]
            numerator, denominator = (sum(c[n] for c in inside) for n in (0, 1))
            con.execute("insert into marts.metric_value values (?, 'm', null, ?, 'then', 1, ?, ?, null, 'complete')",
                        [metric, unit, numerator, denominator])  # fmt: skip
    shown: dict[str, set[str]] = {m: set() for m in METRICS}
    for metric, unit in con.execute(
        f"select metric_id, unit_code from ({models()['marts.metric_public'].sql}) where value is not null"
    ).fetchall():
        shown[metric].add(unit)
    return shown | {"rest": shown["share_1"]}


def scope(above: dict[str, str | None], unit: str) -> list[str]:
    parent = above[unit]
    return [unit, *(scope(above, parent) if parent else [])]


def told(
    above: dict[str, str | None], cells: dict[str, tuple[int, int]], shown: set[str]
) -> list[tuple[tuple[str, ...], int, int]]:
    """Every set of senders with people whose sum follows from the published cells, by linear algebra: (senders, numerator, denominator)."""
    senders = sorted(u for u, (_, people) in cells.items() if people)
    wholes = {tuple(int(s in scope(above, u)) for u in senders) for s in shown} - {(0,) * len(senders)}
    if not wholes:
        return []
    matrix = np.array(sorted(wholes), dtype=float)
    rank = np.linalg.matrix_rank(matrix)
    found = []
    for chosen in itertools.product((0, 1), repeat=len(senders)):
        if any(chosen) and np.linalg.matrix_rank(np.vstack([matrix, chosen])) == rank:
            names = tuple(u for u, c in zip(senders, chosen, strict=True) if c)
            if chosen not in wholes or sum(cells[u][1] for u in names) < 5:  # a union of one sender is published as the union
                found.append((names, sum(cells[u][0] for u in names), sum(cells[u][1] for u in names)))
    return found


def is_few(metric: str, part: int, count: int) -> bool:
    return count < 5 or (METRICS[metric][0] and min(part, count - part) < 5 and (metric != "rest" or part > 0))


def people(above: dict[str, str | None], cells: dict[str, tuple[int, int]], unit: str) -> int:
    return sum(c[1] for u, c in cells.items() if unit in scope(above, u))


def is_small(above: dict[str, str | None], cells: dict[str, tuple[int, int]], metric: str, unit: str) -> bool:
    count = people(above, cells, unit)
    part = sum(c[0] for u, c in cells.items() if unit in scope(above, u))
    return bool(count or not METRICS[metric][0]) and is_few(metric, part, count)


def leaks(above: dict[str, str | None], cells: dict[str, tuple[int, int]], metric: str, shown: set[str]) -> list[tuple[str, ...]]:
    return [n for n, part, count in told(above, cells, shown) if len(n) == 1 or is_few(metric, part, count)]


@pytest.mark.parametrize("seed", range(40))
def test_no_sum_of_published_cells_tells_of_few_people_or_of_one_sender(seed):
    above, own = random_tree(random.Random(seed))
    shown = published(above, own)
    assert shown["share_1"] == shown["share_2"]
    for metric in METRICS:
        assert not leaks(above, own[metric], metric, shown[metric]), metric
        assert not [u for u in shown[metric] if is_small(above, own[metric], metric, u) and people(above, own[metric], u)], metric
    for metric, (_, partition) in METRICS.items():  # and no union hides for nothing
        whole = [m for m in METRICS if METRICS[m][1] == partition] if partition else [metric]
        companions = [u for u in above if u.startswith("U") and u not in shown[metric] and above[u] in shown[metric]]
        companions = [
            u for u in companions if people(above, own[metric], u) and not any(is_small(above, own[m], m, u) for m in whole)
        ]
        for parent in {above[u] for u in companions}:
            siblings = [u for u in companions if above[u] == parent]
            assert any(leaks(above, own[m], m, {*shown[m], u}) for m in whole for u in siblings), siblings


def test_large_unions_of_several_senders_stay_published():
    above = {"P": None, "U0": "P", "U1": "P", "U2": "P", "g0": "U0", "g1": "U1", "g2": "U2", "g3": "P", "g4": "P"}
    own = {m: {u: (20, 40) for u in above if u.startswith("g")} for m in METRICS}
    assert all(shown == {"P", "U0", "U1", "U2"} for shown in published(above, own).values())
    own["mean"]["g1"] = (21, 3)  # hidden itself, and lost in the rest below the province: nobody else hides for it
    assert published(above, own)["mean"] == {"P", "U0", "U2"}


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
