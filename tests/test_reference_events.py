"""unit_events.csv: events agree with units.csv, stretch by stretch."""

import pytest
from federation import MAY, UPPER_A, member, sheet
from registry import EVENT_HEADER, REFOUNDED, RIGHT, UPPER, assert_refused, units

from pipelines.figures import figures
from pipelines.reference import read_reference

BROKEN = {
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
    "a unit renamed to another": (
        "unit_events.csv",
        RIGHT["unit_events.csv"] + "E2,2023-01-01,renamed,,MM-A-01,MM-A-02\n",
        "line 3: MM-A-01 is renamed to MM-A-02; a unit keeps its code when its name changes.",
    ),
    "a transferred unit that stays": (
        "unit_events.csv",
        RIGHT["unit_events.csv"] + "E2,2023-01-01,transferred,,MM-A-01,MM-A-01\n",
        "line 3: MM-A-01 is transferred on 2023-01-01, but no line of units.csv has another parent from then on.",
    ),
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
}
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
STRETCHES = {
    "2020-01-15,established,,,MM-D": "line 3: MM-D is established already in line 2.",
    "2019-12-31,established,,,MM-D": "line 3: MM-D begins again on 2020-01-01 in units.csv, after it is established on 2019-12-31.",
    "2015-06-01,dissolved,,MM-D,": "line 3: MM-D ended on 2010-01-01 in units.csv, before the event of 2015-06-01.",
    "2020-06-01,dissolved,,MM-D,": "line 3: MM-D is dissolved on 2020-06-01, but has no valid_to in units.csv.",
    "2020-06-01,transferred,,MM-D,": "line 3: MM-D is transferred on 2020-06-01, but no line",
}


@pytest.mark.parametrize(("name", "content", "said"), BROKEN.values(), ids=list(BROKEN))
def test_a_broken_file_is_named_with_its_line(reference, name, content, said):
    assert_refused(reference, name, content, said)


@pytest.mark.parametrize(("more", "events"), RIGHT_EVENTS.values(), ids=list(RIGHT_EVENTS))
def test_events_that_units_tell_too_are_no_problem(reference, more, events):
    (reference / "units.csv").write_text(units(*more), "utf-8")
    (reference / "unit_events.csv").write_text(EVENT_HEADER + "".join(f"E{n},{e}\n" for n, e in enumerate(events)), "utf-8")
    assert read_reference(reference).problems == []


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
