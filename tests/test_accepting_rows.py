"""What an acceptance covers: the cells it was given on, in other rows and months where that is one fact, and what follows from them."""

import json
from datetime import datetime, timedelta

import duckdb
import pytest
from federation import MAY, NOW, UPPER_A, gift, make_federation, member, nil, sheet

from pipelines.accepting import accept, acceptances, withdraw
from pipelines.check import check
from pipelines.config import UserError

WHY, BY = "Đúng như vậy", "Chị Giả Định"
APRIL = "2023-04"
OLD, INCOME, AFTER = "members_birth_date_implausible", "members_income_implausible", "members_joined_after_cutoff"
OCCASION, SUMS = "aid_occasion_missing", "gift_sums_differ"


class Sender:
    """An upper union that sends one form again and again."""

    def __init__(self, root):
        self.home, self.count = make_federation(root, NOW), 0

    def send(self, *rows, form="members", period=MAY):
        self.count += 1
        part = sheet(form, UPPER_A, rows, period) if rows else nil(form, UPPER_A, period)
        path = self.home.send(f"{period}/a{self.count}.xlsx", part, at=datetime(2023, 6, 1, 9, self.count))
        now = NOW + timedelta(minutes=self.count)
        (said,) = check(self.home.settings(now), [path])["files"]
        self.home.refresh(now)
        return {f["check_id"] for f in said["findings"]}

    def accept(self, check_id, **of):
        accept(self.home.home, self.one(check_id, **of)["finding_id"], WHY, BY, NOW)
        self.home.refresh()

    def one(self, check_id, **of):
        found = [f for f in self.home.findings(f"check_id = '{check_id}'") if all(f[k] == v for k, v in of.items())]
        assert len(found) == 1, found
        return found[0]

    def states(self, check_id, by="row"):
        return {f[by]: f["state"] for f in self.home.findings(f"check_id = '{check_id}' and state <> 'fixed'")}


@pytest.fixture
def sender(tmp_path):
    return Sender(tmp_path)


def born(year, n=1, **cells):
    return member("MM-A-01", n, birth_date=f"01/02/{year}", joined_date=None, **cells)


def test_another_wrong_value_of_the_row_is_asked_about_and_another_cell_is_not(sender):
    sender.send(born(1935))
    sender.accept(OLD)
    assert sender.send(member("MM-A-01", 2), born("1935", income_vnd=8_000_000)) == set()
    assert sender.states(OLD) == {12: "accepted_as_is"}
    assert sender.send(born(1936)) == {OLD}
    assert sender.states(OLD) == {11: "open"}
    sender.send(born(1935, income_vnd=9_000_000))
    assert sender.states(OLD) == {11: "accepted_as_is"}


def test_another_unreadable_cell_is_asked_about(sender):
    unread = "members_birth_date_unreadable"
    sender.send(born(1890))
    sender.accept(unread)
    assert sender.send(member("MM-A-01", 2), born(1890)) == set()
    assert sender.send(born(1790)) == {unread}


def test_nothing_readable_is_kept_of_the_cells(sender):
    sender.send(born(1935))
    sender.accept(OLD)
    (kept,) = acceptances(sender.home.home)
    assert kept.cells_key
    assert len(kept.cells_key) == 24
    line = sender.home.home.accepted.read_text("utf-8")
    assert "1935" not in line.replace(kept.cells_key, "").replace(kept.finding_id, "")
    with duckdb.connect(str(sender.home.home.published), read_only=True) as con:
        assert not {"cells_key", "row_key"} & {d[0] for d in con.execute("select * from quality.finding").description}


def test_a_line_of_an_earlier_version_holds_for_what_the_finding_says(sender):
    sender.send(born(1935))
    finding = sender.one(OLD)
    old = {"finding_id": finding["finding_id"], "message": finding["message"], "why": WHY, "accepted_by": BY, "accepted_at": NOW.isoformat()}  # fmt: skip
    sender.home.home.accepted.write_text(json.dumps(old) + "\n", "utf-8")
    sender.home.refresh()
    assert sender.states(OLD) == {11: "accepted_as_is"}
    assert sender.send(member("MM-A-01", 2), born(1936)) == set()
    assert sender.states(OLD) == {12: "accepted_as_is"}


def test_findings_of_an_earlier_version_get_the_new_columns(sender):
    sender.send(born(1935))
    with duckdb.connect(str(sender.home.home.build)) as con:
        for column in ("row_key", "cells_key", "accepted_id"):
            con.execute(f"alter table quality.finding drop column {column}")
        con.execute("insert into meta.touched values (?)", [MAY])
    sender.send(member("MM-A-01", 2), born(1935))
    sender.accept(OLD)
    assert sender.states(OLD) == {12: "accepted_as_is"}


