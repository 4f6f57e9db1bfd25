"""What one line of each file in reference/ says: a model a file, and a sentence for a wrong cell. What must hold between lines is not here."""

import re
from datetime import date
from typing import Annotated, Any, Literal

from pydantic import AfterValidator, BaseModel, BeforeValidator, ConfigDict, PrivateAttr

CONTROL = re.compile(r"[\x00-\x1f\x7f-\x9f]")  # characters that nobody sees
CALENDAR_PERIOD = r"20\d\d(-(0[1-9]|1[0-2]|Q[1-4]|H[12]|9M))?"


def _written(pattern: str, how: str, *, quoted: bool = True) -> BeforeValidator:
    """A cell that looks like `pattern`, or else the sentence says how to write it."""

    def check(text: object) -> object:
        if isinstance(text, str) and not re.fullmatch(pattern, text.strip()):
            raise ValueError(f"«{text.strip()}» {how}" if quoted and text.strip() else f"the cell {how}")
        return text

    return BeforeValidator(check)


def _fits(text: object) -> object:
    """What is wrong with a number that looks like one otherwise."""
    cell = text.strip() if isinstance(text, str) else "0"
    if re.fullmatch(r"[-−–]\s*[\d.,]+", cell):
        raise ValueError(f"«{cell}» must not be negative")
    if re.fullmatch(r"\d{16,}(\.\d*)?", cell):
        raise ValueError(f"«{cell}» has too many digits; at most 15 are read")
    return text


def _more_than_nothing(number: float) -> float:
    if number <= 0:
        raise ValueError("a target is more than 0")
    return number


Day = Annotated[date, _written(r"\d{4}-\d\d-\d\d", "is no date; write 2023-05-31 (a bare number is how Excel keeps a date)")]
Optional = BeforeValidator(lambda v: v or None)
Text = Annotated[str, _written(r"(?s).+", "is empty")]
Code = Annotated[
    str, _written(r"[A-Z0-9][A-Z0-9.\-]{0,39}", "is no unit code: capital letters, digits, dots and hyphens, at most 40")
]
Address = Annotated[str, _written(r"[^@\s]+@[^@\s]+", "is no e-mail address", quoted=False)]
_CAMPAIGN = r"[a-z]+(-[a-z0-9]+)+"
_PERIODS = "2023-05, 2023-Q2, 2023-H1, 2023-9M, 2023, or a campaign such as tet-2023"
Period = Annotated[str, _written(rf"{CALENDAR_PERIOD}|{_CAMPAIGN}", f"is no period: {_PERIODS}")]
TargetPeriod = Annotated[str, _written(rf"{CALENDAR_PERIOD}|{_CAMPAIGN}|programme", f"is no period: {_PERIODS}, or programme")]
# «1.200» may be one thing in Vietnam and another here, so it is asked about; the last validator runs first
Number = Annotated[
    float, _written(r"\d{1,15}(\.(\d{1,2}|\d{4,9}))?", "is no plain number; write digits only, with a point before decimals (1200 or 94.98)"), BeforeValidator(_fits)
]  # fmt: skip
IndicatorId = Annotated[str, _written(r"[a-z0-9_]+", "is no id of an indicator: small letters without accents, digits and _")]
Qualifier = Annotated[
    str, _written(r"(exact|about|over|at_least|at_most)( \(.+\))?", "is none of exact, about, over, at_least, at_most, with the word printed in brackets")
]  # fmt: skip


class Row(BaseModel):
    """A line, and where it stands, for problems that only show beside other lines."""

    model_config = ConfigDict(extra="forbid", str_strip_whitespace=True)
    _at: str = PrivateAttr("")
    _line: int = PrivateAttr(0)


def sentence(error: Any) -> str:
    """What is wrong with a cell, from pydantic's first error: «level: «x» is none of province, upper»."""
    column, given = str(error["loc"][0]), error["input"]
    if given is None:
        said = "the line ends before this cell"
    elif error["type"] == "value_error":
        said = str(error["ctx"]["error"])
    elif error["type"] == "literal_error":
        said = f"«{given}» is none of {error['ctx']['expected'].replace(chr(39), '')}"
    elif error["type"].startswith("date"):
        said = f"«{given}» is no date; write 2023-05-31"
    else:
        said = error["msg"]
    return f"{column}: {said}"


class Unit(Row):
    """A unit while it stood under one name, parent, sector; a change closes the row and opens another."""

    code: Code
    name: Text
    level: Literal["confederation", "province", "upper", "grassroots"]
    parent: Annotated[Code | None, Optional]
    sector: Annotated[Literal["public", "business"] | None, Optional]
    managed: Literal["direct", "central"]
    officer_email: Annotated[Address | None, Optional]
    valid_from: Day
    valid_to: Annotated[Day | None, Optional]  # first day on which it is no longer so


class UnitEvent(Row):
    """What happened to units: founded, renamed, dissolved, downgraded, merged, split, transferred."""

    event_id: Text
    date: Day
    kind: Literal["established", "renamed", "dissolved", "downgraded", "merged", "split", "transferred", "transferred_as_is"]
    decision_no: Annotated[str | None, Optional]
    from_unit: Annotated[Code | None, Optional]
    to_unit: Annotated[Code | None, Optional]


class Alias(Row):
    """A spelling of a unit's name that a person confirmed."""

    name: Text
    unit_code: Code


class Target(Row):
    """What a unit is to reach on a metric in a period."""

    metric_id: Text
    period: TargetPeriod
    unit_code: Code
    target: Annotated[Number, AfterValidator(_more_than_nothing)]


class PeriodDates(Row):
    """A period whose dates differ from the calendar; cut-off and issue date are a federation's own decision."""

    period: Period
    label_vi: Text
    start_date: Day
    end_date: Day
    cutoff_date: Day
    issue_date: Annotated[Day | None, Optional]


class Indicator(Row):
    """What a row of the activity form may report."""

    indicator_id: IndicatorId
    label_vi: Text
    unit: Text


class Published(Row):
    """A figure that a signed report printed; `value` in the metric's unit."""

    document_no: Text
    period: Period
    metric_id: Text
    unit_code: Code
    value: Number
    qualifier: Qualifier  # the word printed, in brackets


FILES: dict[str, type[Row]] = {
    "units": Unit,
    "unit_events": UnitEvent,
    "aliases": Alias,
    "targets": Target,
    "periods": PeriodDates,
    "indicators": Indicator,
    "published": Published,
}
