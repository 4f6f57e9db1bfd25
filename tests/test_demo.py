"""The main job, end to end: found = planted, figures = the seed's, nothing lost, nothing said twice."""

import csv
import json
import shutil
from pathlib import Path

import duckdb
import pytest
from python_calamine import CalamineWorkbook

from pipelines.forms import META_SHEET
from pipelines.metrics import metrics

pytestmark = pytest.mark.slow
FACTS = Path(__file__).parent.parent / "assets" / "reference" / "report_714.csv"


def expected() -> dict[str, tuple[float, float]]:
    """Metric → what the rows must give, what the report printed."""
    with FACTS.open(encoding="utf-8") as f:
        return {r["id"]: (float(r["expected"]), float(r["published"])) for r in csv.DictReader(f)}


def rows(home: Path, sql: str) -> list[tuple]:
    with duckdb.connect(str(home / "warehouse.duckdb"), read_only=True) as con:
        return con.execute(sql).fetchall()


def planted(home: Path) -> list[tuple[str, ...]]:
    with (home / "planted_errors.csv").open(encoding="utf-8") as f:
        return sorted(tuple(r[c] for c in ("file", "sheet", "row", "column", "check_id", "unit_code")) for r in csv.DictReader(f))


def found(home: Path, where: str) -> list[tuple[str, ...]]:
    return sorted(
        rows(
            home,
            f"""select file_name, sheet, coalesce(row::varchar, ''), coalesce(column_name, ''), check_id, unit_code
            from quality.finding where caused_by is null and {where}""",
        )
    )


def test_uncorrected_the_findings_are_the_planted_errors_exactly(open_home):
    assert len(planted(open_home)) > 30
    assert found(open_home, "state = 'open'") == planted(open_home)


def test_a_finding_that_another_explains_names_it_and_is_not_counted_apart(open_home):
    caused = rows(open_home, "select check_id, caused_by from quality.finding where caused_by is not null order by all")
    assert caused == [("gift_sums_differ", "aid_given_by_missing"), ("gift_sums_differ", "aid_occasion_missing")]


def test_after_the_corrections_every_finding_is_fixed(demo_home):
    states = rows(demo_home, "select distinct state from quality.finding")
    assert states == [("fixed",)]
    assert len(found(demo_home, "state = 'fixed'")) == len(planted(demo_home))


@pytest.mark.parametrize("metric_id", sorted(expected()))
def test_the_figure_is_the_seeds(demo_figures, metric_id):
    assert demo_figures[metric_id]["value"] == expected()[metric_id][0]
    assert demo_figures[metric_id]["published"] == expected()[metric_id][1]


def test_each_difference_from_the_report_is_reconciled_with_a_reason_found(demo_home):
    said = {m: (d, e) for m, d, e in rows(demo_home, "select metric_id, difference, explanation from marts.reconciliation")}
    assert set(said) == {m for m, (value, published) in expected().items() if value != published}
    assert all(
        said[m][0] == value - published
        for m, (value, published) in expected().items()
        if m in said and m != "edu_upper_secondary"
    )
    for house in ("aid_gifts_total", "aid_gifts_province", "aid_amount_total", "aid_amount_province"):
        assert "nhà lưu trú: 1 công trình, 969.000.000 đồng" in said[house][1]
    assert "94,98 thay cho 94,89" in said["edu_upper_secondary"][1]
    assert "thiếu ba số 0" in said["lodging_cdvc_support"][1]
    assert "gần 3.850" in said["welfare_beneficiaries"][1]
    assert not any("Chưa tìm thấy" in explanation for _, explanation in said.values())


def test_every_row_of_every_file_is_accounted_for(demo_home):
    counted = dict(rows(demo_home, "select submission_id, rows_read from core.submission where form is not null"))
    assert rows(
        demo_home,
        "select count(*) from core.submission where rows_read <> rows_loaded + rows_rejected + rows_control + rows_ignored",
    ) == [(0,)]
    for sha, name, index, submission_id in rows(
        demo_home,
        "select sha256, file_name, split_part(submission_id, '-', 2)::int, submission_id from core.submission where form is not null",
    ):
        book = CalamineWorkbook.from_path(str(demo_home / "archive" / sha[:2] / f"{sha}{Path(name).suffix}"))
        assert book.sheet_names[index] != META_SHEET
        grid = book.get_sheet_by_index(index).to_python()
        assert counted[submission_id] == sum(any(c != "" for c in row) for row in grid), name


