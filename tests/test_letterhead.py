"""Whose a sheet is and for which month, where only the lines above the table or another sheet of the file say it, as offices write them."""

import io

import openpyxl
import pytest
from federation import MAY, by_hand

from pipelines.intake import read_file
from pipelines.receiving import archived, receive
from pipelines.reference import read_reference

HEADER = ["STT", "Họ và tên", "Giới tính", "Là đoàn viên"]
ROWS = [[1, "Người Giả Định một", "Nữ", "x"], [2, "Người Giả Định hai", "Nam", "x"]]
SCHOOL, AN, PROVINCE = "CĐCS TRƯỜNG MẦM NON HOA GIẤY", "LĐLĐ HUYỆN AN", "LĐLĐ TỈNH MẪU (GIẢ ĐỊNH)"
PERIOD = ["Kỳ báo cáo: 05/2023"]


def read(federation, *sheets, name="a.xlsx"):
    """What intake makes of a workbook of these sheets: sender, month, status and what it raises, for each."""
    if len(sheets) == 1:
        content = by_hand(*sheets[0])
    else:
        book, out = openpyxl.Workbook(), io.BytesIO()
        book.remove(book.active)
        for n, rows in enumerate(sheets):
            page = book.create_sheet(f"Trang {n}")
            for row in rows:
                page.append(row)
        book.save(out)
        content = out.getvalue()
    federation.drop(name, content)
    (receipt,) = receive(federation.home, federation.now)
    found = read_file(archived(federation.home, receipt), receipt, read_reference(federation.home.reference))
    raised = {
        s.submission_id: {i.check_id for i in found.issues if i.submission_id == s.submission_id} for s in found.submissions
    }
    return [(s.unit_code, s.period, s.intake_status, raised[s.submission_id] - {"column_absent"}) for s in found.submissions]


@pytest.mark.parametrize(
    ("lines", "sender"),
    [
        ([[AN], [SCHOOL]], "MM-A-01"),
        ([[AN, None, "CỘNG HÒA XÃ HỘI CHỦ NGHĨA VIỆT NAM"], [SCHOOL, None, "Độc lập - Tự do - Hạnh phúc"]], "MM-A-01"),
        ([["DANH SÁCH ĐOÀN VIÊN CĐCS Trường Mầm non Hoa Giấy"]], "MM-A-01"),
        ([[PROVINCE], [AN]], "MM-A"),
        ([["CĐCS XÃ KHÔNG CÓ"], [SCHOOL]], None),  # two, neither above the other
        ([[PROVINCE]], None),  # who made the form, and whoever filled it in
        ([["CĐCS Trường Hoa Giấy"]], None),  # near is not enough
    ],
)
def test_a_letterhead_names_the_sender_by_its_whole_name(federation, lines, sender):
    ((unit, period, status, raised),) = read(federation, [*lines, PERIOD, HEADER, *ROWS])
    assert (unit, period) == (sender, MAY)
    of_whom = {"column_missing"} if sender == "MM-A" else set()  # rows of a union must say of which unit
    assert (status, raised) == (("accepted", of_whom) if sender else ("waiting", {"unit_missing"}))


def test_a_letterhead_says_nothing_where_the_line_of_the_sender_or_the_rows_do(federation):
    coded = [[*HEADER, "Mã đơn vị"], *([*row, "MM-B-01"] for row in ROWS)]
    assert read(federation, [[AN], [SCHOOL], PERIOD, *coded])[0][0] == "MM-B-01"
    assert read(federation, [[SCHOOL], ["Đơn vị: MM-B"], PERIOD, *coded], name="b.xlsx")[0][0] == "MM-B"


