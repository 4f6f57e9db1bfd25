"""Who is the same person: within a list, across units, across months; and who is not, however alike."""

from datetime import datetime

import openpyxl
import pytest
from federation import LONE, MAY, UPPER_A, UPPER_B, citizen_id, make_federation, member, sheet

APRIL = "2023-04"
DAY = [datetime(2023, 6, 3, h) for h in (8, 9, 10)]
RULES = ("members_citizen_id_duplicate", "members_card_no_duplicate", "members_person_duplicate", "members_citizen_id_of_another")
A, B, C = "MM-A-01", "MM-A-02", "MM-B-01"


def person(n, unit=A, **cells):
    """Each with a name, a birth date and a citizen id of his own."""
    return member(unit, n, birth_date=f"{n:02d}/03/1985") | cells


def found(federation, state="open"):
    """(rule, month, row) → finding."""
    names = ", ".join(f"'{r}'" for r in RULES)
    rows = federation.findings(f"check_id in ({names}) and state = '{state}'")
    return {(f["check_id"], f["period"], f["row"]): f for f in rows}


def lists(federation, now, **months):
    """A list of An for each month, rows from row 11 on."""
    for name, rows in months.items():
        period = {"april": APRIL, "may": MAY}[name]
        federation.send(f"{period}/an_{now:%H}.xlsx", sheet("members", UPPER_A, rows, period), at=now)
    federation.refresh(now)
    return found(federation)


NO_ID = {"citizen_id": None}


@pytest.fixture(scope="module")
def one_month(tmp_path_factory):
    """A list in which rows 11 and 12, 13 and 14, and so on, are pairs; and one of another upper-level union."""
    federation = make_federation(tmp_path_factory.mktemp("pairs"))
    rows = [
        person(1, card_no="MM 0000001"), person(2, card_no="mm0000001"),  # one card, two ids
        person(3, card_no="MM0000003"), person(3, card_no="MM0000003"),  # the whole row twice
        person(4, **NO_ID), person(4),  # one of them has an id
        person(5), person(5, citizen_id=citizen_id(A, 50)),  # told apart by their ids
        person(6, card_no="MM0000061", **NO_ID), person(6, card_no="MM0000062", **NO_ID),  # told apart by their cards
        person(7, **NO_ID), person(7, B, full_name=person(7)["full_name"], **NO_ID),  # namesakes of two units
        person(8, card_no="Chưa có", **NO_ID), person(9, card_no="chưa có", **NO_ID),  # no card is no number
        person(10, birth_date=None, **NO_ID), person(10, birth_date=None, **NO_ID),  # nothing but a name
        person(11, birth_date="1985", **NO_ID), person(11, **NO_ID),  # a year is not a day
        person(12, card_no="MM0000012", **NO_ID), person(12, card_no="MM0000012", **NO_ID),  # the card says so already
        person(13, full_name="Giả  Định A", **NO_ID), person(13, full_name="giả định a", **NO_ID),  # as folded
        person(14, card_no="MM0000014"), person(15),
    ]  # fmt: skip
    federation.send(f"{MAY}/an.xlsx", sheet("members", UPPER_A, rows))
    federation.send(f"{MAY}/binh.xlsx", sheet("members", UPPER_B, [person(14, C, card_no="MM0000014")]))
    federation.refresh()
    return federation


def test_each_pair_raises_what_it_is_and_nothing_more(one_month):
    told = {(rule, row): f["caused_by"] for (rule, _, row), f in found(one_month).items()}
    assert told == {
        ("members_card_no_duplicate", 12): None,
        ("members_citizen_id_duplicate", 14): None,
        ("members_card_no_duplicate", 14): "members_citizen_id_duplicate",
        ("members_person_duplicate", 16): None,
        ("members_card_no_duplicate", 30): None,
        ("members_person_duplicate", 32): None,
        ("members_card_no_duplicate", 11): None,
    }


def test_the_other_row_or_unit_is_the_evidence(one_month):
    told = {(rule, f["unit_code"], row): f["message"] for (rule, _, row), f in found(one_month).items()}
    assert "dòng 11 cùng trang" in told["members_card_no_duplicate", UPPER_A, 12]
    assert "danh sách của đơn vị MM-A-01" in told["members_card_no_duplicate", UPPER_B, 11]
    assert "có phải một người ghi hai lần" in told["members_person_duplicate", UPPER_A, 16]
    assert "dòng 15 cùng trang" in told["members_person_duplicate", UPPER_A, 16]


