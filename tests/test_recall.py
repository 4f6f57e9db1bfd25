"""A check makes only what its files touch; what it takes from the snapshot instead is what a refresh would leave there."""

import shutil
from collections import Counter
from datetime import datetime

import duckdb
import openpyxl
import pytest
from federation import LONE, MAY, UPPER_A, UPPER_B, Federation, citizen_id, member, sheet
from test_check import send_and_refresh, told, write

from pipelines.check import check


def checked_and_refreshed(federation, folder):
    """What check says of the files in a folder, and what the refresh that follows says."""
    checked = told(check(federation.settings(), sorted(folder.rglob("*.xlsx"))), folder)
    return checked, told(send_and_refresh(federation, folder), folder)


def test_where_a_file_leaves_a_unit_out_another_senders_rows_of_it_count(federation, tmp_path):
    federation.send(f"{MAY}/an.xlsx", sheet("members", UPPER_A, [member("MM-A-01"), member("MM-A-02", 2)]))
    federation.send(f"{MAY}/binh.xlsx", sheet("members", UPPER_B, [member("MM-B-01"), member("MM-A-01", 5)]))
    federation.refresh()
    same = member("MM-A-02", 2, citizen_id=citizen_id("MM-A-01", 5))
    write(tmp_path / "files" / MAY / "an2.xlsx", [sheet("members", UPPER_A, [same])])
    checked, refreshed = checked_and_refreshed(federation, tmp_path / "files")
    assert [f["check_id"] for f in checked[f"{MAY}/an2.xlsx"]["findings"]] == ["members_citizen_id_duplicate"]
    assert checked == refreshed


def test_a_unit_that_the_sender_never_had_meets_whoever_has_it(federation, tmp_path):
    federation.send(f"{MAY}/an.xlsx", sheet("members", UPPER_A, [member("MM-A-01")]))
    federation.refresh()
    write(tmp_path / "files" / MAY / "le.xlsx", [sheet("members", LONE, [member(LONE), member("MM-A-01", 7)])])
    checked, refreshed = checked_and_refreshed(federation, tmp_path / "files")
    assert [f["check_id"] for f in checked[f"{MAY}/le.xlsx"]["findings"]] == ["unit_outside_sender"]
    assert checked == refreshed


def test_a_registry_changed_since_the_refresh_counts_for_files_of_others_too(federation, tmp_path):
    federation.send(f"{MAY}/binh.xlsx", sheet("members", UPPER_B, [member("Xã Chưa Biết", 3)]))
    federation.refresh()
    same = member(LONE, citizen_id=citizen_id("Xã Chưa Biết", 3))
    path = write(tmp_path / "files" / MAY / "le.xlsx", [sheet("members", LONE, [same])])
    assert check(federation.settings(), [path])["files"][0]["findings"] == []
    (federation.home.reference / "aliases.csv").write_text("name,unit_code\nXã Chưa Biết,MM-B-01\n", "utf-8")
    checked, refreshed = checked_and_refreshed(federation, tmp_path / "files")
    assert [f["check_id"] for f in checked[f"{MAY}/le.xlsx"]["findings"]] == ["members_citizen_id_duplicate"]
    assert checked == refreshed


def damaged(path, n):
    """Writes over a workbook: a row less on every sheet, a person of another, and an income that is no number."""
    book = openpyxl.load_workbook(path)
    for name in {"Đoàn viên", "Sáng kiến", "Chăm lo"} & set(book.sheetnames):
        book[name].delete_rows(12)
    people = book["Đoàn viên"]
    at = {c.value: c.column for row in people.iter_rows(max_row=12) for c in row if c.value}
    people.cell(15, at["Số CCCD"]).value = people.cell(16 + n % 2, at["Số CCCD"]).value
    people.cell(18, at["Thu nhập (đồng/tháng)"]).value = "khoảng 7 triệu"
    book.save(path)


@pytest.mark.slow
def test_files_that_replace_others_are_told_the_same_beside_a_year_of_returns(history_home, tmp_path):
    home, folder = tmp_path / "home", tmp_path / "files"
    shutil.copytree(history_home, home)
    with duckdb.connect(str(home / "warehouse.duckdb"), read_only=True) as con:
        sent = con.execute("""select s.sha256, s.file_name from core.submission s join core.return_rows r on r.submission_id = s.submission_id
            where s.form = 'members' and s.status = 'accepted' and s.period >= '2023-04' and r.rows_loaded between 20 and 1500
            order by row_number() over (partition by s.period order by s.file_name), s.file_name limit 8""").fetchall()
    for n, (digest, name) in enumerate(sent):
        damaged(write(folder / name, (home / "archive" / digest[:2] / f"{digest}.xlsx").read_bytes()), n)
    checked, refreshed = checked_and_refreshed(Federation(home, datetime(2023, 6, 13, 8)), folder)
    told = Counter(f["check_id"] for said in checked.values() for f in said["findings"])
    assert told.pop("initiatives_list_shrank") > 1  # the row less, where it is of a list that must not lose any
    assert told.total() == 2 * len(sent) == 16
    assert checked == refreshed
