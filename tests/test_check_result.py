"""What a rule counted is kept per refresh: once, in both snapshots, and beside the count before."""

from dataclasses import replace
from datetime import datetime
from unittest.mock import patch

import dagster as dg
import duckdb
import pytest
from federation import MAY, UPPER_A, gift, sheet

from pipelines import graph
from pipelines.config import UserError
from pipelines.definitions import JOB, build_defs
from pipelines.rules import rules

DAYS = [datetime(2023, 6, 3, 8), datetime(2023, 6, 3, 9), datetime(2023, 6, 3, 10)]
RULE = "aid_gift_amount_implausible"


@pytest.fixture
def home(federation):
    """A gift of 500 đồng has been refreshed."""
    send(federation, 500)
    federation.refresh(DAYS[0])
    return federation


def send(federation, *amounts):
    rows = [gift("MM-A-01", n, unit_amount_vnd=a, amount_vnd=a) for n, a in enumerate(amounts)]
    federation.send(f"{MAY}/{len(rows)}-{amounts[0]}.xlsx", sheet("aid", UPPER_A, rows), at=datetime(2023, 6, 1, 9 + len(rows)))


def results(federation, file="private"):
    with duckdb.connect(str(getattr(federation.home, file)), read_only=True) as con:
        return con.execute(
            "select refreshed_at, failing_rows from quality.check_result where check_id = ? order by 1", [RULE]
        ).fetchall()


def test_each_refresh_leaves_one_result_of_every_rule_in_both_snapshots(home):
    send(home, 500, 700)
    home.refresh(DAYS[1])
    assert results(home) == results(home, "published") == [(DAYS[0], 1), (DAYS[1], 2)]
    per_run = home.query(
        "select count(distinct check_id) as rules, count(*) as n from quality.check_result group by refreshed_at"
    )
    assert per_run == [{"rules": len(rules()), "n": len(rules())}] * 2


@pytest.mark.parametrize("at", [DAYS[1], DAYS[2]], ids=["same clock", "later"])
def test_a_refresh_repeated_after_a_crash_doubles_no_result(home, at):
    send(home, 500, 700)
    with patch.object(graph, "publish_tables", side_effect=OSError("disk full")), pytest.raises(UserError, match="broke at"):
        home.refresh(DAYS[1])
    home.refresh(at)
    assert results(home) == [(DAYS[0], 1), (at, 2)]


def test_nor_does_one_that_was_stopped_between_the_snapshots_and_the_pages(home):
    send(home, 500, 700)
    with patch.object(graph, "publish_pages", side_effect=OSError("disk full")), pytest.raises(UserError, match="broke at"):
        home.refresh(DAYS[1])
    home.refresh(DAYS[2])
    assert results(home) == [(DAYS[0], 1), (DAYS[2], 2)]


def test_asset_checks_and_findings_say_in_dagster_what_changed(federation):
    def run(at):
        job = build_defs(federation.settings(at).model_dump(exclude_unset=True), lambda step: None).resolve_job_def(JOB)
        done = job.execute_in_process(instance=dg.DagsterInstance.ephemeral())
        (check,) = (c for c in done.get_asset_check_evaluations() if c.check_name == RULE)
        (found,) = done.asset_materializations_for_node("quality__finding")
        return [{k: v.value for k, v in said.metadata.items()} for said in (check, found)]

    send(federation, 500)
    check, found = run(DAYS[0])
    assert check == {"failing_rows": 1, "severity": rules()[RULE].severity}
    assert found == {"open": 1, "opened": 1, "fixed": 0, "reopened": 0, "accepted": 0}
    send(federation, 60_000, 700)
    check, found = run(DAYS[1])
    assert (check["failing_rows"], check["failing_rows_before"]) == (1, 1)
    assert (found["open"], found["opened"], found["fixed"]) == (1, 1, 1)


def test_a_rule_that_crashes_stops_the_refresh_and_publishes_nothing(home):
    was = home.home.published.read_bytes()
    send(home, 500, 700)
    home = replace(home, in_dagster=True)
    broken = rules() | {RULE: replace(rules()[RULE], fails_when="no_such_column = 1")}
    with patch("pipelines.definitions.rules", return_value=broken), pytest.raises(UserError, match="broke at check_typed_aid"):
        home.refresh(DAYS[1])
    assert home.home.published.read_bytes() == was
    home.refresh(DAYS[2])
    assert results(home) == [(DAYS[0], 1), (DAYS[2], 2)]
    with duckdb.connect(str(home.home.build)) as con:
        assert con.execute("select * from meta.running").fetchall() == []
