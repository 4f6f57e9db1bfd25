"""Rows of a sheet get their kind and address; every non-blank row is counted once."""

from contextlib import suppress
from datetime import date, datetime

import openpyxl
import pytest
from federation import MAY, UPPER_A, citizen_id, gift, make_federation, member, sheet
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from pipelines.blank import write_return
from pipelines.forms import META_SHEET, forms
from pipelines.grids import Unreadable
from pipelines.intake import read_file
from pipelines.legacy_text import suspect
from pipelines.receiving import Receipt
from pipelines.reference import Registry, checked_reference
from pipelines.sheets import DATA, LONE, SUBTOTAL, TOTAL, read_workbook

HEADER = ["STT", "Mã đơn vị", "Họ và tên", "Giới tính", "Là đoàn viên"]
PERSON = [1, "MM-A-01", "Người Giả Định", "Nam", "x"]
NOBODY = Registry({"units": []}, [], "")


@pytest.fixture(scope="module")
def folder(tmp_path_factory):
    return tmp_path_factory.mktemp("sheets")


@pytest.fixture
def read(folder):
    """Rows of cells → the one sheet that a workbook of them reads as."""

    def grid(*rows):
        book = openpyxl.Workbook()
        for r, row in enumerate(rows, 1):
            for c, value in enumerate(row, 1):
                book.active.cell(r, c, value)
        book.save(folder / "grid.xlsx")
        return read_workbook(folder / "grid.xlsx")[0]

    return grid


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


@pytest.mark.parametrize(
    "numbers",
    [
        ["(1)", "(2)", "(3)", "(4)", "(5)=(3)x(4)"],
        ["A", "B", 1, 2, "3=1+2"],
        ["(a)", "(b)", "(1)", "(2a)", "(2b) = (1) - (2a)"],
        [1, 2, "7=5 + 6", "(8)=(6)*(7):100%", None],
    ],
)
def test_a_line_of_numbers_and_formulas_below_the_header_is_no_data(read, numbers):
    header = ["Mã đơn vị", "Người nhận", "Số suất", "Mức/suất", "Số tiền"]
    assert [k for _, k in kinds(read(header, numbers, ["MM-A-01", "Lò", 1, 2, 2]))] == ["header", "numbering", DATA]


@pytest.mark.parametrize("word", ["Tổng cộng", "TỔNG SỐ", "Cộng:", "Tổng"])
def test_totals_are_control_rows_under_any_name(read, word):
    assert kinds(read(HEADER, PERSON, [None, word, None, None, 1]))[-1] == (3, TOTAL)


@pytest.mark.parametrize("name", ["Tổng Thị Giả Định", "Cộng Văn Giả Định", "Chủ Tịch Giả Định", "Ngày Thị Tháng Năm"])
def test_a_person_whose_name_looks_like_a_total_or_a_signature_is_data(read, name):
    assert kinds(read(HEADER, [1, "MM-A-01", name, "Nữ", "x"]))[-1] == (2, DATA)


@pytest.mark.parametrize("name", ["Tống Công", "Công", "Tong Cong", "Vì Dũ", "Vi Du"])
def test_a_name_that_differs_from_a_total_by_its_accents_is_data(read, name):
    header, row = ["Họ và tên", "Ngày sinh", "Giới tính", "Dân tộc", "Là đoàn viên"], ["15/08/1985", "Nữ", "Thái", "x"]
    found = read(
        ["STT", *header], [1, name, *row], [2, "Cộng Hai", *row], [3, name, *row], [None, "TONG CONG", None, None, None, 3]
    )
    assert [k for _, k in kinds(found)] == ["header", DATA, DATA, DATA, TOTAL]
    assert [k for _, k in kinds(read(header, [name, *row], ["Lò Giả", *row], [name, *row]))] == ["header", DATA, DATA, DATA]


@pytest.mark.parametrize("number", [[1], [None]])
@pytest.mark.parametrize("title", ["Tổng hợp số liệu bằng Excel", "Cộng đồng học tập trực tuyến"])
def test_a_title_that_begins_like_a_total_is_data(read, title, number):
    header = ["STT", "Tên sáng kiến", "Giá trị làm lợi (đồng)", "Tác giả"]
    found = kinds(read(header, [*number, title, 5_000_000], [None, "Cộng khối xã (2 người)", 5_000_000]))
    assert [k for _, k in found] == ["header", DATA, SUBTOTAL]


@pytest.mark.parametrize("word", ["Tổng công", "TONG CONG:", "Tổng sô", "Tông cộng"])
def test_a_total_in_a_slip_of_the_pen_is_one(read, word):
    assert kinds(read(HEADER, PERSON, PERSON, PERSON, [None, word, None, None, 3]))[-1] == (5, TOTAL)


def test_an_indicator_whose_label_is_a_total_is_data(read):
    header = ["Mã chỉ tiêu", "Chỉ tiêu", "Giá trị", "Đơn vị tính"]
    rows = [["tournaments", "Tổng số", 3, "giải"], [None, "Tổng số giải thể thao", 3, None], [None, "Tổng số", 3, "giải"]]
    assert [k for _, k in kinds(read(header, *rows))] == ["header", DATA, DATA, TOTAL]


