"""What an operator does to a home: rebuilds a month, moves it, interrupts it, names things strangely."""

import shutil

import duckdb
import pytest
from federation import LONE, MAY, NOW, Federation, indicator, member, sheet

from pipelines.config import UserError
from pipelines.refresh import refresh
from pipelines.template import write_template
from pipelines.trace import trace


def test_a_month_is_rebuilt_on_demand_and_only_a_month_that_is_there(federation):
    federation.send("a.xlsx", sheet("members", LONE, [member(LONE, i) for i in (1, 2, 3)]))
    federation.refresh()
    with duckdb.connect(str(federation.home.build)) as con:
        con.execute("delete from core.member")
    refresh(federation.settings(), period=MAY)
    assert federation.query("select count(*) as n from core.member") == [{"n": 3}]
    for month, sentence in (
        ("2023-13", "Only a month"),
        ("", "Only a month"),
        ("2023-H1", "Only a month"),
        ("2021-01", "No return"),
    ):
        with pytest.raises(UserError, match=sentence):
            refresh(federation.settings(), period=month)


def test_a_moved_home_traces_and_fills_forms_at_once_and_mends_its_views_in_the_next_refresh(federation, tmp_path):
    federation.send("a.xlsx", sheet("members", LONE, [member(LONE)]), sheet("activity", LONE, [indicator(LONE)]))
    federation.refresh()
    moved = Federation(tmp_path / "moved")
    shutil.move(federation.root, moved.root)
    assert len(trace(moved.home, "workers_total", MAY, LONE)["rows"]) == 1
    write_template(moved.home, "activity", LONE, "2023-06", tmp_path / "a.xlsx")
    assert moved.refresh(NOW)["new"] is True
    assert moved.query("select count(*) as n from raw.members where row_kind = 'data'") == [{"n": 1}]
    assert moved.refresh(NOW)["new"] is False
