"""The SQL functions of assets/prelude: what they read, and that no text makes them fail."""

import re
from datetime import date
from unicodedata import normalize

import duckdb
import pytest
from hypothesis import example, given
from hypothesis import strategies as st

from pipelines.forms import forms
from pipelines.vietnamese import fold, squash
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
CODES = [f"{kind}_{f.form}_{c.name}" for kind in ("code", "near") for f in forms().values() for c in f.columns if c.codes]


def sql(call, *values):
    return CON.execute(f"select {call}", list(values)).fetchall()[0][0]


def spellings():
    for form in forms().values():
        for c in form.columns:
            for code, labels in c.codes.items():
                yield from ((form.form, c.name, code, labels[0], s) for s in (code, *labels))


@pytest.mark.parametrize(("form", "column", "code", "label", "spelling"), list(spellings()))
def test_every_accepted_spelling_of_a_code_gives_the_code(form, column, code, label, spelling):
    wide = re.sub("([/-])", r" \1 ", spelling)
    for s in (spelling, spelling.upper(), f" {fold(spelling)} ", f"{spelling}.", f"{spelling} ,", wide):
        assert sql(f"code_{form}_{column}(?)", s) == code
    assert sql(f"code_{form}_{column}(?)", spelling + " ạ") is None


@pytest.mark.parametrize(
    ("column", "text", "near"),
    [
        ("members_qualification", "Đại họcc", "Đại học"),
        ("members_qualification", "Đại học (tại chức)", "Đại học"),
        ("members_qualification", "Cao học ngành", None),
        ("members_political_theory", "Cao cấp (đang học)", "Cử nhân và Cao cấp"),  # the label of the code, not the spelling
        ("members_qualification", "xC", None),  # a slip in two letters is anything
        ("members_sex", "N", None),
        ("aid_kind", "Nhà lưu chú", "Nhà lưu trú"),
        ("aid_kind", "", None),
        ("aid_kind", None, None),
    ],
)
def test_a_misspelt_code_is_no_value_and_its_nearest_label_is_named_where_there_is_one(column, text, near):
    assert (sql(f"code_{column}(?)", text), sql(f"near_{column}(?)", text)) == (None, near)


def test_two_labels_equally_near_are_none():
    assert sql("vn_nearest('trung cap x', ['trung cap a', 'trung cap b'], ['A', 'B'])") is None
    assert sql("vn_nearest('trung cap x', ['trung cap a', 'trung cap b'], ['A', 'A'])") == "A"


@example("CÔNG ĐOÀN\u00a0 cơ\tsở\n")
@given(st.text(VIETNAMESE))
def test_the_key_of_a_text_is_the_same_in_sql_and_python(text):
    assert sql("vn_key(?)", text) == fold(text)
    assert (sql("vn_squash(?)", normalize("NFC", text)) or "") == squash(text)


@example(["12345678901234567890123456789012 tỷ", "9" * 34, "99999999999999999 triệu", ""])
@given(st.lists(WRITTEN | ANYTHING, max_size=30))
def test_no_text_makes_a_function_fail(texts):
    calls = [f"{f}(t)" for f in (*TEXT_FUNCTIONS, *CODES)] + ["vn_digits(vn_number(t))", "vn_day(vn_date(t))"]
    assert len(CON.execute(f"select {', '.join(calls)} from unnest($1) u(t)", [texts]).fetchall()) == len(texts)


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
