"""A return that came again with fewer rows, with others, or without a unit: asked about till the rows are back or a person takes it."""

from datetime import datetime, timedelta

import pytest
from federation import MAY, UNITS, citizen_id, gift, house, indicator, initiative, make_federation, member, nil, sheet

from pipelines.accepting import accept
from pipelines.check import check

APRIL = "2023-04"
START = datetime(2023, 6, 3, 8)
DROPPED, REPLACED, DISAPPEARED, SHRANK, FUNDER = (
    "return_rows_dropped",
    "return_rows_replaced",
    "unit_disappeared",
    "members_list_shrank",
    "aid_funder_share_implausible",
)
ABOUT = (DROPPED, REPLACED, DISAPPEARED, SHRANK, FUNDER)


def people(count, first=1, unit="{}-01", **cells):
    numbers = {"citizen_id": "a number of the sender's own"} | cells
    return [member(unit, n, **numbers) | {"n": n} for n in range(first, first + count)]


def gifts(count, first=1, **cells):
    return [gift("{}-01", n, **cells) for n in range(first, first + count)]


def ideas(count, first=1, **cells):
    return [initiative("{}-01", n, **cells) for n in range(first, first + count)]


ALL, PART = people(3) + people(2, unit="{}-02"), people(3)
AGAIN = people(3) + people(2, unit="{}-02", income_vnd=7_500_000)  # the bytes of the first file again would be no newer file
HOUSE, FEW = house("{}-01", 1), house("{}-01", 2, amount_vnd=250_000, given_date=None)
TAKEN = "a person takes what is open"
# what one sender sends of a form, refresh after refresh, and the rules that ask after each: (rows, rules, month if it is not May)
STORIES = {
    "little by little": ("aid", [(gifts(10), ""), (gifts(5), ""), (gifts(3), DROPPED), (gifts(3), DROPPED), (gifts(6), "")]),
    "one and then nil": ("aid", [(gifts(10), ""), (gifts(1), DROPPED), (None, DROPPED)]),
    "short and taken": ("aid", [(gifts(10), ""), (gifts(4), DROPPED), TAKEN, ([*gifts(3), gift("{}-01", 4, note="sửa")], ""), (gifts(2), DROPPED)]),
    "half, all others": ("members", [(people(30), ""), (people(15, first=31), REPLACED)]),
    "a third, all others": ("members", [(people(30), ""), (people(10, first=31), DROPPED)]),
    "a third of them left": ("members", [(people(30), ""), (people(10, first=21) + people(20, first=31), REPLACED)]),
    "half of them left": ("members", [(people(30), ""), (people(15) + people(15, first=31), "")]),
    "few": ("members", [(people(4), ""), (people(4, first=31), "")]),
    "other gifts": ("aid", [(gifts(6), ""), (gifts(6, first=31), REPLACED)]),
    "other initiatives": ("initiatives", [(ideas(6), ""), (ideas(7, first=31), REPLACED)]),
    # what corrections correct
    "numbers come": ("members", [(people(8, citizen_id=None), ""), (people(8, birth_date="1985"), "")]),
    "names": ("members", [(people(8), ""), (people(8, full_name="Tên Giả Định đã sửa"), "")]),
    "the unit of all": ("members", [(people(8), ""), (people(8, unit="{}-02"), DISAPPEARED)]),
    "amounts and dates": ("aid", [(gifts(8), ""), (gifts(8, unit_amount_vnd=700_000, amount_vnd=700_000, given_date="20/05/2023"), "")]),
    "decisions": ("initiatives", [(ideas(8), ""), (ideas(8, decision_no="Số mới"), "")]),
    "values": ("activity", [([indicator("{}", value=1)], ""), ([indicator("{}", value=2)], "")]),
    # others till the first are back, or a person takes them
    "others for long": ("aid", [(gifts(6), ""), (gifts(7, first=11), REPLACED), (gifts(8, first=11), REPLACED), (gifts(6, first=21), REPLACED),
                                (gifts(7), "")]),
    "others taken": ("aid", [(gifts(6), ""), (gifts(6, first=11), REPLACED), TAKEN, (gifts(7, first=11), ""), (gifts(7, first=31), REPLACED),
                             (gifts(8, first=11), "")]),
    "a unit back": ("members", [(ALL, ""), (PART, DISAPPEARED), (PART, DISAPPEARED), (AGAIN, "")]),
    "a unit back in both months": ("members", [(ALL, "", APRIL), (PART, SHRANK), (PART, DISAPPEARED, APRIL), (AGAIN, SHRANK, APRIL), (ALL, "")]),
    "a unit back in the month after": ("members", [(ALL, "", APRIL), (PART, SHRANK), (ALL, "")]),
    # months that no other sender touches
    "a funder of the month before": ("aid", [([HOUSE], ""), ([FEW], FUNDER, "2023-03"), ([HOUSE | {"amount_vnd": 20_000_000}], "")]),
    "a funder of the month after": ("aid", [([FEW], "", "2023-02"), ([HOUSE], FUNDER), ([HOUSE | {"amount_vnd": 20_000_000}], "")]),
}  # fmt: skip
SENDER = {name: f"MM-R{n:02}" for n, name in enumerate(STORIES)}


