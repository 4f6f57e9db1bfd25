"""Headers of one, two and three lines, in any spelling, in any format, are found by what they say."""

import openpyxl
import pytest

from pipelines.forms import forms
from pipelines.grids import Unreadable, read_grids
from pipelines.headers import find_header
from pipelines.sheets import DATA, read_workbook

TWO_LINES = [
    ["LIÊN ĐOÀN LAO ĐỘNG HUYỆN AN", None, None, "CỘNG HÒA XÃ HỘI CHỦ NGHĨA VIỆT NAM"],
    [],
    ["STT", "Mã đơn vị", "Họ và tên", "Ngày sinh", None, "Dân tộc", "Trình độ", None, None, "Là đoàn viên"],
    [None, None, None, "Nam", "Nữ", None, "Văn hóa", "Chuyên môn", "LLCT", None],
    ["(1)", "(2)", "(3)", "(4)", "(5)", "(6)", "(7)", "(8)", "(9)", "(10)"],
    [1, "MM-A-01", "Người Giả Định Một", "15/08/1985", None, "Thái", "THPT", "Đại học", "Sơ cấp", "x"],
    [2, "MM-A-01", "Người Giả Định Hai", None, "16/09/1990", "Kinh", "THCS", "Trung cấp", None, None],
]
THREE_LINES = [
    ["TT", "Thông tin chung", None, None, None, "Hỗ trợ", None, None, "Ghi chú"],
    [None, "Đơn vị", None, "Người nhận", "Đối tượng", "Hình thức", "Giá trị", None, None],
    [None, "Mã đơn vị", "Tên", None, None, None, "Số suất", "Số tiền", None],
    [1, "MM-A-01", "CĐCS Giả Định", "Người Nhận Giả Định", "Khó khăn", "Quà", 2, 1_000_000, None],
]


def rows_of(grid):
    return [[None if c is None else str(c) for c in row] for row in grid]


def cells(sheet):
    names = [c.name for c in sheet.form.columns]
    return [{n: c for n, c in zip(names, row, strict=True) if c} for _, kind, _, row in sheet.rows if kind == DATA]


@pytest.fixture
def read(tmp_path):
    def grid(rows):
        book = openpyxl.Workbook()
        for r, row in enumerate(rows, 1):
            for c, value in enumerate(row, 1):
                book.active.cell(r, c, value)
        book.save(tmp_path / "grid.xlsx")
        return read_workbook(tmp_path / "grid.xlsx")[0]

    return grid


def test_a_birth_date_below_nam_or_nu_says_the_sex(read):
    found = read(TWO_LINES)
    assert (found.header_row, found.missing, found.unknown) == (3, [], [])
    assert cells(found) == [
        {"unit_code": "MM-A-01", "full_name": "Người Giả Định Một", "birth_date": "15/08/1985", "sex": "Nam", "ethnicity": "Thái",
         "schooling": "THPT", "qualification": "Đại học", "political_theory": "Sơ cấp", "is_member": "x"},
        {"unit_code": "MM-A-01", "full_name": "Người Giả Định Hai", "birth_date": "16/09/1990", "sex": "Nữ", "ethnicity": "Kinh",
         "schooling": "THCS", "qualification": "Trung cấp"},
    ]  # fmt: skip
    assert [kind for _, kind, _, _ in found.rows] == ["title", "header", "header", "numbering", DATA, DATA]


def test_dates_below_both_are_an_answer_to_neither(read):
    row = [3, "MM-A-01", "Người Giả Định Ba", "1/1/1980", "2/2/1990"]
    assert cells(read([*TWO_LINES, row]))[-1] == {
        "unit_code": "MM-A-01", "full_name": "Người Giả Định Ba", "birth_date": "1/1/1980 2/2/1990", "sex": "Nam Nữ",
    }  # fmt: skip


def test_a_mark_below_nam_or_nu_is_the_sex(read):
    header = [["Mã đơn vị", "Họ và tên", "Giới tính", None, "Ngày sinh"], [None, None, "Nam", "Nữ", None]]
    found = read([*header, ["MM-A-01", "Người A", None, "x", "15/08/1985"], ["MM-A-01", "Người B", "x", None, "15/08/1985"]])
    assert [r["sex"] for r in cells(found)] == ["Nữ", "Nam"]
    assert {r["birth_date"] for r in cells(found)} == {"15/08/1985"}


