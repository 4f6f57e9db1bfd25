"""A broken reference file is named with its line, and no refresh runs over it."""

from datetime import datetime

import duckdb
import pytest
from federation import HEADER, MAY, UNITS, UPPER_A, UPPER_B, gift, indicator, initiative, member, nil, sheet

from pipelines.config import UserError
from pipelines.figures import asked_for, figures
from pipelines.reference import checked_reference, read_reference

AFTER_DEADLINE = datetime(2023, 6, 6, 8)
RIGHT = {
    "unit_events.csv": "event_id,date,kind,decision_no,from_unit,to_unit\nE1,2023-01-01,dissolved,1/QĐ,MM-OLD,\n",
    "aliases.csv": "name,unit_code\nLĐLĐ H. An,MM-A\n",
    "targets.csv": "metric_id,period,unit_code,target\nmembers_total,2023,MM,100\n",
    "periods.csv": "period,label_vi,start_date,end_date,cutoff_date,issue_date\n2023-H1,6 tháng,2023-01-01,2023-06-30,2023-05-31,2023-06-13\n",
    "indicators.csv": "indicator_id,label_vi,unit\ntournaments,Giải,giải\n",
    "published.csv": "document_no,period,metric_id,unit_code,value,qualifier\n714/BC,2023-H1,members_total,MM,100,exact\n",
    "units.csv": "\n".join([HEADER, *UNITS, ""]),
}
PERIOD_HEADER = RIGHT["periods.csv"].splitlines(keepends=True)[0]
UPPER = "MM-D,LĐLĐ huyện Đỗ,upper,MM,,direct,,2000-01-01,"


def units(*more, without=()):
    return "\n".join([HEADER, *(u for u in UNITS if u.split(",")[0] not in without), *more, ""])


DOWNGRADED = (
    UPPER + "2023-04-01",
    "MM-D,CĐCS Đỗ,grassroots,MM,public,direct,,2023-04-01,",
    "MM-D-2,CĐCS Đ2,grassroots,MM-D,public,direct,,2000-01-01,2023-04-01",
    "MM-D-1,CĐCS Đ1,grassroots,MM-D,public,direct,,2000-01-01,2023-04-01",
    "MM-D-1,CĐCS Đ1,grassroots,MM,public,direct,,2023-04-01,",
)


def of_periods(*lines):
    return PERIOD_HEADER + "".join(f"{p},x,{start},{cutoff},{cutoff},\n" for p, start, cutoff in lines)


