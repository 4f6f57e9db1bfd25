"""The files a federation keeps itself in `reference/`: read, validated by name and line, loaded; only `matching` writes one.

Each file has one row model below; a file that is absent counts as empty, except units.csv.
"""

import csv
import difflib
import hashlib
import itertools
import re
from collections import Counter
from dataclasses import dataclass, field
from datetime import date
from pathlib import Path
from typing import Annotated, Literal

from pydantic import BaseModel, BeforeValidator, ConfigDict, Field, PrivateAttr, ValidationError

from pipelines.config import UserError
from pipelines.vietnamese import fold

Optional = BeforeValidator(lambda v: v or None)
Code = Annotated[str, Field(pattern=r"^[A-Z0-9][A-Z0-9.\-]*$", max_length=40)]
Period = Annotated[str, Field(pattern=r"^(20\d\d(-(0[1-9]|1[0-2]|Q[1-4]|H[12]|9M))?|[a-z]+-[a-z0-9]+|programme)$")]


def _plain_number(text: object) -> object:
    """Digits, with a point before decimals: «1.200» may be one thing in Vietnam and another here, so it is asked about."""
    if isinstance(text, str) and not re.fullmatch(r"\d+(\.(\d{1,2}|\d{4,}))?", text.strip()):
        raise ValueError(f"«{text}» is no plain number; write digits only, with a point before decimals (1200 or 94.98)")
    return text


Number = Annotated[float, BeforeValidator(_plain_number)]


class _Row(BaseModel):
    model_config = ConfigDict(extra="forbid", str_strip_whitespace=True)
    _at: str = PrivateAttr("")  # file and line, for problems that only show beside other rows
    _line: int = PrivateAttr(0)


class Unit(_Row):
    """A unit while it stood under one name, parent, sector; a change closes the row and opens another."""

    code: Code
    name: Annotated[str, Field(min_length=2)]
    level: Literal["confederation", "province", "upper", "grassroots"]
    parent: Annotated[Code | None, Optional]
    sector: Annotated[Literal["public", "business"] | None, Optional]
    managed: Literal["direct", "central"]
    officer_email: Annotated[Annotated[str, Field(pattern=r"^[^@\s]+@[^@\s]+$")] | None, Optional]
    valid_from: date
    valid_to: Annotated[date | None, Optional]  # first day on which it is no longer so


class UnitEvent(_Row):
    """What happened to units: founded, renamed, dissolved, downgraded, merged, split, transferred."""

    event_id: str
    date: date
    kind: Literal["established", "renamed", "dissolved", "downgraded", "merged", "split", "transferred", "transferred_as_is"]
    decision_no: Annotated[str | None, Optional]
    from_unit: Annotated[Code | None, Optional]
    to_unit: Annotated[Code | None, Optional]


class Alias(_Row):
    """A spelling of a unit's name that a person confirmed."""

    name: Annotated[str, Field(min_length=1)]
    unit_code: Code


class Target(_Row):
    """What a unit is to reach on a metric in a period."""

    metric_id: str
    period: Period
    unit_code: Code
    target: Annotated[Number, Field(gt=0)]


class PeriodDates(_Row):
    """A period whose dates differ from the calendar; cut-off and issue date are a federation's own decision."""

    period: Period
    label_vi: str
    start_date: date
    end_date: date
    cutoff_date: date
    issue_date: Annotated[date | None, Optional]


class Indicator(_Row):
    """What a row of the activity form may report."""

    indicator_id: Annotated[str, Field(pattern=r"^[a-z0-9_]+$")]
    label_vi: str
    unit: str


class Published(_Row):
    """A figure that a signed report printed; `value` in the metric's unit."""

    document_no: str
    period: Period
    metric_id: str
    unit_code: Code
    value: Number
    qualifier: Annotated[str, Field(pattern=r"^(exact|about|over|at_least|at_most)( \(.+\))?$")]  # the word printed, in brackets


FILES: dict[str, type[_Row]] = {
    "units": Unit,
    "unit_events": UnitEvent,
    "aliases": Alias,
    "targets": Target,
    "periods": PeriodDates,
    "indicators": Indicator,
    "published": Published,
}


