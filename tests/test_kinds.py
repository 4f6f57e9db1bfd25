"""The kind of every row below a header: data, total, sub-total, heading, note, signature, numbering; and what says that there is nothing."""

import pytest
from federation import UPPER_A, by_hand, make_federation, member, sheet
from test_sheets import HEADER, PERSON, kinds

from pipelines.blank import write_return
from pipelines.intake import read_file
from pipelines.receiving import Receipt
from pipelines.reference import checked_reference
from pipelines.sheets import DATA, LONE, SUBTOTAL, TOTAL, read_workbook


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


@pytest.mark.parametrize("name", ["Lũy Kế Giả", "Cộng Dồn Giả", "Sỏ Lũy Giả", "Từ Đầu Năm"])
def test_a_person_whose_name_looks_like_a_sum_to_date_is_data(read, name):
    assert kinds(read(HEADER, PERSON, PERSON, [None, "MM-A-01", name, "Nữ", "x"]))[-1] == (4, DATA)


@pytest.mark.parametrize("number", [[1], [None]])
@pytest.mark.parametrize("title", ["Tổng hợp số liệu bằng Excel", "Cộng đồng học tập trực tuyến", "Lũy kế số liệu bằng Excel"])
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


def test_a_signer_under_a_column_of_figures_is_still_a_signer(read):
    header = ["STT", "Người nhận", "Hình thức", "Số suất", "Số tiền"]
    signed = ["NGƯỜI LẬP BIỂU", None, None, "CHỦ TỊCH"], ["Nơi nhận:", None, None, None, "TM. BAN CHẤP HÀNH"]
    found = kinds(read(header, [1, "Lò Giả Định", "Quà", 1, 500_000], *signed))
    assert [k for _, k in found] == ["header", DATA, "signature", "signature"]


def test_a_narrow_list_goes_on_below_a_signature(read):
    row = ["Người Giả Định", "15/08/1985", "x"]
    assert kinds(read(["Họ và tên", "Ngày sinh", "Là đoàn viên"], row, ["Người lập biểu"], row))[-1] == (4, DATA)


def test_a_lone_cell_is_a_heading_unless_it_stands_where_names_do(read):
    found = kinds(read(HEADER, [None, None, "Người Giả Định"], [None, None, "II. Khối xã"], ["Khối xã"], [None, "CĐCS Giả Định"]))
    assert [k for _, k in found] == ["header", LONE, "group", "note", "group"]


@pytest.fixture
def settled(tmp_path):
    """Rows below a header of members, in a file of a unit → their kinds once the sender is known, and what is told of single rows."""
    registry = checked_reference(make_federation(tmp_path / "home").home.reference)

    def told(unit, *rows, header=("TT", "Họ và tên", "Giới tính", "Dân tộc"), form_rows=((1, "Người Giả Định", "Nam", "Kinh"),)):
        (tmp_path / "x.xlsx").write_bytes(by_hand(["Kỳ báo cáo: 05/2023"], [f"Đơn vị: {unit}"], header, *form_rows, *rows))
        at = Receipt("2023-06-01T08:00:00", "2023-06-01T08:00:00", "0" * 64, "a.xlsx")
        reading = read_file(tmp_path / "x.xlsx", at, registry)
        (s,), (sheet,) = reading.submissions, reading.rows.values()
        assert s.rows_read == s.rows_data + s.rows_control + s.rows_ignored == len(sheet.rows)
        issues = [(i.check_id, i.row, i.detail) for i in reading.issues if i.check_id in ("row_alone", "rows_of_leavers")]
        return [kind for _, kind in kinds(sheet)][3 + len(form_rows) :], issues

    return told


@pytest.mark.parametrize(
    ("row", "kind", "told"),
    [
        ([None, "Khoa Nội"], "group", []),
        ([1, "Khoa Nội"], "group", []),
        (["B", "Dược"], "group", []),
        (["I.1", "Tổ X"], "group", []),
        ([None, "Danh sách trên gồm 02 đồng chí"], "group", []),
        ([None, "Nữ: 02"], "group", []),
        ([None, "* Chuyển đi: Lò Thị Giả Định"], "group", []),
        ([None, "Người Giả Định Hai"], "group", [("row_alone", 5, "")]),  # a name without a number in a numbered list
        ([2, "Người Giả Định Hai"], DATA, []),
    ],
)
def test_a_line_of_one_cell_is_a_heading_in_a_list_of_full_rows(settled, row, kind, told):
    assert settled("MM-A-01", row) == ([kind], told)


def test_a_name_alone_is_a_row_of_a_unit_that_is_known_where_the_list_has_no_numbers(settled):
    bare = (None, "Người Giả Định Hai")
    unnumbered = ((None, "Người Giả Định", "Nam", "Kinh"),)
    assert settled("MM-A-01", bare, form_rows=unnumbered) == ([DATA], [])
    assert settled("MM-A-01", (None, "Ban Giám hiệu"), form_rows=unnumbered) == (["group"], [])
    assert settled(UPPER_A, bare, form_rows=unnumbered) == (["group"], [])
    assert settled("MM-A-01", bare, form_rows=((None, "Lò Giả Định"),)) == ([DATA], [])  # a list of names alone


def test_a_title_alone_among_full_rows_is_told(settled):
    header, full = ("TT", "Tên sáng kiến", "Tác giả", "Cấp công nhận"), ((1, "Một sáng kiến", "Lò Giả Định", "Cơ sở"),)
    assert settled("MM-A-01", (None, "Lĩnh vực giáo dục"), header=header, form_rows=full) == (["group"], [])
    goes_on = (None, "trong công tác chủ nhiệm lớp")
    assert settled("MM-A-01", goes_on, header=header, form_rows=full) == (["group"], [("row_alone", 5, "")])


