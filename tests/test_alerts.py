"""Who is told what, and when: on change only, with reminders, all-clear, receipt and escalation; never twice."""

from datetime import datetime, timedelta

import pytest
from federation import LONE, MAY, PROVINCE, UNITS, UPPER_A, UPPER_B, gift, make_federation, member, nil, sheet
from planted import complete

from pipelines import ledger, sending
from pipelines.mail import as_html, as_text
from pipelines.warehouse import read_only

NOW = datetime(2023, 6, 3, 8)
AN, BINH = "an@example.invalid", "binh@example.invalid"
WRONG = {"gift_count": 2}  # of one gift of 500.000: the amount is not count times unit


@pytest.fixture
def home(tmp_path):
    """The units of federation.py; the province has an officer, and so has one unit right below it."""
    units = [u.replace("direct,,", "direct,tinh@example.invalid,", 1) if u.startswith("MM,") else u for u in UNITS]
    return make_federation(tmp_path / "home", NOW, units)


def prepared(home, now):
    con = read_only(home.home.private)
    try:
        return sending.prepare(con, home.home, home.settings(now))
    finally:
        con.close()


def due(home, now=NOW):
    """(kind, address, month, findings told, returns named) of every message that is due."""
    return [
        (p.alert.kind, p.alert.to, p.alert.period, sorted(i.check_id for i in p.alert.items), len(p.alert.returns))
        for p in prepared(home, now)
    ]


def send(home, now=NOW):
    return [(e.kind, e.to, e.event) for e in sending.send(prepared(home, now), home.home, home.settings(now))]


def wrong_gift(home, name="a.xlsx", at=datetime(2023, 6, 1, 9), **cells):
    home.send(f"{MAY}/{name}", sheet("aid", UPPER_A, [gift("MM-A-01", **(WRONG | cells))]), at=at)
    return "aid_amount_not_count_times_unit"


def test_a_fault_is_told_once_to_its_sender_alone(home):
    rule = wrong_gift(home)
    home.refresh()
    assert due(home) == [("findings", AN, MAY, [rule], 1)]
    assert send(home) == [("findings", AN, "sent")]
    assert due(home) == due(home, NOW + timedelta(days=6)) == []


def test_who_sent_again_hears_what_is_still_wrong_and_then_that_all_is_right(home):
    rule = wrong_gift(home)
    home.refresh()
    send(home)
    wrong_gift(home, "b.xlsx", at=datetime(2023, 6, 4, 8), gift_count=3)
    home.refresh(NOW + timedelta(days=1))
    assert due(home, NOW + timedelta(days=1)) == [("findings", AN, MAY, [rule], 1)]
    send(home, NOW + timedelta(days=1))
    wrong_gift(home, "c.xlsx", at=datetime(2023, 6, 5, 8), gift_count=1)
    home.refresh(NOW + timedelta(days=2))
    assert due(home, NOW + timedelta(days=2)) == [("all_clear", AN, MAY, [], 1)]
    send(home, NOW + timedelta(days=2))
    assert due(home, NOW + timedelta(days=30)) == []


def test_silence_is_reminded_of_less_and_less_often_and_told_above(home):
    wrong_gift(home)
    home.refresh()
    told = {}
    for days in range(120):
        if sent := send(home, NOW + timedelta(days=days)):
            told[days] = sorted(sent)
    assert told == {
        0: [("findings", AN, "sent")],
        7: [("reminder", AN, "sent")],
        14: [("escalation", "tinh@example.invalid", "sent")],
        21: [("reminder", AN, "sent")],
        49: [("reminder", AN, "sent")],
    }
    (above,) = (e for e in ledger.told(home.home) if e.kind == "escalation")
    assert (above.to_unit, len(above.items)) == (PROVINCE, 1)


def test_a_unit_without_an_address_is_told_through_the_one_above(home):
    wrong = [gift(LONE, **WRONG)]
    home.send("c.xlsx", sheet("aid", LONE, wrong))
    home.refresh()
    assert [(kind, to) for kind, to, *_ in due(home)] == [("findings", "tinh@example.invalid")]
    (p,) = prepared(home, NOW)
    assert "CĐCS Bệnh viện Tưởng Tượng, Mẫu Chăm lo" in as_text(p.letter)


def test_where_nobody_has_an_address_the_operator_sees_it(tmp_path):
    home = make_federation(tmp_path / "home", NOW)
    home.send("c.xlsx", sheet("aid", LONE, [gift(LONE, **WRONG)]))
    home.refresh()
    (p,) = prepared(home, NOW)
    assert p.held == f"no officer of {LONE} or above has an address in units.csv"
    assert send(home) == []


