"""What every sender sends and when it arrives: plans of workbooks, and writing one; faults are planted in errors.py."""

from calendar import monthrange
from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import date, datetime, timedelta
from pathlib import Path
from random import Random
from typing import Any, Literal

from pipelines.blank import Sheet, write_return
from pipelines.forms import forms
from pipelines.province import activity, initiatives, workers
from pipelines.province.registry import PROVINCE, Unit, senders
from pipelines.vietnamese import fold

NOTICE = "DỮ LIỆU GIẢ ĐỊNH - mọi người và số liệu trong bảng này đều do máy tạo ra"
OPENING = "2022-12"
MONTHS = ("2023-01", "2023-02", "2023-03", "2023-04", "2023-05")
HEADER_ROW, FIRST_ROW = 9, 11  # as Excel counts
LATE = "MM-SL"  # the upper union that is late every month
_LATE_TOO = {("MM-TT-11", m) for m in ("2022-07", "2022-08", "2022-09")} | {("MM-TW-20", "2022-10")}
ONE_FILE_PER_FORM = ("MM-TT-03", "MM-TW-05")
Wave = Literal["first", "correction"]


@dataclass(frozen=True)
class SheetPlan:
    """One form of one return; `edits` and what follows make it faulty."""

    form: str
    sender: Unit
    parent_name: str
    period: str
    rows: tuple[Mapping[str, Any], ...] = ()
    people: tuple[workers.Worker, ...] = ()
    units: tuple[str, ...] = ()
    edits: Mapping[int, Mapping[str, Any]] = field(default_factory=dict)
    added: tuple[Mapping[str, Any], ...] = ()
    totals: Mapping[str, float] = field(default_factory=dict)
    omit: frozenset[str] = frozenset()
    stated_period: str | None = None

    def right_lines(self) -> list[Mapping[str, Any]]:
        """The lines without any fault."""
        return [*workers.listed(self.people, self.period)] if self.form == "members" else [*self.rows]

    def lines(self) -> list[Mapping[str, Any]]:
        """The lines as printed, faults included."""
        printed = self.right_lines()
        for at, cells in self.edits.items():
            printed[at] = {**printed[at], **cells}
        return [*printed, *self.added]

    def sheet(self) -> Sheet:
        lines = self.lines()
        nil = not lines
        return Sheet(
            forms()[self.form],
            self.sender.code,
            self.sender.name,
            self.parent_name,
            self.period,
            lines,
            blank_rows=int(nil),
            nil=nil,
            totals=self.totals,
            omit=self.omit,
            stated_period=self.stated_period,
            units=self.units,
            notice=NOTICE,
        )


@dataclass(frozen=True)
class Return:
    """One workbook on its way: where it lands and when."""

    inbox_path: str
    received_at: datetime
    wave: Wave
    sheets: tuple[SheetPlan, ...]
    unreadable: bool = False


def first_returns(units: list[Unit], contents: Mapping[str, Any], seed: int, periods: tuple[str, ...]) -> list[Return]:
    """The right returns of every sender and month, before anything is planted; the first of `periods` is the opening one."""
    rng = Random(f"{seed}-post")
    returns = []
    for sender in senders(units):
        for period in periods:
            sheets = _sheets(sender, units, contents, period, period == periods[0])
            packs = [(s,) for s in sheets] if sender.code in ONE_FILE_PER_FORM else [sheets]
            returns += [Return(_inbox_path(p, len(packs) > 1), _arrival(rng, sender, period), "first", p) for p in packs]
    return returns


def write(staging: Path, returns: list[Return]) -> None:
    """Write these workbooks below the staging folder."""
    for r in returns:
        path = staging / r.inbox_path
        path.parent.mkdir(parents=True, exist_ok=True)
        if r.unreadable:
            path.write_text("Tệp này bị hỏng khi gửi: đây không phải là bảng tính Excel.\n", "utf-8")
        else:
            write_return(path, [s.sheet() for s in r.sheets])


def _sheets(sender: Unit, units: list[Unit], contents: Mapping[str, Any], period: str, opening: bool) -> tuple[SheetPlan, ...]:
    year, month = int(period[:4]), int(period[5:])
    cutoff = date(year, month, monthrange(year, month)[1])
    covered = [u for u in units if u.level == "grassroots" and u.sender == sender.code and u.valid_from <= cutoff]
    rows = {"aid": contents["aid"].get((sender.code, period), [])}
    if sender.code != PROVINCE:
        rows["initiatives"] = initiatives.listed(contents["initiatives"].get(sender.code, []), cutoff)
    if not opening:
        rows["activity"] = activity.listed(sender, contents["activity"][sender.code], units, period)
        if sender.code != PROVINCE:
            rows["members"] = []
    people = tuple(w for u in covered for w in contents["workers"][u.code]) if "members" in rows else ()
    names = {u.code: u.name for u in units}
    parent = names.get(sender.parent, "Tổng Liên đoàn Lao động Việt Nam")
    codes = tuple(u.code for u in covered)
    return tuple(
        SheetPlan(form, sender, parent, period, tuple(rows[form]), people if form == "members" else (), codes)
        for form in forms()
        if form in rows
    )


def _inbox_path(sheets: tuple[SheetPlan, ...], alone: bool) -> str:
    plan = sheets[0]
    form = "_" + fold(forms()[plan.form].label).replace(" ", "-") if alone else ""
    return f"{plan.period}/{plan.sender.code}{form}_{plan.period}.xlsx"


def _arrival(rng: Random, sender: Unit, period: str) -> datetime:
    """Between the 25th and the 4th; who is late between the 7th and the 9th, or up to the 12th."""
    after = date(int(period[:4]), int(period[5:]), 28) + timedelta(days=4)
    following = after.replace(day=1)
    if sender.code == LATE or (sender.code, period) in _LATE_TOO:
        day = following.replace(day=rng.randint(7, 8 if period == MONTHS[-1] else 12))
    elif sender.level == "grassroots":
        day = following - timedelta(days=rng.randint(-3, following.day + 4))
    else:
        day = following.replace(day=rng.randint(1, 4))
    return office_time(rng, day)


def office_time(rng: Random, day: date) -> datetime:
    """An instant of that day at which an office sends mail."""
    return datetime(
        day.year, day.month, day.day, rng.choice((7, 8, 9, 10, 13, 14, 15, 16)), rng.randint(31, 59), rng.randint(0, 59)
    )