@pytest.mark.parametrize(
    "line",
    [
        "Người lập biểu",
        "Người tổng hợp",
        "Kế toán",
        "Xác nhận của công đoàn",
        "T/M BAN CHẤP HÀNH",
        "TM. BAN CHẤP HÀNH",
        "(Ký, ghi rõ họ tên)",
        "Nơi nhận:",
        "An, ngày 31 tháng 5 năm 2023",
    ],
)
def test_names_below_a_signature_are_no_data_but_rows_like_those_above_are(read, line):
    signed = [None, "Người Ký Giả Định", None, "Chủ Tịch Giả Định"]
    found = kinds(read(HEADER, PERSON, [None, line], signed, PERSON))
    assert found[-3:] == [(3, "signature"), (4, "signature"), (5, DATA)]


def test_numbered_rows_below_a_signature_are_data(read):
    rows = [[1, "MM-A-01", "Người Giả Định", None, None], [2, "MM-A-01", "Người Giả Định Hai", None, None]]
    found = kinds(read(HEADER, *rows, ["Người lập biểu"], [None, "Người Ký Giả Định"], *rows, ["Kế toán"], ["Người Ký"]))
    assert [k for _, k in found] == ["header", DATA, DATA, "signature", "signature", DATA, DATA, "signature", "signature"]


def test_a_line_with_figures_is_no_signature(read):
    header = ["Người nhận", "Hình thức", "Số suất", "Số tiền"]
    found = kinds(read(header, ["Ban Chấp hành", "Quà", 5], ["Lò Giả Định", "Quà", 1, 500_000]))
    assert [k for _, k in found] == ["header", DATA, DATA]


def test_a_narrow_list_goes_on_below_a_signature(read):
    row = ["Người Giả Định", "15/08/1985", "x"]
    assert kinds(read(["Họ và tên", "Ngày sinh", "Là đoàn viên"], row, ["Người lập biểu"], row))[-1] == (4, DATA)


def test_a_lone_cell_is_a_heading_unless_it_stands_where_names_do(read):
    found = kinds(read(HEADER, [None, None, "Người Giả Định"], [None, None, "II. Khối xã"], ["Khối xã"], [None, "CĐCS Giả Định"]))
    assert [k for _, k in found] == ["header", LONE, "group", "note", "group"]


@pytest.mark.parametrize(("unit", "kind"), [("MM-A-01", DATA), (UPPER_A, "group")])
def test_a_name_alone_is_a_row_of_a_unit_that_is_known(folder, tmp_path, unit, kind):
    book = openpyxl.Workbook()
    for row in (["Kỳ báo cáo: 05/2023"], [f"Đơn vị: {unit}"], HEADER, PERSON, [None, None, "Người Giả Định Hai"]):
        book.active.append(row)
    book.save(folder / "lone.xlsx")
    registry = checked_reference(make_federation(tmp_path).home.reference)
    reading = read_file(folder / "lone.xlsx", Receipt("2023-06-01T08:00:00", "2023-06-01T08:00:00", "0" * 64, "a.xlsx"), registry)
    (s,), (sheet_read,) = reading.submissions, reading.rows.values()
    assert kinds(sheet_read)[-1] == (5, kind)
    assert s.rows_read == s.rows_data + s.rows_control + s.rows_ignored == 5


def test_an_example_row_is_no_data(folder):
    write_return(folder / "e.xlsx", [sheet("members", UPPER_A, [member("MM-A-01")], example=True, blank_rows=5)])
    (found,) = read_workbook(folder / "e.xlsx")
    assert [k for _, k in kinds(found)].count(DATA) == 1
    assert "note" in [k for _, k in kinds(found)]
    assert found.rows_read == len(found.rows)


def test_a_nil_mark_counts_only_when_it_is_set(folder):
    for nil in (True, False):
        write_return(folder / "n.xlsx", [sheet("aid", UPPER_A, nil=nil)])
        assert read_workbook(folder / "n.xlsx")[0].nil is nil


def test_a_nil_line_written_by_hand_counts(read):
    assert read(HEADER, ["Không phát sinh"]).nil
    assert not read(["Không phát sinh (ghi x vào ô bên):", None], HEADER, PERSON).nil


@pytest.mark.parametrize(
    "line",
    [
        "Không phát sinh trong tháng 5",
        "Trong tháng không phát sinh",
        "Trong kỳ đơn vị không có phát sinh.",
        "KHÔNG PHÁT SINH SỐ LIỆU",
        "Không phát sinh trường hợp nào trong tháng 05/2023",
        "Chưa phát sinh",
    ],
)
def test_a_nil_phrase_counts_in_any_words_and_place(read, line):
    row = read(HEADER, [1, None, line, 0, 0])
    assert (row.nil, kinds(row)[-1]) == (True, (2, "note"))
    assert read(HEADER, [line]).nil
    assert read([line], HEADER).nil


@pytest.mark.parametrize("line", ["Không có", "Chưa có.", "Không", "Không có số liệu", "Trong tháng chưa có trường hợp nào"])
def test_a_sheet_that_has_none_is_nil_unless_it_has_rows(read, line):
    assert read(HEADER, [1, None, line, 0, "-"]).nil
    assert read(HEADER, ["I. Khối xã"], [None, line]).nil
    assert not read(HEADER, PERSON, [None, None, line]).nil
    assert not read(HEADER, [1, "MM-A-01", line, "Nữ", "x"]).nil


@pytest.mark.parametrize(
    "line", ["Không có biến động", "Không phát sinh (ghi x vào ô bên):", "Không Thị Giả Định", "CĐCS Xã Không Có"]
)
def test_what_says_something_else_is_no_nil_phrase(read, line):
    assert not read(HEADER, [None, None, line]).nil


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
