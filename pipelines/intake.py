"""Says what each sheet of an archived file is: form, sender, month, and how its rows divide. They are kept by `lake`.

What rows mean is not decided here: no typing, no matching of rows to units, no rule but “what is this file”.
"""

import shutil
from collections.abc import Callable
from dataclasses import dataclass, field, replace
from pathlib import Path

from pipelines.asides import settle
from pipelines.config import Home
from pipelines.forms import Form
from pipelines.grids import Unreadable, letters
from pipelines.receiving import Receipt, archived
from pipelines.reference import Registry
from pipelines.sender import (
    names_strangers,
    row_units,
    sender_of_rows,
    senders_above,
    spread_headings,
    stated_units,
    union_of,
    unit_in_name,
    unit_names,
)
from pipelines.sheets import CONTROLS, DATA, SheetRead, read_workbook
from pipelines.vietnamese import month, month_of_sheet, months_between, periods_in, periods_in_name

OLDEST = 120  # months before its receipt that a return may be for; older ones are slips of the pen
LEGACY = {"tcvn3": "gõ theo bảng mã TCVN3", "vni": "gõ theo bảng mã VNI", "mojibake": "bị lỗi bảng mã khi chuyển tệp"}
HEADER_LENGTH = 60  # characters of an unknown header that a finding repeats


@dataclass
class Submission:
    """One sheet of one file, identified; the fields are the columns of raw.submission."""

    submission_id: str
    sha256: str
    file_name: str
    sheet: str
    form: str | None
    unit_code: str | None
    period: str | None
    received_at: str
    modified_at: str
    intake_status: str  # accepted, waiting, rejected, quarantined
    rows_read: int = 0
    rows_data: int = 0
    rows_control: int = 0
    rows_ignored: int = 0
    is_nil: bool = False
    default_unit_code: str | None = None  # the unit of rows that name none
    missing_columns: str = ""
    stated_periods: str = ""
    lake_part: str | None = None


@dataclass
class Issue:
    """What intake itself found wrong with a sheet or file; `detail` holds no personal value."""

    submission_id: str
    check_id: str
    row: int | None = None
    column_name: str | None = None
    detail: str = ""


@dataclass
class UnitName:
    """What a sheet that waits calls its sender, or the unit of some of its rows; it may hold anything, so it stays private."""

    submission_id: str
    name: str
    row_count: int  # rows that wait for it


@dataclass
class Reading:
    """All that one file gave."""

    receipt: Receipt
    submissions: list[Submission] = field(default_factory=list)
    issues: list[Issue] = field(default_factory=list)
    names: list[UnitName] = field(default_factory=list)
    rows: dict[str, SheetRead] = field(
        default_factory=dict
    )  # submission_id → sheet, for accepted ones until they are in the lake


# ---- archive → submissions


def read_file(path: Path, receipt: Receipt, registry: Registry) -> Reading:
    """What one file holds: a submission for every sheet, or one for a file that cannot be read."""
    reading = Reading(receipt)
    try:
        sheets = read_workbook(path)
    except Unreadable as e:
        quarantined = _submission(receipt, 0, "", None, "quarantined")
        quarantined.unit_code = unit_in_name(receipt.file_name, registry)
        stated = periods_in_name(receipt.file_name)
        quarantined.period = next(iter(stated)) if len(stated) == 1 else None
        reading.submissions.append(quarantined)
        reading.issues.append(Issue(quarantined.submission_id, "file_unreadable", detail=str(e)))
        return reading
    told = set().union(*(stated_units(sheet, registry) for sheet in sheets))
    for sheet in sheets:
        if sheet.rows_read:
            _identify(reading, sheet, registry, told)
    if not reading.submissions:
        empty = _submission(receipt, 0, sheets[0].name if sheets else "", None, "rejected")
        reading.submissions.append(empty)
        reading.issues.append(Issue(empty.submission_id, "form_unknown"))
    return reading