@dataclass(frozen=True)
class Registry:
    """Reference rows by file, and what intake asks of units."""

    rows: dict[str, list]
    problems: list[str]
    digest: str
    parents: dict[str, str | None] = field(default_factory=dict)
    levels: dict[str, str] = field(default_factory=dict)
    names: dict[str, str] = field(default_factory=dict)  # folded name or alias → code
    files: dict[str, bytes] = field(default_factory=dict)  # the bytes the rows were read from

    @property
    def province(self) -> str | None:
        return next((u.code for u in self.rows["units"] if u.level == "province"), None)

    def find(self, text: str | None) -> str | None:
        """The code a cell or line means: a code, an official name or a confirmed alias; None when nobody confirmed it."""
        if not text:
            return None
        code = text.strip().upper()
        return code if code in self.parents else self.names.get(fold(text))

    def ancestors(self, code: str) -> list[str]:
        """The unit itself, then its parents upwards."""
        line: list[str] = []
        while code and code not in line:
            line.append(code)
            code = self.parents.get(code) or ""
        return line

    def gaps(self) -> list[str]:
        """Which declared figures have no value in this federation, and what reference/ would have to keep for them."""
        from pipelines.metrics import metrics, undefined

        kept = {p.period for p in self.rows["periods"]}, {i.indicator_id for i in self.rows["indicators"]}
        missing: dict[str, list[str]] = {}
        for m in metrics().values():
            for line in undefined(m, *kept):
                missing.setdefault(line, []).append(m.id)
        return [f"{line} is not kept, so there is no value for {', '.join(ids)}." for line, ids in missing.items()]


def read_reference(folder: Path) -> Registry:
    """Every reference file of a home; problems are sentences naming file and line, and are not raised."""
    rows: dict[str, list] = {}
    problems: list[str] = []
    digest = hashlib.sha256()
    files: dict[str, bytes] = {}
    for name, model in FILES.items():
        path = folder / f"{name}.csv"
        rows[name] = []
        if not path.is_file():
            if name == "units":
                problems.append(f"{path.name} is missing: a home needs its unit registry.")
            continue
        files[name] = raw = path.read_bytes()
        digest.update(name.encode() + raw)
        try:
            text = raw.decode("utf-8-sig").splitlines()
            reader = csv.DictReader(text, delimiter=delimiter(text[0] if text else ""))
            lines = [(reader.line_num, line) for line in reader]
        except (UnicodeDecodeError, csv.Error):
            problems.append(f"{path.name} is not a UTF-8 csv file.")
            continue
        for i, line in lines:
            try:
                row = model.model_validate(line)
                row._at, row._line = f"{path.name} line {i}", i
                rows[name].append(row)
            except ValidationError as e:
                first = e.errors()[0]
                at = ".".join(str(p) for p in first["loc"]) or "line"
                problems.append(f"{path.name} line {i}, {at}: {first['msg']}.")
    problems += _disagreements(rows)
    units = sorted(rows["units"], key=lambda u: u.valid_from)
    names = {fold(u.name): u.code for u in units} | {fold(a.name): a.unit_code for a in rows["aliases"]}
    return Registry(
        rows, problems, digest.hexdigest(), {u.code: u.parent for u in units}, {u.code: u.level for u in units}, names, files
    )


def delimiter(header: str) -> str:
    """Comma, or what Excel writes where the comma is the decimal sign, as in Vietnam: semicolon, else tab."""
    return max(",;\t", key=header.count)


def checked_reference(folder: Path) -> Registry:
    """The registry of a home; UserError with the first problems when a file is broken."""
    registry = read_reference(folder)
    if registry.problems:
        shown = " ".join(registry.problems[:3])
        raise UserError(f"reference/ is broken ({len(registry.problems)} problems): {shown} See `congdoan reference check`.")
    return registry


