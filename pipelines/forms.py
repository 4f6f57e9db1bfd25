"""The form specs of assets/raw/*.yml, read and checked; what is derived from a spec lives with its user, not here."""

import re
from functools import cache, cached_property
from importlib.resources import files
from typing import Literal

from pydantic import BaseModel, ConfigDict, Field, model_validator

from pipelines.declarations import declared
from pipelines.vietnamese import fold

FORM_OF = {"core.member": "members", "core.initiative": "initiatives", "core.aid": "aid", "core.activity": "activity"}
META_SHEET = "_congdoan"  # hidden in workbooks of ours: marker, then sheet, form, version, unit, period of every form sheet
META_MARK = "congdoan-form"

Kind = Literal["unit", "indicator", "text", "person", "digits", "date", "yes_no", "code", "number", "count", "money"]


class Column(BaseModel):
    """One column of a form: how officers call it, what it may hold, who may see it."""

    model_config = ConfigDict(extra="forbid", frozen=True)
    name: str = Field(pattern=r"^[a-z][a-z0-9_]*$")
    label: str
    type: Kind
    privacy: Literal["open", "personal", "sensitive"]
    mandatory: bool = False
    mandatory_when: str | None = None  # SQL over the typed columns of the same row
    rare: bool = False  # most returns have nothing to write there, so a sheet without the column lacks little
    synonyms: tuple[str, ...] = ()
    codes: dict[str, tuple[str, ...]] = {}  # code → accepted spellings, the drop-down's first
    implied: str | None = (
        None  # SQL over other columns of the row for what they leave to be said here, so that the column may be absent
    )
    assumed: dict[str, str] = {}  # another column → what a sheet that has it and not this one says here in every row
    length: int | None = None
    parted_by: str | None = None  # code column whose labels may stand as sub-columns: «Ngày sinh» over «Nam | Nữ»
    total: bool = False  # officers sum it in the «Tổng cộng» row
    named_by: str | None = None  # column that says what the unit or indicator is called; it decides where no code does
    width: int = 12
    hint: str = ""
    example: str | int = ""

    @model_validator(mode="after")
    def _consistent(self) -> "Column":
        if (self.type == "code") != bool(self.codes):
            raise ValueError(f"{self.name}: a code column has codes, others have none")
        if (self.type == "digits") != (self.length is not None):
            raise ValueError(f"{self.name}: a digits column states its length, others do not")
        return self


class Form(BaseModel):
    """One form; `holds` says whether a return carries the state at the cut-off or the month's flow."""

    model_config = ConfigDict(extra="forbid", frozen=True)
    form: str
    grain: str
    version: int
    label: str
    title: str
    holds: Literal["state", "flow"]
    due_from: tuple[Literal["province", "upper", "grassroots"], ...]
    natural_key: tuple[str, ...]  # SQL over typed columns: what names a row across versions, never its number
    blank_rows: int
    columns: tuple[Column, ...]

    @cached_property
    def by_header(self) -> dict[str, Column]:
        """Folded header or synonym → column."""
        return {fold(n): c for c in self.columns for n in (c.label, *c.synonyms)}

    @property
    def totals(self) -> tuple[Column, ...]:
        return tuple(c for c in self.columns if c.total)

    def implying(self, c: Column) -> set[str]:
        """The columns that an implied one follows from."""
        return {other.name for other in self.columns if c.implied and re.search(rf"\b{other.name}\b", c.implied)}

    def column(self, name: str) -> Column:
        return next(c for c in self.columns if c.name == name)

    @model_validator(mode="after")
    def _unambiguous(self) -> "Form":
        seen: dict[str, str] = {}
        for c in self.columns:
            for n in (c.label, *c.synonyms):
                if seen.setdefault(fold(n), c.name) != c.name:
                    raise ValueError(f"{self.form}: header «{n}» means both {seen[fold(n)]} and {c.name}")
        if lost := {c.named_by for c in self.columns} - {c.name for c in self.columns} - {None}:
            raise ValueError(f"{self.form}: named_by names no column: {', '.join(map(str, lost))}")
        return self


@cache
def forms() -> dict[str, Form]:
    """Every form by name, in the order officers meet them."""
    specs = {}
    for name in ("members", "initiatives", "aid", "activity"):
        text = files("assets").joinpath("raw", f"{name}.yml").read_text("utf-8")
        specs[name] = Form(grain=text.splitlines()[0].removeprefix("#").strip(), **declared(text))
    return specs
