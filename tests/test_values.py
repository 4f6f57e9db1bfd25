"""The parsers of assets/prelude: what officers write in a cell becomes one value, or says why it is none."""

import re
from datetime import date
from decimal import Decimal

import pytest
from hypothesis import example, given, settings
from hypothesis import strategies as st
from test_prelude import ANYTHING, CON, VIETNAMESE, WRITTEN, sql

from pipelines.grids import text as text_of_cell
from pipelines.implied_rules import unreadable
from pipelines.vietnamese import number

NUMBERS = {
    "1.234.567 1,234,567 1'234'567 1’234’567 1.234.567đ １.２３４.５６７ +1.234.567": 1234567,
    "0 -0 0đ": 0,
    "1.234.567,89 1,234,567.89": Decimal("1234567.89"),
    "1.234 01234 1234,0 1234.0": 1234,
    "0,125 0.125 0,1250": Decimal("0.125"),
    "1,2340": Decimal("1.234"),  # how sheets.text writes the Excel float 1.234
    "53,39 53.39": Decimal("53.39"),
    "-5 −5 (5)": -5,
    "(1.000) (1.000đ)": -1000,
    "120m² 120m2": 120,
    "500k 500.000đ 500.000₫ 500.000VNĐ": 500_000,
}
WITH_SPACES = {
    "1 234 567": 1234567,
    "1\u00a0234\u00a0567": 1234567,
    "1 234 567,5": Decimal("1234567.5"),
    "3 323": 3323,
    "- 5": -5,
    "120 m²": 120,
    "4 triệu": 4_000_000,
    "5 tr": 5_000_000,
    "1,4 tỷ": 1_400_000_000,
    "1,4 tỉ đồng": 1_400_000_000,
    "1.250 triệu": 1_250_000_000,
    "3 tỷ 200 triệu": 3_200_000_000,
    "1 tỷ 2 triệu 3 nghìn đồng": 1_002_003_000,
    "500 nghìn": 500_000,
    "500 ngàn đồng": 500_000,
    "500.000 đồng": 500_000,
    "500.000 VNĐ": 500_000,
    "500.000 đ.": 500_000,
    "4 triệu rưỡi": 4_500_000,
    "1 tỷ rưỡi đồng": 1_500_000_000,
    "4tr5": 4_500_000,
    "1 tỷ 2": 1_200_000_000,
    "1,2 nghìn tỷ": 1_200_000_000_000,
}
NO_NUMBER = {
    "ambiguous": ("1,234", "12,000", "1,250 triệu", "1234,567", "1234.567", "-1,234", "1,234đ"),
    "several": ("3-4 triệu", "3 – 4 triệu", "từ 3 đến 4 triệu", "2.666/2300", "11/11", "5, 6, 7", "2 phòng và 3 gian"),
    "approximate": ("hơn 400 triệu", "khoảng 5", "gần 3.850", "~5", ">5", "dưới 10 triệu"),
    "percent": ("50%", "50 ％"),
    "scientific": ("1e6", "1E+06", "1,5E+12", "1E+308"),
    "too_large": ("9" * 21, "12345678901234567890123456 tỷ"),
    "grouping": ("1.23.456", "12 34", "1.234.", "5.0000", "1,23,456", "0.123.456", "1.234.56"),
    "words": ("12 người", "4tr50", "3 tỷ 200", "5 suất"),
    "no_digits": ("vài", "rưỡi", "nửa triệu", "-", "()"),
    "error": ("#N/A", "#REF!", "#DIV/0!"),
}


@pytest.mark.parametrize(
    ("text", "value"),
    [*((t, v) for ts, v in NUMBERS.items() for t in ts.split()), *WITH_SPACES.items(), ("", None), (None, None)],
)
def test_a_number_is_read_as_officers_write_it(text, value):
    assert (sql("vn_number(?)", text), sql("vn_number_why(?)", text)) == (value, None)


@pytest.mark.parametrize(("text", "why"), [(t, why) for why, texts in NO_NUMBER.items() for t in texts])
def test_what_is_no_one_number_is_no_value_and_says_why(text, why):
    assert (sql("vn_number(?)", text), sql("vn_number_why(?)", text)) == (None, why)
    assert (sql("vn_whole(?)", text), sql("vn_whole_why(?)", text)) == (None, why)