def test_three_lines_are_read_from_the_lowest_name(read):
    found = read(THREE_LINES)
    assert cells(found) == [{"unit_code": "MM-A-01", "recipient": "Người Nhận Giả Định", "hardship": "Khó khăn", "kind": "Quà",
                             "gift_count": "2", "amount_vnd": "1000000"}]  # fmt: skip
    assert found.unknown == ["Tên"]


def test_a_row_of_data_is_no_second_line_of_a_header(read):
    found = read([["Họ và tên", "Giới tính", "Là đoàn viên"], ["Đoàn viên Giả Định", "Nam", "x"]])
    assert len(cells(found)) == 1


@pytest.mark.parametrize("word", ["Đoàn viên", "Ghi chú", "Họ tên vợ/chồng"])
@pytest.mark.parametrize("place", [0, 3])
def test_a_row_of_words_is_data_and_no_message_repeats_it(read, word, place):
    header = ["Họ và tên", "Giới tính", "Dân tộc", "Chức vụ", "Họ tên vợ/chồng"]
    people = [["Lò Giả Một", "Nữ", "Thái", "Tổ trưởng", "Vàng Giả"], ["Lò Giả Hai", "Nữ", "Thái", "Tổ phó", "Vàng Giả Hai"]]
    people[0][place] = word
    found = read([header, *people])
    assert [r["full_name"] for r in cells(found)] == [people[0][0], "Lò Giả Hai"]
    assert found.unknown == ["Chức vụ", "Họ tên vợ/chồng"]


@pytest.mark.parametrize("row", [["Lò Giả", "Ghi chú"], [None, "Ghi chú", None, None, None, "Lò Giả"]])
def test_no_message_repeats_a_row_that_answers_nothing(read, row):
    found = read([["Chức vụ", "Tổ", "Họ và tên", "Giới tính", "Dân tộc"], row, ["Tổ trưởng", None, "Lò Giả Hai", "Nữ", "Thái"]])
    assert not any("Lò" in name for name in found.unknown)


def test_an_unknown_name_below_a_known_one_is_called_by_its_column(read):
    header = [["Họ và tên", "Ngày sinh", None, None, "Dân tộc"], [None, "Nam", "Nữ", "Khác", None]]
    assert read([*header, ["Lò Giả Một", "1/1/1980", None, None, "Thái"]]).unknown == ["D"]
    header = [["Họ và tên", "Giới tính", "Trình độ", None, None], [None, None, "Văn hóa", "Chuyên môn", "Ngoại ngữ"]]
    assert read([*header, ["Lò Giả Một", "Nữ", "THPT", "Đại học", "A"]]).unknown == ["Ngoại ngữ"]


def test_a_remark_below_a_name_keeps_the_second_line(read):
    header = [["Họ và tên", "Ngày sinh", "Giới tính", "Trình độ", None], [None, "ngày/tháng/năm", None, "Văn hóa", "Chuyên môn"]]
    assert cells(read([*header, ["Lò Giả Một", "1/1/1980", "Nữ", "THPT", "Đại học"]]))[-1]["schooling"] == "THPT"


@pytest.mark.parametrize("below", [["Tháng này", "Lũy kế"], ["Đồng", "Ngoại tệ", "Hiện vật"]])
def test_a_name_over_unknown_sub_columns_takes_none_of_them(read, below):
    header = ["Mã đơn vị", "Người nhận", "Hình thức", "Số tiền", *[None] * (len(below) - 1), "Đợt"]
    found = read([header, [None, None, None, *below], ["MM-A-01", "Lò Giả", "Quà", *range(5, 5 + len(below)), "Tết"]])
    assert cells(found) == [{"unit_code": "MM-A-01", "recipient": "Lò Giả", "kind": "Quà", "occasion": "Tết"}]
    assert found.missing == ["gift_count", "amount_vnd"]
    assert found.unknown == [*"DEF"[: len(below)]]


def test_a_name_over_one_unknown_sub_column_is_it(read):
    found = read(
        [["Mã đơn vị", "Người nhận", "Hình thức", "Số tiền"], [None, None, None, "Tháng này"], ["MM-A-01", "Lò", "Quà", 5]]
    )
    assert cells(found)[-1]["amount_vnd"] == "5"


