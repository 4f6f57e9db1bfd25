"""Finds the header of a form in a grid: which form, which rows, which column stands where. Rows below are only asked for one more.

A header may have up to three lines, with a parent's name over its sub-columns: «Trình độ» over «Văn hóa | Chuyên môn»; of those that
are one column together `parts` knows what they mean.
"""

import itertools
import re
from collections.abc import Callable, Sequence
from dataclasses import dataclass, replace
from functools import cache, cached_property, lru_cache
from operator import itemgetter

from pipelines.forms import Form, forms
from pipelines.grids import Row, letters
from pipelines.parts import answers, is_name_in_two, part
from pipelines.scales import are_measures, scale_of
from pipelines.vietnamese import fold, squash

WITHIN = 60  # rows looked at
LINES = 3  # of a header at most
_BRACKETS = re.compile(r"\s*\([^()]*\)\s*$")
_FIGURE = re.compile(r"\d(?![^(]*\))")  # outside brackets; cells are looked at together, with a bracket between them
_FREE = ("unit", "indicator", "text", "person")  # types whose column may be absent without changing a figure
_UNNAMED = {"stt", "tt", "so tt", "so thu tu"}

Line = tuple[str | None, ...]


@dataclass(frozen=True, eq=False)
class Columns:
    """What header lines name of a form: `places` of columns, and sub-columns: column → [(label, place)].

    `vague` are names over several sub-columns that no form knows, which of them is meant nobody can tell: name → how many.
    `twice` are further columns of a name, which are not read: place → the name.
    """

    form: Form
    lines: tuple[Line, ...]
    places: dict[str, int]
    parts: dict[str, list[tuple[str, int]]]
    vague: dict[str, int]
    twice: dict[int, str]

    @cached_property
    def weight(self) -> tuple[int, int]:
        """How well it fits: columns named (a parted one by all its parts), mandatory ones among them."""
        parts = sum(len(p) for p in self.parts.values()) + sum(self.vague.values())
        return len(self.named) + parts, sum(c.mandatory for c in self.form.columns if c.name in self.named) + len(self.assumed)

    @cached_property
    def named(self) -> set[str]:
        """Columns they bring; a birth date parted by «Nam | Nữ» brings the sex too."""
        return {*self.places, *self.parts, *(answers(self.form.column(p), said[0][0]) for p, said in self.parts.items())}

    @cached_property
    def assumed(self) -> dict[int, str]:
        """Columns they lack and need not have, by their place in the form → what each row says there."""
        lacking = [(n, c) for n, c in enumerate(self.form.columns) if c.assumed and c.name not in self.named]
        return {n: said for n, c in lacking for by, said in c.assumed.items() if by in self.named}

    @cached_property
    def _taken(self) -> set[str]:
        return {self.form.columns[n].name for n in self.assumed}

    @cached_property
    def joined(self) -> dict[str, list[tuple[str, int]]]:
        """The parts, and names of persons that go on in a nameless column, as those below a merged «Họ và tên» do."""
        labels = _labels(self.lines)
        persons = [(c.name, j) for c in self.form.columns if c.type == "person" and (j := self.places.get(c.name)) is not None]
        return self.parts | {n: [("họ", j), ("", j + 1)] for n, j in persons if j + 1 < len(labels) and not labels[j + 1]}

    @cached_property
    def pick(self) -> Callable[[Row], Line]:
        """Brings the cells of a row into the order of the form's columns; None for those that the header or the row lacks."""
        beyond = max(self.places.values(), default=-1) + 1
        pick, blank = itemgetter(*(self.places.get(c.name, beyond) for c in self.form.columns)), [None] * (beyond + 1)
        return lambda raw: pick(raw[:beyond] + blank)

    @cached_property
    def missing(self) -> list[str]:
        """Mandatory columns they lack; an indicator is known by its name too."""
        return [
            c.name
            for c in self.form.columns
            if (c.mandatory or c.mandatory_when)
            and c.name not in self.named
            and not (c.type == "indicator" and c.named_by in self.named)
            and c.name not in self._taken
        ]

    @cached_property
    def absent(self) -> list[str]:
        """Other lacking columns that figures are made of, but what the columns that are there imply."""
        lacking = [c for c in self.form.columns if c.name not in {*self.named, *self.missing, *self._taken}]
        return [c.name for c in lacking if c.type not in _FREE and not (c.implied and self.form.implying(c) <= self.named)]

    @cached_property
    def unknown(self) -> list[str]:
        """Names that no form knows; the letter of a column whose name may be a cell of somebody's row."""
        used = {*self.places.values(), *(j for parts in self.parts.values() for _, j in parts)}
        sure = _labels([line for n, line in enumerate(self.lines) if n == 0 or _is_sure(line)])
        found = []
        for j, labels in enumerate(_labels(self.lines)):
            if j not in used and labels and not ({fold(labels[0]), fold(labels[-1])} & _UNNAMED or _is_known(labels[-1])):
                name = sure[j][-1] if j < len(sure) and sure[j] else None
                found.append(squash(name) if name and not _is_known(name) else letters(j))
        return list(dict.fromkeys(found))