@pytest.mark.parametrize(
    ("text", "value", "why"),
    [
        ("12,0", 12, None),
        ("1,4 tỷ", 1_400_000_000, None),
        ("-12", -12, None),  # whether it may be negative is a rule of the form
        ("12,5", None, "fraction"),
        ("1.234,5", None, "fraction"),
        ("9" * 16, None, "too_large"),
        ("1000000 tỷ", None, "too_large"),
        ("", None, None),
        (None, None, None),
    ],
)
def test_a_count_or_an_amount_takes_no_fraction_and_no_more_than_there_is(text, value, why):
    assert (sql("vn_whole(?)", text), sql("vn_whole_why(?)", text)) == (value, why)


@pytest.mark.parametrize(
    ("text", "count", "money"),
    [
        ("25", 25, 25),
        ("1.234", 1234, 1234),
        ("+5", 5, 5),
        ("1 234", 1234, 1234),
        ("500.000đ", None, 500_000),
        ("500.000 đồng", None, 500_000),
        ("2 triệu", None, 2_000_000),
        ("5k", None, 5000),
        ("120 m²", None, None),
    ],
)
def test_money_is_no_count_and_an_area_is_no_money(text, count, money):
    for parser, value in (("vn_count", count), ("vn_money", money)):
        assert (sql(f"{parser}(?)", text), sql(f"{parser}_why(?)", text)) == (value, None if value else "unit")


@pytest.mark.parametrize(
    ("text", "count", "why"),
    [
        ("5 suất", 5, None),
        ("1.250 suất quà", 1250, None),
        ("12 người.", 12, None),
        ("2 phòng và 3 gian", None, "several"),
        ("5 triệu suất", None, "words"),
    ],
)
def test_a_count_may_say_what_it_counts_and_money_may_not(text, count, why):
    assert (sql("vn_count(?)", text), sql("vn_count_why(?)", text)) == (count, why)
    assert sql("vn_money(?)", text) is None


def spaced(n):
    return number(n).replace(".", " ")


STYLES = {
    "plain": str,
    "dots": number,
    "commas": lambda n: f"{n:,}" if abs(n) >= 10**6 or abs(n) < 10**3 else f"{n:,}.00",
    "spaces": spaced,
    "no-break": lambda n: spaced(n).replace(" ", "\u00a0"),
    "apostrophes": lambda n: spaced(n).replace(" ", "'"),
    "currency": lambda n: f"{number(n)} VNĐ",
    "accounting": lambda n: f"({number(-n)})" if n < 0 else number(n),
    "full-width": lambda n: str(n).translate(str.maketrans("0123456789", "０１２３４５６７８９")),
}


@pytest.mark.parametrize("style", STYLES)
@given(st.integers(-(10**14), 10**14))
def test_a_whole_number_written_in_any_style_reads_back(style, n):
    assert sql("vn_whole(?)", STYLES[style](n)) == n


@given(st.decimals(-(10**9), 10**9, places=4), st.sampled_from(["", " nghìn", " triệu", " tỷ"]))
def test_decimals_read_back_and_a_scale_multiplies_them(n, scale):
    times = {"": 1, " nghìn": 10**3, " triệu": 10**6, " tỷ": 10**9}[scale]
    assert sql("vn_number(?)", f"{number(n, 4)}{scale}") == n * times
    assert sql("vn_number(?)", text_of_cell(float(n))) == Decimal(repr(float(n)))


@given(st.integers(-(10**12), 10**12))
def test_a_number_as_the_report_prints_it_reads_back(n):
    assert sql("vn_digits(?)", n) == number(n)


def readings(text):
    """Every value that some convention gives a number: dots, commas or spaces group, a comma or a point opens decimals."""
    for group, point in (".,", ",.", " ,", " ."):
        grouped = rf"-?([0-9]+|[1-9][0-9]{{0,2}}({re.escape(group)}[0-9]{{3}})+)({re.escape(point)}[0-9]+)?"
        if re.fullmatch(grouped, text):
            yield Decimal(text.replace(group, "").replace(point, "."))


@settings(max_examples=300)
@example("0.500")
@example("1.234")
@example("1,234")
@example("1234,567")
@given(st.from_regex(r"\A-?[0-9]{1,4}([., ][0-9]{1,4}){0,3}\Z"))
def test_no_number_is_a_thousand_times_another(text):
    possible, value = set(readings(text)), sql("vn_number(?)", text)
    vietnamese = re.fullmatch(r"-?[1-9][0-9]{0,2}[.][0-9]{3}", text)
    if vietnamese:
        assert value == Decimal(text.replace(".", ""))
    elif len(possible) != 1:
        assert value is None
    else:
        assert value in (None, *possible)
    if value is not None:
        assert sql("vn_number(?)", number(value, 4)) == value