def test_each_table_of_a_sheet_is_read_by_its_own_header(read):
    first = [["STT", "Mã đơn vị", "Họ và tên", "Giới tính", "Số tổ"], [1, "MM-A-01", "Lò Giả Một", "Nữ", "A"], ["Người lập biểu"]]
    second = [["Kỳ báo cáo: 06/2023"], ["Họ và tên", None, "Trình độ", None, "Mã đơn vị"], [None, None, "Văn hóa", "Chuyên môn", None],
              ["Lò Giả Hai", None, "THPT", "Đại học", "MM-A-02"]]  # fmt: skip
    found = read([["Kỳ báo cáo: 05/2023"], *first, [], *second, first[0], [1, "MM-A-03", "Lò Giả Ba", "Nam", None]])
    assert cells(found) == [
        {"unit_code": "MM-A-01", "full_name": "Lò Giả Một", "sex": "Nữ"},
        {"unit_code": "MM-A-02", "full_name": "Lò Giả Hai", "schooling": "THPT", "qualification": "Đại học"},
        {"unit_code": "MM-A-03", "full_name": "Lò Giả Ba", "sex": "Nam"},
    ]
    assert [row[1] for row in found.rows if row[1] != DATA] == ["title", "header", "signature", "signature", *["header"] * 3]
    assert (found.unknown, found.header_row, found.title_periods) == (["Số tổ"], 2, {"2023-05", "2023-06"})


def test_a_table_of_another_form_below_is_said_and_counted(read):
    found = read([["Mã đơn vị", "Họ và tên", "Giới tính"], ["MM-A-01", "Lò Giả Một", "Nữ"],
                  ["Đơn vị", "Tên sáng kiến", "Tác giả"], ["MM-A-01", "Không phát sinh", "Lò Giả"], ["Tổng cộng", None, 1]])  # fmt: skip
    assert [kind for _, kind, _, _ in found.rows] == ["header", DATA, "header", "other", "other"]
    assert (found.others, found.nil) == ([(3, "Sáng kiến")], False)


def test_a_row_that_begins_like_a_header_is_data(read):
    rows = [
        ["Họ và tên", "Giới tính", "Dân tộc"],
        ["Lò Giả", "Nữ", "Thái"],
        ["Đoàn viên", "Nữ", "Thái"],
        ["Ghi chú", "Đoàn viên", "Thái"],
    ]
    assert len(cells(read(rows))) == 3


def test_merged_cells_are_read_as_they_look(tmp_path):
    book = openpyxl.Workbook()
    for r, row in enumerate(TWO_LINES, 1):
        for c, value in enumerate(row, 1):
            book.active.cell(r, c, value)
    for merged in ("D3:E3", "G3:I3", "A3:A4", "B3:B4", "C3:C4", "F3:F4", "J3:J4", "A1:C1"):
        book.active.merge_cells(merged)
    book.save(tmp_path / "merged.xlsx")
    assert cells(read_workbook(tmp_path / "merged.xlsx")[0])[0]["schooling"] == "THPT"


@pytest.mark.parametrize("form", forms())
def test_every_label_and_synonym_names_its_column(form):
    spec = forms()[form]
    for c in spec.columns:
        for name in (c.label, *c.synonyms, c.label.upper(), f"  {c.label} "):
            others = [o.label for o in spec.columns if o.name != c.name and o.label != c.label][:6]
            header = find_header([[name, *others]])
            assert header is not None
            assert header.columns.form.form == form
            assert header.columns.places[c.name] == 0


# ---- csv

LINES = [
    "Kỳ báo cáo: 05/2023",
    "Đơn vị: MM-A",
    "Mã đơn vị|Họ và tên|Giới tính|Là đoàn viên|Ngày sinh",
    'MM-A-01|"Đặng Thị Ước, em"|Nữ|x|15/08/1985',
]


@pytest.mark.parametrize("by", [";", ",", "\t"])
@pytest.mark.parametrize("encoding", ["utf-8", "utf-8-sig", "utf-16", "utf-16-le", "utf-16-be", "cp1258"])
def test_a_csv_is_read_in_every_delimiter_and_encoding(tmp_path, by, encoding):
    text = "\r\n".join(LINES).replace("|", by)
    if encoding == "cp1258":
        text = as_1258(text)
    (tmp_path / "a.csv").write_bytes(text.encode(encoding))
    (found,) = read_workbook(tmp_path / "a.csv")
    assert found.name == ""
    assert found.title_periods == {"2023-05"}
    assert cells(found) == [
        {"unit_code": "MM-A-01", "full_name": "Đặng Thị Ước, em", "sex": "Nữ", "is_member": "x", "birth_date": "15/08/1985"}
    ]


