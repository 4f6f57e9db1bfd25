"""units.csv: what must hold between its lines, on every day."""

import pytest
from federation import HEADER
from registry import LAST, UPPER, assert_refused, units

from pipelines.reference import read_reference

DOWNGRADED = (
    UPPER + "2023-04-01",
    "MM-D,CĐCS Đỗ,grassroots,MM,public,direct,,2023-04-01,",
    "MM-D-2,CĐCS Đ2,grassroots,MM-D,public,direct,,2000-01-01,2023-04-01",
    "MM-D-1,CĐCS Đ1,grassroots,MM-D,public,direct,,2000-01-01,2023-04-01",
    "MM-D-1,CĐCS Đ1,grassroots,MM,public,direct,,2023-04-01,",
)
BROKEN = {
    "an unknown level": ("units.csv", units(UPPER.replace("upper", "district")), f"units.csv line {LAST}, level"),
    "an impossible date": ("units.csv", units(UPPER.replace("2000-01-01", "2000-13-01")), f"units.csv line {LAST}, valid_from"),
    "a code with a space": ("units.csv", units(UPPER.replace("MM-D", "MM D")), f"units.csv line {LAST}, code"),
    "no name": ("units.csv", units(UPPER.replace("LĐLĐ huyện Đỗ", "")), f"units.csv line {LAST}, name"),
    "a bad address": (
        "units.csv",
        units(UPPER.replace("direct,,", "direct,an at home,")),
        f"units.csv line {LAST}, officer_email",
    ),
    "a cell too many": ("units.csv", units(UPPER + ",?"), f"units.csv line {LAST}: there are more cells than columns."),
    "a column of another name": ("units.csv", units().replace("managed", "manager", 1), "lacks managed and has unknown manager"),
    "a grassroots unit under another": (
        "units.csv",
        units("MM-D,CĐCS Đỗ,grassroots,MM-A-01,public,direct,,2000-01-01,"),
        "cannot stand under MM-A-01",
    ),
    "a grassroots unit without a parent": (
        "units.csv",
        units("MM-D,CĐCS Đỗ,grassroots,,public,direct,,2000-01-01,"),
        "has no parent",
    ),
    "a grassroots unit without a sector": (
        "units.csv",
        units("MM-D,CĐCS Đỗ,grassroots,MM-A,,direct,,2000-01-01,"),
        "write public or business",
    ),
    "a quote that is not closed": (
        "units.csv",
        units('MM-D,"LĐLĐ huyện Đỗ,upper,MM,,direct,,2000-01-01,', UPPER),
        "is not closed",
    ),
    "a unit older than its parent": (
        "units.csv",
        units(UPPER.replace("2000", "2020"), "MM-D-1,CĐCS Đ,grassroots,MM-D,public,direct,,2018-01-01,"),
        "which begins on 2020-01-01",
    ),
    "a unit far below": (
        "units.csv",
        units(*(f"MM-D{n},LĐLĐ {n},upper,{f'MM-D{n - 1}' if n else 'MM'},,direct,,2000-01-01," for n in range(6))),
        "MM-D5 stands more than 5 steps below the top",
    ),
    "a day as Excel counts it": ("units.csv", units(UPPER.replace("2000-01-01", "36526")), "is no date"),
    "a cell too few": ("units.csv", units("MM-D,LĐLĐ huyện Đỗ,upper"), f"units.csv line {LAST}"),
    "a fault below an empty line": ("units.csv", units("", UPPER.replace("upper", "?")), f"units.csv line {LAST + 1}, level"),
    "a missing column": ("units.csv", units().replace("managed,", "", 1), "units.csv line 1: the header lacks managed"),
    "an unknown parent": ("units.csv", units(UPPER.replace(",MM,", ",MM-X,")), f"units.csv line {LAST}"),
    "an end before the start": ("units.csv", units(UPPER + "1999-01-01"), f"units.csv line {LAST}"),
    "two rows at one time": ("units.csv", units(UPPER, UPPER.replace("Đỗ", "Đào")), f"units.csv line {LAST + 1}"),
    "units that stood under each other once": (
        "units.csv",
        units(
            "MM-D,LĐLĐ Đ,upper,MM-E,,direct,,2000-01-01,2010-01-01",
            "MM-E,LĐLĐ E,upper,MM,,direct,,2000-01-01,2005-01-01",
            "MM-E,LĐLĐ E,upper,MM-D,,direct,,2005-01-01,2010-01-01",
            *(f"MM-{c},LĐLĐ {c},upper,MM,,direct,,2010-01-01," for c in "DE"),
        ),
        f"units.csv line {LAST}: MM-D is under itself from 2005-01-01 on.",
    ),
    "a union downgraded without its units": (
        "units.csv",
        units(*DOWNGRADED[:3], "MM-D-1,CĐCS Đ1,grassroots,MM-D,public,direct,,2000-01-01,"),
        f"units.csv line {LAST + 3}: MM-D-1 of level grassroots cannot stand under MM-D of level grassroots from 2023-04-01 on.",
    ),
    "a unit too far below in the past": (
        "units.csv",
        units(
            *(f"MM-D{n},LĐLĐ {n},upper,{f'MM-D{n - 1}' if n else 'MM'},,direct,,2000-01-01,2001-01-01" for n in range(6)),
            *(f"MM-D{n},LĐLĐ {n},upper,MM,,direct,,2001-01-01," for n in range(6)),
        ),
        f"units.csv line {LAST + 5}: MM-D5 stands more than 5 steps below the top.",
    ),
    "a unit whose union ended": (
        "units.csv",
        units(UPPER + "2023-05-01", "MM-D-1,CĐCS Đ1,grassroots,MM-D,public,direct,,2000-01-01,"),
        f"units.csv line {LAST + 1}: MM-D-1 stands under MM-D, which ended on 2023-05-01",
    ),
    "a unit moved long after its union ended": (
        "units.csv",
        units(
            UPPER + "2023-05-01",
            "MM-D-1,CĐCS Đ1,grassroots,MM-D,public,direct,,2000-01-01,2023-05-20",
            "MM-D-1,CĐCS Đ1,grassroots,MM,public,direct,,2023-05-20,",
        ),
        f"units.csv line {LAST + 1}: MM-D-1 stands under MM-D, which ended on 2023-05-01",
    ),
    "a unit that ended years after its union": (
        "units.csv",
        units(UPPER + "2020-05-01", "MM-D-1,CĐCS Đ1,grassroots,MM-D,public,direct,,2000-01-01,2023-05-01"),
        "MM-D-1 stands under MM-D, which ended on 2020-05-01",
    ),
    "a unit founded under a union that was gone": (
        "units.csv",
        units(UPPER + "2020-05-01", "MM-D-1,CĐCS Đ1,grassroots,MM-D,public,direct,,2021-01-01,2022-01-01"),
        "MM-D-1 stands from 2021-01-01 under MM-D, which ended on 2020-05-01.",
    ),
    "a unit through a break of its union": (
        "units.csv",
        units(
            UPPER + "2010-01-01",
            UPPER.replace("2000", "2011"),
            "MM-D-1,CĐCS Đ1,grassroots,MM-D,public,direct,,2000-01-01,",
        ),
        f"units.csv line {LAST + 2}: MM-D-1 stands under MM-D, which ended on 2010-01-01",
    ),
    "a rename whose old row ends a day early": (
        "units.csv",
        units(UPPER + "2023-03-31", UPPER.replace("Đỗ", "Đào").replace("2000-01-01", "2023-04-01")),
        f"units.csv line {LAST}: MM-D goes on the day after 2023-03-31, but valid_to is the first day the line no longer holds; "
        "write 2023-04-01.",
    ),
    "two units of one name": ("units.csv", units(UPPER, UPPER.replace("MM-D", "MM-E")), f"units.csv line {LAST + 1}"),
    "two units of one name, one about to end": (
        "units.csv",
        units(UPPER + "2030-01-01", UPPER.replace("MM-D", "MM-E").replace("LĐLĐ huyện Đỗ", "ldld  huyện đỗ")),
        f"units.csv line {LAST + 1}: MM-E has the name «ldld  huyện đỗ», and so has MM-D until 2030-01-01.",
    ),
    "a unit under itself": ("units.csv", units(UPPER.replace(",MM,", ",MM-D,")), f"units.csv line {LAST}"),
    "a second province": (
        "units.csv",
        units("NN,LĐLĐ tỉnh Khác,province,,,direct,,2000-01-01,"),
        "exactly one unit of level province",
    ),
    "no province": ("units.csv", units(without=("MM",)), "exactly one unit of level province"),
    "no utf-8": ("units.csv", "ngành Giáo dục".encode("utf-16"), "units.csv is not a UTF-8 csv file"),
    "an empty registry": ("units.csv", "", "units.csv"),
    "a registry of its header alone": ("units.csv", HEADER + "\n,,,,,,,,\n", "units.csv names no unit"),
    "a province that ended": (
        "units.csv",
        units().replace("2000-01-01,", "2000-01-01,2023-01-01", 1),
        "exactly one unit of level province",
    ),
    "a NUL in a name": (
        "units.csv",
        units(UPPER.replace("Đỗ", "Đ\0ỗ")),
        f"units.csv line {LAST}, name: the cell holds a control",
    ),
    "a vertical tab in a name": (
        "units.csv",
        units(UPPER.replace("Đỗ", "Đ\x0bỗ")),
        f"units.csv line {LAST}, name: the cell holds",
    ),
}
RIGHT_TOO = {
    "a name that passes to a successor": (
        "units.csv",
        units(UPPER + "2020-01-01", UPPER.replace("MM-D,", "MM-E,").replace("2000", "2020")),
    ),
    "a union downgraded, its units moved the same day": ("units.csv", units(*DOWNGRADED)),
    "a union raised above what was beside it": (
        "units.csv",
        units(
            "MM-D,CĐCS Đỗ,grassroots,MM,public,direct,,2000-01-01,2023-04-01",
            UPPER.replace("2000-01-01", "2023-04-01"),
            "MM-D-1,CĐCS Đ1,grassroots,MM,public,direct,,2000-01-01,2023-04-01",
            "MM-D-1,CĐCS Đ1,grassroots,MM-D,public,direct,,2023-04-01,",
        ),
    ),
    "units that changed places": (
        "units.csv",
        units(
            "MM-D,LĐLĐ Đ,upper,MM-E,,direct,,2000-01-01,2010-01-01",
            "MM-E,LĐLĐ E,upper,MM,,direct,,2000-01-01,2010-01-01",
            "MM-D,LĐLĐ Đ,upper,MM,,direct,,2010-01-01,",
            "MM-E,LĐLĐ E,upper,MM-D,,direct,,2010-01-01,",
        ),
    ),
    "a unit that ended soon after its union": (
        "units.csv",
        units(UPPER + "2023-05-01", "MM-D-1,CĐCS Đ1,grassroots,MM-D,public,direct,,2000-01-01,2023-05-20"),
    ),
    "a unit that comes back after a break": (
        "units.csv",
        units(UPPER + "2020-01-01", UPPER.replace("2000-01-01", "2020-01-03")),
    ),
}


@pytest.mark.parametrize(("name", "content", "said"), BROKEN.values(), ids=list(BROKEN))
def test_a_broken_file_is_named_with_its_line(reference, name, content, said):
    assert_refused(reference, name, content, said)


@pytest.mark.parametrize(("name", "content"), RIGHT_TOO.values(), ids=list(RIGHT_TOO))
def test_what_is_right_is_no_problem(reference, name, content):
    (reference / name).write_text(content, "utf-8")
    assert read_reference(reference).problems == []