DATES = {
    date(2023, 5, 31): (
        "day",
        "31/05/2023;31/5/23;31.05.2023;31-5-2023;2023-05-31;2023/05/31;2023-5-31;20230531;31052023;45077;45077,25;"
        "31/05/2023 14:30;2023-05-31 00:00:00;2023-05-31T08:00:00Z; 31 / 05 / 2023 ;31/05/2023.;３１/０５/２０２３;"
        "ngày 31 tháng 5 năm 2023;31 tháng 5, 2023;Ngày 31/5/2023;tháng 31/5/2023",
    ),
    date(1985, 8, 15): ("day", "ngày 15 tháng 8 năm 1985;15/8/85;15/08/1985 7:05 SA"),
    date(2006, 1, 1): (
        "month",
        "200601;01/2006;1/2006;1.2006;1-2006;2006-01;2006/1;tháng 1/2006;Tháng 1 năm 2006;T1/2006;T1-2006",
    ),
    date(1990, 1, 1): ("year", "1990;năm 1990"),
    date(2029, 1, 2): ("day", "2/1/29"),
    date(1930, 1, 2): ("day", "2/1/30"),
    date(1900, 1, 1): ("day", "1/1/1900"),
    date(2100, 12, 31): ("day", "31/12/2100"),
}
NO_DATE = {
    "swapped": ("05/31/2023", "2023-31-05", "5.13.2023"),
    "month": ("13/2023", "32/13/2023", "5/0/2023"),
    "day": ("31/02/2023", "29/2/2023", "2023-02-31", "00/05/2023", "85-08-15", "31/4/85"),
    "year": ("31/05/1823", "28/7/2129", "1850", "31/5/20233", "15/8/985", "00/00/0000"),
    "no_year": ("15/8", "ngày 15 tháng 8", "5/23"),
    "several": (
        "15/8/2023 - 16/8/2023",
        "12/05/2023;13/05/2023",
        "15-16/8/2023",
        "5-7/2023",
        "2018-2023",
        "từ 2010 đến 2012",
        "tháng 5, tháng 6 năm 2023",
    ),
    "format": ("khoảng 1985", "15/8-1985", "99999", "12345678", "9,2010", "310523"),
    "no_digits": ("hôm nọ", "chưa rõ"),
    "error": ("#N/A", "#VALUE!"),
}


@pytest.mark.parametrize(
    ("text", "value", "precision"),
    [(t, d, p) for d, (p, texts) in DATES.items() for t in texts.split(";")] + [("", None, None), (None, None, None)],
)
def test_a_date_is_read_with_its_precision(text, value, precision):
    assert [sql(f"{f}(?)", text) for f in ("vn_date", "vn_date_precision", "vn_date_why")] == [value, precision, None]


@pytest.mark.parametrize(("text", "why"), [(t, why) for why, texts in NO_DATE.items() for t in texts])
def test_what_is_no_one_date_is_no_value_and_says_why(text, why):
    assert [sql(f"{f}(?)", text) for f in ("vn_date", "vn_date_precision", "vn_date_why")] == [None, None, why]


@pytest.mark.parametrize(
    "style",
    [
        "%d/%m/%Y",
        "{d.day}/{d.month}/%Y",
        "%d.%m.%Y",
        "%d-%m-%Y",
        "%Y-%m-%d",
        "%Y/%m/%d",
        "%Y%m%d",
        "%d%m%Y",
        "%d/%m/%Y %H:%M",
        "ngày {d.day} tháng {d.month} năm %Y",
        "serial",
    ],
)
@given(st.dates(date(1928, 1, 1), date(2099, 12, 31)))
def test_a_date_written_in_any_style_reads_back(style, d):
    text = str((d - date(1899, 12, 30)).days) if style == "serial" else d.strftime(style.format(d=d))
    assert sql("vn_date(?)", text) == d
    assert sql("vn_date_precision(?)", text) == "day"


@given(st.dates(date(1930, 1, 1), date(2029, 12, 31)))
def test_a_year_of_two_digits_lies_between_1930_and_2029(d):
    assert sql("vn_date(?)", d.strftime("%d/%m/%y")) == d


