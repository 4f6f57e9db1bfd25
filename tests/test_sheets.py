"""Rows of a sheet get their kind and address; every non-blank row is counted once."""

from contextlib import suppress
from datetime import date, datetime

import openpyxl
import pytest
from federation import MAY, UPPER_A, citizen_id, gift, member, sheet
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from pipelines.blank import write_return
from pipelines.forms import META_SHEET, forms
from pipelines.grids import Unreadable
from pipelines.intake import read_file
from pipelines.legacy_text import suspect
from pipelines.receiving import Receipt
from pipelines.reference import Registry
from pipelines.sheets import DATA, TOTAL, read_workbook

HEADER = ["STT", "Mã đơn vị", "Họ và tên", "Giới tính", "Là đoàn viên"]
PERSON = [1, "MM-A-01", "Người Giả Định", "Nam", "x"]
NOBODY = Registry({"units": []}, [], "")


def kinds(sheet):
    return [(number, kind) for number, kind, _, _ in sheet.rows]


@pytest.mark.parametrize("month", ["05/2023", "Tháng 5 năm 2023", date(2023, 5, 1)])
@pytest.mark.parametrize("label", ["Đơn vị:", "Tên đơn vị :", "Công đoàn cơ sở:"])
def test_month_and_sender_may_stand_beside_their_labels(read, month, label):
    found = read(["Kỳ báo cáo:", None, month], [label, "MM-A"], HEADER, PERSON)
    assert (found.title_periods, found.title_units[0]) == ({"2023-05"}, "MM-A")


def test_a_whole_form_by_hand_is_understood_row_by_row(read):
    found = read(
        ["CÔNG ĐOÀN HUYỆN AN", None, "CỘNG HÒA XÃ HỘI CHỦ NGHĨA VIỆT NAM"],
        [],
        ["Kỳ báo cáo: Tháng 5 năm 2023"],
        ["Đơn vị: MM-A"],
        HEADER,
        ["(1)", "(2)", "(3)", "(4)", "(5)"],
        [None, "I. Khối hành chính"],
        PERSON,
        [2, "MM-A-02", "Người Giả Định Hai", "Nữ", None],
        [None, "Tổng cộng", None, None, 2],
        [],
        [None, "An, ngày 31 tháng 5 năm 2023"],
        [None, "Người lập biểu", None, "Chủ tịch"],
        [3, "MM-A-03", "Người Ký Giả Định", None, None],
    )
    assert found.form.form == "members"
    assert (found.header_row, found.rows_read) == (5, 12)
    assert [k for _, k in kinds(found)] == [
        *["title"] * 3, "header", "numbering", "group", DATA, DATA, TOTAL, *["signature"] * 2, DATA,
    ]  # fmt: skip
    assert [n for n, k in kinds(found) if k == DATA] == [8, 9, 14]
    assert (found.title_periods, found.title_units[0]) == ({"2023-05"}, "MM-A")


def test_columns_are_known_by_name_in_any_order_and_spelling(read):
    found = read(["HỌ TÊN", "Lạ", "mã cđcs", "Giới"], ["Người Giả Định", "?", "MM-A-01", "Nam"])
    cells = dict(zip([c.name for c in found.form.columns], found.rows[-1][3], strict=True))
    assert {k: v for k, v in cells.items() if v} == {"full_name": "Người Giả Định", "unit_code": "MM-A-01", "sex": "Nam"}
    assert found.missing == []


def test_a_mandatory_column_without_header_is_missing(read):
    assert read(["Mã đơn vị", "Giới tính", "Dân tộc"], ["MM-A-01", "Nam", "Thái"]).missing == ["full_name"]


def test_a_column_that_figures_are_made_of_is_absent_and_a_strange_one_is_unknown(read):
    found = read(
        ["STT", "Mã đơn vị", "Họ và tên", "Giới tính", "Là  công đoàn viên"], [1, "MM-A-01", "Người Giả Định", "Nam", "x"]
    )
    assert (found.missing, found.unknown) == ([], ["Là công đoàn viên"])
    assert {"is_member", "birth_date", "income_vnd"} <= set(found.absent)
    assert not {"sex", "note", "ethnicity", "unit_name", "card_no"} & set(found.absent)