def test_a_clean_return_is_acknowledged_once(home):
    home.send("b.xlsx", *complete(UPPER_B, rows=False))
    home.refresh()
    assert due(home) == [("receipt", BINH, MAY, [], 4)]
    assert send(home) == [("receipt", BINH, "sent")]
    assert due(home) == []
    home.send("b2.xlsx", sheet("members", UPPER_B, [member("MM-B-01")]), at=datetime(2023, 6, 2))
    home.refresh(NOW + timedelta(hours=1))
    assert due(home, NOW + timedelta(hours=1)) == [("receipt", BINH, MAY, [], 4)]
    assert due(home, NOW + timedelta(days=8)) == []  # too late to thank for it


def test_what_is_missing_is_asked_for(home):
    home.send("a.xlsx", sheet("members", UPPER_A, [member("MM-A-01")]))
    home.send("p.xlsx", nil("aid", PROVINCE), nil("activity", PROVINCE))
    home.refresh(datetime(2023, 6, 6, 8))
    late = datetime(2023, 6, 6, 8)
    by_address = {to: (kind, items) for kind, to, _, items, _ in due(home, late)}
    assert by_address[BINH][0] == "findings"
    assert set(by_address[BINH][1]) == {"return_missing"}
    (p,) = (p for p in prepared(home, late) if p.alert.to == BINH)
    assert "chưa đủ. Xin gửi các mẫu dưới đây" in as_text(p.letter)
    assert "Excel" not in as_text(p.letter)


def test_a_line_that_a_crash_cut_short_is_no_message(home):
    wrong_gift(home)
    home.refresh()
    send(home)
    path = home.home.outbox / "ledger.jsonl"
    whole = path.read_bytes()
    path.write_bytes(whole[:-30])
    assert [kind for kind, *_ in due(home)] == ["findings"]
    send(home)
    assert due(home) == []
    ids = {e.message_id for e in ledger.entries(home.home)}
    assert len(ids) == 1  # the same message again
    assert len(list(home.home.outbox.glob("*.eml"))) == 1


def test_a_mail_names_rows_and_no_person(home):
    people = [member("MM-A-01", n, birth_date="31/02/1985") for n in (1, 2, 3)] + [member("MM-A-01", 4)]
    home.send("a.xlsx", sheet("members", UPPER_A, people))
    home.refresh()
    (p,) = prepared(home, NOW)
    text, html = as_text(p.letter), as_html(p.letter)
    assert "dòng" in text
    assert "các dòng" in text
    assert text.count("cột «Ngày sinh»") == 1
    assert "Giả Định" not in text + html
    assert "1985" not in text.replace("31/05/2023", "")


def test_text_of_a_return_is_no_html(home):
    wrong_gift(home, "<b>&.xlsx")
    home.refresh()
    (p,) = prepared(home, NOW)
    assert "<b>&.xlsx" in as_text(p.letter)
    assert "&lt;b&gt;&amp;.xlsx" in as_html(p.letter)
    assert "<b>" not in as_html(p.letter)


def test_who_answered_is_given_time_again_before_anybody_above_hears(home):
    wrong_gift(home)
    home.refresh()
    send(home)
    wrong_gift(home, "b.xlsx", at=datetime(2023, 6, 15, 8), gift_count=3)
    home.refresh(NOW + timedelta(days=12))
    assert ("findings", AN, "sent") in send(home, NOW + timedelta(days=12))
    assert "escalation" not in [kind for kind, *_ in due(home, NOW + timedelta(days=15))]
    assert ("escalation", "tinh@example.invalid") in [(k, to) for k, to, *_ in due(home, NOW + timedelta(days=26))]


def test_a_file_of_another_unit_does_not_tell_the_old_fault_again(home):
    home.send(f"{MAY}/c.xlsx", sheet("aid", LONE, [gift(LONE, **WRONG)]))
    home.refresh()
    assert [kind for kind, *_ in send(home)] == ["findings"]
    home.send(f"{MAY}/t.xlsx", sheet("aid", "MM-T-01", [gift("MM-T-01")]))
    home.refresh(NOW + timedelta(hours=1))
    assert due(home, NOW + timedelta(hours=1)) == []  # both are answered for by the province


def test_who_answers_no_more_hears_no_all_clear(home):
    home.send(f"{MAY}/c.xlsx", sheet("aid", LONE, [gift(LONE, **WRONG)]))
    home.refresh()
    send(home)
    registry = home.home.reference / "units.csv"
    registry.write_text(
        registry.read_text("utf-8").replace(
            f"{LONE},CĐCS Bệnh viện Tưởng Tượng,grassroots,MM,public,direct,,",
            f"{LONE},CĐCS Bệnh viện Tưởng Tượng,grassroots,MM,public,direct,bv@example.invalid,",
        ),
        "utf-8",
    )
    home.refresh(NOW + timedelta(hours=1))
    assert [(kind, to) for kind, to, *_ in due(home, NOW + timedelta(hours=1))] == [("findings", "bv@example.invalid")]
