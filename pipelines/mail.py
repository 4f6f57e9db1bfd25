"""How a message reads: an alert as blocks, blocks as text and as HTML, both in one mail. Who is told what is decided in `alerts`."""

import hashlib
import re
from collections.abc import Iterable
from dataclasses import dataclass
from datetime import datetime, timedelta
from email.headerregistry import Address
from email.message import EmailMessage
from email.policy import SMTP
from email.utils import format_datetime, parseaddr
from functools import cache
from itertools import groupby
from typing import Any

from pipelines.alerts import Alert, Item
from pipelines.config import ZONE
from pipelines.forms import forms
from pipelines.models import ASSETS
from pipelines.rules import SEVERITIES
from pipelines.vietnamese import day, month, number, spans, squash

ANSWER_DAYS = 5  # an officer is asked to answer within so many days
_PLACE = re.compile(r"^(?:(?P<sheet>Trang «.*?»)(?:, )?)?(?:dòng (?P<row>\d+)(?:, )?)?(?P<column>cột «.*?»)?: ")


@dataclass(frozen=True)
class Block:
    """A paragraph, or a heading over lines."""

    text: str
    lines: tuple[str, ...] = ()


@dataclass(frozen=True)
class Letter:
    """What is said, not yet how it looks."""

    subject: str
    greeting: str
    blocks: tuple[Block, ...]
    sender: str


def letter(alert: Alert, province: str, now: datetime) -> Letter:
    """An alert in words. `province` signs; `now` is the day from which the answer is asked for."""
    of_month, by = _month(alert.period), day((now + timedelta(days=ANSWER_DAYS)).date())
    counted, whose = _counted(alert.items), alert.to_name
    received = _received(alert)
    subject, blocks = {
        "findings": lambda: (f"Báo cáo {of_month} của {whose}: {counted}", [Block(_ask(alert, of_month, counted, by)), *_groups(alert)]),
        "reminder": lambda: (f"Nhắc lại: báo cáo {of_month} của {whose} còn {counted}", [Block(_remind(alert, of_month, counted, by)), *_groups(alert)]),
        "escalation": lambda: (
            f"Báo cáo {of_month}: {_units(alert.items)} chưa sửa sau {alert.silent_days} ngày",
            [Block(f"Sau {alert.silent_days} ngày, {_units(alert.items)} dưới đây còn {counted} trong báo cáo {of_month} dù đã được báo. "
                   f"Xin nhắc đơn vị sửa và gửi lại trước ngày {by}."), *_groups(alert)],
        ),
        "all_clear": lambda: (f"Báo cáo {of_month} của {whose} không còn chỗ phải sửa", [Block(f"Báo cáo {of_month} không còn chỗ nào phải sửa hoặc xem lại trong các mẫu đã nhận.")]),
        "receipt": lambda: (f"Đã nhận báo cáo {of_month} của {whose}", [Block(f"Đã nhận báo cáo {of_month}; trong các mẫu dưới đây các dòng và các số tổng khớp nhau.")]),
    }[alert.kind]()  # fmt: skip
    return Letter(subject, f"Kính gửi {alert.to_name},", (*blocks, *received), province)


def message(alert: Alert, said: Letter, mail_from: str, now: datetime) -> EmailMessage:
    """The mail: text and HTML. The same alert is the same message, with the same Message-ID, however often it is made."""
    mail = EmailMessage(policy=SMTP)
    name, address = parseaddr(mail_from)
    mail["From"] = Address(name or said.sender, addr_spec=address)
    mail["To"] = Address(alert.to_name, addr_spec=alert.to)
    mail["Subject"] = said.subject
    mail["Date"] = format_datetime(now.replace(tzinfo=ZONE))
    mail["Message-ID"] = message_id(alert, address)
    mail["Auto-Submitted"] = "auto-generated"
    mail.set_content(as_text(said))
    mail.add_alternative(as_html(said), subtype="html")
    mail.set_boundary(f"=_{message_id(alert, address)[1:33]}")
    return mail


def message_id(alert: Alert, address: str) -> str:
    """Of who is told what of which month for the which time, so that a message sent twice is one."""
    told = (alert.kind, alert.to_unit, alert.to, alert.period, str(alert.number), *(i.finding_id for i in alert.items),
            *(r.submission_id for r in alert.returns))  # fmt: skip
    return f"<{hashlib.sha256('|'.join(told).encode()).hexdigest()[:32]}@{address.rpartition('@')[2]}>"


def as_text(said: Letter) -> str:
    """For readers of plain mail: headings, then lines with a dash."""
    parts = [said.greeting]
    for block in said.blocks:
        # a line break in the name of a file would be a line of ours
        parts.append("\n".join([squash(block.text), *(f"- {squash(line)}" for line in block.lines)]))
    return "\n\n".join([*parts, f"Trân trọng,\n{said.sender}", _FOOT]) + "\n"


def as_html(said: Letter) -> str:
    """The same, readable on a phone; styles stand on the elements, since mail readers drop all others."""
    return _template().render(letter=said, foot=_FOOT)


