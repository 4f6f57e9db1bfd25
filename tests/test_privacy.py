"""Nothing personal leaves the private files: not in public/, not in findings, not in run records."""

import re
import stat
from pathlib import Path

import duckdb
import pytest
import yaml
from federation import MAY, UPPER_A, by_hand, initiative, sheet
from planted import BEFORE

from pipelines.forms import FORM_OF, forms
from pipelines.pages import publish_pages

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


WRITTEN = "Chị Hoàng Thị Bịa"  # a name where a person typed it: a header, a title


@pytest.fixture
def named(federation):
    """A home in which a person's name stands in all that messages quote."""
    federation.send(f"{BEFORE}/4.xlsx", sheet("initiatives", UPPER_A, [initiative(UPPER_A, 1, title=WRITTEN)], BEFORE))
    federation.send(f"{MAY}/5.xlsx", sheet("initiatives", UPPER_A, [initiative(UPPER_A, 2)]))
    rows = [["Mã đơn vị", "Họ và tên", "Giới tính", WRITTEN], ["MM-A-01", "Người Giả Định", "Nữ", "x"]]
    federation.drop(f"{MAY}/6.xlsx", by_hand(["Kỳ báo cáo: 05/2023"], [f"Đơn vị: {UPPER_A}"], *rows))
    federation.drop(f"{MAY}/7.xlsx", b"no workbook")
    federation.refresh()
    return federation


def test_what_a_person_typed_stays_in_the_private_copy(named):
    told = {f["check_id"]: f["message"] for f in named.findings()}
    assert WRITTEN in told["column_unknown"]
    assert WRITTEN in told["initiatives_list_shrank"]
    publish_pages(named.home)
    pages = [p.read_text("utf-8") for p in named.home.public.glob("*.html")]
    assert len(pages) == 2
    assert not [page for page in pages if "Hoàng Thị Bịa" in page]
    with duckdb.connect(str(named.home.published), read_only=True) as con:
        texts = con.execute(
            "select schema_name || '.' || table_name, column_name from duckdb_columns() where data_type = 'VARCHAR' and not internal"
        ).fetchall()
        said = [(t, c) for t, c in texts if con.execute(f"select 1 from {t} where {c} like '%Hoàng Thị%' limit 1").fetchall()]
        assert said == [("core.initiative", "title")]  # titles are public as titles, of which a unit's list is made


def test_a_published_finding_says_its_rule_and_place(named):
    with duckdb.connect(str(named.home.published), read_only=True) as con:
        told = dict(con.execute("select check_id, message from quality.finding").fetchall())
    assert told["column_unknown"].startswith("Dòng 3: không nhận ra cột «…» nên nội dung ở đó chưa được dùng")
    assert told["initiatives_list_shrank"].startswith("cột «Tên sáng kiến»: thiếu … sáng kiến của đơn vị … đã có")
    assert told["file_unreadable"] == "không đọc được nội dung."


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