def test_people_who_have_no_card_are_not_one_person(one_month):
    keys = one_month.query(
        "select count(distinct person_key) as n, count(distinct row_key) as r from core.member where card_no ilike 'chưa có'"
    )
    assert keys == [{"n": 2, "r": 2}]


def test_the_two_pages_of_one_file_are_named(federation):
    path = federation.send(f"{MAY}/an.xlsx", sheet("members", UPPER_A, [person(1)]))
    book = openpyxl.load_workbook(path)
    copy = book.copy_worksheet(book["Đoàn viên"])
    next(c for c in copy[11] if c.value == citizen_id(A, 1)).value = None
    book.save(path)
    federation.refresh()
    (finding,) = found(federation).values()
    assert finding["check_id"] == "members_person_duplicate"
    assert "dòng 11 trang «" in finding["message"]


def numbers(*people):
    """Citizen ids of these people."""
    return [citizen_id(A, n) for n in people]


def renumbered(people, ids):
    return [person(n, citizen_id=i) for n, i in zip(people, ids, strict=True)]


LAST = "members_citizen_id_of_another"


@pytest.mark.parametrize(
    ("april", "may", "rows"),
    [
        ([person(1), person(2)], [person(1), person(3, citizen_id=citizen_id(A, 2))], [12]),  # written over a row
        ([person(n) for n in (1, 2, 3)], renumbered((1, 2, 3), numbers(2, 3, 1)), [11, 12, 13]),  # one column sorted
        ([person(1)], [person(1, full_name="Tên Đã Sửa")], []),  # a name mended
        ([person(1)], [person(1, birth_date="09/09/1989")], []),  # a birth date mended
        ([person(1, birth_date="1985")], [person(1, full_name="Tên Đã Sửa")], []),  # the year is the same
        ([person(1, birth_date=None)], [person(2, citizen_id=citizen_id(A, 1))], []),  # nothing to compare with
        # April's number of the first was a slip: it is the second's, who joins in May
        ([person(1, citizen_id=citizen_id(A, 2))], [person(1), person(2)], []),
        ([person(1)], [person(1), person(2, citizen_id=citizen_id(A, 1))], ["duplicate"]),
        ([person(1), person(2, citizen_id=citizen_id(A, 1))], [person(2, citizen_id=citizen_id(A, 1))], ["april"]),
        ([person(1)], [person(1, B, full_name=person(1)["full_name"])], []),  # moved to another unit
    ],
)  # fmt: skip
def test_a_number_that_was_another_persons_last_month(federation, april, may, rows):
    told = lists(federation, DAY[0], april=april, may=may)
    expected = {(LAST, MAY, r) for r in rows if isinstance(r, int)}
    expected |= {("members_citizen_id_duplicate", MAY, 12) for r in rows if r == "duplicate"}
    expected |= {("members_citizen_id_duplicate", APRIL, 12) for r in rows if r == "april"}
    assert set(told) == expected
    for f in told.values():
        assert "Giả Định" not in f["message"]
        assert citizen_id(A, 1) not in f["message"]


def test_the_month_before_is_the_evidence_and_mending_it_mends_this_month(federation):
    told = lists(federation, DAY[0], april=[person(9), person(1)], may=[person(2, citizen_id=citizen_id(A, 1))])
    assert "dòng 12 của báo cáo tháng 04/2023" in told[LAST, MAY, 11]["message"]
    assert lists(federation, DAY[1], april=[person(9)]) == {}
    assert set(found(federation, "fixed")) == {(LAST, MAY, 11)}
    assert set(lists(federation, DAY[2], april=[person(1)])) == {(LAST, MAY, 11)}


def test_a_number_of_another_senders_list_names_the_unit(federation):
    federation.send(f"{APRIL}/bv.xlsx", sheet("members", LONE, [person(1, LONE)], APRIL))
    federation.send(f"{MAY}/an.xlsx", sheet("members", UPPER_A, [person(2, citizen_id=citizen_id(LONE, 1))]))
    federation.refresh()
    (finding,) = found(federation).values()
    assert f"danh sách của đơn vị {LONE}" in finding["message"]
    assert "dòng 11:" not in finding["message"].partition(":")[2]
