"""A refresh walked without Dagster is the refresh: same tables, same findings, same results of checks, same pages."""

from dataclasses import replace
from datetime import datetime

import pytest
from federation import LONE, MAY, UPPER_A, UPPER_B, gift, house, indicator, initiative, make_federation, member, nil, sheet

from pipelines.warehouse import read_only

LATER = datetime(2023, 6, 3, 9)
# what differs between two homes of the same returns: where they lie, their generation, and the keys drawn for each
OWN = ("meta.state", "meta.generation", "raw.submission", "core.submission")


@pytest.fixture(scope="module")
def both(tmp_path_factory):
    """The same returns of two days, one with faults, taken in by a Dagster run and by the walk."""
    homes = []
    for name, in_dagster in (("dagster", True), ("walked", False)):
        home = replace(make_federation(tmp_path_factory.mktemp(name)), in_dagster=in_dagster)
        (home.home.key).write_text("the same key")
        home.send(
            "a.xlsx", sheet("members", LONE, [member(LONE, i) for i in (1, 2, 3)]), sheet("activity", LONE, [indicator(LONE)])
        )
        rows = [gift("MM-A-01", 1, amount_vnd=700), house("MM-A-02")]
        home.send(f"{MAY}/b.xlsx", sheet("aid", UPPER_A, rows), sheet("initiatives", UPPER_A, [initiative("MM-A-01")]))
        home.refresh()
        home.send(f"{MAY}/c.xlsx", nil("aid", UPPER_B), sheet("members", UPPER_B, [member("MM-B-01")]), at=LATER)
        home.refresh(LATER)
        homes.append(home)
    return homes


def test_both_make_the_same_tables(both):
    made, walked = (read_only(f.home.private) for f in both)
    names = "select schema_name || '.' || table_name from duckdb_tables() order by 1"
    tables = [t for (t,) in made.execute(names).fetchall()]
    assert tables == [t for (t,) in walked.execute(names).fetchall()]
    assert {"quality.finding", "quality.check_result", "marts.metric_value", "core.member"} <= set(tables)
    for table in tables:
        if table not in OWN:
            rows = f"select * from {table} order by all"
            assert walked.execute(rows).fetchall() == made.execute(rows).fetchall(), table
    assert made.execute("select count(*) from quality.finding").fetchone() != (0,)


def test_both_publish_the_same_page(both):
    made, walked = ((f.home.public / "chat_luong.html").read_text("utf-8") for f in both)
    assert made == walked