@dataclass(frozen=True)
class Header:
    """`first` and `last` row of it (from 0), what stands there, and what it says that columns of money are in."""

    first: int
    last: int
    columns: Columns
    scales: dict[str, str]


def find_header(rows: list[Row]) -> Header | None:
    """The header of a sheet: where most columns of one form are named, at least three with a mandatory one among them."""
    best: Header | None = None
    for i, row in enumerate(rows[:WITHIN]):
        if best and i > best.first + 2:
            break  # a table goes on below its header: rows of data are not asked
        if len(row) - row.count(None) < (best.columns.weight[0] if best else 3):
            continue  # no better, whatever its cells name
        found = _in_line(tuple(row))
        if found and (best is None or found.weight > best.columns.weight):
            best = Header(i, i, found, {})
    return _with_more_lines(rows, best) if best else None


def nearly_header(rows: list[Row]) -> tuple[int, Form, list[str]] | None:
    """Of a sheet without a header, the row that names three columns of a form or more, and the mandatory ones it lacks."""
    best = None
    for i, row in enumerate(rows[:WITHIN]):
        for form in forms().values():
            named = {name for c in row if c and (name := _named(form.form, c)) and name != "note"}
            if len(named) >= 3 and (best is None or len(named) > best[0]):
                best = len(named), i, form, [c.label for c in form.columns if c.mandatory and c.name not in named]
    return best[1:] if best else None


def header_again(rows: list[Row], i: int) -> Header | None:
    """The header of one more table that begins in this row, which has a cell; asked of every row, so most are told by their first cell."""
    first = rows[i][0] or next(c for c in rows[i] if c)
    if first[-1].isdigit() or fold(first) not in _begin() or _FIGURE.search("(".join(filter(None, rows[i]))):
        return None
    found = find_header(rows[i : i + 2 * LINES])
    return replace(found, first=i, last=i + found.last) if found and not found.first else None


@cache
def _begin() -> frozenset[str]:
    """How a header may begin."""
    return frozenset(_UNNAMED).union(*(form.by_header for form in forms().values()))


@lru_cache(maxsize=4_096)  # the same header stands in hundreds of returns
def _in_line(line: Line) -> Columns | None:
    """What a line names of the form it fits best."""
    if sum(c is not None and _is_known(c) for c in line) < 3:
        return None
    found = [_columns(form, (line,)) for form in forms()]
    return max((c for c in found if len(c.named) >= 3 and c.weight[1]), key=lambda c: c.weight, default=None)


def _with_more_lines(rows: list[Row], header: Header) -> Header:
    """The same header with the lines above and below that name more columns of it."""
    at, top = header.first, max(0, header.first - LINES + 1)
    below = range(at + 1, min(at + LINES, len(rows)))
    form = header.columns.form.form
    data = (n for n in below if _FIGURE.search("(".join(filter(None, rows[n]))) or _answers(form, rows[top:n], rows[n]))
    end = next(data, below.stop)
    first, last, columns = _in_lines(header.columns, tuple(tuple(r) for r in rows[top:end]), at - top)
    last += top
    measures = tuple(tuple(row) for row in rows[last + 1 : last + 2] if are_measures(row))  # «(triệu đồng)» below the names
    return Header(top + first, last + len(measures), columns, _scales(columns, measures))


@lru_cache(maxsize=4_096)
def _scales(columns: Columns, measures: tuple[Line, ...]) -> dict[str, str]:
    """Column of money → what its names and the line below them say that it is in."""
    labels = _labels((*columns.lines, *measures))
    said = {n: [s for label in labels[j] if (s := scale_of(label)) is not None] for n, j in columns.places.items()}
    return {n: s[-1] for n, s in said.items() if s and columns.form.column(n).type == "money"}


def _at(row: Row, column: int) -> str | None:
    return row[column] if column < len(row) else None


