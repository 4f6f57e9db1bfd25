"""Declarations hold together: models are documented and portable, rules and metrics name what exists, imports stay light."""

import csv
import subprocess
import sys
from pathlib import Path

import duckdb
import pytest
import sqlglot
from pydantic import ValidationError
from sqlglot import exp

from pipelines.metrics import Metric, metrics, problems
from pipelines.models import ASSETS, models, not_portable, tables_read
from pipelines.page_index import UNITS_VI
from pipelines.page_quality import table_name
from pipelines.rules import rules

MODELS = sorted(models())


@pytest.mark.parametrize("table", MODELS)
def test_a_model_stays_in_the_portable_subset(table):
    assert not_portable(models()[table].sql) == []


STATEMENTS = {table: m.sql for table, m in models().items()} | {r.id: r.bad_rows for r in rules().values()}


@pytest.mark.parametrize("name", sorted(STATEMENTS))
def test_the_tables_of_a_statement_are_those_that_a_parser_finds(name):
    parsed = {f"{t.db}.{t.name}" for t in sqlglot.parse_one(STATEMENTS[name], read="duckdb").find_all(exp.Table) if t.db}
    assert tables_read(STATEMENTS[name]) == parsed


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


@pytest.mark.slow
def test_every_public_table_and_column_says_what_it_means(demo_home):
    with duckdb.connect(str(demo_home / "public" / "warehouse.duckdb"), read_only=True) as con:
        silent = con.execute("""
            select schema_name || '.' || table_name, column_name from duckdb_columns() where not internal and comment is null and schema_name <> 'meta'
            union all select schema_name, table_name from duckdb_tables() where not internal and comment is null and schema_name <> 'meta'""")
        assert silent.fetchall() == []


def test_rules_are_said_in_both_languages_and_end_with_a_full_stop():
    for rule in rules().values():
        assert rule.vi.rstrip().endswith((".", "{detail}")), rule.id
        assert rule.en.rstrip().endswith("."), rule.id


def test_every_fact_of_the_report_is_declared_in_its_section():
    with (ASSETS / "reference" / "report_714.csv").open(encoding="utf-8") as f:
        facts = {r["id"]: (r["section"], r["unit"]) for r in csv.DictReader(f)}
    declared = {m.id: (m.section, m.unit) for m in metrics().values()}
    assert {i: declared.get(i) for i in facts} == facts


def broken(**declaration: str) -> Metric:
    whole = {"id": "x", "section": "I.1", "unit": "people", "vi": "x", "en": "x", "source": "core.member", "time": "stock"}
    return Metric.model_validate(whole | declaration)


@pytest.mark.parametrize(
    ("declaration", "said"),
    [
        ({"count": "is_membr"}, "core.member has no column is_membr"),
        ({"sum": "amount_vnd"}, "core.member has no column amount_vnd"),
        ({"count": "strip_accents(sex) = 'nu'"}, "STRIP_ACCENTS is not portable"),
        ({"count": "true", "source": "core.people"}, "no table is called core.people"),
        ({"percent_of_target": "nowhere"}, "no metric is called nowhere"),
    ],
)
def test_a_declaration_that_names_nothing_fails_by_name(declaration, said):
    assert problems(broken(**declaration), set(metrics())) == [said]


@pytest.mark.parametrize("declaration", [{"count": "true", "unit": ""}, {"count": "true", "vi": ""}, {"count": "true", "section": "?"}, {},
                                         {"count": "true", "sum": "income_vnd"}, {"share": "is_member"}])  # fmt: skip
def test_an_incomplete_declaration_is_refused(declaration):
    with pytest.raises(ValidationError):
        broken(**declaration)


@pytest.mark.parametrize("command", ["--help", "template --help", "check --help", "status --help", "metrics --help"])
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
    for command in (
        "init",
        "demo",
        "refresh",
        "check",
        "template",
        "status",
        "findings",
        "metrics",
        "trace",
        "units",
        "match",
        "query",
        "reference",
    ):
        assert f"`{command}" in readme
        assert command in helped.stdout


def test_every_unit_of_a_figure_has_a_vietnamese_name():
    assert {m.unit for m in metrics().values()} <= set(UNITS_VI)


def test_every_table_that_a_rule_is_on_has_a_vietnamese_name():
    assert [r.table for r in rules().values() if not table_name(r.table)] == []
