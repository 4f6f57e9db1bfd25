"""Units named above groups of rows: a row goes to the unit it stands under, and never to the one before a name nobody knows."""

import pytest
from federation import NOW, UNITS, UPPER_A, by_hand, make_federation

from pipelines.matching import confirm, unmatched
from pipelines.reference import checked_reference
from pipelines.vietnamese import month_of_sheet

HEADER = ["STT", "Mã đơn vị", "Họ và tên", "Giới tính", "Dân tộc", "Là đoàn viên"]


KNOWN = "CĐCS Trường Mầm non Hoa Giấy"


def workbook(*rows, sender=UPPER_A, merged=()):
    return by_hand(["Kỳ báo cáo: 05/2023"], [f"Đơn vị: {sender}" if sender else "DANH SÁCH"], HEADER, *rows, merged=merged)


def person(n):
    return [n, None, f"Người Giả Định số {n}", "Nữ", "Thái", "x"]


@pytest.mark.parametrize(
    ("stranger", "why"),
    [("CĐCS Công ty Chưa Ai Biết", "unreadable"), ("KHỐI DOANH NGHIỆP", "missing"), ("II. CĐCS Gỗ Tưởng Tượn", "unreadable")],
)
def test_a_heading_that_nobody_knows_ends_the_group(federation, stranger, why):
    federation.drop(
        "a.xlsx", workbook([KNOWN], person(1), ["(Ghi theo danh sách lương)"], person(2), [stranger], person(3), person(4))
    )
    federation.refresh()
    assert loaded(federation) == [("MM-A-01", "1"), ("MM-A-01", "2")]
    (sent,) = federation.submissions().values()
    assert (sent["rows_loaded"], sent["rows_rejected"]) == (2, 2)
    unknown = [f for f in federation.findings() if f["check_id"] == f"members_unit_code_{why}"]
    assert len(unknown) == 2


@pytest.mark.parametrize(
    ("column", "before", "sender"),
    [(0, [], None), (2, [], UPPER_A), (2, [], None), (0, [["Người lập biểu"]], None)],
    ids=["merged across the table", "where names stand", "sender unknown", "below the signature of a page"],
)
def test_rows_below_a_name_nobody_knows_wait_for_it(federation, column, before, sender):
    stranger = "CĐCS Gỗ Tưởng Tượn"
    rows = [[*[None] * column, KNOWN], person(1), person(2), *before, [*[None] * column, stranger], person(3), person(4)]
    federation.drop("a.xlsx", workbook(*rows, sender=sender))
    federation.refresh()
    assert loaded(federation) == [("MM-A-01", "1"), ("MM-A-01", "2")]
    (sent,) = federation.submissions().values()
    assert (sent["rows_loaded"], sent["rows_rejected"]) == (2, 2)
    assert sent["rows_read"] == 4 + sent["rows_control"] + sent["rows_ignored"]
    said = [f for f in federation.findings() if f["check_id"].startswith("members_unit_code_")]
    assert len(said) == 2
    assert not any("Giả Định" in f["message"] or "Tượn" in f["message"] for f in said)
    if not before:
        assert [(n["name"], n["rows"]) for n in unmatched(federation.home, NOW.date())] == [(stranger, 2)]
        confirm(federation.home, stranger, "MM-A-02", NOW.date())
        federation.refresh()
        assert loaded(federation)[2:] == [("MM-A-02", "3"), ("MM-A-02", "4")]


def test_a_list_of_one_unit_keeps_its_rows_below_any_heading(federation):
    rows = [["Tổ một"], person(1), [2, None, "Người Giả Định số 2"], [None, None, KNOWN], person(3), ["Vĩ thanh"], person(4)]
    federation.drop("a.xlsx", workbook(*rows, sender="MM-A-02"))
    federation.refresh()
    assert loaded(federation) == [("MM-A-02", "1"), ("MM-A-02", "2"), ("MM-A-01", "3"), ("MM-A-02", "4")]


def test_a_code_in_a_merged_cell_is_of_every_row_beside_it(federation):
    rows = [
        [1, "MM-A-01", *person(1)[2:]],
        person(2),
        ["Cộng", None, None, 2],
        person(3),
        [4, "MM-A-02", *person(4)[2:]],
        person(5),
    ]
    federation.drop("a.xlsx", workbook(*rows, person(6), merged=("B4:B7", "B8:B9", "A1:C2")))
    federation.refresh()
    of_first, of_second = [("MM-A-01", n) for n in "123"], [("MM-A-02", n) for n in "45"]
    assert loaded(federation) == [*of_first, *of_second]
    assert [f["row"] for f in federation.findings("check_id = 'members_unit_code_missing'")] == [10]