def of_month(reading: Reading, period: str) -> Reading:
    """Of a reading the sheets whose month nothing states but the name of the file, as submissions of that month besides others."""
    found = Reading(reading.receipt)
    for s in reading.submissions:
        if s.stated_periods == period == s.period and s.intake_status in ("accepted", "waiting"):
            old, s.submission_id = s.submission_id, f"{s.submission_id}-{period}"
            found.submissions.append(s)
            found.issues += [replace(i, submission_id=s.submission_id) for i in reading.issues if i.submission_id == old]
            found.names += [replace(n, submission_id=s.submission_id) for n in reading.names if n.submission_id == old]
            if old in reading.rows:
                found.rows[s.submission_id] = reading.rows[old]
    return found


def _submission(receipt: Receipt, index: int, sheet: str, form: Form | None, status: str) -> Submission:
    return Submission(
        f"{receipt.sha256[:16]}-{index}",
        receipt.sha256,
        receipt.file_name,
        sheet,
        form.form if form else None,
        None,
        None,
        receipt.received_at,
        receipt.modified_at,
        status,
    )


def _identify(reading: Reading, sheet: SheetRead, registry: Registry, told: set[str]) -> None:
    """One sheet as a submission; `told` are the senders that any sheet of its file states."""
    receipt = reading.receipt
    s = _submission(
        receipt, sheet.index, "" if receipt.file_name.lower().endswith(".csv") else sheet.name, sheet.form, "accepted"
    )
    s.rows_read = sheet.rows_read
    reading.submissions.append(s)

    def raise_issue(
        check_id: str, status: str | None = None, row: int | None = None, column: str | None = None, detail: str = ""
    ) -> None:
        reading.issues.append(Issue(s.submission_id, check_id, row, column, detail))
        s.intake_status = status or s.intake_status

    if sheet.form is None:
        s.rows_ignored, s.unit_code = sheet.rows_read, unit_in_name(receipt.file_name, registry)
        if sheet.nearly:
            row, form, lacking = sheet.nearly
            raise_issue(
                "form_incomplete", "rejected", row=row + 1, detail=f"«{form.label}» nhưng không thấy cột «{'», «'.join(lacking)}»"
            )
        else:
            raise_issue("form_unknown", "rejected")
        return
    s.is_nil = sheet.nil
    units = stated_units(sheet, registry) or senders_above(sheet, registry, told)
    own = next((u for u in units if len(units) == 1 and registry.levels.get(u) == "grassroots"), None)
    is_strange = spread_headings(sheet, registry, own is not None) or (not units and names_strangers(sheet, registry))
    of_rows = sender_of_rows(sheet, registry)
    s.unit_code = (
        next(iter(units)) if len(units) == 1 else None if units else union_of(of_rows, registry) if is_strange else of_rows
    )
    if own or (s.unit_code and not units and not is_strange and registry.levels.get(s.unit_code) == "grassroots"):
        s.default_unit_code = s.unit_code
    _count_rows(s, sheet, raise_issue)
    if len(units) > 1:
        raise_issue("unit_conflict", "waiting", detail=" và ".join(sorted(units)))
    elif not s.unit_code:
        raise_issue("unit_missing", "waiting")
        reading.names += [UnitName(s.submission_id, name, rows) for name, rows in unit_names(sheet).items()]
    _state_period(s, sheet, receipt, raise_issue)
    if not (s.rows_data or sheet.nil):
        raise_issue("empty_without_nil", "waiting")
    _name_columns(s, sheet, raise_issue)
    _name_oddities(s, sheet, raise_issue)
    if sheet.nil and s.rows_data:
        raise_issue("nil_with_rows")
    if s.intake_status == "accepted":
        reading.rows[s.submission_id] = sheet


def _state_period(s: Submission, sheet: SheetRead, receipt: Receipt, raise_issue: Callable[..., None]) -> None:
    """The one month that all sources state, if it can be."""
    periods = sheet.title_periods | periods_in_name(receipt.file_name) | periods_in(sheet.meta.get("period", ""))
    periods = periods or month_of_sheet(sheet.name, receipt.file_name)
    s.stated_periods = ",".join(sorted(periods))
    s.period = next(iter(periods)) if len(periods) == 1 else None
    if s.period is None:
        said = " và ".join(map(month, sorted(periods)))
        raise_issue("period_conflict" if s.stated_periods else "period_missing", "waiting", detail=said)
    elif not 0 <= (age := months_between(s.period, receipt.received_at[:7])) <= OLDEST:
        why = "chưa đến" if age < 0 else f"đã quá {OLDEST} tháng"
        raise_issue("period_implausible", "waiting", detail=f"{month(s.period)}, {why}")
        s.period = None


