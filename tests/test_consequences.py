"""What follows from another fault is told as its consequence, once; what does not is told as it stands, by check and by refresh."""

from datetime import date, datetime

import pytest
from federation import MAY, UPPER_A, UPPER_B, gift, member, sheet
from test_check import told, write

from pipelines.check import check

ONE, TWO = "MM-A-01", "MM-A-02"


@pytest.fixture
def found(federation, tmp_path):
    """Sheets of An → {rule: what causes it} of its critical faults and warnings, and {rule: how often}; check says what refresh does."""

    def send(*sheets):
        path = write(tmp_path / "gui" / MAY / "a.xlsx", list(sheets))
        checked = told(check(federation.settings(), [path]), tmp_path / "gui")
        federation.send(f"{MAY}/a.xlsx", *sheets)
        assert checked == told(federation.refresh())
        rows = federation.findings("state = 'open' and severity <> 'info'")
        counts = {f["check_id"]: sum(g["check_id"] == f["check_id"] for g in rows) for f in rows}
        return {f["check_id"]: f["caused_by"] for f in rows}, counts

    return send


def gifts(*cells, totals=None, **options):
    rows = [gift(ONE, n) | c for n, c in enumerate(cells, 1)]
    return sheet("aid", UPPER_A, rows, totals=totals or {}, **options)


# ---- a total that is right, of rows that are not


@pytest.mark.parametrize(
    ("cells", "totals", "cause"),
    [
        ({"amount_vnd": None}, {"amount_vnd": 1_000_000}, "aid_amount_vnd_missing"),
        ({"amount_vnd": None, "unit_amount_vnd": None}, {"amount_vnd": 1_230_000}, "aid_amount_vnd_missing"),
        ({"gift_count": None, "amount_vnd": 1_500_000}, {"gift_count": 4, "amount_vnd": 2_000_000}, "aid_gift_count_missing"),
        ({"amount_vnd": 5_000_000}, {"gift_count": 2, "amount_vnd": 1_000_000}, "aid_amount_not_count_times_unit"),
        ({"gift_count": 3}, {"gift_count": 2, "amount_vnd": 1_000_000}, "aid_amount_not_count_times_unit"),
    ],
)
def test_a_row_that_accounts_for_the_gap_of_a_total_causes_it(found, cells, totals, cause):
    rules, _ = found(gifts({}, cells, totals=totals))
    differing = [r for r in rules if r.endswith("total_differs")]
    assert len(differing) == 1
    assert rules == {cause: None, differing[0]: cause}


@pytest.mark.parametrize(
    ("cells", "totals"),
    [
        ({"amount_vnd": None}, {"amount_vnd": 1_100_000}),  # with the blank cell filled it is wrong still
        ({"amount_vnd": None, "unit_amount_vnd": None}, {"amount_vnd": 400_000}),  # less than the other row has
        ({"amount_vnd": 5_000_000}, {"amount_vnd": 2_000_000}),
    ],
)
def test_a_total_that_stays_wrong_once_the_row_is_mended_is_told_too(found, cells, totals):
    rules, _ = found(gifts({}, cells, totals=totals))
    assert list(rules.values()) == [None, None]


def test_a_blank_cell_and_a_line_written_twice_explain_a_total_together(found):
    rows = [gift(ONE, 1), gift(ONE, 1), gift(ONE, 2, unit_amount_vnd=700_000, amount_vnd=None)]
    rules, _ = found(sheet("aid", UPPER_A, rows, totals={"amount_vnd": 1_200_000, "gift_count": 2}))
    assert rules == {
        "aid_amount_vnd_missing": None,
        "aid_duplicate": None,
        "aid_gift_count_total_differs": "aid_duplicate",
        "aid_amount_vnd_total_differs": "aid_amount_vnd_missing",
    }


def test_a_line_written_twice_is_told_once(found):
    rules, counts = found(gifts({}, {"recipient": gift(ONE, 1)["recipient"]}, totals={"gift_count": 1, "amount_vnd": 500_000}))
    assert rules == {
        "aid_duplicate": None,
        "aid_gift_count_total_differs": "aid_duplicate",
        "aid_amount_vnd_total_differs": "aid_duplicate",
    }
    assert set(counts.values()) == {1}


# ---- who gave tells two lines apart


@pytest.mark.parametrize(
    ("one", "other", "is_duplicate"),
    [
        ("Cơ sở", "Cấp trên cơ sở", False),
        ("Cơ sở", "Cơ sở", True),
        ("Cơ sở", None, True),
        (None, "Cơ sở", True),
        (None, None, True),
    ],
)
def test_gifts_of_two_givers_are_two(federation, one, other, is_duplicate):
    same = gift(ONE, 1)["recipient"]
    federation.send(f"{MAY}/a.xlsx", gifts({"given_by": one}, {"given_by": other, "recipient": same}))
    federation.refresh()
    assert len(federation.findings("check_id = 'aid_duplicate'")) == is_duplicate


def test_gifts_of_two_funds_or_for_two_hardships_are_two(federation):
    same = gift(ONE, 1)["recipient"]
    lines = ({"fund": "Quỹ A"}, {"fund": "Quỹ B"}), ({"hardship": "Ốm đau"}, {"hardship": "Tai nạn"}), ({"fund": "Quỹ A"}, {})
    for n, (one, other) in enumerate(lines):
        day = {"given_date": date(2023, 5, 10 + n), "recipient": same}
        federation.send(f"{MAY}/{n}.xlsx", gifts(one | day, other | day), at=datetime(2023, 6, 1, 9 + n))
        federation.refresh(datetime(2023, 6, 3, 8 + n))
        assert len(federation.findings("check_id = 'aid_duplicate' and state = 'open'")) == (n == 2)


