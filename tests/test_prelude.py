"""The SQL functions of assets/prelude: what they read, and that no text makes them fail."""

from datetime import date
from decimal import Decimal
from unicodedata import normalize

import duckdb
import pytest
from hypothesis import example, given, settings
from hypothesis import strategies as st

from pipelines.forms import forms
from pipelines.vietnamese import fold, number, squash
from pipelines.warehouse import prepare

CON = duckdb.connect()
prepare(CON, "key")
WRITTEN = st.text("0123456789.,-/ đdtrệiuỷtyngìnm2xXcó\u00a0", max_size=40)  # what numbers and dates are made of
VIETNAMESE = (
    st.characters(min_codepoint=0x20, max_codepoint=0x17F, exclude_categories=["Cc"])
    | st.characters(min_codepoint=0x1EA0, max_codepoint=0x1EF9)
    | st.sampled_from("\t\n\u00a0\u2003\u01a1\u01b0\u01af\u0300\u0301\u0303\u0309\u0323\u0302\u0306\u031b")
)
ANYTHING = st.text(st.characters(exclude_categories=["Cs"], exclude_characters="\0"))
TEXT_FUNCTIONS = (
    "vn_trim",
    "vn_squash",
    "vn_key",
    "vn_number",
    "vn_whole",
    "vn_date",
    "vn_date_precision",
    "vn_yes",
    "pseudonym",
)
CODES = [f"code_{f.form}_{c.name}" for f in forms().values() for c in f.columns if c.codes]


def sql(call, *values):
    return CON.execute(f"select {call}", list(values)).fetchall()[0][0]


@pytest.mark.parametrize(
    ("text", "value"),
    [
        ("1.234.567", 1234567),
        ("1,234,567", 1234567),
        ("1.234.567,89", Decimal("1234567.89")),
        ("1,234,567.89", Decimal("1234567.89")),
        ("4 triệu", 4_000_000),
        ("1,4 tỷ", 1_400_000_000),
        ("4.173.000.000đ", 4_173_000_000),
        ("500 nghìn đồng", 500_000),
        ("500.000 VNĐ", 500_000),
        ("120 m2", 120),
        ("53,39", Decimal("53.39")),
        ("-5", -5),
        ("0", 0),
        ("1.234", 1234),
        ("1,234", None),  # one comma before three digits is ambiguous
        ("1.23.456", None),
        ("vài", None),
        ("", None),
        (None, None),
    ],
)
def test_a_number_is_read_as_officers_write_it(text, value):
    assert sql("vn_number(?)", text) == value


def test_a_whole_number_takes_no_fraction():
    assert [sql("vn_whole(?)", s) for s in ("12", "12,0", "1,4 tỷ", "12,5", "1.234,5")] == [12, 12, 1_400_000_000, None, None]


@given(st.integers(-(10**12), 10**12))
def test_a_number_as_the_report_prints_it_reads_back(n):
    assert sql("vn_whole(?)", number(n)) == n
    assert sql("vn_digits(?)", n) == number(n)


@pytest.mark.parametrize(
    ("text", "value", "precision"),
    [
        ("31/05/2023", date(2023, 5, 31), "day"),
        ("1/5/2023", date(2023, 5, 1), "day"),
        ("01.05.2023", date(2023, 5, 1), "day"),
        ("1-5-2023", date(2023, 5, 1), "day"),
        ("2023-05-31", date(2023, 5, 31), "day"),
        ("05/2023", date(2023, 5, 1), "month"),
        ("9.2010", date(2010, 9, 1), "month"),
        ("1985", date(1985, 1, 1), "year"),
        ("45077", date(2023, 5, 31), "day"),
        ("31/02/2023", None, None),
        ("2023-02-31", None, None),
        ("13/2023", None, None),
        ("hôm nọ", None, None),
        (None, None, None),
    ],
)
def test_a_date_is_read_with_its_precision(text, value, precision):
    assert (sql("vn_date(?)", text), sql("vn_date_precision(?)", text)) == (value, precision)


