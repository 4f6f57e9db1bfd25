"""Sub-columns of one column: what the name of each says, and how their cells make one. Where they stand is found by `headers`.

«Ngày sinh» over «Nam | Nữ»: the place of the date says the sex. «Chuyên môn» over «Đại học | Cao đẳng», «Là đoàn viên» over
«Có | Không»: the place of the mark is the answer. «Ngày | Tháng | Năm» are one date, «Họ đệm | Tên» one name.
"""

import re

from pipelines.forms import Column, Form
from pipelines.vietnamese import fold, squash

_BRACKETS = re.compile(r"\s*\([^()]*\)\s*$")
_OF_DATE = ("ngày", "tháng", "năm")  # with their accents: «Nam» is a sex
_FIRST_NAMES = {"ho", "ho dem", "ho va dem", "ho va ten dem", "ho va chu dem", "ho lot", "ho va chu lot", "ho ten dem"}
_YES_NO = {"co": "Có", "da": "Có", "roi": "Có", "khong": "Không", "chua": "Không"}
_NO_MARK = {"0", "-", "khong", "k", "ko"}


def part(form: Form, parent: Column, label: str) -> str | None:
    """What a sub-column of that name stands for below its parent, None where nobody can tell."""
    key = fold(_BRACKETS.sub("", label))
    if parent.type == "date" and (of_date := squash(label).lower()) in _OF_DATE:
        return of_date
    if parent.type == "yes_no":
        return _YES_NO.get(key)
    by = form.column(answers(parent, "")) if parent.codes or parent.parted_by else None
    return next((spelt[0] for spelt in by.codes.values() if key in map(fold, spelt)), None) if by else None


def is_name_in_two(label: str, next_label: str) -> bool:
    """Whether these are the two columns of a name."""
    return fold(next_label) == "ten" and fold(_BRACKETS.sub("", label)) in _FIRST_NAMES


def answers(column: Column, label: str) -> str:
    """The column that a mark under such a sub-column answers: the sex for «Nữ» below the birth date, else the column itself."""
    return column.name if label in _OF_DATE else column.parted_by or column.name


def _is_given_name(cell: str) -> bool:
    """Whether a nameless cell beside a name is the rest of it, and no remark."""
    words = cell.split()
    return len(words) <= 2 and all(w.isalpha() and w[0].isupper() for w in words)


def join(
    form: Form, parts: dict[str, list[tuple[str, int]]], raw: list[str | None], picked: tuple[str | None, ...]
) -> tuple[str | None, ...]:
    """The cells of a row in the form's order, those of sub-columns put together."""
    at, cells = {c.name: n for n, c in enumerate(form.columns)}, list(picked)
    for name, places in parts.items():
        column = form.column(name)
        filled = [(label, cell) for label, j in places if j < len(raw) and (cell := raw[j])]
        if column.type == "person":
            cells[at[name]] = " ".join(cell for label, cell in filled if label or _is_given_name(cell)) or None
        elif places[0][0] in _OF_DATE:
            cells[at[name]] = "/".join(cell for _, cell in sorted(filled, key=lambda f: _OF_DATE.index(f[0]))) or None
        else:
            by = answers(column, places[0][0])
            if by == name:
                filled = [(label, cell) for label, cell in filled if fold(cell) not in _NO_MARK]
            else:
                cells[at[name]] = " ".join(cell for _, cell in filled) or None
            # two of them are no answer, which a rule then says
            cells[at[by]] = cells[at[by]] or " ".join(label for label, _ in filled) or None
    return tuple(cells)