@pytest.mark.parametrize(
    ("lines", "sender"),
    [
        ([[AN]], "MM-A"),
        ([["LIÊN ĐOÀN LAO ĐỘNG HUYỆN AN"], ["DANH SÁCH ĐOÀN VIÊN THÁNG 5/2023"]], "MM-A"),
        ([[PROVINCE], [AN]], "MM-A"),
        ([[AN], ["CĐCS TRƯỜNG MN HOA GIẤY"]], "MM-A-01"),  # misspelt, but it may be the unit's own
        ([[AN], [SCHOOL]], "MM-A-01"),
        ([[PROVINCE]], "MM-A-01"),  # who made the form
    ],
)
def test_the_letterhead_of_a_union_sends_what_is_of_one_unit_below_it(federation, lines, sender):
    coded = [["Mã đơn vị", *HEADER], *(["MM-A-01", *row] for row in ROWS)]
    assert read(federation, [*lines, PERIOD, *coded])[0][:3] == (sender, MAY, "accepted")


def test_a_list_of_which_one_unit_is_unknown_is_its_unions_and_replaces_no_list_of_the_other(federation):
    rows = [["Trường Mầm non Hoa Giấy (02 đ/c)"], *ROWS, ["Trường Mầm non Hoa Giay Hai"], *ROWS]
    assert read(federation, [PERIOD, ["DANH SÁCH ĐOÀN VIÊN"], HEADER, *rows])[0][0] == "MM-A"


def test_what_one_sheet_says_of_the_sender_holds_for_the_others_of_its_file(federation):
    first = [[f"Đơn vị: {SCHOOL}"], PERIOD, HEADER, *ROWS]
    second = [PERIOD, ["STT", "Người nhận", "Hình thức", "Số suất", "Số tiền"], [1, "Người Giả Định", "Quà", 1, 500000]]
    assert [s[:3] for s in read(federation, first, second)] == [("MM-A-01", MAY, "accepted")] * 2


@pytest.mark.parametrize(
    ("line", "months"),
    [
        ("Báo cáo tháng 5/2023 (từ ngày 01/5/2023 đến ngày 31/5/2023)", {MAY}),
        ("Kết quả tháng 5/2023 và phương hướng tháng 6/2023", {MAY}),
        ("Chăm lo tháng 4 và tháng 5 năm 2023", {MAY, "2023-04"}),
        ("Quà tháng 4, tháng 5 năm 2023", {MAY, "2023-04"}),
        ("(Kèm theo Công văn tháng 4/2023)", set()),
        ("Mường Mây, ngày 02 tháng 6 năm 2023", set()),
        ("Mường Mây, ngày … tháng 6 năm 2023", set()),
    ],
)
def test_a_line_states_the_months_that_a_reader_takes_it_for(federation, line, months):
    ((_, period, _, raised),) = read(federation, [[f"Đơn vị: {SCHOOL}"], [line], HEADER, *ROWS])
    assert period == (MAY if months == {MAY} else None)
    assert raised == ({"period_conflict"} if len(months) > 1 else set() if months else {"period_missing"})


def test_a_unit_that_receives_the_return_does_not_send_it(federation):
    assert read(federation, [["Đơn vị nhận báo cáo: MM-A"], [f"Đơn vị: {SCHOOL}"], PERIOD, HEADER, *ROWS])[0][0] == "MM-A-01"


def test_a_sheet_like_a_form_is_not_passed_over_beside_a_good_one(federation):
    good = [[f"Đơn vị: {SCHOOL}"], PERIOD, HEADER, *ROWS]
    like = [PERIOD, ["STT", "Ngày sinh", "Giới tính", "Số CCCD"], [1, "1/1/1990", "Nữ", "9" * 12]]
    note = [["Ghi chú"], ["Số liệu đã được Ban Chấp hành thông qua"]]
    assert [s[2:] for s in read(federation, good, like, note)] == [
        ("accepted", set()),
        ("rejected", {"form_incomplete"}),
        ("rejected", {"form_unknown"}),
    ]
    federation.refresh()
    (found,) = [f for f in federation.findings() if f["severity"] == "critical"]
    assert (found["check_id"], found["row"]) == ("form_incomplete", 2)
    assert "«Họ và tên»" in found["message"]
