"""What was read goes into the lake: one immutable Parquet file per form and month of a run, every row as text with its address."""

import hashlib
import json
import os

import polars as pl

from pipelines.config import Home
from pipelines.forms import Form, forms
from pipelines.intake import Reading, Submission
from pipelines.sheets import SheetRead


def write_lake(home: Home, readings: list[Reading]) -> None:
    """One immutable Parquet file per form and month for these readings; fills `lake_part` of each submission.

    The name is made of what is inside, so a repeat after a crash writes the same file again; a file that no
    submission names is never read.
    """
    parts: dict[tuple[str, str], list[tuple[Submission, SheetRead]]] = {}
    for reading in readings:
        for s in reading.submissions:
            if s.submission_id in reading.rows and s.form and s.period:
                parts.setdefault((s.form, s.period), []).append((s, reading.rows[s.submission_id]))
    for (form, period), members in parts.items():
        inside = hashlib.sha256("".join(sorted(s.submission_id for s, _ in members)).encode()).hexdigest()[:16]
        folder = home.lake / form / f"period={period}"
        folder.mkdir(parents=True, exist_ok=True, mode=0o700)
        partial, target = folder / f".{inside}.partial", folder / f"{inside}.parquet"
        _frame(forms()[form], members).write_parquet(partial, compression="zstd")
        os.chmod(partial, 0o600)
        with partial.open("rb") as f:
            os.fsync(f.fileno())
        os.replace(partial, target)
        for s, _ in members:
            s.lake_part = str(target.relative_to(home.root))


def _frame(form: Form, members: list[tuple[Submission, SheetRead]]) -> pl.DataFrame:
    """Address, kind and text of every row: submission_id, row, row_kind, line, as_received, then the form's columns as text."""
    names = ("submission_id", "row", "row_kind", "line", "as_received", *(c.name for c in form.columns))
    columns: list[list] = [[] for _ in names]
    for s, sheet in members:
        rows, kinds, lines, cells = zip(*sheet.rows, strict=True)
        received = [_received(sheet, row) for row in rows] if sheet.as_received else [None] * len(rows)
        # by sheet: to turn the rows of all of them at once takes twice as long
        parts = ([s.submission_id] * len(rows), rows, kinds, lines, received, *zip(*cells, strict=True))
        for column, values in zip(columns, parts, strict=True):
            column += values
    return pl.DataFrame([pl.Series(n, c, pl.Int32 if n == "row" else pl.String) for n, c in zip(names, columns, strict=True)])


def _received(sheet: SheetRead, row: int) -> str | None:
    """The cells of a row that were repaired, as they came: JSON of Excel column → text."""
    return json.dumps(sheet.as_received[row], ensure_ascii=False) if row in sheet.as_received else None
