"""Every rule raises on its planted fault and on nothing else; a rule without a case in planted.py fails by name."""

import re
import shutil
from contextlib import suppress
from datetime import datetime, timedelta

import duckdb
import pytest
from federation import MAY, PROVINCE, SENT, UNITS, citizen_id, make_federation, nil
from planted import CARD_NO, CONSEQUENCES, LAST_MONTH, MACHINE, NAMED_DATE, ONLY_CAUSED, complete, planted, unit_lines

from pipelines import findings, steps
from pipelines.checks import Checker
from pipelines.config import Home
from pipelines.forms import forms
from pipelines.page_quality import table_name
from pipelines.rules import finding_sql, rules
from pipelines.warehouse import open_build

AFTER_DEADLINE = datetime(2023, 6, 6, 8)
OF_RETURNS = [r for r in rules() if r not in MACHINE | ONLY_CAUSED]
SENDER = {rule_id: f"MM-R{n:03d}" for n, rule_id in enumerate(OF_RETURNS)}
CLEAN = "MM-S"
PERSONAL = re.compile(r"Giả Định|" + NAMED_DATE.strftime("%d/%m/%Y") + rf"|\b9\d{{11}}\b|91234|{CARD_NO}", re.IGNORECASE)


@pytest.fixture(scope="module")
def faulty(tmp_path_factory):
    """One sender for each rule, whose return of May has that one fault; and a sender without any."""
    # founded in May, so that nobody owes April but who sends it
    old = (*LAST_MONTH, "period_year_mistyped")
    units = [line for r, unit in SENDER.items() for line in unit_lines(r, unit, "2000-01-01" if r in old else "2023-05-01")]
    units.append(f"{CLEAN},Liên hiệp {CLEAN},upper,{PROVINCE},,direct,,2023-05-01,")
    federation = make_federation(tmp_path_factory.mktemp("rules"), AFTER_DEADLINE, [UNITS[0], UNITS[-1], *units])
    for rule_id, unit in SENDER.items():
        with suppress(LookupError):  # its own test below says so by name
            for n, (name, content) in enumerate(planted(rule_id, unit).items()):
                at = SENT + timedelta(minutes=n)
                federation.drop(name, content, at) if isinstance(content, bytes) else federation.send(name, *content, at=at)
    federation.send(f"{MAY}/{CLEAN}.xlsx", *complete(CLEAN, rows=True))
    federation.send(f"{MAY}/{PROVINCE}.xlsx", nil("aid", PROVINCE), nil("activity", PROVINCE))
    federation.refresh()
    return federation


@pytest.fixture(scope="module")
def raised(faulty):
    """(sender, or the file when nobody knows the sender) → its findings."""
    by_sender = {}
    for f in faulty.findings():
        by_sender.setdefault(f["unit_code"] or re.sub(r".*/|\.xlsx", "", f["file_name"]), []).append(f)
    return by_sender


@pytest.fixture
def build(faulty, tmp_path):
    """A copy of the build file in the state in which rules see it: typed tables of the month in place."""
    shutil.copyfile(faulty.home.build, tmp_path / "build.duckdb")
    con = open_build(Home(tmp_path), "key")
    con.execute("insert into meta.touched values (?)", [MAY])
    findings.start(con)
    for form in forms():
        steps.raw_view(con, faulty.home, form)
        steps.build_typed(con, form)
    yield con
    con.close()


@pytest.mark.parametrize("rule_id", OF_RETURNS)
def test_a_planted_fault_raises_its_rule_once_and_no_other(raised, rule_id):
    assert planted(rule_id, SENDER[rule_id])
    found = raised[SENDER[rule_id]]
    assert [f["check_id"] for f in found if f["caused_by"] is None] == [rule_id]
    assert {f["check_id"]: f["caused_by"] for f in found if f["caused_by"]} == dict.fromkeys(
        CONSEQUENCES.get(rule_id, ()), rule_id
    )
    (finding,) = (f for f in found if f["check_id"] == rule_id)
    assert (finding["severity"], finding["column_name"]) == (
        rules()[rule_id].severity,
        rules()[rule_id].column or finding["column_name"],
    )


def test_a_right_return_raises_nothing_and_no_sender_was_forgotten(raised):
    assert set(raised) == set(SENDER.values())


def test_a_consequence_is_not_counted_apart(faulty):
    counted = faulty.refresh()["findings_open"]
    assert sum(counted.values()) == len(OF_RETURNS)


def test_a_message_is_one_vietnamese_sentence_that_names_sheet_row_and_column(faulty):
    labels = {(f.form, c.name): c.label for f in forms().values() for c in f.columns}
    for f in faulty.findings():
        assert f["message"].endswith("."), f
        assert not re.search(r"[.!?] [A-ZĐ]|\{|None|null", f["message"]), f
        if f["row"] is not None:
            assert f["message"].startswith(f"Trang «{f['sheet']}», dòng {f['row']}"), f
            column = f["column_name"]
            assert column is None or f"cột «{labels[f['form'], column]}»" in f["message"], f