@pytest.mark.parametrize(
    ("header", "scale"),
    [("Mức/suất (đồng)", None), ("Số tiền (VNĐ)", None), ("Số tiền (triệu đồng)", "triệu"), ("Số tiền (1.000 đồng)", "nghìn")],
)
def test_a_remark_in_brackets_changes_no_header_and_may_scale_its_money(read, header, scale):
    found = read(["Mã đơn vị", "Hình thức", "Ngày", header], ["MM-A-01", "Quà", "15/05/2023", 5])
    assert found.unknown == []
    assert [*found.scales.values()] == ([scale] if scale else [])
    assert found.as_received == ({2: {"D": "5"}} if scale else {})


MONEY = ["Mã đơn vị", "Hình thức", "Diện tích (m²)", "Số tiền"]


@pytest.mark.parametrize(
    "above", ["ĐVT: triệu đồng", "(Đơn vị tính: 1.000.000đ)", "Đơn vị: triệu đồng", "ĐVT trđ", "Đơn vị tính: m², triệu đồng"]
)
def test_what_money_is_in_may_stand_above_the_table(read, above):
    cells = ["2,5", "2 tỷ", "1.250", "khá", "7,000001"]
    found = read(["Đơn vị: MM-A"], [None, above], MONEY, *(["MM-A-01", "Quà", 20, c] for c in cells))
    at = [c.name for c in found.form.columns].index("amount_vnd")
    assert [row[3][at] for row in found.rows[3:]] == ["2500000", "2 tỷ", "1.250 triệu", "khá", "7000001"]
    assert found.as_received == {4: {"D": "2,5"}, 6: {"D": "1.250"}, 8: {"D": "7,000001"}}
    assert found.title_lines == ["MM-A"]


@pytest.mark.parametrize("above", ["ĐVT: đồng", "Đơn vị: Tiểu học Triệu Phong", "Đơn vị tính: người"])
def test_other_lines_above_the_table_scale_nothing(read, above):
    assert not read([above], MONEY, ["MM-A-01", "Quà", 20, 5]).scales


def test_a_column_that_says_what_it_is_in_goes_before_the_line_above(read):
    found = read(
        ["ĐVT: triệu đồng"], [*MONEY, "Mức/suất"], [None, None, None, "(đồng)"], ["MM-A-01", "Nhà lưu trú", 20, 5_000_000, 5]
    )
    assert found.scales == {"unit_amount_vnd": "triệu"}
    assert kinds(found) == [(1, "title"), (2, "header"), (3, "header"), (4, DATA)]


def test_the_hidden_identity_sheet_speaks_for_its_sheets_and_is_none_itself(folder):
    write_return(folder / "i.xlsx", [sheet("members", UPPER_A, [member("MM-A-01")]), sheet("aid", UPPER_A, [gift("MM-A-01")])])
    found = read_workbook(folder / "i.xlsx")
    assert [s.name for s in found] == ["Đoàn viên", "Chăm lo"]
    assert [(s.meta["form"], s.meta["unit_code"], s.meta["period"]) for s in found] == [
        ("members", UPPER_A, MAY),
        ("aid", UPPER_A, MAY),
    ]


def test_a_sheet_that_only_bears_the_name_of_the_identity_sheet_is_read(folder):
    book = openpyxl.Workbook()
    book.active.title = META_SHEET
    book.active.append(HEADER)
    book.active.append(PERSON)
    book.save(folder / "m.xlsx")
    assert [s.name for s in read_workbook(folder / "m.xlsx")] == [META_SHEET]


def test_a_hidden_sheet_is_read_and_said_to_be_hidden(folder):
    book = openpyxl.Workbook()
    for row in (HEADER, PERSON):
        book.active.append(row)
    book.create_sheet("Bìa")
    book.active.sheet_state = "hidden"
    book.active = 1
    book.save(folder / "h.xlsx")
    hidden, cover = read_workbook(folder / "h.xlsx")
    assert (hidden.hidden, hidden.rows_read) == (True, 2)
    assert (cover.hidden, cover.rows_read) == (False, 0)


def test_numbers_and_dates_of_cells_become_text_without_loss(read):
    header = ["Mã đơn vị", "Họ và tên", "Số CCCD", "Ngày sinh", "Thu nhập", "Ngày vào Công đoàn"]
    found = read(header, ["MM-A-01", "Người Giả Định", 901234567890, date(1985, 8, 15), 1234.5, datetime(2010, 9, 1, 10, 30)])
    cells = dict(zip([c.name for c in found.form.columns], found.rows[-1][3], strict=True))
    assert (cells["citizen_id"], cells["birth_date"], cells["income_vnd"], cells["joined_date"]) == (
        "901234567890",
        "1985-08-15",
        "1234,5",
        "2010-09-01",
    )


