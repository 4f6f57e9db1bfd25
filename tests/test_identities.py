"""Identities between figures: they hold for every unit and period of the made-up province, and each is seen when it fails."""

import duckdb
import pytest

from pipelines.declarations import declared
from pipelines.rules import EXPECTATIONS, rules

IDENTITIES = declared((EXPECTATIONS / "identities.yml").read_text("utf-8"))
BROKEN = f"select row_key, sender_code, period from ({rules()['identities_broken'].bad_rows})"


@pytest.fixture(scope="module")
def figures(history_home):
    """The figures of the province, of which nothing comes back to its home."""
    con = duckdb.connect()
    con.execute(f"attach '{history_home / 'warehouse.duckdb'}' as home (read_only)")
    con.execute("create schema marts")
    con.execute("create table marts.metric_value as from home.marts.metric_value")
    yield con
    con.close()


@pytest.mark.slow
def test_they_hold_for_every_unit_and_period(figures):
    assert figures.execute(BROKEN).fetchall() == []


@pytest.mark.slow
@pytest.mark.parametrize("identity", IDENTITIES, ids=[i["id"] for i in IDENTITIES])
def test_one_figure_that_is_off_is_named_with_its_unit_and_period(figures, identity):
    whole = [identity["of"]] if isinstance(identity["of"], str) else []
    unit, period = figures.execute(
        """select unit_code, period from marts.metric_value where list_contains($1, metric_id) and value is not null
        group by all having count(*) = len($1) order by sum(value) desc, unit_code, period limit 1""",
        [identity["all"] + whole],
    ).fetchone()
    figures.execute("begin")
    first = [identity["all"][0], unit, period]
    figures.execute(
        "update marts.metric_value set value = value + 1 + (select max(w.value) from marts.metric_value w where w.metric_id = $4 and w.unit_code = $2 and w.period = $3)"
        " where metric_id = $1 and unit_code = $2 and period = $3",
        [*first, (whole or identity["all"])[0]],
    )
    assert (identity["id"], unit, period) in figures.execute(BROKEN).fetchall()
    figures.execute("rollback")
    assert figures.execute(BROKEN).fetchall() == []
