"""Stated totals and sub-totals are compared with the rows they are of, and never loaded."""

import pytest
from federation import MAY, UPPER_A, by_hand, gift

from pipelines.gaps import Part
from pipelines.totals import why_differs

HEADER = ["STT", "Mã đơn vị", "Người nhận", "Hình thức", "Đợt", "Cấp hỗ trợ", "Số suất", "Số tiền", "Ngày"]


def line(n, unit="MM-A-01"):
    row = gift(unit, n)
    return [n, unit, row["recipient"], "Quà", row["occasion"], row["given_by"], n, n * 500_000, row["given_date"]]


def stated(words, count):
    return [None, words, None, None, None, None, count, count * 500_000]


@pytest.fixture
def sent(federation):
    def send(*rows):
        content = by_hand(["Kỳ báo cáo: 05/2023"], [f"Đơn vị: {UPPER_A}"], HEADER, *rows)
        federation.drop(f"{MAY}/a.xlsx", content)
        federation.refresh()
        found = federation.findings(
            "form = 'aid' and check_id like '%total_differs' and column_name = 'gift_count' and caused_by is null"
        )
        (submission,) = (s for s in federation.submissions().values() if s["form"] == "aid")
        return submission, [(f["check_id"].removeprefix("aid_gift_count_"), f["row"], f["message"]) for f in found]

    return send


def test_parts_and_whole_that_add_up_are_no_finding(sent):
    submission, found = sent(
        ["I. Khối xã"], line(1), line(2), stated("Cộng I", 3), ["II. Khối cơ quan"], line(3), stated("Cộng II", 3), stated("Tổng cộng", 6)
    )  # fmt: skip
    assert found == []
    assert (submission["rows_loaded"], submission["rows_control"]) == (3, 3)


@pytest.mark.parametrize("heading", ["I. CĐCS Trường Mầm non Hoa Giấy", "I. Khối xã", ("I", "Khối xã")])
def test_what_a_heading_comes_to_is_not_added_to_its_rows(sent, heading):
    def group(count):
        words = [heading, None] if isinstance(heading, str) else [*heading]
        return [*words, None, None, None, None, count, count * 500_000]

    submission, found = sent(group(3), line(1), line(2), group(3), line(3), stated("Tổng cộng", 6))
    assert found == []
    assert (submission["rows_loaded"], submission["rows_rejected"], submission["rows_control"]) == (3, 0, 1)


def test_parts_within_parts_add_up_too(sent):
    _, found = sent(
        ["I. Khối xã"], ["1. Xã Một"], line(1), line(2), stated("Cộng", 3), ["2. Xã Hai"], line(3), stated("Cộng", 3), stated("Cộng I", 6),
        ["II. Khối khác"], line(4), stated("Cộng II", 4), stated("TỔNG CỘNG", 10),
    )  # fmt: skip
    assert found == []


def test_a_total_right_below_the_header_is_the_whole(sent):
    submission, found = sent(stated("Tổng số", 3), line(1), line(2))
    assert (found, submission["rows_control"]) == ([], 1)


@pytest.mark.parametrize("words", ["Tổng cộng", "Tổng số", "Cộng"])
def test_a_total_above_and_one_below_are_both_the_whole(sent, words):
    submission, found = sent(stated(words, 3), line(1), line(2), stated(words, 3))
    assert found == []
    assert (submission["rows_loaded"], submission["rows_control"]) == (2, 2)


def test_each_of_two_wholes_is_compared(sent):
    _, found = sent(stated("Tổng cộng", 4), line(1), line(2), stated("Tổng cộng", 3))
    assert [f[:2] for f in found] == [("total_differs", 4)]
    assert "được 3" in found[0][2]


def test_two_wholes_that_are_wrong_alike_are_told_once(sent, federation):
    _, found = sent(stated("Tổng cộng", 4), line(1), line(2), stated("Tổng cộng", 4))
    assert [f[:2] for f in found] == [("total_differs", 4)]
    assert len(federation.findings("check_id = 'aid_gift_count_total_differs' and state = 'open'")) == 2


def test_the_first_of_two_tables_may_have_its_total_on_top(sent):
    _, found = sent(stated("Cộng", 3), line(1), line(2), stated("Cộng", 4), line(4), stated("Tổng cộng", 7))
    assert [f[:2] for f in found] == [("subtotal_differs", 4), ("subtotal_differs", 7)]  # whose they are, nobody can tell