# ---- whatever the cells say

LABELS = [c.label for f in forms().values() for c in f.columns]
WORDS = [
    "Tổng cộng",
    "Người lập biểu",
    "(1)",
    "1",
    "x",
    "Không phát sinh",
    "Ví dụ",
    "Kỳ báo cáo: 05/2023",
    "Đơn vị: MM-A",
    "  ",
    "",
    "\u00a0",
]
CELL = (
    st.none()
    | st.sampled_from(LABELS + WORDS)
    | st.integers(-5, 10**15)
    | st.floats(allow_nan=False, allow_infinity=False)
    | st.booleans()
)
GRID = st.lists(st.lists(CELL, max_size=8), max_size=12)


@settings(max_examples=60, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(GRID, st.booleans())
def test_every_row_that_is_not_blank_is_counted_once(folder, rows, with_header):
    book = openpyxl.Workbook()
    rows = [HEADER, *rows] if with_header else rows
    for r, row in enumerate(rows, 1):
        for c, value in enumerate(row, 1):
            book.active.cell(r, c, value)
    book.save(folder / "any.xlsx")
    blank = [not any(v is not None and str(v).strip() for v in row) for row in rows]
    (found,) = read_workbook(folder / "any.xlsx")
    assert found.rows_read == blank.count(False)
    assert [n for n, *_ in found.rows] == sorted({n for n, *_ in found.rows})
    reading = read_file(folder / "any.xlsx", Receipt("2023-06-01T08:00:00", "2023-06-01T08:00:00", "0" * 64, "any.xlsx"), NOBODY)
    for s in reading.submissions:
        assert s.rows_read == s.rows_data + s.rows_control + s.rows_ignored


TEXT = st.text(
    st.characters(exclude_categories=["Cs", "Cc"], exclude_characters="\ufffe\uffff") | st.sampled_from("\n\t&<>\"'_x"),
    min_size=1,
    max_size=60,
).map(lambda name: name if not suspect("Ô " + name) else "x" + name.encode("ascii", "ignore").decode())  # legacy text is mended


@settings(max_examples=60, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(st.lists(st.tuples(TEXT, st.integers(0, 10**15 - 1), st.dates(date(1900, 3, 1))), min_size=1, max_size=5))
def test_what_the_blank_form_is_filled_with_reads_back(folder, people):
    rows = [
        member("MM-A-01", n, full_name="Ô " + name, income_vnd=income, birth_date=born, note="_x0041_")
        for n, (name, income, born) in enumerate(people)
    ]
    write_return(folder / "back.xlsx", [sheet("members", UPPER_A, rows)])
    (found,) = read_workbook(folder / "back.xlsx")
    names = [c.name for c in forms()["members"].columns]
    read = [dict(zip(names, cells, strict=True)) for _, kind, _, cells in found.rows if kind == DATA]
    assert [(r["full_name"], r["income_vnd"], r["note"]) for r in read] == [
        ("Ô " + name, str(income), "_x0041_") for name, income, _ in people
    ]
    assert [r["citizen_id"] for r in read] == [citizen_id("MM-A-01", n) for n in range(len(people))]
    assert [r["birth_date"] for r in read] == [str(born) for *_, born in people]


@settings(max_examples=60, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(st.binary(max_size=400), st.integers(0, 6000), st.sampled_from([".xlsx", ".xls", ".xlsb", ".ods", ".csv", ""]))
def test_damaged_bytes_are_unreadable_and_nothing_worse(folder, damage, at, suffix):
    write_return(folder / "whole.xlsx", [sheet("aid", UPPER_A, [gift("MM-A-01")])])
    whole = (folder / "whole.xlsx").read_bytes()
    path = folder / f"damaged{suffix}"
    path.write_bytes(whole[:at] + damage + whole[at + len(damage) :])
    with suppress(Unreadable):
        assert [s.index for s in read_workbook(path)] == [0]


def test_a_second_column_of_a_name_is_told_where_it_says_something_else(read):
    half = ["STT", "Họ và tên", "Giới tính", "Là đoàn viên"]
    people = [[n, f"Người Giả Định {n}", "Nữ", "x"] for n in range(1, 5)]
    found = read([*half, *half], [*people[0], *people[2]], [*people[1], *people[3]])
    assert found.twice == {5: "Họ và tên"}  # the answers there are the same
    assert read([*half, "Họ và tên"], [*people[0], None], [*people[1], "Người Giả Định 2"]).twice == {}