def test_a_fact_about_a_person_is_accepted_once_for_all_months(sender):
    year_after = {"joined_date": "01/08/2023"}  # no fact that lasts: a month decides it
    sender.send(born(1935, income_vnd=900_000), member("MM-A-01", 2, **year_after), period=APRIL)
    for rule in (OLD, INCOME, AFTER):
        sender.accept(rule)
    said = sender.send(member("MM-A-01", 2, **year_after), born(1935, income_vnd=800_000))
    assert said == {INCOME, AFTER}
    assert sender.states(OLD, "period") == {APRIL: "accepted_as_is", MAY: "accepted_as_is"}
    assert sender.states(INCOME, "period") == sender.states(AFTER, "period") == {APRIL: "accepted_as_is", MAY: "open"}
    in_may = sender.one(OLD, period=MAY)
    assert (
        withdraw(sender.home.home, in_may["finding_id"], "Nhầm", BY, NOW).finding_id
        == sender.one(OLD, period=APRIL)["finding_id"]
    )
    sender.home.refresh()
    assert sender.states(OLD, "period") == {APRIL: "open", MAY: "open"}


def test_of_rows_that_share_a_key_the_one_that_was_accepted_stays_so(sender):
    low, lower = born(1980, income_vnd=900_000), born(1980, income_vnd=700_000)
    sender.send(low, lower)
    sender.accept(INCOME, row=12)
    assert sender.states(INCOME) == {11: "open", 12: "accepted_as_is"}
    ids = {f["row"]: f["finding_id"] for f in sender.home.findings(f"check_id = '{INCOME}'")}
    sender.send(lower, low)
    assert sender.states(INCOME) == {11: "accepted_as_is", 12: "open"}
    assert {f["row"]: f["finding_id"] for f in sender.home.findings(f"check_id = '{INCOME}'")} == {11: ids[12], 12: ids[11]}
    sender.send(lower, low | {"income_vnd": 8_000_000})
    assert sender.states(INCOME) == {11: "accepted_as_is"}


def test_what_follows_from_accepted_findings_is_accepted_with_the_last_of_them(sender):
    rows = [gift("MM-A-01", n, occasion=None) for n in (1, 2)]
    sender.send(*rows, form="aid")
    assert sender.one(SUMS)["severity"] == "critical"
    sender.accept(OCCASION, row=11)
    assert sender.states(SUMS, "state") == {"open": "open"}
    sender.accept(OCCASION, row=12)
    assert sender.states(SUMS, "state") == {"accepted_as_is": "accepted_as_is"}
    assert sender.send(gift("MM-A-01", 3), *rows, form="aid") == set()
    assert sender.states(SUMS, "state") == {"accepted_as_is": "accepted_as_is"}
    with pytest.raises(UserError, match="only follows"):
        withdraw(sender.home.home, sender.one(SUMS)["finding_id"], WHY, BY, NOW)
    withdraw(sender.home.home, sender.one(OCCASION, row=12)["finding_id"], WHY, BY, NOW)
    sender.home.refresh()
    assert sender.states(SUMS, "state") == {"open": "open"}


def test_of_two_units_left_out_one_that_was_accepted_explains_only_its_own(sender):
    three = [member(u, n) for n, u in enumerate(("MM-A-01", "MM-A-02", UPPER_A), 1)]
    sender.send(*three, period=APRIL)
    sender.send(*three)
    sender.send(three[0])
    of_unit = next(f for f in sender.home.findings("check_id = 'unit_disappeared'") if "MM-A-02" in f["message"])
    accept(sender.home.home, of_unit["finding_id"], WHY, BY, NOW)
    sender.home.refresh()
    shrank = {
        "MM-A-02" in f["message"]: (f["state"], f["caused_by"]) for f in sender.home.findings("check_id = 'members_list_shrank'")
    }
    assert shrank == {True: ("accepted_as_is", "unit_disappeared"), False: ("open", "unit_disappeared")}


def test_what_an_accepted_finding_of_another_month_explained_stands_alone(tmp_path):
    home = make_federation(tmp_path, datetime(2023, 6, 10, 8))
    for unit in ("MM", "MM-B", "MM-C-01", "MM-T-01"):
        home.send(f"{unit}.xlsx", nil("aid", unit, APRIL))
    home.send("a.xlsx", sheet("aid", UPPER_A, [gift("MM-A-01", given_date="15/05/2022")], "2022-05"))
    home.refresh()

    def missing():
        return [(f["state"], f["caused_by"]) for f in home.findings("check_id = 'return_missing' and form = 'aid' and unit_code = 'MM-A' and period = '2023-05'")]  # fmt: skip

    assert missing() == [("open", "period_year_mistyped")]
    (mistyped,) = home.findings("check_id = 'period_year_mistyped'")
    accept(home.home, mistyped["finding_id"], WHY, BY, NOW)
    home.refresh()
    assert missing() == [("open", None)]
    withdraw(home.home, mistyped["finding_id"], WHY, BY, NOW)
    home.refresh()
    assert missing() == [("open", "period_year_mistyped")]