@pytest.mark.parametrize(
    "words",
    [
        "Lũy kế từ đầu năm",
        "Luỹ kế:",
        "Cộng dồn",
        "Lũy kế 5 tháng đầu năm 2023",
        "Số lũy kế",
        "Tổng cộng lũy kế",
        "Từ đầu năm đến nay",
        "LUY KE TU DAU NAM",
    ],
)
def test_what_came_together_since_the_year_began_is_not_compared_with_a_month(sent, federation, words):
    submission, found = sent(line(1), line(2), line(3), stated("Tổng cộng", 6), stated(words, 60))
    assert federation.findings("severity = 'critical'") == []
    assert (found, submission["rows_loaded"], submission["rows_control"]) == ([], 3, 2)
    (kept,) = federation.query("select gift_count, amount_vnd from raw.aid where row_kind = 'to_date'") or [None]
    assert kept == {"gift_count": "60", "amount_vnd": "30000000"}


def with_a_wrong_part(whole):
    """Two blocks of 3 each, of which the first says 4."""
    first, second = (["I. Khối xã"], line(1), line(2), stated("Cộng I", 4)), (["II. Khối khác"], line(3), stated("Cộng II", 3))
    return *first, *second, stated("Tổng cộng", whole)


def test_a_wrong_part_is_named_with_what_its_rows_give(sent):
    _, found = sent(*with_a_wrong_part(6))
    ((rule, row, message),) = found
    assert (rule, row) == ("subtotal_differs", 7)
    assert "ghi 4" in message
    assert "được 3" in message


def test_a_part_that_makes_the_whole_wrong_is_one_finding(sent):
    _, found = sent(*with_a_wrong_part(7))
    assert [f[:2] for f in found] == [("subtotal_differs", 7)]


def test_a_wrong_whole_is_named_alone(sent):
    _, found = sent(
        ["I. Khối xã"], line(1), stated("Cộng I", 1), ["II. Khối khác"], line(3), stated("Cộng II", 3), stated("Tổng cộng", 9)
    )
    assert [f[:2] for f in found] == [("total_differs", 10)]


@pytest.mark.parametrize(
    ("total", "told"),
    [
        ("3 suất", None),
        ("khoảng 3", "total_unreadable"),
        ("#REF!", "total_unreadable"),
        ("3-4", "total_unreadable"),
        ("(xem dưới)", None),
    ],
)
def test_a_total_that_cannot_be_read_is_told_and_one_with_its_unit_is_read(federation, total, told):
    rows = [HEADER, line(1), line(2), [None, "Tổng cộng", None, None, None, None, total, 1_500_000]]
    federation.drop(f"{MAY}/a.xlsx", by_hand(["Kỳ báo cáo: 05/2023"], [f"Đơn vị: {UPPER_A}"], *rows))
    federation.refresh()
    found = [f for f in federation.findings() if f["form"] == "aid" and f["column_name"] == "gift_count"]
    assert [f["check_id"] for f in found] == ([f"aid_gift_count_{told}"] if told else [])
    assert all("chưa so được số cộng ở đây" in f["message"] and f["row"] == 6 for f in found)
    declared = federation.query("select declared from core.control_total where column_name = 'gift_count'")
    assert [d["declared"] for d in declared] == ([3] if total == "3 suất" else [])


PARTS = [Part("cộng dòng 5 hai lần", "chưa cộng dòng 5", 30, 15_000_000), Part("", "chưa cộng đơn vị X", 40)]


@pytest.mark.parametrize(
    ("declared", "computed", "twin_gap", "said"),
    [
        (70, 100, None, "có lẽ chưa cộng dòng 5"),
        (130, 100, None, "có lẽ cộng dòng 5 hai lần"),
        (70, 100, -15_000_000, "có lẽ chưa cộng dòng 5"),
        (70, 100, 0, None),  # the money holds, so the row was added
        (100, 1000, None, "tổng này thiếu một số 0"),
        (174, 147, None, "có lẽ hai chữ số liền nhau của tổng bị đảo"),
        (61, 100, None, None),
    ],
)
def test_one_thing_that_explains_a_wrong_total_is_told(declared, computed, twin_gap, said):
    assert why_differs(declared, computed, PARTS, twin_gap) == said


@pytest.mark.parametrize(
    ("rows", "total", "said"),
    [
        ([line(1), line(2), line(4)], 3, "chưa cộng dòng 6"),
        ([line(7), line(1), line(2)], 7, "chưa cộng dòng 5 đến 6 được thêm vào cuối"),
        ([line(7), line(8), line(1, "MM-A-02"), line(2, "MM-A-02"), line(9)], 24, "chưa cộng đơn vị MM-A-02"),
        ([line(7), line(2), stated("Cộng", 9), line(8)], 26, "cộng cả dòng cộng 6"),
    ],
)
def test_what_the_rows_themselves_explain_is_in_the_finding(sent, rows, total, said):
    _, ((rule, _, message),) = sent(*rows, stated("Tổng cộng", total))
    assert rule == "total_differs"
    assert f"(có lẽ {said})" in message
