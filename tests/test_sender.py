"""Units named above groups of rows: a row goes to the unit it stands under, and never to the one before a name nobody knows."""

import io

import openpyxl
import pytest
from federation import UPPER_A

HEADER = ["STT", "Mã đơn vị", "Họ và tên", "Giới tính", "Là đoàn viên"]


def workbook(*rows):
    book = openpyxl.Workbook()
    for row in (["Kỳ báo cáo: 05/2023"], [f"Đơn vị: {UPPER_A}"], HEADER, *rows):
        book.active.append(row)
    out = io.BytesIO()
    book.save(out)
    return out.getvalue()


def person(n):
    return [n, None, f"Người Giả Định số {n}", "Nữ", "x"]


@pytest.mark.parametrize("stranger", ["CĐCS Công ty Chưa Ai Biết", "KHỐI DOANH NGHIỆP", "II. CĐCS Gỗ Tưởng Tượn"])
def test_a_heading_that_nobody_knows_ends_the_group(federation, stranger):
    known = "CĐCS Trường Mầm non Hoa Giấy"
    federation.drop(
        "a.xlsx", workbook([known], person(1), ["(Ghi theo danh sách lương)"], person(2), [stranger], person(3), person(4))
    )
    federation.refresh()
    loaded = federation.query("select unit_code, full_name from core.member order by row")
    assert [(r["unit_code"], r["full_name"][-1]) for r in loaded] == [("MM-A-01", "1"), ("MM-A-01", "2")]
    (sent,) = federation.submissions().values()
    assert (sent["rows_loaded"], sent["rows_rejected"]) == (2, 2)
    missing = [f for f in federation.findings() if f["check_id"] == "members_unit_code_missing"]
    assert len(missing) == 2