def _name_columns(s: Submission, sheet: SheetRead, raise_issue: Callable[..., None]) -> None:
    """Columns of the form that the sheet lacks, and headers that the form does not know."""
    missing = [c for c in sheet.missing if not (c == "unit_code" and (s.default_unit_code or any(row_units(sheet))))]
    s.missing_columns = ",".join(missing)
    if s.intake_status == "accepted" and sheet.form:
        absent = [sheet.form.column(name) for name in sheet.absent] if s.rows_data else []
        often = [c.name for c in absent if not c.rare]
        s.missing_columns = ",".join([*missing, *often])
        for check_id, columns in (("column_missing", missing), ("column_absent", often)):
            for column in columns:
                raise_issue(check_id, row=sheet.header_row, column=column, detail=sheet.form.column(column).label)
        if rare := [c.label for c in absent if c.rare]:
            raise_issue("column_rare_absent", row=sheet.header_row, detail="», «".join(rare))
    if sheet.twice:
        said = (f"{name[:HEADER_LENGTH]}» ({letters(j)})" for j, name in sheet.twice.items())
        raise_issue("column_twice", row=sheet.header_row, detail=", «".join(said))
    if sheet.unknown:
        raise_issue("column_unknown", row=sheet.header_row, detail="», «".join(h[:HEADER_LENGTH] for h in sheet.unknown))


def _name_oddities(s: Submission, sheet: SheetRead, raise_issue: Callable[..., None]) -> None:
    """What a sheet has that was read, or left, in another way than an officer may think."""
    if sheet.hidden:
        raise_issue("sheet_hidden")
    for kind, called in LEGACY.items():
        if sheet.mended[kind]:
            raise_issue("text_repaired", detail=f"{sheet.mended[kind]} ô {called}")
    for row, label in sheet.others:
        raise_issue("table_of_other_form", row=row, detail=label)
    if sheet.scales and sheet.form and s.rows_data:
        said = ", ".join(f"«{sheet.form.column(name).label}» ({scale} đồng)" for name, scale in sheet.scales.items())
        raise_issue("money_scaled", row=sheet.header_row, detail=said)
    for label, said in sheet.assumed.items() if s.rows_data else ():
        raise_issue("column_assumed", row=sheet.header_row, detail=f"«{label}» nên mọi dòng được hiểu là «{said}»")
    if sheet.hidden_rows:
        raise_issue("rows_hidden", detail=str(sheet.hidden_rows))


def _count_rows(s: Submission, sheet: SheetRead, raise_issue: Callable[..., None]) -> None:
    """How many rows of each kind there are, once it is told apart what stands aside of the list."""
    aside = settle(sheet, s.default_unit_code is not None)
    for row in aside.alone:
        raise_issue("row_alone", row=row)
    for row, count in aside.left:
        raise_issue("rows_of_leavers", row=row, detail=str(count))
    kinds = [kind for _, kind, _, _ in sheet.rows]
    s.rows_data, s.rows_control = kinds.count(DATA), sum(kind in CONTROLS for kind in kinds)
    s.rows_ignored = len(kinds) - s.rows_data - s.rows_control


def quarantine(home: Home, reading: Reading) -> None:
    """Puts a copy of an unreadable file into quarantine/ with its reason beside it."""
    home.quarantine.mkdir(parents=True, exist_ok=True, mode=0o700)
    r = reading.receipt
    target = home.quarantine / f"{r.sha256[:12]}{r.suffix}"
    shutil.copyfile(archived(home, r), target)
    reason = next(i.detail for i in reading.issues if i.check_id == "file_unreadable")
    target.with_suffix(target.suffix + ".txt").write_text(f"{r.file_name}\nNhận lúc {r.received_at}\n{reason}\n", "utf-8")