def test_the_nearest_line_of_the_same_giver_is_named(federation):
    same = {"recipient": gift(ONE, 1)["recipient"]}
    lines = ("Cơ sở", "Tỉnh", "Cơ sở", "Cơ sở")
    federation.send(f"{MAY}/a.xlsx", gifts(*({"given_by": g, **same} for g in lines)))
    federation.refresh()
    first, *_ = federation.query("select min(row) as row from core.aid")
    told = [(f["row"] - first["row"], f["message"]) for f in federation.findings("check_id = 'aid_duplicate'")]
    assert [row for row, _ in told] == [2, 3]
    assert f"dòng {first['row']} cùng trang" in told[0][1]
    assert f"dòng {first['row'] + 2} cùng trang" in told[1][1]


# ---- a column that is not there


def test_rows_without_a_column_follow_from_its_absence(found):
    rules, counts = found(gifts({}, {}, {}, omit=frozenset({"occasion"})))
    assert rules == {
        "column_absent": None,
        "aid_occasion_missing": "column_absent",
        "gift_sums_differ": "aid_occasion_missing",
    }
    assert counts["aid_occasion_missing"] == 3


def test_a_column_that_others_imply_may_be_left_out(found):
    rules, _ = found(gifts({}, {}, omit=frozenset({"unit_amount_vnd"}), totals={"gift_count": 2, "amount_vnd": 1_000_000}))
    assert rules == {}


# ---- a whole column without its zeros


def short(n, unit=ONE, income=7_000):
    return member(unit, n, income_vnd=income + n)


@pytest.mark.parametrize(("income", "said"), [(7_000, "theo nghìn đồng"), (7, "theo triệu đồng")])
def test_incomes_in_thousands_are_told_once(found, federation, income, said):
    rules, counts = found(sheet("members", UPPER_A, [short(n, income=income) for n in range(1, 21)]))
    assert rules == {"members_incomes_lack_zeros": None, "members_income_implausible": "members_incomes_lack_zeros"}
    assert counts == {"members_incomes_lack_zeros": 1, "members_income_implausible": 20}
    (told_once,) = federation.findings("check_id = 'members_incomes_lack_zeros'")
    assert "có 20 trên 20 ô thu nhập của đơn vị MM-A-01" in told_once["message"]
    assert said in told_once["message"]


def test_incomes_of_one_unit_of_a_list_are_told_of_that_unit(found, federation):
    others = [member(TWO, n) for n in range(30, 60)]
    rules, _ = found(sheet("members", UPPER_A, [*(short(n) for n in range(1, 6)), *others, short(70, TWO)]))
    assert rules["members_incomes_lack_zeros"] is None
    rows = federation.findings("check_id = 'members_income_implausible'")
    assert sum(f["caused_by"] is None for f in rows) == 1  # the one slip of the other unit
    assert len(rows) == 6


def test_a_few_incomes_among_many_are_slips_of_their_own(found):
    rules, counts = found(sheet("members", UPPER_A, [*(short(n) for n in range(1, 4)), *(member(ONE, n) for n in range(4, 12))]))
    assert (rules, counts) == ({"members_income_implausible": None}, {"members_income_implausible": 3})


def test_gifts_in_thousands_are_told_once(found):
    few = {"unit_amount_vnd": 500, "amount_vnd": 500}
    rules, counts = found(gifts(few, few, few, {}, totals={"amount_vnd": 501_500}))
    assert rules == {"aid_amounts_lack_zeros": None, "aid_gift_amount_implausible": "aid_amounts_lack_zeros"}
    assert counts["aid_gift_amount_implausible"] == 3


# ---- gifts unlike those of others


@pytest.fixture
def unlike(federation):
    """What is said of An, whose gifts are so, where seven others gave alike."""

    def told_of(**cells):
        for n, unit in enumerate(("MM", UPPER_B, "MM-A-01", "MM-A-02", "MM-B-01", "MM-C-01", "MM-T-01")):
            rest = {"occasion": cells["occasion"], "unit_amount_vnd": 500_000, "amount_vnd": 500_000}
            federation.send(f"{MAY}/{n}.xlsx", sheet("aid", unit, [gift(unit, i) | rest for i in range(5)]))
        federation.send(f"{MAY}/a.xlsx", sheet("aid", UPPER_A, [gift(ONE, i + 50) | cells for i in range(5)]))
        federation.refresh()
        of_an = federation.findings("unit_code = 'MM-A' and severity <> 'info' and state = 'open'")
        return {f["check_id"]: f["caused_by"] for f in of_an}

    return told_of


@pytest.mark.parametrize(
    ("occasion", "price", "rules"),
    [
        ("Tháng Công nhân", 5_000_000, {"aid_gift_price_unlike_others": None}),
        ("Đột xuất", 5_000_000, {}),
        ("Tháng Công nhân", 30_000, {"aid_gift_amount_implausible": None}),
        ("Tháng Công nhân", 500, {"aid_gift_amount_implausible": "aid_amounts_lack_zeros", "aid_amounts_lack_zeros": None}),
    ],
)
def test_a_price_is_told_once_and_never_of_an_emergency(unlike, occasion, price, rules):
    assert unlike(occasion=occasion, unit_amount_vnd=price, amount_vnd=price) == rules