@pytest.mark.parametrize(
    ("rule_id", "words"),
    [
        ("members_birth_date_unreadable", "ngày này không có thật trong tháng đã ghi, xin ghi ngày/tháng/năm, ví dụ 31/05/2023."),
        ("aid_unit_amount_vnd_unreadable", "trước ba chữ số có thể hiểu là phần nghìn hoặc phần lẻ, xin ghi đủ số đồng"),
        ("aid_rooms_count_unreadable", "số này có phần lẻ, trong khi phải là số nguyên, xin ghi một số nguyên"),
        ("activity_value_unreadable", "ô này không có chữ số, xin ghi một số"),
        ("members_qualification_unreadable", "không có trong danh sách, xin chọn một trong: Trên đại học; "),
        ("aid_kind_unreadable", "không có trong danh sách (có phải là «Nhà lưu trú»?), xin chọn một trong: Quà; "),
    ],
)
def test_a_message_says_why_a_cell_is_unreadable_and_what_to_write(raised, rule_id, words):
    assert words in raised[SENDER[rule_id]][0]["message"]


def test_no_finding_holds_a_personal_value(faulty):
    members = faulty.query("select full_name, citizen_id from core.member")
    assert {citizen_id(CLEAN, 1)} <= {m["citizen_id"] for m in members}  # they are in the warehouse, and planted above
    for f in faulty.query("select * from quality.finding"):
        assert not PERSONAL.search(" ".join(str(v) for k, v in f.items() if k != "file_name")), f


def test_a_finding_names_the_row_that_excel_shows(raised):
    duplicate = raised[SENDER["members_citizen_id_duplicate"]][0]
    assert duplicate["row"] == 12
    assert "dòng 11" in duplicate["message"]


@pytest.mark.parametrize("rule", rules().values(), ids=list(rules()))
def test_a_rule_has_a_sentence_in_both_languages(rule):
    assert rule.vi.endswith((".", "{detail}"))
    assert rule.en.endswith(".")
    assert rule.vi != rule.en


@pytest.mark.parametrize("table", sorted({r.table for r in rules().values()}))
def test_a_table_that_rules_are_on_has_a_name_on_the_page(table):
    assert table_name(table) != table


def test_great_expectations_counts_what_the_bare_sql_counts(build):
    checker = Checker(build)
    tables = {r.table for r in rules().values()}
    for table in sorted(tables):
        of_table = [r for r in rules().values() if r.table == table]
        bare = {r: len(build.execute(finding_sql(r)).fetchall()) for r in of_table}
        assert checker.run(table, of_table) == bare
    assert build.execute("select count(distinct check_id) from quality.failing").fetchone() == (
        len(OF_RETURNS) + len(ONLY_CAUSED),
    )


def test_a_row_that_intake_lost_is_seen(build):
    count = f"select submission_id from ({rules()['rows_not_conserved'].bad_rows})"
    assert build.execute(count).fetchall() == []
    lost = build.execute("select min(submission_id) from core.submission where form = 'aid'").fetchone()
    build.execute("update core.submission set rows_read = rows_read + 1 where submission_id = ?", lost)
    assert build.execute(count).fetchall() == [lost]


@pytest.mark.parametrize("table", ["core.aid", "core.initiative"])
def test_a_loaded_row_that_core_lost_or_doubled_is_seen(build, table):
    bad = f"select submission_id from ({rules()['loaded_rows_not_in_core'].bad_rows})"
    assert build.execute(bad).fetchall() == []
    row = build.execute(f"select submission_id, row from {table} where unit_code = '{CLEAN}'").fetchone()
    build.execute(f"insert into {table} select * from {table} where submission_id = ? and row = ?", row)
    assert build.execute(bad).fetchall() == [row[:1]]
    build.execute(f"delete from {table} where submission_id = ? and row = ?", row)
    assert build.execute(bad).fetchall() == [row[:1]]


def test_a_rule_that_does_not_run_is_a_broken_pipeline_and_no_finding(build):
    from dataclasses import replace

    from pipelines.gx import CrashedRule

    broken = replace(rules()["aid_occasion_missing"], fails_when="no_such_column = 1")
    with pytest.raises((CrashedRule, duckdb.Error)):
        Checker(build).run(broken.table, [broken])


def test_the_published_list_of_rules_shows_sentences_and_no_sql(faulty):
    with duckdb.connect(str(faulty.home.published), read_only=True) as con:
        said = dict(con.execute("select check_id, vi from quality.rule").fetchall())
    assert set(said) == set(rules())
    assert [i for i, vi in said.items() if "{" in vi or "vn_" in vi] == []
    assert said["aid_rooms_count_unreadable"] == "…, xin ghi một số nguyên, không kèm chữ, ví dụ 25."
