"""Declarations hold together: models are documented and portable, rules and metrics name what exists, imports stay light."""

import subprocess
import sys
from pathlib import Path

import duckdb
import pytest

from pipelines.metrics import metrics
from pipelines.models import ASSETS, models, not_portable
from pipelines.rules import rules

MODELS = sorted(models())


@pytest.mark.parametrize("table", MODELS)
def test_a_model_stays_in_the_portable_subset(table):
    assert not_portable(models()[table].sql) == []


@pytest.mark.parametrize("rule_id", sorted(r.id for r in rules().values() if r.sql))
def test_a_rule_stays_in_the_portable_subset(rule_id):
    assert not_portable(rules()[rule_id].bad_rows) == []


def test_the_lint_refuses_what_means_something_else_elsewhere():
    assert not_portable("select strip_accents(a) from core.aid") == ["STRIP_ACCENTS"]
    assert not_portable("select a / b from core.aid") == ["/ (use pct)"]
    assert not_portable("select * from core.aid qualify row_number() over (order by a) = 1") == ["select * with qualify"]


@pytest.mark.parametrize("table", MODELS)
def test_a_model_says_its_grain_and_key(table):
    model = models()[table]
    assert model.grain.startswith("One row per ")
    assert model.key


@pytest.mark.slow
@pytest.mark.parametrize("table", MODELS)
def test_the_notes_and_key_of_a_model_are_true(demo_home, table):
    model = models()[table]
    with duckdb.connect(str(demo_home / "warehouse.duckdb"), read_only=True) as con:
        columns = {
            c
            for (c,) in con.execute(
                "select column_name from duckdb_columns() where schema_name || '.' || table_name = ?", [table]
            ).fetchall()
        }
        assert set(model.columns) <= columns
        assert set(model.key) <= columns
        total, distinct = con.execute(f"select count(*), count(distinct ({', '.join(model.key)},)) from {table}").fetchall()[0]
        assert total == distinct


def test_rules_are_said_in_both_languages_and_end_with_a_full_stop():
    for rule in rules().values():
        assert rule.vi.rstrip().endswith((".", "{detail}")), rule.id
        assert rule.en.rstrip().endswith("."), rule.id


def test_every_fact_of_the_computed_sections_is_declared():
    import csv

    with (ASSETS / "reference" / "report_714.csv").open(encoding="utf-8") as f:
        facts = {r["id"] for r in csv.DictReader(f) if r["section"] in ("I.3.1", "I.3.2", "II.2.1")}
    assert facts == set(metrics())


@pytest.mark.parametrize("command", ["--help", "template --help", "status --help", "metrics --help"])
def test_help_is_free_of_dagster_and_great_expectations(command):
    code = f"""
import sys
from pipelines.cli import main
try:
    main({command.split()!r})
except SystemExit:
    pass
print([m for m in ("dagster", "great_expectations", "plotly", "pandas") if m in sys.modules], file=sys.stderr)
"""
    done = subprocess.run(
        [sys.executable, "-c", code], capture_output=True, text=True, check=True, cwd=Path(__file__).parent.parent
    )
    assert done.stderr.strip() == "[]"


def test_public_functions_of_the_readme_exist():
    readme = (Path(__file__).parent.parent / "README.md").read_text("utf-8")
    helped = subprocess.run([sys.executable, "-m", "pipelines.cli", "--help"], capture_output=True, text=True, check=False)
    for command in ("init", "demo", "refresh", "template", "status", "findings", "metrics", "units", "query", "reference"):
        assert f"`{command}" in readme
        assert command in helped.stdout
