"""How messages leave: as files in outbox/, or by SMTP, each with its steps in the ledger. What they say is in `mail`."""

import os
import smtplib
import ssl
from collections.abc import Callable, Generator
from contextlib import closing, contextmanager
from dataclasses import dataclass, replace
from email.headerregistry import Address
from email.message import EmailMessage
from email.utils import parseaddr
from pathlib import Path
from typing import Any
from urllib.parse import SplitResult, unquote, urlsplit

import duckdb

from pipelines import ledger
from pipelines.alerts import Alert, due
from pipelines.config import Home, Settings, UserError
from pipelines.ledger import Entry
from pipelines.mail import Letter, as_text, letter, message, message_id
from pipelines.warehouse import one, owner_only, read_only

TIMEOUT_SECONDS = 120
NO_SUCH_ADDRESS = ("550", "551", "553")  # answers to an address that are for good; every other may be about us
WRONG_URL = "CONGDOAN_SMTP_URL: write smtp://user:password@host:587 or smtps://user:password@host."
LOOPBACK = {"localhost", "127.0.0.1", "::1"}
Transport = Callable[[EmailMessage, Alert], None]


class Refused(Exception):
    """The mail server will not take a message for this address; its text is the server's answer."""


@dataclass(frozen=True)
class Prepared:
    """A message that is due, and why it will not leave, if so."""

    alert: Alert
    letter: Letter
    held: str = ""


def prepare(con: duckdb.DuckDBPyConnection, home: Home, settings: Settings) -> list[Prepared]:
    """Every message that is due, in words; nothing is written or sent."""
    now = settings.clock()
    province = (one(con, "select arg_max(name, valid_from) from core.unit where level = 'province'") or ("",))[0]
    never = {e.to: e.why for e in ledger.refused(home) if e.why.startswith(NO_SUCH_ADDRESS)}
    found = []
    for alert in due(con, ledger.told(home), now):
        held = f"the mail server refuses {alert.to}: {never[alert.to]}" if alert.to in never else ""
        held = held or _no_address(alert)
        found.append(Prepared(alert, letter(alert, province, now), held))
    return found


def prepare_now(home: Home, settings: Settings) -> list[Prepared]:
    """The same, from what is published; the caller holds the lock where it sends them."""
    with closing(read_only(home.private)) as con:
        return prepare(con, home, settings)


def _no_address(alert: Alert) -> str:
    """Why there is nowhere to send it; one odd address holds up nobody else."""
    if not alert.to:
        return f"no officer of {alert.to_unit} or above has an address in units.csv"
    try:
        Address(addr_spec=alert.to)
    except Exception:  # the parser of the standard library raises what it meets
        return f"{alert.to} in units.csv is no address that mail can be sent to"
    return "" if alert.to.isascii() else f"{alert.to} in units.csv has letters that mail servers do not take"


def send(prepared: list[Prepared], home: Home, settings: Settings) -> list[Entry]:
    """Sends what is not held, one after the other, and returns what became of each.

    UserError when the mail server is away or will not have us; what left before is in the ledger, the rest is due again.
    """
    now, found = settings.clock(), []
    with owner_only(), _transport(home, settings) as transport:
        for p in (p for p in prepared if not p.held):
            mail = message(p.alert, p.letter, settings.mail_from, now)
            a = p.alert
            step = Entry(
                mail["Message-ID"], "sending", now.isoformat(), a.kind, a.to_unit, a.to, a.period,
                tuple(i.finding_id for i in a.items), tuple(r.submission_id for r in a.returns),
            )  # fmt: skip
            ledger.write(home, step)
            try:
                transport(mail, a)
                step = replace(step, event="sent")
            except Refused as e:
                step = replace(step, event="refused", why=str(e))
            ledger.write(home, step)
            found.append(step)
    return found


