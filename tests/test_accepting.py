"""A finding that a person accepts as it is: no longer open, kept with who and why, open again when it says something else."""

import json
from datetime import datetime

import pytest
from federation import MAY, NOW, UPPER_A, gift, make_federation, sheet

from pipelines.accepting import accept, acceptances, withdraw
from pipelines.check import check
from pipelines.cli import main
from pipelines.config import UserError
from pipelines.refresh import anything_to_do

WHY, BY = "Quà đặc biệt do nhà tài trợ tặng", "Chị Giả Định"


@pytest.fixture
def home(tmp_path):
    """A gift of 25 million that is right, and one of 500 đồng that is not."""
    home = make_federation(tmp_path, NOW)
    send(home, dear=25_000_000)
    return home


def send(home, *before, dear, cheap=500, minute=0):
    rows = [
        *before,
        gift("MM-A-01", 1, unit_amount_vnd=dear, amount_vnd=dear),
        gift("MM-A-01", 2, unit_amount_vnd=cheap, amount_vnd=cheap),
    ]
    home.send(f"{MAY}/a{len(rows)}{dear}{cheap}.xlsx", sheet("aid", UPPER_A, rows), at=datetime(2023, 6, 1, 9, minute))
    home.refresh()


def states(home):
    return {f["row"]: f["state"] for f in home.findings("check_id = 'aid_gift_amount_implausible' and state <> 'fixed'")}


def the_dear(home):
    return min(home.findings("check_id = 'aid_gift_amount_implausible'"), key=lambda f: f["row"])["finding_id"]


def test_an_accepted_finding_is_no_longer_open_and_says_who_and_why(home, capfd, monkeypatch):
    monkeypatch.setenv("CONGDOAN_NOW", NOW.isoformat())
    first, second = sorted(states(home))
    for args in (
        ["findings", "accept", the_dear(home)[:8], "--why", WHY, "--by", BY],
        ["findings", "--state", "accepted_as_is", "--json"],
    ):
        with pytest.raises(SystemExit) as end:
            main([*args, "--home", str(home.home.root)])
        assert end.value.code == 0
    (told,) = json.loads(capfd.readouterr().out)
    assert (told["row"], told["accepted_why"], told["accepted_by"]) == (first, WHY, BY)
    assert states(home) == {first: "accepted_as_is", second: "open"}
    assert not anything_to_do(home.home, home.settings())
    assert (home.home.accepted.stat().st_mode & 0o777) == 0o600


def test_it_stays_accepted_where_rows_are_inserted(home):
    accept(home.home, the_dear(home), WHY, BY, NOW)
    first, second = sorted(states(home))
    send(home, gift("MM-A-01", 3), dear=25_000_000, minute=1)
    assert states(home) == {first + 1: "accepted_as_is", second + 1: "open"}


def test_it_opens_again_when_it_says_something_else(home):
    def total():
        return home.query("select finding_id, state from quality.finding where check_id = 'aid_gift_count_total_differs'")

    for stated in (7, 8):
        home.send(
            f"{MAY}/b{stated}.xlsx",
            sheet("aid", UPPER_A, [gift("MM-A-01")], totals={"gift_count": stated}),
            at=datetime(2023, 6, 1, 10, stated),
        )
        home.refresh()
        (found,) = total()
        assert found["state"] == "open"
        accept(home.home, found["finding_id"], WHY, BY, NOW)
        home.refresh()
        assert total() == [found | {"state": "accepted_as_is"}]


def test_it_is_fixed_when_the_row_is_mended_and_accepted_when_the_same_returns(home):
    accept(home.home, the_dear(home), WHY, BY, NOW)
    (finding_id,) = (a.finding_id for a in acceptances(home.home))
    send(home, dear=500_000, minute=1)
    assert home.query("select state from quality.finding where finding_id = ?", [finding_id]) == [{"state": "fixed"}]
    send(home, dear=25_000_000, cheap=600, minute=2)
    assert home.query("select state from quality.finding where finding_id = ?", [finding_id]) == [{"state": "accepted_as_is"}]


def test_what_was_accepted_by_mistake_is_taken_back(home, capfd, monkeypatch):
    monkeypatch.setenv("CONGDOAN_NOW", NOW.isoformat())
    finding_id = the_dear(home)
    with pytest.raises(UserError, match="is open, not accepted_as_is"):
        withdraw(home.home, finding_id, WHY, BY, NOW)
    accept(home.home, finding_id, WHY, BY, NOW)
    home.refresh()
    with pytest.raises(SystemExit) as end:
        main(["findings", "withdraw", finding_id[:8], "--why", "Nhầm dòng", "--by", BY, "--home", str(home.home.root)])
    assert end.value.code == 0
    assert f"Withdrawn {finding_id[:8]}; 2 findings are open." in capfd.readouterr().err
    assert set(states(home).values()) == {"open"}
    assert [(a.why, a.is_withdrawn) for a in acceptances(home.home)] == [(WHY, False), ("Nhầm dòng", True)]
    accept(home.home, finding_id, WHY, BY, NOW)
    home.refresh()
    assert set(states(home).values()) == {"open", "accepted_as_is"}


def test_check_does_not_tell_it_again(home, tmp_path):
    accept(home.home, the_dear(home), WHY, BY, NOW)
    file = next(p for p in home.home.archive.rglob("*.xlsx"))
    copy = tmp_path / MAY / "again.xlsx"
    copy.parent.mkdir()
    copy.write_bytes(file.read_bytes())
    (told,) = check(home.settings(), [copy])["files"]
    assert [f["check_id"] for f in told["findings"]] == ["aid_gift_amount_implausible"]


@pytest.mark.parametrize(
    ("finding_id", "why", "by", "words"),
    [
        ("zzzz", WHY, BY, "No finding has the id"),
        ("", WHY, BY, "No finding has the id"),
        (None, " ", BY, "Say why"),
        (None, WHY, "", "Say why"),
    ],
)
def test_what_cannot_be_accepted_is_said_and_nothing_is_written(home, finding_id, why, by, words):
    with pytest.raises(UserError, match=words):
        accept(home.home, the_dear(home) if finding_id is None else finding_id, why, by, NOW)
    assert acceptances(home.home) == []


def test_accepting_twice_is_refused_and_a_torn_line_loses_no_other(home):
    kept = accept(home.home, the_dear(home), WHY, BY, NOW)
    home.refresh()
    with pytest.raises(UserError, match="accepted_as_is, not open"):
        accept(home.home, kept.finding_id, WHY, BY, NOW)
    with open(home.home.accepted, "ab") as file:
        file.write(b'{"finding_id": "torn')
    (other,) = home.findings("check_id = 'aid_gift_amount_implausible' and state = 'open'")
    accept(home.home, other["finding_id"], WHY, BY, NOW)
    assert [a.finding_id for a in acceptances(home.home)] == [kept.finding_id, other["finding_id"]]