def _disagreements(rows: dict[str, list]) -> list[str]:
    known = {u.code for u in rows["units"]}
    found = [
        f"{u._at}: {u.code} has parent {u.parent}, which is not in the file."
        for u in rows["units"]
        if u.parent and u.parent not in known
    ]
    found += [
        f"{u._at}: {u.code} ends on {u.valid_to}, before it starts."
        for u in rows["units"]
        if u.valid_to and u.valid_to <= u.valid_from
    ]
    if rows["units"] and Counter(u.level for u in rows["units"] if not u.valid_to)["province"] != 1:
        found.append("units.csv: exactly one unit of level province must be in force.")
    found += _overlaps(rows["units"]) + _cycles(rows["units"]) + contradictions(rows["aliases"], rows["units"])
    for name, wanted in (
        ("aliases", "unit_code"),
        ("targets", "unit_code"),
        ("published", "unit_code"),
        ("unit_events", "from_unit"),
        ("unit_events", "to_unit"),
    ):
        found += [
            f"{r._at}: {wanted} {getattr(r, wanted)} is not in units.csv."
            for r in rows[name]
            if getattr(r, wanted) and getattr(r, wanted) not in known
        ]
    for name, key in (
        ("unit_events", ("event_id",)),
        ("periods", ("period",)),
        ("indicators", ("indicator_id",)),
        ("targets", ("metric_id", "period", "unit_code")),
        ("published", ("document_no", "period", "metric_id", "unit_code")),
    ):
        first: dict[tuple, str] = {}
        for r in rows[name]:
            k = tuple(getattr(r, k) for k in key)
            if first.setdefault(k, r._at) != r._at:
                found.append(f"{r._at}: {', '.join(map(str, k))} stands already in line {first[k].rpartition(' ')[2]}.")
    found += _unknown_metrics([*rows["targets"], *rows["published"]])
    found += [
        f"{p._at}: {p.period}: start ≤ cut-off ≤ end does not hold."
        for p in rows["periods"]
        if not p.start_date <= p.cutoff_date <= p.end_date
    ]
    return found


def _unknown_metrics(asked: list[Target | Published]) -> list[str]:
    """Targets and published figures of a metric that nobody declared would never show."""
    if not asked:
        return []
    from pipelines.metrics import metrics

    found = []
    for r in asked:
        if r.metric_id not in metrics():
            near = difflib.get_close_matches(r.metric_id, metrics(), 1)
            found.append(f"{r._at}: no metric is called {r.metric_id}{f', perhaps {near[0]}' if near else ''}.")
    return found


def _overlaps(units: list[Unit]) -> list[str]:
    by_code: dict[str, list[Unit]] = {}
    for u in units:
        by_code.setdefault(u.code, []).append(u)
    found = []
    for code, versions in by_code.items():
        versions.sort(key=lambda u: u.valid_from)
        for a, b in itertools.pairwise(versions):
            if a.valid_to is None or a.valid_to > b.valid_from:
                found.append(f"{b._at}: two rows of {code} overlap in time.")
    named: dict[str, Unit] = {}
    for u in units:
        if not u.valid_to and named.setdefault(fold(u.name), u).code != u.code:
            found.append(f"{u._at}: {u.code} has the name «{u.name}», and so has {named[fold(u.name)].code}.")
    return found


def contradictions(aliases: list[Alias], units: list[Unit]) -> list[str]:
    """Aliases that are another unit's code, its name in force, or another alias; an old name may pass to a successor."""
    taken = {fold(u.name): (u.code, "the name of") for u in units if not u.valid_to}
    taken |= {fold(u.code): (u.code, "the code of") for u in units}
    found = []
    for a in aliases:
        code, what = taken.setdefault(fold(a.name), (a.unit_code, f"in line {a._line} an alias of"))
        if code != a.unit_code:
            found.append(f"{a._at}: «{a.name}» cannot mean {a.unit_code}, since it is {what} {code}.")
    return found


def _cycles(units: list[Unit]) -> list[str]:
    parents = {u.code: u.parent for u in units}
    at_line = {u.code: u._at for u in units}
    found = []
    for code in parents:
        seen, at = {code}, parents[code]
        while at:
            if at in seen:
                found.append(f"{at_line[code]}: {code} is under itself.")
                break
            seen.add(at)
            at = parents.get(at)
    return found
