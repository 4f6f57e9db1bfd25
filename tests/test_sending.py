"""How messages leave: into outbox/ and through a real mail server on loopback; killed at any instant, none is lost."""

import os
import random
import signal
import socket
import time
from datetime import timedelta
from email import message_from_bytes
from email.policy import default

import pytest
from aiosmtpd.controller import Controller
from federation import MAY, gift, make_federation, sheet
from pydantic import SecretStr

from pipelines import ledger, sending
from pipelines.config import Settings, UserError
from pipelines.outcome import board
from pipelines.warehouse import read_only

COUNT = 6
UNITS = ["MM,LĐLĐ tỉnh Mẫu (giả định),province,,,direct,tinh@example.invalid,2000-01-01,"] + [
    line
    for n in range(COUNT)
    for line in (
        f"MM-{n},LĐLĐ huyện {n},upper,MM,,direct,u{n}@example.invalid,2000-01-01,",
        f"MM-{n}-01,CĐCS Giả Định {n},grassroots,MM-{n},public,direct,,2000-01-01,",
    )
]


class Server:
    """Takes mail, slowly if it is told to, and refuses addresses it does not know."""

    def __init__(self):
        self.mails, self.unknown, self.wait, self.port = [], {}, 0.0, 0

    async def handle_RCPT(self, server, session, envelope, address, options):  # noqa: N802
        if address in self.unknown:
            return self.unknown[address]
        envelope.rcpt_tos.append(address)
        return "250 OK"

    async def handle_DATA(self, server, session, envelope):  # noqa: N802
        time.sleep(self.wait)
        self.mails.append((envelope.rcpt_tos[0], message_from_bytes(envelope.content, policy=default)))
        time.sleep(self.wait)
        return "250 OK"


@pytest.fixture
def server():
    handler = Server()
    with socket.create_server(("127.0.0.1", 0)) as free:
        handler.port = free.getsockname()[1]
    controller = Controller(handler, hostname="127.0.0.1", port=handler.port)
    controller.start()
    yield handler
    controller.stop()


@pytest.fixture(scope="module")
def refreshed(tmp_path_factory):
    """Six unions, each with one wrong gift."""
    home = make_federation(tmp_path_factory.mktemp("home"), units=UNITS)
    for n in range(COUNT):
        home.send(f"{MAY}/{n}.xlsx", sheet("aid", f"MM-{n}", [gift(f"MM-{n}-01", n, gift_count=2)]))
    home.refresh()
    return home


@pytest.fixture
def home(refreshed):
    for path in refreshed.home.outbox.glob("*"):
        path.unlink()
    return refreshed


def settings(home, server=None):
    url = SecretStr(f"smtp://127.0.0.1:{server.port}") if server else None
    return Settings(home=home.root, now=home.now, smtp_url=url, mail_from="Tổng hợp <tinh@lien-doan.example>", _env_file=None)


def prepared(home, server=None):
    con = read_only(home.home.private)
    try:
        return sending.prepare(con, home.home, settings(home, server))
    finally:
        con.close()


def send(home, server=None):
    return [(e.to, e.event) for e in sending.send(prepared(home, server), home.home, settings(home, server))]


def test_without_a_server_mails_are_files_that_a_mail_program_opens(home):
    assert send(home) == [(f"u{n}@example.invalid", "sent") for n in range(COUNT)]
    mails = [message_from_bytes(p.read_bytes(), policy=default) for p in sorted(home.home.outbox.glob("*.eml"))]
    assert [m["To"].addresses[0].addr_spec for m in mails] == [f"u{n}@example.invalid" for n in range(COUNT)]
    first = mails[0]
    assert str(first["From"]) == "Tổng hợp <tinh@lien-doan.example>"
    assert first["Message-ID"].endswith("@lien-doan.example>")
    assert first["Auto-Submitted"] == "auto-generated"
    assert [p.get_content_type() for p in first.walk()] == ["multipart/alternative", "text/plain", "text/html"]
    for kind in ("plain", "html"):
        body = first.get_body((kind,))
        assert body is not None
        assert "Kính gửi LĐLĐ huyện 0," in body.get_content()
    assert home.home.outbox.stat().st_mode & 0o077 == 0
    assert send(home) == []


def test_by_smtp_each_reaches_its_officer_once(home, server):
    assert len(send(home, server)) == COUNT
    assert sorted(to for to, _ in server.mails) == [f"u{n}@example.invalid" for n in range(COUNT)]
    assert all(m["To"].addresses[0].addr_spec == to for to, m in server.mails)
    assert send(home, server) == []
    assert not list(home.home.outbox.glob("*.eml"))


def test_an_address_that_is_refused_for_good_is_not_tried_again_and_the_others_are_sent(home, server):
    server.unknown = {"u1@example.invalid": "550 no such user", "u2@example.invalid": "451 later"}
    assert dict(send(home, server)) == {f"u{n}@example.invalid": "refused" if n in (1, 2) else "sent" for n in range(COUNT)}
    held = {p.alert.to: p.held for p in prepared(home, server)}
    assert held == {
        "u1@example.invalid": "the mail server refuses u1@example.invalid: 550 no such user",
        "u2@example.invalid": "",
    }
    assert {e.to: e.why for e in ledger.refused(home.home)} == {
        "u1@example.invalid": "550 no such user",
        "u2@example.invalid": "451 later",
    }
    told = board(settings(home, server), None)["mail_refused"]
    assert [(e["to"], e["unit_code"], e["why"]) for e in told] == [
        ("u1@example.invalid", "MM-1", "550 no such user"),
        ("u2@example.invalid", "MM-2", "451 later"),
    ]
    server.unknown = {}
    assert send(home, server) == [("u2@example.invalid", "sent")]