def test_yes_and_no_are_read_and_everything_else_is_neither():
    assert {s: sql("vn_yes(?)", s) for s in ("x", "X ", "Có", "1", "TRUE", None, "", "không", "0", "sắp")} == (
        dict.fromkeys(("x", "X ", "Có", "1", "TRUE"), True) | dict.fromkeys((None, "", "không", "0"), False) | {"sắp": None}
    )


@pytest.mark.parametrize("form", forms().values(), ids=list(forms()))
def test_every_accepted_spelling_of_a_code_gives_the_code(form):
    for c in form.columns:
        for code, spellings in c.codes.items():
            for s in (code, *spellings, spellings[0].upper(), f" {fold(spellings[0])} "):
                assert sql(f"code_{form.form}_{c.name}(?)", s) == code
            assert sql(f"code_{form.form}_{c.name}(?)", spellings[0] + " ạ") is None


@example("CÔNG ĐOÀN\u00a0 cơ\tsở\n")
@given(st.text(VIETNAMESE))
def test_the_key_of_a_text_is_the_same_in_sql_and_python(text):
    assert sql("vn_key(?)", text) == fold(text)
    assert (sql("vn_squash(?)", normalize("NFC", text)) or "") == squash(text)


@settings(max_examples=300)
@example("12345678901234567890123456789012 tỷ")
@example("9" * 34)
@example("99999999999999999 triệu")
@given(WRITTEN | ANYTHING)
def test_no_text_makes_a_function_fail(text):
    calls = [f"{f}(?1)" for f in (*TEXT_FUNCTIONS, *CODES)] + ["vn_digits(vn_number(?1))", "vn_day(vn_date(?1))"]
    row = CON.execute(f"select {', '.join(calls)}".replace("?1", "$1"), [text]).fetchall()[0]
    assert len(row) == len(calls)


@given(WRITTEN)
def test_sums_and_products_of_what_is_read_as_whole_stay_in_range(text):
    assert sql("coalesce(abs(vn_whole(?)), 0) < 1000000000000000", text)


@example("99999999999999999")
@given(st.integers(10**15, 10**30).map(str))
def test_more_money_than_there_is_is_not_read(text):
    assert sql("vn_whole(?)", text) is None


@given(st.integers(0, 10**6), st.integers(1, 10**6), st.integers(0, 2))
def test_a_percentage_is_rounded_half_up(part, whole, decimals):
    exact = (200 * part * 10**decimals + whole) // (2 * whole)
    assert sql("pct(?, ?, ?)", part, whole, decimals) == exact / 10**decimals


def test_a_percentage_of_nothing_is_nothing():
    assert (sql("pct(1, 0, 2)"), sql("pct(null, 5, 2)")) == (None, None)
    assert (sql("pct(1, 8, 2)"), sql("pct(1, 16, 2)"), sql("pct(1, 200, 0)")) == (12.5, 6.25, 1)


@given(st.integers(2000, 2099), st.integers(1, 12), st.integers(-30, 30))
def test_months_are_added_across_years(year, month, n):
    total = year * 12 + month - 1 + n
    assert sql("month_add(?, ?)", f"{year}-{month:02d}", n) == f"{total // 12}-{total % 12 + 1:02d}"


def test_a_month_ends_on_its_last_day_and_a_year_is_full_on_the_birthday():
    assert [sql("month_end(?)", p) for p in ("2023-02", "2024-02", "2023-12")] == [
        date(2023, 2, 28),
        date(2024, 2, 29),
        date(2023, 12, 31),
    ]
    assert [sql("full_years(date '2008-05-31', ?::date)", d) for d in ("2023-05-30", "2023-05-31")] == [14, 15]


def test_a_pseudonym_depends_on_the_key_and_hides_the_text():
    mine, other = sql("pseudonym('901234567890')"), duckdb.connect()
    prepare(other, "another key")
    assert mine == sql("pseudonym('901234567890')") != other.execute("select pseudonym('901234567890')").fetchall()[0][0]
    assert "901234567890" not in mine