def test_example_total_and_remark_are_no_heading(federation):
    first = [1, "MM-A-01", *person(1)[2:]]
    rows = [["Ví dụ", None, "Người Ví Dụ", "Nữ"], ["Tổng số: 3 người"], first, ["(theo bảng lương)"], person(2), [5], person(3)]
    federation.drop("a.xlsx", workbook(*rows, sender=None))
    federation.refresh()
    assert {unit for unit, _ in loaded(federation)} == {"MM-A-01"}
    assert len(loaded(federation)) == 3


def loaded(federation):
    found = federation.query("select unit_code, full_name from core.member order by row")
    return [(r["unit_code"], r["full_name"][-1]) for r in found]


def test_code_and_name_in_one_cell_are_read_together_where_they_agree(federation):
    def row(n, unit):
        return [n, unit, f"Người Giả Định số {n}", "Nữ", "Thái", "x"]

    together = ["MM-A-01 - CĐCS Trường Mầm non Hoa Giấy", "CĐCS Công ty Gỗ Tưởng Tượng (mm-a-02)"]
    apart = "MM-A-01 - CĐCS Công ty Gỗ Tưởng Tượng"
    federation.drop("a.xlsx", workbook(*(row(n, u) for n, u in enumerate([*together, apart], 1))))
    federation.refresh()
    rows = federation.query("select unit_code, count(*) as n from core.member group by all order by all")
    assert rows == [{"unit_code": "MM-A-01", "n": 1}, {"unit_code": "MM-A-02", "n": 1}]
    assert [f["row"] for f in federation.findings("check_id = 'members_unit_code_unreadable'")] == [6]


def test_the_departments_of_a_unit_that_reports_for_itself_are_its_own(federation):
    said = ["Tổ 1", "PHÒNG Kế toán", "Ban Giám hiệu", None, "CĐCS Chưa Ai Biết", "MM-A-02"]
    federation.drop("a.xlsx", workbook(*([n, unit, *person(n)[2:]] for n, unit in enumerate(said, 1)), sender="MM-A-01"))
    federation.drop("b.xlsx", workbook([1, "Tổ 1", *person(1)[2:]], sender=UPPER_A))  # whose that is nobody can tell
    federation.refresh()
    assert federation.query("select unit_code, count(*) as people from core.member group by 1 order by 1") == [
        {"unit_code": "MM-A-01", "people": 4}, {"unit_code": "MM-A-02", "people": 1},
    ]  # fmt: skip
    told = [
        (f["file_name"], f["check_id"], f["row"]) for f in federation.findings() if f["check_id"].split("_")[1:2] != ["absent"]
    ]
    assert {t[:2] for t in told if t[2] in (8, 4)} >= {
        ("a.xlsx", "members_unit_code_unreadable"),
        ("b.xlsx", "members_unit_code_unreadable"),
    }


@pytest.mark.parametrize(
    "called", ["Trường Mầm non Hoa Giấy", "Công đoàn cơ sở Trường Mầm non Hoa Giấy", "CĐ trường mầm non hoa giấy", KNOWN]
)
def test_a_union_is_known_without_the_word_for_one(federation, called):
    federation.drop(
        "a.xlsx",
        workbook(
            [1, called, *person(1)[2:]],
            ["I. " + called],
            person(2),
            [f"Đơn vị: {called} (02 đoàn viên)"],
            person(3),
            [f"2. {called}: 05 người"],
            person(4),
        ),
    )
    federation.refresh()
    assert loaded(federation) == [("MM-A-01", str(n)) for n in (1, 2, 3, 4)]


def test_a_name_of_two_unions_is_neither(tmp_path):
    more = "MM-B-02,Công đoàn Trường Mầm non Hoa Giấy,grassroots,MM-B,public,direct,,2000-01-01,"
    registry = checked_reference(make_federation(tmp_path, NOW, [*UNITS, more]).home.reference)
    assert [registry.find(n) for n in ("Trường Mầm non Hoa Giấy", KNOWN, "LĐLĐ huyện An", "huyện An")] == [
        None,
        "MM-A-01",
        "MM-A",
        None,
    ]


@pytest.mark.parametrize(
    ("sheet", "file", "period"),
    [("Tháng 5", "cham lo nam 2023.xlsx", "2023-05"), ("T12", "2022/a.xlsx", "2022-12"), ("T5", "a.xlsx", None), ("T5", "2022-2023.xlsx", None),
     ("T13", "2023.xlsx", None), ("Trang 5", "2023.xlsx", None)],
)  # fmt: skip
def test_a_sheet_called_by_its_month_states_it_where_the_file_states_the_year(sheet, file, period):
    assert month_of_sheet(sheet, file) == ({period} if period else frozenset())