EVENT_HEADER = RIGHT["unit_events.csv"].splitlines(keepends=True)[0]
REFOUNDED = (UPPER + "2010-01-01", UPPER.replace("2000", "2020") + "2023-01-01", UPPER.replace("2000", "2023"))
LAST = len(UNITS) + 2  # the line of a unit added at the end
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
    "an emptied file": ("targets.csv", "", "targets.csv is empty"),
    "a file of another name": (
        "target.csv",
        RIGHT["targets.csv"],
        "target.csv is not read; the file of that kind is called targets.csv.",
    ),
    "a workbook": ("Units.xlsx", "PK", "called units.csv"),
    "an event before its unit": (
        "unit_events.csv",
        RIGHT["unit_events.csv"].replace("2023-01-01", "1999-01-01"),
        "MM-OLD begins on 2000-01-01",
    ),
    "an event after its unit": (
        "unit_events.csv",
        RIGHT["unit_events.csv"].replace("2023-01-01", "2023-02-01"),
        "MM-OLD ended on 2023-01-01",
    ),
    "a founding of nobody": (
        "unit_events.csv",
        RIGHT["unit_events.csv"].replace("dissolved", "established"),
        "established needs a to_unit",
    ),
    "a transfer of nobody": (
        "unit_events.csv",
        RIGHT["unit_events.csv"].replace("dissolved,1/QĐ,MM-OLD", "transferred,1/QĐ,"),
        "names no unit",
    ),
    "a period of another year": (
        "periods.csv",
        RIGHT["periods.csv"].replace("2023-H1", "2024-H1"),
        "2024-H1 is dated 2023-01-01 to 2023-05-31, in other months",
    ),
    "half-years that overlap": (
        "periods.csv",
        RIGHT["periods.csv"] + "2023-H2,cuối năm,2023-05-20,2023-12-31,2023-11-30,\n",
        "2023-H2 starts on 2023-05-20, but 2023-H1 closes on 2023-05-31",
    ),
    "days between two half-years": (
        "periods.csv",
        RIGHT["periods.csv"] + "2023-H2,cuối năm,2023-07-01,2023-12-31,2023-12-31,\n",
        "line 3: 2023-H2 starts on 2023-07-01, but 2023-H1 closes on 2023-05-31; the days between belong to no period.",
    ),
    "days between two months": (
        "periods.csv",
        PERIOD_HEADER + "2023-02,m,2023-02-01,2023-02-28,2023-02-25,\n2023-01,m,2022-12-26,2023-01-31,2023-01-25,\n",
        "line 2: 2023-02 starts on 2023-02-01, but 2023-01 closes on 2023-01-25",
    ),
    "a year that closes before its last half": (
        "periods.csv",
        of_periods(("2023", "2023-01-01", "2023-11-30"), ("2023-H2", "2023-06-01", "2023-12-31")),
        "periods.csv line 3: 2023-H2 closes on 2023-12-31, but 2023, which ends with it, on 2023-11-30.",
    ),
    "a year that closes before its last quarter": (
        "periods.csv",
        of_periods(("2023-Q4", "2023-10-01", "2023-12-31"), ("2023", "2023-01-01", "2023-11-30")),
        "periods.csv line 2: 2023-Q4 closes on 2023-12-31, but 2023,",
    ),
    "a year that closes before its last month": (
        "periods.csv",
        of_periods(("2023", "2023-01-01", "2023-12-30"), ("2023-12", "2023-12-01", "2023-12-31")),
        "periods.csv line 3: 2023-12 closes on 2023-12-31, but 2023,",
    ),
    "a half-year that closes before its last quarter": (
        "periods.csv",
        RIGHT["periods.csv"] + "2023-Q2,x,2023-04-01,2023-06-30,2023-06-30,\n",
        "periods.csv line 3: 2023-Q2 closes on 2023-06-30, but 2023-H1, which ends with it, on 2023-05-31.",
    ),
    "a half-year that closes before its last month": (
        "periods.csv",
        RIGHT["periods.csv"] + "2023-06,x,2023-06-01,2023-06-30,2023-06-30,\n",
        "periods.csv line 3: 2023-06 closes on 2023-06-30, but 2023-H1,",
    ),
    "a period twice": (
        "periods.csv",
        RIGHT["periods.csv"] + RIGHT["periods.csv"].splitlines()[1] + "\n",
        "periods.csv line 3: 2023-H1 stands already in line 2.",
    ),
    "a month dated as the next": (
        "periods.csv",
        RIGHT["periods.csv"] + "2023-01,m,2023-02-01,2023-02-28,2023-02-28,\n",
        "other months",
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
    "a unit founded long after it began": (
        "unit_events.csv",
        RIGHT["unit_events.csv"] + "E2,2023-01-01,established,,,MM-A-01\n",
        "long before it is established",
    ),
    "a unit founded twice": (
        "unit_events.csv",
        RIGHT["unit_events.csv"] + "E2,2000-01-01,established,,,MM-A-01\nE3,2000-01-01,established,,,MM-A-01\n",
        "unit_events.csv line 4: MM-A-01 is established already in line 3.",
    ),
    "a dissolved unit that goes on": (
        "unit_events.csv",
        RIGHT["unit_events.csv"] + "E2,2023-01-01,dissolved,,MM-A-01,\n",
        "unit_events.csv line 3: MM-A-01 is dissolved on 2023-01-01, but has no valid_to in units.csv.",
    ),
    "a merged unit that goes on": (
        "unit_events.csv",
        RIGHT["unit_events.csv"] + "E2,2023-01-01,merged,,MM-A-01,MM-A-02\n",
        "unit_events.csv line 3: MM-A-01 is merged away on 2023-01-01, but has no valid_to in units.csv.",
    ),
    "a unit dissolved long before it ended": (
        "unit_events.csv",
        RIGHT["unit_events.csv"].replace("2023-01-01", "2022-10-01"),
        "MM-OLD ends on 2023-01-01 in units.csv, long after it is dissolved on 2022-10-01.",
    ),
    "a unit merged into itself": (
        "unit_events.csv",
        RIGHT["unit_events.csv"].replace("dissolved,1/QĐ,MM-OLD,", "merged,1/QĐ,MM-OLD,MM-OLD"),
        "line 2: MM-OLD is merged into itself",
    ),
    "a transferred unit that stays": (
        "unit_events.csv",
        RIGHT["unit_events.csv"] + "E2,2023-01-01,transferred,,MM-A-01,MM-A-01\n",
        "line 3: MM-A-01 is transferred on 2023-01-01, but no line of units.csv has another parent from then on.",
    ),
    "a flow's target for the programme": (
        "targets.csv",
        RIGHT["targets.csv"].replace("members_total,2023", "aid_gifts_total,programme"),
        "no target for the programme",
    ),
    "a target of forty digits": ("targets.csv", RIGHT["targets.csv"].replace("100", "9" * 40), "has too many digits"),
    "an amount of sixteen digits": (
        "published.csv",
        RIGHT["published.csv"].replace(",100,", ",2971500000000000,"),
        "published.csv line 2, value: «2971500000000000» has too many digits; at most 15 are read.",
    ),
    "a target below nothing": (
        "targets.csv",
        RIGHT["targets.csv"].replace("100", "-5"),
        "targets.csv line 2, target: «-5» must not be negative.",
    ),
    "a line that Excel writes for itself": (
        "targets.csv",
        "sep=,\n" + RIGHT["targets.csv"],
        "targets.csv line 1: «sep=» only tells Excel how cells are separated; delete this line",
    ),
    "such a line with quotes": ("targets.csv", '"sep=;"\n' + RIGHT["targets.csv"].replace(",", ";"), "delete this line"),
    "an issue before the cut-off": (
        "periods.csv",
        RIGHT["periods.csv"].replace("2023-06-13", "2023-05-13"),
        "before its cut-off",
    ),
    "dates of the programme": (
        "periods.csv",
        RIGHT["periods.csv"].replace("2023-H1", "programme"),
        "periods.csv line 2, period: «programme» is no period",
    ),
    "a target of a campaign without dates": (
        "targets.csv",
        RIGHT["targets.csv"].replace("2023,", "tet-2024,"),
        "the campaign tet-2024 has no dates",
    ),
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
    "an alias of nobody": ("aliases.csv", "name,unit_code\nAi đó,MM-X\n", "aliases.csv line 2"),
    "an alias for two units": ("aliases.csv", "name,unit_code\nCĐ X,MM-A-01\ncđ  x,MM-B-01\n", "aliases.csv line 3"),
    "an alias that is another's name": ("aliases.csv", "name,unit_code\nLĐLĐ huyện An,MM-B\n", "aliases.csv line 2"),
    "an alias that is another's code": ("aliases.csv", "name,unit_code\nmm-a,MM-B\n", "aliases.csv line 2"),
    "an event of nobody": ("unit_events.csv", RIGHT["unit_events.csv"].replace("MM-OLD", "MM-X"), "unit_events.csv line 2"),
    "an event of no kind": (
        "unit_events.csv",
        RIGHT["unit_events.csv"].replace("dissolved", "lost"),
        "unit_events.csv line 2, kind",
    ),
    "an event twice": (
        "unit_events.csv",
        RIGHT["unit_events.csv"] + "E1,2023-01-01,dissolved,1,MM-OLD,\n",
        "unit_events.csv line 3",
    ),
    "a target that is no number": ("targets.csv", RIGHT["targets.csv"].replace("100", "nhiều"), "targets.csv line 2, target"),
    "a target of no period": ("targets.csv", RIGHT["targets.csv"].replace("2023,", "2023-13,"), "targets.csv line 2, period"),
    "a cut-off after the end": ("periods.csv", RIGHT["periods.csv"].replace("2023-05-31", "2023-07-31"), "periods.csv line 2"),
    "an indicator twice": ("indicators.csv", RIGHT["indicators.csv"] + "tournaments,Hội thao,giải\n", "indicators.csv line 3"),
    "an indicator with an accent": (
        "indicators.csv",
        RIGHT["indicators.csv"].replace("tournaments", "giải"),
        "indicators.csv line 2, indicator_id",
    ),
    "a target with a dot that may be one or the other": (
        "targets.csv",
        RIGHT["targets.csv"].replace("100", "1.200"),
        "no plain number",
    ),
    "a target of nan": ("targets.csv", RIGHT["targets.csv"].replace("100", "nan"), "targets.csv line 2, target"),
    "a target of nothing": ("targets.csv", RIGHT["targets.csv"].replace("100", "0"), "targets.csv line 2, target"),
    "a published thousand with a dot": (
        "published.csv",
        RIGHT["published.csv"].replace(",100,", ",5.333,"),
        "published.csv line 2, value",
    ),
    "a target of no metric": (
        "targets.csv",
        RIGHT["targets.csv"].replace("members_total", "member_total"),
        "targets.csv line 2: no metric is called member_total, perhaps members_total.",
    ),
    "a figure of no metric": (
        "published.csv",
        RIGHT["published.csv"].replace("members_total", "x"),
        "published.csv line 2: no metric",
    ),
    "a figure said in no known way": (
        "published.csv",
        RIGHT["published.csv"].replace("exact", "ish"),
        "published.csv line 2, qualifier",
    ),
    "a target of a target": (
        "targets.csv",
        RIGHT["targets.csv"].replace("members_total,2023", "portal_total_target,programme"),
        "targets.csv line 2: portal_total_target is itself a target; write it for portal_total_initiatives.",
    ),
    "a target of more than all": (
        "targets.csv",
        RIGHT["targets.csv"].replace("members_total", "female_share").replace("100", "100.5"),
        "targets.csv line 2: female_share is a share in percent, and the target 100.5 is more than 100.",
    ),
    "a published share of more than all": (
        "published.csv",
        RIGHT["published.csv"].replace("members_total", "female_share").replace("100", "5339"),
        "published.csv line 2: female_share is a share in percent, and the published value 5339 is more than 100.",
    ),
    "half a member": (
        "published.csv",
        RIGHT["published.csv"].replace("100", "26061.5"),
        "published.csv line 2: members_total counts members, and 26061.5 is no whole number.",
    ),
    "half a model": (
        "published.csv",
        RIGHT["published.csv"].replace("members_total", "mutual_models_new").replace("100", "1.5"),
        "mutual_models_new counts models, and 1.5 is no whole number.",
    ),
    "a target that is never published": (
        "targets.csv",
        RIGHT["targets.csv"].replace("members_total,2023,MM", "female_share,2023,MM-A-01"),
        "targets.csv line 2: female_share is personal and never published of a grassroots unit such as MM-A-01.",
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
    "a file separator at the end": ("aliases.csv", "name,unit_code\nCĐ X\x1f,MM-A\n", "aliases.csv line 2, name: the cell holds"),
    "a figure of nobody": ("published.csv", RIGHT["published.csv"].replace("MM,", "MM-X,"), "published.csv line 2"),
}


@pytest.fixture
def reference(federation):
    for name, text in RIGHT.items():
        (federation.home.reference / name).write_text(text, "utf-8")
    return federation.home.reference


def test_right_files_have_no_problem(reference):
    assert read_reference(reference).problems == []
    assert checked_reference(reference).province == "MM"


@pytest.mark.parametrize(("name", "content", "said"), BROKEN.values(), ids=list(BROKEN))
def test_a_broken_file_is_named_with_its_line(reference, name, content, said):
    (reference / name).write_bytes(content if isinstance(content, bytes) else content.encode())
    problems = read_reference(reference).problems
    assert any(said in p for p in problems), problems
    assert all(p.endswith(".") for p in problems)
    with pytest.raises(UserError, match="reference/ is broken"):
        checked_reference(reference)


RIGHT_TOO = {
    "a year that closes with its parts, and nine months that do not": (
        "periods.csv",
        of_periods(
            ("2023", "2022-12-01", "2023-11-30"),
            ("2023-H2", "2023-06-01", "2023-11-30"),
            ("2023-Q3", "2023-07-01", "2023-09-30"),
            ("2023-9M", "2022-12-01", "2023-08-31"),
            ("2023-Q4", "2023-10-01", "2023-11-30"),
        ),
    ),
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
    "half-years of two years": (
        "periods.csv",
        of_periods(("2022-H1", "2022-01-01", "2022-05-31"), ("2023-H1", "2023-01-01", "2023-05-31")),
    ),
    "months of two years, in any order": (
        "periods.csv",
        of_periods(("2024-05", "2024-05-01", "2024-05-31"), ("2023-10", "2023-10-01", "2023-10-31")),
    ),
    "half-years that meet": (
        "periods.csv",
        of_periods(("2023-H1", "2023-01-01", "2023-05-31"), ("2023-H2", "2023-06-01", "2023-12-31")),
    ),
}


@pytest.mark.parametrize(("name", "content"), RIGHT_TOO.values(), ids=list(RIGHT_TOO))
def test_what_is_right_is_no_problem(reference, name, content):
    (reference / name).write_text(content, "utf-8")
    assert read_reference(reference).problems == []


MOVED = (
    UPPER,
    "MM-D-1,CĐCS Đ1,grassroots,MM-D,public,direct,,2000-01-01,2023-04-01",
    "MM-D-1,CĐCS Đ1,grassroots,MM-A,public,direct,,2023-04-01,",
)
RIGHT_EVENTS = {
    "a unit founded again after a break": (
        REFOUNDED,
        ("2000-01-10,established,,,MM-D", "2010-01-01,dissolved,,MM-D,", "2020-01-15,established,,,MM-D"),
    ),
    "a merger": ((UPPER + "2023-04-01",), ("2023-03-20,merged,,MM-D,MM-A",)),
    "a unit that was transferred": (MOVED, ("2023-03-20,transferred,,MM-D-1,", "2023-03-20,transferred_as_is,,,MM-D-1")),
    "a transfer told by its unions": (MOVED, ("2023-03-20,transferred,,MM-D,MM-A",)),
    "a transfer into another federation": ((UPPER + "2023-04-01",), ("2023-04-01,transferred,,MM-D,",)),
    "a transfer under a new code": (
        (UPPER, MOVED[1], MOVED[2].replace("MM-D-1", "MM-A-09")),
        ("2023-04-01,transferred,,MM-D-1,MM-A-09",),
    ),
}


@pytest.mark.parametrize(("more", "events"), RIGHT_EVENTS.values(), ids=list(RIGHT_EVENTS))
def test_events_that_units_tell_too_are_no_problem(reference, more, events):
    (reference / "units.csv").write_text(units(*more), "utf-8")
    (reference / "unit_events.csv").write_text(EVENT_HEADER + "".join(f"E{n},{e}\n" for n, e in enumerate(events)), "utf-8")
    assert read_reference(reference).problems == []


STRETCHES = {
    "2020-01-15,established,,,MM-D": "line 3: MM-D is established already in line 2.",
    "2019-12-31,established,,,MM-D": "line 3: MM-D begins again on 2020-01-01 in units.csv, after it is established on 2019-12-31.",
    "2015-06-01,dissolved,,MM-D,": "line 3: MM-D ended on 2010-01-01 in units.csv, before the event of 2015-06-01.",
    "2020-06-01,dissolved,,MM-D,": "line 3: MM-D is dissolved on 2020-06-01, but has no valid_to in units.csv.",
    "2020-06-01,transferred,,MM-D,": "line 3: MM-D is transferred on 2020-06-01, but no line",
}


@pytest.mark.parametrize(("event", "said"), STRETCHES.items(), ids=list(STRETCHES))
def test_events_of_a_unit_that_came_back_are_held_against_its_stretch(reference, event, said):
    (reference / "units.csv").write_text(units(*REFOUNDED), "utf-8")
    (reference / "unit_events.csv").write_text(f"{EVENT_HEADER}E1,2020-01-15,established,,,MM-D\nE2,{event}\n", "utf-8")
    (problem,) = read_reference(reference).problems
    assert said in problem


def test_a_unit_founded_again_is_new_again(federation, reference):
    line = "CĐCS Công ty Trở Lại,grassroots,MM-A,business,direct,,"
    (reference / "units.csv").write_text(units(f"MM-A-09,{line}2000-01-01,2010-01-01", f"MM-A-09,{line}2023-05-02,"), "utf-8")
    founded = "E1,2000-01-01,established,,,MM-A-09\nE2,2023-05-10,established,,,MM-A-09\n"
    (reference / "unit_events.csv").write_text(EVENT_HEADER + founded, "utf-8")
    federation.send("a.xlsx", sheet("members", UPPER_A, [member("MM-A-09")]))
    federation.refresh()
    found = {f["id"]: f["value"] for f in figures(federation.home, MAY, None)}
    assert (found["new_grassroots"], found["new_grassroots_members"]) == (1, 1)


def test_a_home_without_a_registry_says_so(reference):
    (reference / "units.csv").unlink()
    assert read_reference(reference).problems[0].startswith("units.csv is missing")


def test_a_registry_of_its_header_alone_is_refused_by_refresh(federation, reference):
    (reference / "units.csv").write_text(HEADER + "\n", "utf-8")
    with pytest.raises(UserError, match=r"units\.csv names no unit"):
        federation.refresh()


def test_figures_of_no_province_say_so():
    con = duckdb.connect()
    con.execute("create schema core; create table core.unit (unit_code text, level text, valid_to date)")
    with pytest.raises(UserError, match="No province is in force"):
        asked_for(con, None, MAY)


def test_what_excel_and_editors_leave_behind_does_no_harm(reference):
    (reference / "targets.csv").write_text(RIGHT["targets.csv"] + ",,,\n,,,,,\n", "utf-8")
    for name in ("~$units.xlsx", ".~lock.units.csv#", "units.csv~", "ghi chú.txt"):
        (reference / name).write_text("?", "utf-8")
    assert read_reference(reference).problems == []


def test_a_folder_in_place_of_a_file_is_told(reference):
    (reference / "targets.csv").unlink()
    (reference / "targets.csv").mkdir()
    assert read_reference(reference).problems == ["targets.csv is no file."]


def test_no_sentence_shows_a_pattern_or_an_address(reference):
    (reference / "units.csv").write_text(
        units(UPPER.replace("MM-D", "MM D"), UPPER.replace("direct,,", "direct,an at home,")), "utf-8"
    )
    (reference / "published.csv").write_text(RIGHT["published.csv"].replace("exact", "ish"), "utf-8")
    said = read_reference(reference).problems
    assert len(said) == 3
    assert not [p for p in said if "an at home" in p or "^" in p or "\\" in p or "should" in p]


def test_a_byte_order_mark_and_windows_line_ends_do_no_harm(reference):
    (reference / "units.csv").write_bytes(b"\xef\xbb\xbf" + RIGHT["units.csv"].replace("\n", "\r\n").encode())
    assert read_reference(reference).problems == []


def test_refresh_refuses_broken_files_and_takes_nothing_from_the_inbox(federation, reference):
    waiting = federation.drop("a.xlsx", b"a")
    (reference / "aliases.csv").write_text(BROKEN["an alias of nobody"][1], "utf-8")
    with pytest.raises(UserError, match=r"aliases\.csv"):
        federation.refresh()
    assert waiting.exists()


def test_a_unit_is_found_by_code_name_or_alias_and_by_nothing_else(reference):
    registry = read_reference(reference)
    spellings = ["MM-A", " mm-a ", "LĐLĐ huyện An", "ldld HUYEN  an", "LĐLĐ H. An"]
    assert [registry.find(s) for s in spellings] == ["MM-A"] * len(spellings)
    assert [registry.find(s) for s in (None, "", "LĐLĐ huyện", "MM-A1")] == [None] * 4
    assert registry.ancestors("MM-A-01") == ["MM-A-01", "MM-A", "MM"]


@pytest.mark.parametrize("delimiter", [";", "\t"])
def test_what_excel_writes_where_the_comma_is_a_decimal_sign_is_read(reference, delimiter):
    for name in ("units.csv", "aliases.csv"):
        (reference / name).write_text("\ufeff" + RIGHT[name].replace(",", delimiter).replace("\n", "\r\n"), "utf-8")
    registry = read_reference(reference)
    assert registry.problems == []
    assert registry.find("LĐLĐ H. An") == "MM-A"
    assert len(registry.parents) == len(UNITS)


def test_a_figure_made_of_what_reference_does_not_keep_has_no_value(federation, reference, congdoan):
    (reference / "periods.csv").unlink()
    checked = congdoan("reference", "check", home=federation.root)
    assert checked.returncode == 0
    assert "periods.csv: portal-phase1 is not kept, so there is no value for portal_phase1_initiatives" in checked.stderr
    assert "indicators.csv: works_completed is not kept" in checked.stderr
    federation.send(
        "a.xlsx", sheet("initiatives", UPPER_A, [initiative("MM-A-01")]), sheet("activity", UPPER_A, [indicator("MM-A-01")])
    )
    federation.refresh()
    found = {f["id"]: (f["value"], f["status"]) for f in figures(federation.home, MAY, None)}
    assert found["portal_phase1_initiatives"] == found["portal_phase1_pct"] == (None, "undefined")
    assert found["works_completed"] == (None, "undefined")
    assert found["portal_total_initiatives"][0] == 1
    assert found["tournaments"][0] == 3


def test_a_target_of_a_unit_without_rows_is_shown_and_units_wait_for_their_senders_return(federation, reference):
    (reference / "targets.csv").write_text("metric_id,period,unit_code,target\nclassrooms,2023-05,MM-A-01,2\n", "utf-8")
    federation.send("a.xlsx", sheet("aid", UPPER_A, [gift("MM-A-01")]), sheet("members", "MM-C-01", [member("MM-C-01")]))
    federation.send("b.xlsx", sheet("members", UPPER_B, [member("MM-B-01")]))
    federation.send("p.xlsx", nil("aid", "MM"))
    federation.refresh(AFTER_DEADLINE)
    found = {f["id"]: f for f in figures(federation.home, MAY, "MM-A-01")}
    assert (found["classrooms"]["value"], found["classrooms"]["target"], found["classrooms"]["target_pct"]) == (0, 2, 0)
    assert found["aid_gifts_total"]["status"] == "complete"
    assert found["workers_total"]["status"] == "incomplete"  # MM-A has not sent its members
    # MM-B sent no aid, so neither it nor what is below it is complete
    gifts = federation.query(
        "select unit_code, status from marts.metric_value where metric_id = 'aid_gifts_total' and period = ?", [MAY]
    )
    assert {r["unit_code"]: r["status"] for r in gifts}["MM"] == "incomplete"
    assert {f["id"]: f["status"] for f in figures(federation.home, MAY, "MM-B-01")}["aid_gifts_total"] == "incomplete"