def as_1258(text: str) -> str:
    """How windows-1258 spells: base letter and tone apart, the other marks together."""
    import unicodedata

    made = []
    for letter in text:
        try:
            letter.encode("cp1258")
            made.append(letter)
        except UnicodeEncodeError:
            base, *marks = unicodedata.normalize("NFD", letter)
            tone = next(m for m in marks if m in "\u0300\u0301\u0303\u0309\u0323")
            made.append(unicodedata.normalize("NFC", base + "".join(m for m in marks if m != tone)) + tone)
    return "".join(made)


@pytest.mark.parametrize("content", [b"", b"\x00\x01\x02\x03\x04", "Tệp hỏng, không phải bảng tính.".encode()])
def test_what_is_no_table_says_so_in_vietnamese(tmp_path, content):
    (tmp_path / "a.xlsx").write_bytes(content)
    with pytest.raises(Unreadable, match="xin"):
        read_grids(tmp_path / "a.xlsx")


def test_a_table_saved_as_text_under_the_name_of_a_workbook_is_read(tmp_path):
    (tmp_path / "a.xls").write_text("\n".join(LINES).replace("|", "\t"), "utf-16")
    assert len(cells(read_workbook(tmp_path / "a.xls")[0])) == 1


def test_hidden_rows_are_read_and_counted(tmp_path):
    book = openpyxl.Workbook()
    for row in TWO_LINES:
        book.active.append(row)
    book.active.row_dimensions[6].hidden = True
    book.save(tmp_path / "hidden.xlsx")
    (found,) = read_workbook(tmp_path / "hidden.xlsx")
    assert (found.hidden_rows, len(cells(found))) == (1, 2)


def test_a_unit_named_above_a_group_of_rows_is_theirs(federation, tmp_path):
    book = openpyxl.Workbook()
    for row in (
        ["Kỳ báo cáo: 05/2023"], ["Đơn vị: MM-A"], ["STT", "Mã đơn vị", "Họ và tên", "Giới tính", "Là đoàn viên", "Ngày sinh"],
        ["I. CĐCS Trường Mầm non Hoa Giấy"], [1, None, "Người Giả Định Một", "Nữ", "x", "15/08/1985"],
        [2, "MM-A-02", "Người Giả Định Hai", "Nữ", "x", "16/08/1985"], ["II", "cđcs công ty gỗ tưởng tượng"],
        [3, None, "Người Giả Định Ba", "Nam", "x", "17/08/1985"], ["III. Khối khác"], [4, None, "Người Giả Định Bốn", "Nam", "x", "18/08/1985"],
    ):  # fmt: skip
        book.active.append(row)
    book.save(tmp_path / "a.xlsx")
    federation.drop("a.xlsx", (tmp_path / "a.xlsx").read_bytes())
    federation.refresh()
    found = federation.query("select unit_code, row from core.member order by row")
    assert [(r["unit_code"], r["row"]) for r in found] == [("MM-A-01", 5), ("MM-A-02", 6), ("MM-A-02", 8)]
    assert [f["row"] for f in federation.findings("check_id = 'members_unit_code_missing'")] == [10]


def test_a_list_of_gifts_needs_no_column_that_says_so(read):
    header = ["TT", "Họ và tên", "Hoàn cảnh", "Số suất", "Mức quà", "Thành tiền", "Ký nhận"]
    rows = [[1, "Người Giả Định", "Khó khăn", 1, 500_000, 500_000], [None, "Tổng cộng", None, 1, None, 500_000]]
    sheet = read([header, *rows])
    assert sheet.form.form == "aid"
    at = [c.name for c in sheet.form.columns].index("kind")
    assert [(kind, cells[at]) for _, kind, _, cells in sheet.rows] == [("header", None), ("data", "Quà"), ("total", None)]
    assert "kind" not in [*sheet.missing, *sheet.absent]
    assert sheet.assumed == {"Hình thức": "Quà"}
