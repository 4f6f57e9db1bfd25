"""Stated totals and sub-totals are compared with the rows they are of, and never loaded."""

import io

import openpyxl
import pytest
from federation import MAY, UPPER_A, gift

HEADER = ["STT", "Mã đơn vị", "Người nhận", "Hình thức", "Đợt", "Cấp hỗ trợ", "Số suất", "Số tiền", "Ngày"]


def line(n, unit="MM-A-01"):
    row = gift(unit, n)
    return [n, unit, row["recipient"], "Quà", row["occasion"], row["given_by"], n, n * 500_000, row["given_date"]]


def said(words, count):
    return [None, words, None, None, None, None, count, count * 500_000]


@pytest.fixture
def sent(federation):
    def send(*rows):
        book = openpyxl.Workbook()
        for row in (["Kỳ báo cáo: 05/2023"], [f"Đơn vị: {UPPER_A}"], HEADER, *rows):
            book.active.append(row)
        out = io.BytesIO()
        book.save(out)
        federation.drop(f"{MAY}/a.xlsx", out.getvalue())
        federation.refresh()
        found = federation.findings(
            "form = 'aid' and check_id like '%total_differs' and column_name = 'gift_count' and caused_by is null"
        )
        (submission,) = (s for s in federation.submissions().values() if s["form"] == "aid")
        return submission, [(f["check_id"].removeprefix("aid_gift_count_"), f["row"], f["message"]) for f in found]

    return send


def test_parts_and_whole_that_add_up_are_no_finding(sent):
    submission, found = sent(
        ["I. Khối xã"], line(1), line(2), said("Cộng I", 3), ["II. Khối cơ quan"], line(3), said("Cộng II", 3), said("Tổng cộng", 6)
    )  # fmt: skip
    assert found == []
    assert (submission["rows_loaded"], submission["rows_control"]) == (3, 3)


@pytest.mark.parametrize("heading", ["I. CĐCS Trường Mầm non Hoa Giấy", "I. Khối xã", ("I", "Khối xã")])
def test_what_a_heading_comes_to_is_not_added_to_its_rows(sent, heading):
    def group(count):
        words = [heading, None] if isinstance(heading, str) else [*heading]
        return [*words, None, None, None, None, count, count * 500_000]

    submission, found = sent(group(3), line(1), line(2), group(3), line(3), said("Tổng cộng", 6))
    assert found == []
    assert (submission["rows_loaded"], submission["rows_rejected"], submission["rows_control"]) == (3, 0, 1)


def test_parts_within_parts_add_up_too(sent):
    _, found = sent(
        ["I. Khối xã"], ["1. Xã Một"], line(1), line(2), said("Cộng", 3), ["2. Xã Hai"], line(3), said("Cộng", 3), said("Cộng I", 6),
        ["II. Khối khác"], line(4), said("Cộng II", 4), said("TỔNG CỘNG", 10),
    )  # fmt: skip
    assert found == []


def test_a_total_right_below_the_header_is_the_whole(sent):
    submission, found = sent(said("Tổng số", 3), line(1), line(2))
    assert (found, submission["rows_control"]) == ([], 1)


def test_a_wrong_part_is_named_with_what_its_rows_give(sent):
    _, found = sent(
        ["I. Khối xã"], line(1), line(2), said("Cộng I", 4), ["II. Khối khác"], line(3), said("Cộng II", 3), said("Tổng cộng", 6)
    )
    ((rule, row, message),) = found
    assert (rule, row) == ("subtotal_differs", 7)
    assert "ghi 4" in message
    assert "được 3" in message


def test_a_part_that_makes_the_whole_wrong_is_one_finding(sent):
    _, found = sent(
        ["I. Khối xã"], line(1), line(2), said("Cộng I", 4), ["II. Khối khác"], line(3), said("Cộng II", 3), said("Tổng cộng", 7)
    )
    assert [f[:2] for f in found] == [("subtotal_differs", 7)]


def test_a_wrong_whole_is_named_alone(sent):
    _, found = sent(
        ["I. Khối xã"], line(1), said("Cộng I", 1), ["II. Khối khác"], line(3), said("Cộng II", 3), said("Tổng cộng", 9)
    )
    assert [f[:2] for f in found] == [("total_differs", 10)]
