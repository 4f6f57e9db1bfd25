"""Nothing personal leaves the private files: not in public/, not in findings, not in run records."""

import re
import stat
from pathlib import Path

import duckdb
import pytest
import yaml

from pipelines.forms import FORM_OF, forms

ASSETS = Path(__file__).parent.parent / "assets"


def test_the_allow_list_names_no_personal_column():
    for table, entry in yaml.safe_load((ASSETS / "public.yml").read_text("utf-8")).items():
        source = entry.get("from", table)
        if source in FORM_OF:
            private = {c.name for c in forms()[FORM_OF[source]].columns if c.privacy != "open"}
            assert not private & set(entry["columns"]), table


def test_no_row_of_a_member_is_public():
    listed = yaml.safe_load((ASSETS / "public.yml").read_text("utf-8"))
    assert not [t for t, e in listed.items() if "core.member" in (t, e.get("from"))]


@pytest.fixture(scope="module")
def personal_values(demo_home) -> set[str]:
    """Every personal text of the demo that is long enough to be told from ordinary words."""
    found: set[str] = set()
    with duckdb.connect(str(demo_home / "warehouse.duckdb"), read_only=True) as con:
        for table, form in FORM_OF.items():
            for c in forms()[form].columns:
                if c.privacy == "personal" and c.type in ("person", "digits", "text") and c.name != "note":
                    found |= {
                        v for (v,) in con.execute(f"select distinct {c.name} from {table} where {c.name} is not null").fetchall()
                    }
    assert len(found) > 30_000
    return {v for v in found if len(v) >= 8 and not v.startswith("Tập thể")}


@pytest.mark.slow
def test_the_public_copy_holds_no_personal_value(demo_home, personal_values):
    with duckdb.connect(str(demo_home / "public" / "warehouse.duckdb"), read_only=True) as con:
        texts = con.execute(
            "select schema_name || '.' || table_name, column_name from duckdb_columns() where data_type = 'VARCHAR' and not internal"
        ).fetchall()
        assert len(texts) > 50
        for table, column in texts:
            values = {v for (v,) in con.execute(f"select distinct {column} from {table} where {column} is not null").fetchall()}
            assert not values & personal_values, f"{table}.{column}"


@pytest.mark.slow
def test_pages_findings_and_run_records_hold_no_personal_value(demo_home, open_home, personal_values):
    longest = max(len(v.split()) for v in personal_values)
    for home in (demo_home, open_home):
        texts = [p.read_text("utf-8") for p in (home / "public").glob("*.html")]
        with duckdb.connect(str(home / "warehouse.duckdb"), read_only=True) as con:
            texts += [m for (m,) in con.execute("select message from quality.finding").fetchall()]
        texts += [p.read_bytes().decode("utf-8", "ignore") for p in (home / "dagster").rglob("*") if p.is_file()]
        whole = "\n".join(texts)
        assert "members_total" in whole
        words = re.findall(r"\w+", whole)
        said = {" ".join(words[i : i + n]) for n in range(1, longest + 1) for i in range(len(words) - n + 1)}
        assert not [v for v in personal_values if " ".join(re.findall(r"\w+", v)) in said][:1], "a personal value stands here"


@pytest.mark.slow
def test_everything_but_public_is_the_owners_alone(demo_home):
    for path in demo_home.rglob("*"):
        mode = stat.S_IMODE(path.lstat().st_mode)
        if demo_home / "public" in (path, *path.parents):
            assert mode & 0o022 == 0, path
        elif path.parent == demo_home and path.is_dir():
            assert mode & 0o077 == 0, path
        elif path.name in ("warehouse.duckdb", "build.duckdb", ".secret", "received.jsonl"):
            assert mode == 0o600, path


@pytest.mark.slow
def test_a_published_small_group_does_not_bring_its_true_figure_to_light(demo_home):
    with duckdb.connect(str(demo_home / "public" / "warehouse.duckdb"), read_only=True) as con:
        shown = con.execute("""select count(*) from marts.reconciliation r join reference.metric m on m.metric_id = r.metric_id and m.is_personal
            left join marts.metric_value v on (v.metric_id, v.period, v.unit_code) = (r.metric_id, r.period, r.unit_code)
            where v.value is null""").fetchall()
    assert shown == [(0,)]