def test_every_file_delivered_is_archived_and_none_is_left(demo_home):
    ledger = [json.loads(line) for line in (demo_home / "archive" / "received.jsonl").read_text().splitlines()]
    assert {r["sha256"] for r in ledger} == {sha for (sha,) in rows(demo_home, "select distinct sha256 from raw.submission")}
    assert not [p for p in (demo_home / "inbox").rglob("*") if p.is_file()]


def test_rows_add_up_through_every_layer_and_unit(demo_home):
    by_unit, whole = rows(
        demo_home,
        """select sum(value) filter (where u.level = 'grassroots'), max(value) filter (where u.level = 'province')
        from marts.metric_value v join core.unit_month u on u.unit_code = v.unit_code and u.period = '2023-05'
        where v.metric_id = 'workers_total' and v.period = '2023-H1'""",
    )[0]
    assert by_unit == whole == 26_816


def test_a_second_refresh_says_that_nothing_is_new(demo_home, congdoan):
    done = congdoan("refresh", "--json", home=demo_home)
    assert done.returncode == 0
    assert json.loads(done.stdout)["new"] is False


def test_status_counts_every_due_return_once(demo_home, congdoan):
    board = json.loads(congdoan("status", "--json", home=demo_home).stdout)
    counts = board["counts"]
    assert counts["missing"] == counts["not_due"] == 0
    assert counts["late"] > 0, "one union is habitually late"
    assert counts["on_time"] + counts["late"] == len(board["returns"])


def test_the_units_of_the_province_are_the_seeds(demo_home, congdoan):
    units = json.loads(congdoan("units", "--json", home=demo_home).stdout)
    assert {"code", "name", "level", "parent", "sector", "managed", "officer_email", "valid_from", "valid_to"} == set(units[0])
    grassroots = [u for u in units if u["level"] == "grassroots"]
    assert sum(u["level"] == "upper" for u in units) == 11
    assert sum(u["managed"] == "direct" for u in grassroots) == 778
    assert sum(u["managed"] == "central" for u in grassroots) == 24


def test_query_reads_and_cannot_write(demo_home, congdoan):
    asked = congdoan("query", "select count(*) as n from core.submission", "--json", home=demo_home)
    assert json.loads(asked.stdout)[0]["n"] > 300
    assert {"metric_value", "aid", "finding"} <= {
        r["name"] for r in json.loads(congdoan("query", "show tables", "--json", home=demo_home).stdout)
    }
    refused = congdoan("query", "delete from core.submission", home=demo_home)
    assert refused.returncode == 2
    assert "Traceback" not in refused.stderr


def test_demo_refuses_a_home_that_holds_returns(tmp_path, congdoan):
    (tmp_path / "inbox").mkdir()
    (tmp_path / "inbox" / "ours.xlsx").write_bytes(b"x")
    refused = congdoan("demo", home=tmp_path)
    assert refused.returncode == 2
    assert (tmp_path / "inbox" / "ours.xlsx").read_bytes() == b"x"


def test_demo_refuses_to_clear_away_what_somebody_added_to_an_earlier_one(demo_home, tmp_path, congdoan):
    home = shutil.copytree(demo_home, tmp_path / "home", symlinks=True)
    (home / "reference" / "targets.csv").write_text("metric_id,period,unit_code,target\n", "utf-8")
    refused = congdoan("demo", home=home)
    assert (refused.returncode, "the demo did not make" in refused.stderr) == (2, True)
    assert (home / "reference" / "targets.csv").stat().st_size < 50
    (home / "reference" / "units.csv").unlink()
    lacking = congdoan("status", home=home)
    assert (lacking.returncode, "units.csv is missing" in lacking.stderr) == (2, True)


def test_every_declared_metric_is_answered_in_the_contracts_shape(demo_figures):
    assert list(demo_figures) == list(metrics())
    shape = {"id", "value", "unit", "numerator", "denominator", "target", "previous", "published", "cutoff", "checks"}
    assert all(shape <= set(f) for f in demo_figures.values())
    assert demo_figures["female_share"]["denominator"] == 26_062
    assert demo_figures["members_total"]["cutoff"] == "2023-05-31"