def shown(p: Prepared, settings: Settings, became: dict[str, Entry]) -> dict[str, Any]:
    """A message as `congdoan alerts` prints it; `became` holds what was sent just now, by Message-ID."""
    a, key = p.alert, message_id(p.alert, parseaddr(settings.mail_from)[1])
    step = became.get(key)
    return {
        "message_id": key, "kind": a.kind, "to_unit": a.to_unit, "to": a.to, "period": a.period, "subject": p.letter.subject,
        "critical": sum(i.severity == "critical" for i in a.items), "warning": sum(i.severity == "warning" for i in a.items),
        "state": step.event if step else "due", "held": p.held or (step.why if step else ""), "text": as_text(p.letter),
    }  # fmt: skip


@contextmanager
def _transport(home: Home, settings: Settings) -> Generator[Transport]:
    if settings.smtp_url is None:
        yield lambda mail, alert: _into_outbox(home, mail, alert)
        return
    url, port = _address_of(settings.smtp_url.get_secret_value())
    try:
        with _connected(url.scheme, url.hostname or "", port) as server:
            if url.username:
                server.login(unquote(url.username), unquote(url.password or ""))
            yield lambda mail, alert: _by_smtp(server, mail)
    except (OSError, smtplib.SMTPException) as e:
        raise UserError(f"The mail server {url.hostname} does not take mail ({_why(e)}); what did not leave is due again.") from e


def _address_of(text: str) -> tuple[SplitResult, int | None]:
    try:
        url = urlsplit(text)
        return url, url.port
    except ValueError:
        raise UserError(WRONG_URL) from None


def _connected(scheme: str, host: str, port: int | None) -> smtplib.SMTP:
    """A connection that nobody on the way can read; in the clear only on this machine."""
    if scheme == "smtps":
        return smtplib.SMTP_SSL(host, port or 465, timeout=TIMEOUT_SECONDS, context=ssl.create_default_context())
    if scheme != "smtp":
        raise UserError(WRONG_URL)
    server = smtplib.SMTP(host, port or 587, timeout=TIMEOUT_SECONDS)
    server.ehlo()
    if server.has_extn("starttls"):
        server.starttls(context=ssl.create_default_context())
    elif host not in LOOPBACK:
        server.close()
        raise UserError(f"The mail server {host} offers no STARTTLS; nothing was sent in the clear.")
    return server


def _by_smtp(server: smtplib.SMTP, mail: EmailMessage) -> None:
    try:
        server.send_message(mail)
    except smtplib.SMTPRecipientsRefused as e:
        code, said = next(iter(e.recipients.values()))
        raise Refused(f"{code} {said.decode('utf-8', 'replace')}") from e
    except smtplib.SMTPResponseException as e:
        if isinstance(e, (smtplib.SMTPSenderRefused, smtplib.SMTPAuthenticationError)):
            raise  # it is us who are refused, not the address
        said = e.smtp_error.decode("utf-8", "replace") if isinstance(e.smtp_error, bytes) else e.smtp_error
        raise Refused(f"{e.smtp_code} {said}") from e


def _why(e: Exception) -> str:
    if not isinstance(e, smtplib.SMTPResponseException):
        return str(e) or type(e).__name__
    said = e.smtp_error.decode("utf-8", "replace") if isinstance(e.smtp_error, bytes) else e.smtp_error
    return f"{e.smtp_code} {said}"


def _into_outbox(home: Home, mail: EmailMessage, alert: Alert) -> None:
    """One .eml, whole or not at all; the same message again is the same file."""
    name = f"{alert.period or 'unclear'}_{alert.to_unit}_{alert.kind}_{mail['Message-ID'][1:9]}.eml"
    partial = home.outbox / f".{name}.partial"
    with partial.open("wb") as file:
        file.write(mail.as_bytes())
        file.flush()
        os.fsync(file.fileno())
    os.replace(partial, home.outbox / name)
    _sync(home.outbox)


def _sync(folder: Path) -> None:
    handle = os.open(folder, os.O_RDONLY)
    os.fsync(handle)
    os.close(handle)
