"""Finds the header of a form in a grid: which form, which rows, which column stands where. Rows below it are not its business.

A header may have up to three lines, with a parent's name over its sub-columns: «Trình độ» over «Văn hóa | Chuyên môn», «Ngày sinh»
over «Nam | Nữ», where the place of the date also says the sex.
"""

import itertools
import re
from collections.abc import Sequence
from dataclasses import dataclass, field
from functools import lru_cache

from pipelines.forms import Column, Form, forms
from pipelines.grids import Row
from pipelines.vietnamese import fold, squash

WITHIN = 60  # rows looked at
LINES = 3  # of a header at most
_BRACKETS = re.compile(r"\s*\([^()]*\)\s*$")
_FIGURE = re.compile(r"\d(?![^(]*\))")  # outside brackets
_SCALED = re.compile(r"\b(trieu|tr|ty|ti|nghin|ngan|1[. ]?000)")  # a header that says so means other numbers than the form's
_FREE = ("unit", "indicator", "text", "person")  # types whose column may be absent without changing a figure
_UNNAMED = {"stt", "tt", "so tt", "so thu tu"}


@dataclass
class Header:
    """`first` and `last` row of it (from 0), `places` of columns, and sub-columns: column → [(label, place)]."""

    form: Form
    first: int
    last: int
    places: dict[str, int]
    parts: dict[str, list[tuple[str, int]]] = field(default_factory=dict)

    @property
    def weight(self) -> tuple[int, int]:
        """How well it fits: columns named (a parted one by all its parts), mandatory ones among them."""
        named = self.named
        return len(named) + sum(len(p) for p in self.parts.values()), sum(
            c.mandatory for c in self.form.columns if c.name in named
        )

    @property
    def named(self) -> set[str]:
        """Columns it brings; a parted birth date brings the sex too."""
        return {*self.places, *self.parts, *(self.form.column(p).parted_by or p for p in self.parts)}


def find_header(rows: list[Row]) -> Header | None:
    """The header of a sheet: where most columns of one form are named, at least three with a mandatory one among them."""
    best: Header | None = None
    for i, row in enumerate(rows[:WITHIN]):
        if best and i > best.first + 2:
            break  # a table goes on below its header: rows of data are not asked
        if sum(c is not None for c in row) < 3:
            continue
        for form in forms().values():
            found = _in_rows(form, rows, i, i)
            if len(found.named) >= 3 and found.weight[1] and (best is None or found.weight > best.weight):
                best = found
    return _with_more_lines(rows, best) if best else None


def _with_more_lines(rows: list[Row], header: Header) -> Header:
    """The same header with the lines above and below that name more columns of it."""
    at = header.first
    spans = [
        (first, last) for first in range(max(0, at - LINES + 1), at + 1) for last in range(at, min(first + LINES, len(rows)))
    ]
    for first, last in sorted(spans, key=lambda s: s[1] - s[0]):
        if any(_FIGURE.search(c) for r in rows[at + 1 : last + 1] for c in r if c):
            continue  # a row of data, or «(1) (2) (3)»
        found = _in_rows(header.form, rows, first, last)
        if found.weight > header.weight:
            header = found
    return header


def _in_rows(form: Form, rows: list[Row], first: int, last: int) -> Header:
    places, parts = _columns(form.form, tuple(tuple(r) for r in rows[first : last + 1]))
    return Header(form, first, last, places, parts)


@lru_cache(maxsize=4_096)  # the same header stands in hundreds of returns
def _columns(
    form_name: str, lines: tuple[tuple[str | None, ...], ...]
) -> tuple[dict[str, int], dict[str, list[tuple[str, int]]]]:
    """Places of the form's columns in these header lines, and the sub-columns of those that are parted."""
    form = forms()[form_name]
    places: dict[str, int] = {}
    parts: dict[str, list[tuple[str, int]]] = {}
    weak: dict[str, int] = {}  # parents whose sub-column has a name of its own that no form knows
    for j, labels in enumerate(_labels(lines)):
        if not labels:
            continue
        name = _named(form_name, labels[-1]) or (_named(form_name, " ".join(labels)) if len(labels) > 1 else None)
        if name:
            places.setdefault(name, j)
        elif len(labels) > 1 and (parent := _named(form_name, labels[-2])):
            weak.setdefault(parent, j)
            if part := _part(form, form.column(parent), labels[-1]):
                parts.setdefault(parent, []).append((part, j))
    parts = {name: found for name, found in parts.items() if len(found) > 1}
    return {n: j for n, j in (weak | places).items() if n not in parts}, parts


def _labels(rows: Sequence[Sequence[str | None]]) -> list[list[str]]:
    """Per column the header texts from top to bottom; a parent's name spreads over the sub-columns to its right."""
    width = max(map(len, rows))
    lines = [[*r, *[None] * (width - len(r))] for r in rows]
    for above, below in reversed(list(itertools.pairwise(lines))):
        for j in range(1, width):
            if above[j] is None and below[j] is not None:
                above[j] = above[j - 1]
    return [[c for c in column if c is not None] for column in zip(*lines, strict=True)]


def _part(form: Form, parent: Column, label: str) -> str | None:
    """The accepted spelling that a sub-column stands for: «Nam» below the birth date."""
    if not parent.parted_by:
        return None
    key = fold(_BRACKETS.sub("", label))
    return next((spelt[0] for spelt in form.column(parent.parted_by).codes.values() if key in map(fold, spelt)), None)


@lru_cache(maxsize=20_000)
def _named(form: str, header: str) -> str | None:
    """The column that a header names, also with a remark in brackets: «Mức/suất (đồng)»."""
    key, names = fold(header), forms()[form].by_header
    bare = _BRACKETS.sub("", key)
    found = names.get(key) or (None if _SCALED.search(key[len(bare) :]) else names.get(bare))
    return found.name if found else None


def compare(header: Header, rows: list[Row]) -> tuple[list[str], list[str], list[str]]:
    """Mandatory columns the header lacks, other lacking ones that figures are made of, and names that no form knows."""
    named = header.named
    lacking = [c for c in header.form.columns if c.name not in named]
    missing = [c.name for c in lacking if c.mandatory or c.mandatory_when]
    absent = [c.name for c in lacking if c.name not in missing and c.type not in _FREE]
    used = {*header.places.values(), *(j for parts in header.parts.values() for _, j in parts)}
    unknown = []
    for j, labels in enumerate(_labels(rows[header.first : header.last + 1])):
        if j not in used and labels and fold(labels[-1]) not in _UNNAMED and not any(_named(f, labels[-1]) for f in forms()):
            unknown.append(squash(labels[-1]))
    return missing, absent, unknown