def test_a_server_that_is_away_is_one_sentence_and_everything_stays_due(home, server):
    away = settings(home, server).model_copy(update={"smtp_url": SecretStr("smtp://127.0.0.1:9")})
    with pytest.raises(
        UserError, match=r"The mail server 127\.0\.0\.1 does not take mail \(.*\); what did not leave is due again"
    ):
        sending.send(prepared(home), home.home, away)
    assert len(prepared(home)) == COUNT


def test_a_url_that_is_none_and_a_server_without_encryption_are_refused(home):
    for url, sentence in [
        (url, "CONGDOAN_SMTP_URL") for url in ("mail.example", "http://x", "smtp://h:x5", "smtp://h:99999", "smtp://[::1")
    ]:
        wrong = settings(home).model_copy(update={"smtp_url": SecretStr(url)})
        with pytest.raises(UserError, match=sentence):
            sending.send(prepared(home), home.home, wrong)


def test_nothing_leaves_this_machine_in_the_clear(home, server, monkeypatch):
    monkeypatch.setattr(sending, "LOOPBACK", set())
    with pytest.raises(UserError, match="offers no STARTTLS; nothing was sent in the clear"):
        send(home, server)
    assert server.mails == []


@pytest.mark.parametrize("seed", range(20))
def test_killed_at_any_instant_no_mail_is_lost_and_a_repeat_is_the_same_message(home, server, seed):
    draw = random.Random(seed)
    server.wait = 0.004
    due = prepared(home, server)  # what the database knows, before the fork
    child = os.fork()
    if child == 0:
        sending.send(due, home.home, settings(home, server))
        os._exit(0)
    time.sleep(draw.uniform(0, 0.12))
    os.kill(child, signal.SIGKILL)
    os.waitpid(child, 0)
    send(home, server)
    assert {to for to, _ in server.mails} == {f"u{n}@example.invalid" for n in range(COUNT)}
    ids = {(to, m["Message-ID"]) for to, m in server.mails}
    assert len(ids) == COUNT
    assert len(server.mails) <= COUNT + 1  # only the one under way is in doubt
    assert send(home, server) == []


def test_a_refresh_sends_by_itself_only_where_the_operator_said_so(tmp_path, monkeypatch):
    home = make_federation(tmp_path / "home", units=UNITS)
    home.send(f"{MAY}/0.xlsx", sheet("aid", "MM-0", [gift("MM-0-01", gift_count=2)]))
    home.refresh()
    assert not list(home.home.outbox.glob("*.eml"))
    monkeypatch.setenv("CONGDOAN_SEND", "auto")
    home.send(f"{MAY}/1.xlsx", sheet("aid", "MM-1", [gift("MM-1-01", gift_count=2)]))
    home.refresh()
    assert len(list(home.home.outbox.glob("*.eml"))) == 2
    home.send(f"{MAY}/2.xlsx", sheet("aid", "MM-2", [gift("MM-2-01")]))
    home.refresh()
    assert len(list(home.home.outbox.glob("*.eml"))) == 3  # a receipt for the clean one, and nothing twice


def test_with_nothing_new_an_automatic_refresh_still_reminds_and_sends_what_could_not_leave(tmp_path, monkeypatch, server):
    home = make_federation(tmp_path / "home", units=UNITS)
    home.send(f"{MAY}/0.xlsx", sheet("aid", "MM-0", [gift("MM-0-01", gift_count=2)]))
    monkeypatch.setenv("CONGDOAN_SEND", "auto")
    monkeypatch.setenv("CONGDOAN_SMTP_URL", "smtp://127.0.0.1:9")
    home.refresh()  # the server is away; what came in is published all the same
    assert home.query("select count(*) as n from core.aid") == [{"n": 1}]
    monkeypatch.setenv("CONGDOAN_SMTP_URL", f"smtp://127.0.0.1:{server.port}")
    assert home.refresh()["new"] is False
    assert [to for to, _ in server.mails] == ["u0@example.invalid"]
    home.refresh(home.now + timedelta(days=1))
    assert len(server.mails) == 1
    assert [e.kind for e in ledger.told(home.home)] == ["findings"]


@pytest.mark.parametrize("answer", ["554 relay access denied", "530 authentication required", "451 later"])
def test_what_may_be_the_fault_of_the_server_or_ours_mutes_nobody(home, server, answer):
    server.unknown = {"u1@example.invalid": answer}
    assert dict(send(home, server))["u1@example.invalid"] == "refused"
    server.unknown = {}
    assert send(home, server) == [("u1@example.invalid", "sent")]


def test_one_odd_address_holds_up_nobody_else(tmp_path):
    units = [u.replace("u1@example.invalid", "a..b@example.invalid") for u in UNITS]
    home = make_federation(tmp_path / "home", units=units)
    for n in (1, 2):
        home.send(f"{MAY}/{n}.xlsx", sheet("aid", f"MM-{n}", [gift(f"MM-{n}-01", n, gift_count=2)]))
    home.refresh()
    assert send(home) == [("u2@example.invalid", "sent")]
    (held,) = (p.held for p in prepared(home))
    assert held == "a..b@example.invalid in units.csv is no address that mail can be sent to"
