"""Cells in legacy encodings are made Unicode by font or by what they say, and what they were is kept."""

import json

import openpyxl
import pytest
from federation import MAY, UPPER_A
from openpyxl.styles import Font

from pipelines.sheets import DATA, read_workbook

UNICODE = [
    ["Kỳ báo cáo: Tháng 5 năm 2023"],
    [f"Đơn vị: {UPPER_A}"],
    ["Mã đơn vị", "Họ và tên", "Giới tính", "Dân tộc", "Chuyên môn", "Ngày sinh"],
    ["MM-A-01", "Nguyễn Văn Đức", "Nam", "Thái", "Đại học", "15/08/1985"],
    ["MM-A-01", "Lê", "Nữ", "Kinh", "Cao đẳng", "16/09/1990"],
    ["MM-A-02", "Trần Thị Hường", "Nữ", "Mông", "Trung cấp", "17/10/1991"],
]
TCVN3 = dict(zip("àảãáạăằẳẵắặâầẩẫấậèẻẽéẹêềểễếệìỉĩíịòỏõóọôồổỗốộơờởỡớợùủũúụưừửữứựỳỷỹýỵđĂÂÊÔƠƯĐ",
                 "µ¶·¸¹¨»¼½¾Æ©ÇÈÉÊËÌÎÏÐÑªÒÓÔÕÖ×ØÜÝÞßáâãä«åæçèé¬êëìíîïñòóô\xadõö÷øùúûüýþ®¡¢£¤¥¦§", strict=True))  # fmt: skip


def tcvn3(text: str) -> str:
    return "".join(TCVN3.get(c, c) for c in text)


def book(path, rows, font=None):
    made = openpyxl.Workbook()
    for r, row in enumerate(rows, 1):
        for c, value in enumerate(row, 1):
            cell = made.active.cell(r, c, value)
            if font:
                cell.font = Font(name=font)
    made.save(path)
    return path


def table(sheet):
    return [[c for c in cells if c] for _, kind, _, cells in sheet.rows if kind == DATA]


@pytest.fixture
def right(tmp_path):
    return table(read_workbook(book(tmp_path / "right.xlsx", UNICODE))[0])


@pytest.mark.parametrize("font", [None, ".VnTime", "Arial"])
def test_a_sheet_in_tcvn3_reads_like_one_in_unicode(tmp_path, right, font):
    (sheet,) = read_workbook(book(tmp_path / "old.xlsx", [[tcvn3(c) for c in row] for row in UNICODE], font))
    assert table(sheet) == right
    assert sheet.title_periods == {MAY}
    assert sheet.title_units[0] == UPPER_A
    assert sheet.mended["tcvn3"] == sum(tcvn3(c) != c for row in UNICODE for c in row)
    assert sheet.as_received[4] == {"B": tcvn3("Nguyễn Văn Đức"), "D": tcvn3("Thái"), "E": tcvn3("Đại học")}


def test_capitals_come_from_the_font(tmp_path):
    rows = [[tcvn3(c) for c in row] for row in UNICODE]
    path = book(tmp_path / "h.xlsx", rows)
    made = openpyxl.load_workbook(path)
    for r in (4, 5, 6):
        made.active.cell(r, 2).font = Font(name=".VnTimeH")
    made.save(path)
    assert [row[1] for row in table(read_workbook(path)[0])] == ["NGUYỄN VĂN ĐỨC", "LÊ", "TRẦN THỊ HƯỜNG"]


def test_a_file_of_utf_8_read_as_latin_1_is_mended(tmp_path, right):
    damaged = [
        [c.encode().decode("cp1252", "replace") if "\ufffd" not in c.encode().decode("cp1252", "replace") else c for c in row]
        for row in UNICODE
    ]
    (sheet,) = read_workbook(book(tmp_path / "m.xlsx", damaged))
    assert table(sheet) == right
    assert sheet.mended["mojibake"]


def test_right_text_is_left_alone(tmp_path):
    (sheet,) = read_workbook(book(tmp_path / "right.xlsx", UNICODE, ".VnTime"))
    assert not sheet.as_received
    assert not sheet.mended


def test_what_a_cell_was_is_kept_in_raw_and_told_to_the_sender(federation, tmp_path):
    path = book(tmp_path / "old.xlsx", [[tcvn3(c) for c in row] for row in UNICODE])
    federation.drop("cu.xlsx", path.read_bytes())
    federation.refresh()
    names = {r["full_name"] for r in federation.query("select full_name from core.member")}
    assert names == {"Nguyễn Văn Đức", "Lê", "Trần Thị Hường"}
    kept = federation.query("select as_received from raw.members where row = 4")[0]["as_received"]
    assert json.loads(kept)["B"] == tcvn3("Nguyễn Văn Đức")
    (told,) = federation.findings("check_id = 'text_repaired'")
    assert "TCVN3" in told["message"]
    assert told["severity"] == "info"