def test_people_below_a_heading_of_leavers_are_no_workers(settled):
    person = (2, "Người Giả Định Hai", "Nữ", "Thái")
    found = settled("MM-A-01", ("II. ĐOÀN VIÊN CHUYỂN ĐI TRONG THÁNG",), person, ("III. ĐOÀN VIÊN CHUYỂN ĐẾN",), person)
    assert found == (["group", "left", "group", DATA], [("rows_of_leavers", 5, "1")])


@pytest.mark.parametrize(
    "part", ["I. Mặt trận Tổ quốc", "II. Giám đốc", "III. Cán bộ chuyên trách", "Tăng trong tháng", "IV. Giám sát"]
)
def test_people_below_a_part_of_a_unit_stay_whatever_its_name_sounds_like(settled, part):
    kinds_below, told = settled("MM-A-01", (part,), (2, "Người Giả Định Hai", "Nữ", "Thái"))
    assert (kinds_below[-1], told) == (DATA, [])


@pytest.mark.parametrize("part", ["II. Giảm trong tháng", "Đã mất", "III. Đoàn viên nghỉ hưu"])
def test_people_below_those_who_left_do_not(settled, part):
    kinds_below, told = settled("MM-A-01", (part,), (2, "Người Giả Định Hai", "Nữ", "Thái"))
    assert (kinds_below[-1], [t[0] for t in told]) == ("left", ["rows_of_leavers"])


@pytest.mark.parametrize("said", ["Không có biến động so với tháng trước", "Danh sách như tháng 4/2023, không thay đổi"])
def test_a_list_that_is_as_before_has_no_rows_and_is_no_nil(read, said):
    sheet = read(HEADER, [None, None, said])
    assert (kinds(sheet)[-1], sheet.nil) == ((2, "note"), False)


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
        "Tháng 5/2023 đơn vị không có phát sinh",
        "Tháng này không có phát sinh gì ạ",
    ],
)
def test_a_nil_phrase_counts_in_any_words_and_place(read, line):
    row = read(HEADER, [1, None, line, 0, 0])
    assert (row.nil, kinds(row)[-1]) == (True, (2, "note"))
    assert read(HEADER, [line]).nil
    assert read([line], HEADER).nil


@pytest.mark.parametrize(
    "line",
    [
        "Không có",
        "Chưa có.",
        "Không",
        "Không có số liệu",
        "Trong tháng chưa có trường hợp nào",
        "Không có đoàn viên khó khăn được hỗ trợ",
        "Đơn vị không có trường hợp nào được hỗ trợ trong tháng",
        "0",
        "/",
    ],
)
def test_a_sheet_that_has_none_is_nil_unless_it_has_rows(read, line):
    assert read(HEADER, [1, None, line, 0, "-"]).nil
    assert read(HEADER, ["I. Khối xã"], [None, line]).nil
    assert not read(HEADER, PERSON, [None, None, line]).nil
    assert not read(HEADER, [1, "MM-A-01", line, "Nữ", "x"]).nil


@pytest.mark.parametrize(
    "line",
    [
        "Không có biến động",
        "Tháng này không có thay đổi",
        "Không có đoàn viên tăng, giảm",
        "Không phát sinh (ghi x vào ô bên):",
        "Không Thị Giả Định",
        "CĐCS Xã Không Có",
    ],
)
def test_what_says_something_else_is_no_nil_phrase(read, line):
    assert not read(HEADER, [None, None, line]).nil


@pytest.mark.parametrize("row", [[0], [None, None, 0], [1, None, 0], [3, None, "-", 0, 0], ["-", "-", "-"]])
def test_a_row_of_zeros_is_nobody(read, row):
    found = read(HEADER, PERSON, row)
    assert [kind for _, kind in kinds(found)][-2:] == [DATA, "note"]


AID = ["STT", "Mã đơn vị", "Người nhận", "Hình thức", "Số suất", "Số tiền"]


def test_what_a_total_is_made_of_is_no_data(read):
    gifts = [[n, "MM-A-01", f"Người Giả Định {n}", "Quà", 1, 500_000] for n in (1, 2)]
    below = [
        [None, None, "Tổng cộng", None, 2, 1_000_000],
        ["Trong đó:"],
        [None, None, "Cấp cơ sở", None, 2, 1_000_000],
        [None, None, "- Nữ", None, 1, 500_000],
        ["Trong đó: Quỹ xã hội", None, None, None, 1, 500_000],
    ]
    again = [3, "MM-A-01", "Trọng Đô Giả Định", "Quà", 1, 500_000]
    found = [k for _, k in kinds(read(AID, *gifts, *below, again))]
    assert found == ["header", DATA, DATA, TOTAL, "note", "note", "note", "note", DATA]


def test_an_indicator_may_be_called_of_which(read):
    header = ["Mã chỉ tiêu", "Chỉ tiêu", "Giá trị", "Đơn vị tính"]
    rows = [["works_completed", "Công trình", 3, "công trình"], ["works_plaqued", "Trong đó: gắn biển", 1, "công trình"]]
    assert [k for _, k in kinds(read(header, *rows))] == ["header", DATA, DATA]


@pytest.mark.parametrize("word", ["Cộng trang 1", "Mang sang", "Cộng mang sang", "Chuyển sang trang sau", "Cộng chuyển sang"])
def test_what_a_page_comes_to_is_nobody(read, word):
    page = [None, None, word, None, 2]
    assert [k for _, k in kinds(read(HEADER, PERSON, page, PERSON, [2, "MM-A-01", "Mạng Sáng", "Nữ", "x"]))] == [
        "header", DATA, "note", DATA, DATA,
    ]  # fmt: skip