@pytest.mark.parametrize("style", ["%m/%Y", "{d.month}-%Y", "%Y%m", "%Y-%m", "Tháng {d.month} năm %Y", "T{d.month}/%Y"])
@given(st.dates(date(1900, 1, 1), date(2099, 12, 31)))
def test_a_month_written_in_any_style_reads_back_as_its_first_day(style, d):
    text = d.strftime(style.format(d=d))
    assert (sql("vn_date(?)", text), sql("vn_date_precision(?)", text)) == (d.replace(day=1), "month")


YES = ("x", "X ", "X.", "Có", "có.", "1", "TRUE", "v", "✓", "✔", "√", "yes", "Đã")
NO = (None, "", " ", "không", "Không.", "0", "FALSE", "no", "chưa")
UNCLEAR = ("sắp", "đoàn viên", "?", "-", "2", "x x", "15/8/2010")


def test_yes_and_no_are_read_and_everything_else_is_neither():
    assert {s: sql("vn_yes(?)", s) for s in YES + NO + UNCLEAR} == (
        dict.fromkeys(YES, True) | dict.fromkeys(NO, False) | dict.fromkeys(UNCLEAR)
    )


PARSERS = {
    "vn_number": "number",
    "vn_whole": "number",
    "vn_count": "number",
    "vn_money": "number",
    "vn_date": "date",
    "vn_yes": None,
}


@example(["3 tỷ" + " 200 triệu" * 3, "99999999999999999999 tỷ", "1e", "\u2009", "²", "(1)2)", "99/99/9999", "1/1/1/1"])
@given(st.lists(WRITTEN | ANYTHING | st.text(VIETNAMESE), max_size=30))
def test_a_text_is_either_read_or_says_why_not(texts):
    calls = ", ".join(f"{f}(s), {f}_why(s)" for f in PARSERS)
    for squashed, *row in CON.execute(
        f"select s, {calls} from (select vn_squash(t) as s from unnest($1) u(t))", [texts]
    ).fetchall():
        for i, (parser, kind) in enumerate(PARSERS.items()):
            value, why = row[2 * i : 2 * i + 2]
            if squashed is None:
                assert (value or None, why) == (None, None)
            else:
                assert (value is None) != (why is None), parser
                assert why is None or kind is None or why in unreadable()["why"][kind]


def test_every_reason_has_a_sentence_and_every_sentence_a_reason():
    why = unreadable()["why"]
    assert set(why["number"]) == {*NO_NUMBER, "fraction", "unit"}
    assert set(why["date"]) == set(NO_DATE)


@pytest.mark.parametrize(
    ("text", "value"),
    [("1.250 lượt", 1250), ("3 giải", 3), ("02", 2), ("5,5", 5.5), ("2 công trình.", 2), ("7 trieu", 7_000_000)],
)
def test_a_figure_may_bear_what_it_counts(text, value):
    assert (float(sql("vn_figure(?)", text)), sql("vn_figure_why(?)", text)) == (value, None)


@pytest.mark.parametrize("text", ["5 hoặc 6 giải", "khoảng 10", "11/11", "85%", "3 lượt giải", "giải"])
def test_what_bears_something_else_is_no_figure(text):
    assert sql("vn_figure(?)", text) is None
    assert sql("vn_figure_why(?)", text)


@pytest.mark.parametrize(
    ("text", "none"),
    [("-", True), ("Không", True), ("không phát sinh", True), ("Không có", True), ("0", False), ("không rõ", False)],
)
def test_a_figure_may_say_that_there_is_none(text, none):
    assert sql("vn_says_none(?)", text) is none


@pytest.mark.parametrize(
    ("text", "value"),
    [("9.500.000đ/tháng", 9_500_000), ("9.500.000 đồng/người/tháng", 9_500_000), ("500.000/suất", 500_000), ("1.500.000.", 1_500_000),
     ("500.000 (năm trăm nghìn)", 500_000), ("1,5 triệu/người", 1_500_000), ("500.000 (hai suất)", None), ("5.000.00", None), ("500.000/2", None)],
)  # fmt: skip
def test_a_sum_may_say_of_whom_it_is_and_repeat_itself_in_words(text, value):
    assert sql("vn_money(?)", text) == value
    assert (sql("vn_money_why(?)", text) is None) is (value is not None)