def of_sender(rows, sender):
    """The rows with the sender's code in them, and with numbers of people that no other sender has."""
    found = []
    for row in rows:
        told = {k: v.format(sender) if isinstance(v, str) and "{}" in v else v for k, v in row.items() if k != "n"}
        if told.get("citizen_id"):
            told["citizen_id"] = citizen_id(row["unit_code"].format(sender)[:6], row["n"])
        found.append(told)
    return found


@pytest.fixture(scope="module")
def told(tmp_path_factory):
    """(story, step) → the rules that a check of the file names, and those open of its sender after the refresh."""
    units = [f"{code},Liên hiệp {code},upper,MM,,direct,,2000-01-01," for code in SENDER.values()]
    units += [f"{c}-0{n},Cơ sở {n} của {c},grassroots,{c},public,direct,,2000-01-01," for c in SENDER.values() for n in (1, 2)]
    home = make_federation(tmp_path_factory.mktemp("again"), START, [UNITS[0], *units])
    found = {}
    for step in range(max(len(steps) for _, steps in STORIES.values())):
        now = START + timedelta(minutes=step)
        sent = {}
        for name, (form, steps) in STORIES.items():
            if step < len(steps) and steps[step] is not TAKEN:
                rows, _, *month = steps[step]
                period = (month or [MAY])[0]
                part = (
                    nil(form, SENDER[name], period)
                    if rows is None
                    else sheet(form, SENDER[name], of_sender(rows, SENDER[name]), period)
                )
                sent[name] = home.send(f"{period}/{SENDER[name]}_{step}.xlsx", part, at=now)
        said = dict(zip(sent, check(home.settings(now), [*sent.values()])["files"], strict=True))
        for name, (_, steps) in STORIES.items():
            if step < len(steps) and steps[step] is TAKEN:
                for finding in (f for f in asked(home) if f["unit_code"] == SENDER[name]):
                    accept(home.home, finding["finding_id"], "Đúng như vậy", "Chị Giả Định", now)
        home.refresh(now)
        for name in sent:
            found[name, step] = (
                {f["check_id"] for f in said[name]["findings"]} & set(ABOUT),
                [f for f in asked(home) if f["unit_code"] == SENDER[name]],
            )
    return found


def asked(home):
    return [f for f in home.findings("state = 'open' and caused_by is null") if f["check_id"] in ABOUT]


@pytest.mark.parametrize("name", STORIES)
def test_what_a_return_lost_is_asked_about_once_and_till_it_is_back(told, name):
    steps = {step: s for step, s in enumerate(STORIES[name][1]) if s is not TAKEN}
    assert {step: [f["check_id"] for f in told[name, step][1]] for step in steps} == {
        step: [rule] if rule else [] for step, (_, rule, *_) in steps.items()
    }


@pytest.mark.parametrize("name", [n for n in STORIES if "month" not in n and "taken" not in n])
def test_a_check_says_what_the_refresh_will(told, name):
    for step in range(len(STORIES[name][1])):
        said, after = told[name, step]
        assert said == {f["check_id"] for f in after}


@pytest.mark.parametrize(
    ("name", "step", "words"),
    [
        ("little by little", 3, ("_0.xlsx»", "3 dòng trong khi tệp đó có 10 dòng")),
        ("one and then nil", 2, ("_0.xlsx»", "0 dòng trong khi tệp đó có 10 dòng")),
        ("half, all others", 1, ("_0.xlsx»", "không còn 30 trong 30 dòng")),
        ("a third of them left", 1, ("không còn 20 trong 30 dòng",)),
    ],
)
def test_it_names_the_file_whose_rows_are_gone_and_how_many(told, name, step, words):
    (finding,) = told[name, step][1]
    assert all(w in finding["message"] for w in words), finding["message"]
