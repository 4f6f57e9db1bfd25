"""Every figure opens its rows: they add up to it, and each has an address in the archive."""

import json
from pathlib import Path

import openpyxl
import pytest
from federation import MAY, UPPER_A, gift, sheet
from python_calamine import CalamineWorkbook

from pipelines import figures
from pipelines.config import Home, UserError
from pipelines.metrics import metrics
from pipelines.trace import trace

pytestmark = pytest.mark.slow
PERIOD = "2023-H1"


@pytest.mark.parametrize("metric_id", sorted(metrics()))
def test_contributions_add_up_to_the_figure(demo_home, metric_id):
    traced = trace(Home(demo_home), metric_id, PERIOD, None)
    whole = sum(r["contribution"] for r in traced["rows"])
    if metrics()[metric_id].aggregate in ("share", "ratio", "percent_of_target"):
        assert whole == traced["numerator"]
    else:
        assert whole == pytest.approx(traced["value"], abs=0.5 if metrics()[metric_id].mean else 1e-6)
    assert traced["rows"]


@pytest.mark.parametrize("unit", ["MM-BL", "MM-TT-01", "MM-TW-05"])
def test_contributions_add_up_for_one_union_and_one_month(demo_home, unit):
    for metric_id in (
        "members_total",
        "aid_amount_total",
        "portal_total_initiatives",
        "female_share",
        "grassroots_total",
        "tournaments",
    ):
        traced = trace(Home(demo_home), metric_id, "2023-03", unit)
        assert sum(r["contribution"] for r in traced["rows"]) == (traced["numerator"] or traced["value"] or 0), metric_id


def test_an_address_leads_to_the_bytes_as_they_were_received(demo_home):
    for metric_id, label in (("lodging_cdvc_support", 250_000_000), ("may_enterprises_visited", None)):
        for row in trace(Home(demo_home), metric_id, PERIOD, None)["rows"]:
            kept = demo_home / "archive" / row["sha256"][:2] / f"{row['sha256']}{Path(row['file']).suffix}"
            cells = (
                CalamineWorkbook.from_path(str(kept))
                .get_sheet_by_name(row["sheet"])
                .to_python(skip_empty_area=False)[row["row"] - 1]
            )
            assert (label or row["contribution"]) in cells


def test_a_unit_and_a_target_have_the_line_of_their_file(demo_home):
    (row,) = trace(Home(demo_home), "portal_total_target", PERIOD, None)["rows"]
    kept = demo_home / "archive" / row["sha256"][:2] / f"{row['sha256']}.csv"
    assert row["file"] == "reference/targets.csv"
    assert kept.read_text("utf-8").splitlines()[row["row"] - 1].endswith(",2300")
    unions = trace(Home(demo_home), "upper_unions", PERIOD, None)["rows"]
    lines = (demo_home / "reference" / "units.csv").read_text("utf-8").splitlines()
    assert all(",upper," in lines[r["row"] - 1] for r in unions)
    assert len(unions) == 11


def test_the_command_speaks_the_contracts_shape(demo_home, congdoan):
    said = json.loads(congdoan("trace", "aid_gifts_total", "--period", PERIOD, "--json", home=demo_home).stdout)
    assert {"metric_id", "period", "unit_code", "value", "sql", "rows"} <= set(said)
    assert set(said["rows"][0]) == {"file", "sha256", "sheet", "row", "contribution"}
    refused = congdoan("trace", "nothing", "--period", PERIOD, home=demo_home)
    assert (refused.returncode, "Traceback" in refused.stderr) == (2, False)


def test_the_workbook_holds_the_rows_and_no_formula(demo_home, tmp_path):
    out = tmp_path / "rows.xlsx"
    traced = trace(Home(demo_home), "lodging_amount", PERIOD, None, out)
    sheet = openpyxl.load_workbook(out).active
    head, *rows = sheet.iter_rows(values_only=True)
    assert len(rows) == len(traced["rows"]) == 2
    assert sum(r[head.index("contribution")] for r in rows) == 969_000_000
    assert {r[head.index("model_code")] for r in rows} == {rows[0][head.index("model_code")]}


def test_what_nobody_knows_is_said_plainly(demo_home):
    with pytest.raises(UserError, match="No unit has the code «NOBODY»"):
        trace(Home(demo_home), "members_total", PERIOD, "NOBODY")
    with pytest.raises(UserError, match="No data for the period «1999»"):
        trace(Home(demo_home), "members_total", "1999", None)


def test_a_metric_newer_than_the_copy_is_said_plainly(demo_home, monkeypatch):
    newer = {**metrics(), "brand_new": metrics()["members_total"].model_copy(update={"id": "brand_new"})}
    monkeypatch.setattr(figures, "metrics", lambda: newer)
    with pytest.raises(UserError, match="does not have brand_new yet; run `congdoan refresh`"):
        figures.figures(Home(demo_home), PERIOD, None)


def test_the_workbook_of_bytes_that_came_for_two_months_has_each_row_once(tmp_path, federation):
    content = federation.send(
        "2023-04/an.xlsx", sheet("aid", UPPER_A, [gift("MM-A-01"), gift("MM-A-02")], period="")
    ).read_bytes()
    federation.drop(f"{MAY}/an.xlsx", content)
    federation.refresh()
    traced = trace(federation.home, "aid_gifts_total", "2023-Q2", None, tmp_path / "rows.xlsx")
    _, *rows = openpyxl.load_workbook(tmp_path / "rows.xlsx").active.iter_rows(values_only=True)
    assert len(rows) == len(traced["rows"]) == 4
    assert len(set(rows)) == 4


@pytest.mark.parametrize("metric_id", ["aid_amount_total", "mutual_models_new", "upper_unions", "portal_total_target"])
def test_a_workbook_holds_the_rows_in_the_order_of_their_addresses(demo_home, tmp_path, metric_id):
    traced = trace(Home(demo_home), metric_id, PERIOD, None, tmp_path / "rows.xlsx")
    assert (tmp_path / "rows.xlsx").stat().st_mode & 0o777 == 0o600  # it holds personal data
    header, *rows = openpyxl.load_workbook(tmp_path / "rows.xlsx").active.iter_rows(values_only=True)
    assert header[:5] == ("file", "sha256", "sheet", "row", "contribution")
    addresses = [(r[0], r[2] or "", r[3]) for r in rows]
    assert addresses == sorted(addresses)
    assert sorted(r[4] for r in rows) == sorted(r["contribution"] for r in traced["rows"])
    assert "unit_code" in header


def test_a_workbook_of_registry_lines_names_the_units(demo_home, tmp_path):
    trace(Home(demo_home), "upper_unions", PERIOD, None, tmp_path / "rows.xlsx")
    header, *rows = openpyxl.load_workbook(tmp_path / "rows.xlsx").active.iter_rows(values_only=True)
    named = {r[header.index("unit_code")]: r[header.index("name")] for r in rows}
    assert (len(named), named["MM-TP"]) == (11, "LĐLĐ thành phố Mường Mây")
    with pytest.raises(UserError, match=r"rows\.csv: a workbook's name ends in \.xlsx"):
        trace(Home(demo_home), "upper_unions", PERIOD, None, tmp_path / "rows.csv")


def test_a_figure_is_traced_to_the_value_that_metrics_shows(demo_home, demo_figures):
    for metric_id in ("classrooms", "workers_total", "portal_total_pct"):
        assert trace(Home(demo_home), metric_id, PERIOD, None)["value"] == demo_figures[metric_id]["value"]
    assert trace(Home(demo_home), "tournaments", PERIOD, "MM-TP-101")["value"] is None  # its union reports it
