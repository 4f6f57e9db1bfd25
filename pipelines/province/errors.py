"""Plants the errors into the first returns and makes the corrections that undo them; mistyped lines are listed in slips.py."""

from collections.abc import Iterator
from dataclasses import dataclass, replace
from datetime import date
from random import Random

from pipelines.forms import forms
from pipelines.province.returns import FIRST_ROW, HEADER_ROW, LATE, Return, SheetPlan, office_time
from pipelines.province.slips import SLIPS, Slip

_UNREADABLE = ("MM-VC", "2023-04")


@dataclass(frozen=True)
class PlantedError:
    """One line of the answer sheet; `row` is Excel's, empty for a whole sheet or file."""

    file: str
    sheet: str
    row: int | None
    column: str
    check_id: str
    unit_code: str


@dataclass(frozen=True)
class _Fault:
    """A sheet made faulty, and what a check must say of it."""

    sheet: SheetPlan
    check_id: str
    row: int | None
    column: str


def plant(returns: list[Return], seed: int) -> tuple[list[Return], list[PlantedError]]:
    """The first returns with their faults, followed by the corrections, and the answer sheet."""
    rng = Random(f"{seed}-errors")
    sent, corrections, planted = [], [], []
    for right in returns:
        faulty, errors = _spoil(rng, right)
        sent.append(faulty)
        planted += errors
        if errors:
            corrections.append(_correction(rng, right))
    return sent + corrections, planted


def _spoil(rng: Random, right: Return) -> tuple[Return, list[PlantedError]]:
    first = right.sheets[0]
    if (first.sender.code, first.period) == _UNREADABLE:
        return replace(right, unreadable=True), [
            PlantedError(right.inbox_path, "", None, "", "file_unreadable", first.sender.code)
        ]
    sheets, errors = [], []
    for sheet in right.sheets:
        for fault in _faults(rng, sheet):
            sheet = fault.sheet
            errors.append(
                PlantedError(
                    right.inbox_path, forms()[sheet.form].label, fault.row, fault.column, fault.check_id, sheet.sender.code
                )
            )
        sheets.append(sheet)
    return (replace(right, sheets=tuple(sheets)) if errors else right), errors


def _faults(rng: Random, sheet: SheetPlan) -> Iterator[_Fault]:
    """The sheet with its first fault, then with its second too, and so on."""
    here = (sheet.sender.code, sheet.period)
    for slip in SLIPS[sheet.form]:
        if here in slip.where:
            fault = _mistyped(rng, sheet, slip)
            sheet = fault.sheet
            yield fault
    spoil = _WHOLE_SHEETS.get((sheet.form, *here))
    if spoil:
        yield spoil(rng, sheet)


def _mistyped(rng: Random, sheet: SheetPlan, slip: Slip) -> _Fault:
    lines = sheet.lines()
    at = rng.choice([n for n, line in enumerate(lines) if n not in sheet.edits and slip.fits(line)])
    edited = replace(sheet, edits={**sheet.edits, at: slip.wrong(lines[at])})
    return _Fault(edited, slip.check_id, FIRST_ROW + at, slip.column)


def _same_citizen_id(rng: Random, sheet: SheetPlan) -> _Fault:
    """Two people of two units of one list; the later line is the one to ask about."""
    lines = sheet.lines()
    at = rng.choice([n for n, line in enumerate(lines) if line["unit_code"] != lines[0]["unit_code"] and line.get("is_member")])
    edited = replace(sheet, edits={**sheet.edits, at: {"citizen_id": lines[0]["citizen_id"]}})
    return _Fault(edited, "members_citizen_id_duplicate", FIRST_ROW + at, "citizen_id")


def _listed_twice(rng: Random, sheet: SheetPlan) -> _Fault:
    lines = sheet.lines()
    return _Fault(replace(sheet, added=(rng.choice(lines),)), "initiatives_duplicate", FIRST_ROW + len(lines), "title")


def _old_total(_: Random, sheet: SheetPlan) -> _Fault:
    """A line was added below and the printed total stayed."""
    lines = sheet.lines()
    before = sum(line.get("gift_count") or 0 for line in lines) - _last_gift_count(lines)
    return _Fault(
        replace(sheet, totals={"gift_count": before}), "aid_gift_count_total_differs", FIRST_ROW + len(lines), "gift_count"
    )


def _last_gift_count(lines) -> int:
    return next(line["gift_count"] for line in reversed(lines) if line.get("gift_count"))


def _total_in_thousands(_: Random, sheet: SheetPlan) -> _Fault:
    lines = sheet.lines()
    printed = sum(line["amount_vnd"] for line in lines) // 1000
    return _Fault(
        replace(sheet, totals={"amount_vnd": printed}), "aid_amount_vnd_total_differs", FIRST_ROW + len(lines), "amount_vnd"
    )


def _column_missing(_: Random, sheet: SheetPlan) -> _Fault:
    return _Fault(replace(sheet, omit=frozenset({"gift_count"})), "column_missing", HEADER_ROW, "gift_count")


def _last_months_line(_: Random, sheet: SheetPlan) -> _Fault:
    """The visible line still names the month before."""
    return _Fault(replace(sheet, stated_period="2023-02"), "period_conflict", None, "")


_WHOLE_SHEETS = {
    ("members", "MM-HX", "2023-05"): _same_citizen_id,
    ("members", "MM-TT-03", "2023-03"): _last_months_line,
    ("initiatives", "MM-VC", "2023-03"): _listed_twice,
    ("aid", "MM-NT", "2023-01"): _old_total,
    ("aid", "MM-HX", "2023-05"): _total_in_thousands,
    ("aid", "MM-TW-06", "2023-01"): _column_missing,
}


def _correction(rng: Random, right: Return) -> Return:
    """The same workbook, right, in the days before the report."""
    day = rng.choice((9, 12)) if right.sheets[0].sender.code == LATE else rng.choice((6, 7, 8, 9, 12))
    when = office_time(rng, date(2023, 6, day))
    return replace(
        right,
        wave="correction",
        received_at=when.replace(hour=min(when.hour, 10)),
        inbox_path=right.inbox_path.replace(".xlsx", "_dinh-chinh.xlsx"),
    )