@cache
def _template() -> Any:
    from jinja2 import Environment, FileSystemLoader

    templates = Environment(loader=FileSystemLoader(ASSETS / "templates"), autoescape=True, trim_blocks=True, lstrip_blocks=True)
    return templates.get_template("thu.html.j2")


_FOOT = "Thư này do phần mềm tổng hợp báo cáo gửi tự động; xin trả lời thư nếu cần hỏi."


def _ask(alert: Alert, of_month: str, counted: str, by: str) -> str:
    """What is asked for; only to send what is missing, where nothing else is wrong."""
    if all(map(_is_missing, alert.items)):
        return f"Báo cáo {of_month} chưa đủ. Xin gửi các mẫu dưới đây trước ngày {by}; nếu đã gửi rồi thì xin trả lời thư này."
    has = "còn" if any(map(_is_missing, alert.items)) else "có"
    also = "gửi các mẫu còn thiếu, " if has == "còn" else ""
    return (
        f"Báo cáo {of_month} {has} {counted}. Xin {also}sửa trong tệp Excel đã gửi rồi gửi lại cả tệp trước ngày {by}; "
        "chỗ nào số liệu đúng như vậy thì xin trả lời thư này và cho biết lý do."
    )


def _remind(alert: Alert, of_month: str, counted: str, by: str) -> str:
    if all(map(_is_missing, alert.items)):
        return f"Báo cáo {of_month} còn {counted}. Xin gửi các mẫu dưới đây trước ngày {by}, hoặc trả lời thư này nếu cần hỏi."
    return f"Báo cáo {of_month} còn {counted}. Xin sửa trong tệp Excel đã gửi rồi gửi lại cả tệp trước ngày {by}, hoặc trả lời thư này nếu cần hỏi."


def _month(period: str) -> str:
    return f"tháng {month(period)}" if period else "chưa rõ tháng"


def _counted(items: Iterable[Item]) -> str:
    """«thiếu 1 mẫu, 2 chỗ phải sửa và 1 chỗ cần xem lại»."""
    severities = ["missing" if _is_missing(i) else i.severity for i in items]
    said = [f"{number(n)} chỗ {label}" for s, label in SEVERITIES.items() if (n := severities.count(s))]
    if missing := severities.count("missing"):
        said.insert(0, f"thiếu {number(missing)} mẫu")
    return " và ".join([", ".join(said[:-1]), said[-1]] if len(said) > 1 else said)


def _is_missing(item: Item) -> bool:
    return item.check_id == "return_missing"


def _units(items: Iterable[Item]) -> str:
    return f"{number(len({i.unit_code for i in items}))} đơn vị"


def _groups(alert: Alert) -> list[Block]:
    """What is wrong, by unit (where it is another than the one written to), form and file; what must be mended first."""
    found = []
    for (unit, name, form, file), group in groupby(
        sorted(alert.items, key=lambda i: (i.unit_code, i.form or "", i.file_name or "", i.severity)),
        key=lambda i: (i.unit_code, i.unit_name, i.form, i.file_name),
    ):
        title = [name] if unit != alert.to_unit else []
        title += [f"Mẫu {forms()[form].label}"] if form else []
        title += [f"tệp «{file}»"] if file else []
        found.append(Block(", ".join(title) or "Chung", tuple(_lines(list(group)))))
    return found


def _lines(items: list[Item]) -> list[str]:
    """One line for what is the same in several rows."""
    same: dict[tuple[str, str, str, str], list[int]] = {}  # urgency, sheet, column, sentence → rows
    for item in items:
        place = _PLACE.match(item.message)
        sheet, row, column = (place["sheet"] or "", place["row"], place["column"] or "") if place else ("", None, "")
        said = item.message[place.end() :] if place else item.message
        urgency = "" if _is_missing(item) else f"({SEVERITIES[item.severity]}) "
        same.setdefault((urgency, sheet, column, said), []).extend([int(row)] if row else [])
    found = []
    for (urgency, sheet, column, said), rows in same.items():
        place = ", ".join(filter(None, [sheet, _rows(sorted(rows)), column]))
        found.append(f"{urgency}{f'{place}: ' if place else ''}{said}")
    return found


def _rows(rows: list[int]) -> str:
    """«dòng 12», «các dòng 9, 12–15»; every one, since the officer has to find them."""
    return f"{'dòng' if len(rows) == 1 else 'các dòng'} {spans(rows)}" if rows else ""


def _received(alert: Alert) -> list[Block]:
    """The files that count and what was read of them, so that the officer sees that they arrived."""
    if not alert.returns:
        return []
    lines = []
    for file, returns in groupby(sorted(alert.returns, key=lambda r: r.file_name), key=lambda r: r.file_name):
        read = [f"{forms()[r.form].label} {'không phát sinh' if r.is_nil else f'{number(r.rows)} dòng'}" for r in returns]
        lines.append(f"tệp «{file}»: {', '.join(read)}")
    return [Block("Đã nhận", tuple(lines))]