def _answers(form: str, above: list[Row], row: Row) -> bool:
    """Whether a row answers the columns named above it more than it names any: then it is data, and no line of the header."""
    names = answers = 0
    for j, cell in enumerate(row):
        if cell is None or not (bare := _BRACKETS.sub("", fold(cell))):
            continue
        label = next((said for line in reversed(above) if (said := _at(line, j))), None)
        parted = _at(row, j + 1) and not _at(above[-1], j + 1)  # a name over this cell and the next
        if label and not parted and _named(form, label) and not _named(form, bare):
            answers += 1
        else:
            names += _named(form, bare) is not None
    return answers > 0 and answers >= names


@lru_cache(maxsize=4_096)
def _in_lines(columns: Columns, lines: tuple[Line, ...], at: int) -> tuple[int, int, Columns]:
    """Of the spans of lines with the line `at`, the shortest that names most columns."""
    best = at, at, columns
    spans = [(first, last) for first in range(at + 1) for last in range(at, min(first + LINES, len(lines)))]
    for first, last in sorted(spans, key=lambda s: s[1] - s[0]):
        found = _columns(columns.form.form, lines[first : last + 1])
        if found.weight > best[2].weight:
            best = first, last, found
    return best


@lru_cache(maxsize=4_096)
def _columns(form_name: str, lines: tuple[Line, ...]) -> Columns:
    """What these header lines name of a form."""
    form = forms()[form_name]
    places: dict[str, int] = {}
    parts: dict[str, list[tuple[str, int]]] = {}
    twice: dict[int, str] = {}
    below: dict[str, list[int]] = {}  # parents, and their sub-columns with names of their own that no form knows
    all_labels = _labels(lines)
    person = next((c.name for c in form.columns if c.type == "person"), None)
    for j, labels in enumerate(all_labels):
        if not labels:
            continue
        if person and j + 1 < len(all_labels) and all_labels[j + 1] and is_name_in_two(labels[-1], all_labels[j + 1][-1]):
            parts[person] = [("họ", j), ("tên", j + 1)]
        name = _named(form_name, labels[-1]) or (_named(form_name, " ".join(labels)) if len(labels) > 1 else None)
        if name and places.setdefault(name, j) != j and form.column(name).type not in ("unit", "text"):
            twice[j] = name
        elif name:
            continue
        elif len(labels) > 1 and (parent := _named(form_name, labels[-2])):
            below.setdefault(parent, []).append(j)
            if said := part(form, form.column(parent), labels[-1]):
                parts.setdefault(parent, []).append((said, j))
    parts = {name: found for name, found in parts.items() if len(found) > 1}
    weak = {n: found[0] for n, found in below.items() if len(found) == 1 or not _heads(form_name, n, lines)}
    vague = {n: len(found) for n, found in below.items() if n not in (parts | places | weak)}
    return Columns(form, lines, {n: j for n, j in (weak | places).items() if n not in parts}, parts, vague, twice)


def _heads(form: str, name: str, lines: tuple[Line, ...]) -> bool:
    """Whether the name stands in a line with others; «Đơn vị» alone in its line is of a title."""
    named = [{_named(form, c) for c in line if c} - {None} for line in lines]
    return any(name in names and len(names) > 1 for names in named)


def _labels(rows: Sequence[Sequence[str | None]]) -> list[list[str]]:
    """Per column the header texts from top to bottom; a parent's name spreads over the sub-columns to its right."""
    width = max(map(len, rows))
    lines = [[*r, *[None] * (width - len(r))] for r in rows]
    for above, below in reversed(list(itertools.pairwise(lines))):
        for j in range(1, width):
            if above[j] is None and below[j] is not None:
                above[j] = above[j - 1]
    return [[c for c in column if c is not None] for column in zip(*lines, strict=True)]


def _is_sure(line: Line) -> bool:
    """Whether a line is of a header beyond doubt: it names more columns than it says other things."""
    said = [c for c in line if c is not None]
    return len(said) < 2 * sum(map(_is_known, said))


@lru_cache(maxsize=20_000)
def _named(form: str, header: str) -> str | None:
    """The column that a header names, also with a remark in brackets: «Mức/suất (đồng)»."""
    key, names = fold(header), forms()[form].by_header
    bare = _BRACKETS.sub("", key)
    found = names.get(key) or names.get(bare)
    return found.name if found and (found.type == "money" or not scale_of(key[len(bare) :])) else None


@lru_cache(maxsize=20_000)
def _is_known(header: str) -> bool:
    """Whether a form has a column of that name."""
    return any(_named(form, header) for form in forms())
