"""Random returns of senders that meet in units, over three months and four arrivals: a check tells of each what the refresh then tells."""

from datetime import date, datetime, timedelta
from random import Random

import pytest
from federation import (
    MAY,
    PROVINCE,
    UPPER_A,
    UPPER_B,
    citizen_id,
    gift,
    house,
    indicator,
    initiative,
    make_federation,
    member,
    nil,
    sheet,
)
from test_check import send_and_refresh, told

from pipelines.blank import write_return
from pipelines.check import check

pytestmark = pytest.mark.slow
UNITS = ("MM-A-01", "MM-A-02", "MM-B-01", "MM-C-01")
OF_SENDER = {UPPER_A: UNITS[:2], UPPER_B: UNITS[2:3], "MM-C-01": UNITS[3:], PROVINCE: UNITS}
MONTHS = ("2023-03", "2023-04", MAY)


def chance(rng, part, cells):
    """These cells for a part of the rows."""
    return cells if rng.random() < part else {}


def person(rng, unit, n):
    return (
        member(unit, n)
        | chance(rng, 0.3, {"citizen_id": citizen_id(rng.choice(UNITS), rng.randint(1, 4))})
        | chance(rng, 0.2, {"citizen_id": None})
        | chance(rng, 0.5, {"card_no": f"LC 00{rng.randint(10000, 10006)}"})
        | chance(rng, 0.3, {"birth_date": date(1980 + rng.randint(0, 3), 1, 1)})
        | chance(rng, 0.2, {"full_name": rng.choice(["NGƯỜI giả định", "Khác Tên Giả Định", None])})
    )


def support(rng, unit, n):
    built = house(unit, n, amount_vnd=rng.choice([250_000, 400_000_000]), model_code=f"NLT-{rng.randint(1, 3)}")
    return rng.choice([gift(unit, n), gift(unit, n), built]) | chance(rng, 0.2, {"given_by": None})


ROWS = {
    "members": person,
    "aid": support,
    "initiatives": lambda rng, unit, n: initiative(unit, n),
    "activity": lambda rng, unit, n: indicator(unit, rng.choice(["works_completed", "works_plaqued", "tournaments"]), n),
}


def a_return(rng, form, sender, period):
    if rng.random() < 0.07:
        return nil(form, sender, period)
    units = [rng.choice(OF_SENDER[sender] if rng.random() < 0.75 else UNITS) for _ in range(rng.randint(1, 6))]
    rows = [ROWS[form](rng, unit, rng.randint(1, 4)) for unit in units]
    return sheet(form, sender, [r | chance(rng, 0.05, {"unit_code": rng.choice([None, "XX-9", "MM-OLD"])}) for r in rows], period)


def write_some(rng, folder, count):
    for n in range(count):
        sender, period = rng.choice(list(OF_SENDER)), rng.choice(MONTHS)
        path = folder / period / f"{sender.lower()} {n}.xlsx"
        path.parent.mkdir(parents=True, exist_ok=True)
        write_return(path, [a_return(rng, form, sender, period) for form in rng.sample(list(ROWS), rng.randint(1, 4))])


@pytest.mark.parametrize("seed", range(4))
def test_check_and_refresh_say_the_same(tmp_path, seed):
    rng, now = Random(seed), datetime(2023, 6, 6, 8)
    home = make_federation(tmp_path / "home", now)
    for arrival in range(4):
        folder = tmp_path / f"arrival {arrival}"
        write_some(rng, folder, rng.randint(1, 3) if arrival else 8)
        if arrival == 3 and rng.random() < 0.5:
            (home.home.reference / "aliases.csv").write_text("name,unit_code\nTên Lạ Giả Định,MM-A-01\n", "utf-8")
        at = now + timedelta(hours=arrival)
        checked = told(check(home.settings(at), sorted(folder.rglob("*.xlsx"))), folder)
        assert checked == told(send_and_refresh(home, folder, at), folder)
