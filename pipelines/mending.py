"""Makes the cells of a file Unicode again, by their fonts where those tell, and keeps what they were; how, is in `legacy_text`."""

import zipfile
from collections import Counter
from itertools import chain
from pathlib import Path

from pipelines.grids import Grid
from pipelines.legacy_text import repair, suspect

LEGACY_FONTS = (".vn", "vni")  # how their names begin

# what openpyxl raises over damaged parts that python-calamine does without; then nothing is known of fonts
_STUMBLES = (ValueError, KeyError, TypeError, AttributeError, IndexError, OSError, SyntaxError, zipfile.BadZipFile)


def mend(path: Path, grids: list[Grid]) -> None:
    """Repairs suspect cells in place; fills `originals` of each grid, {(row, column): text as received}, and `mended`, cells by kind.

    Fonts are read only for a workbook in which some cell is suspect: that takes ten times as long as its values.
    """
    found = {g.name: _suspects(g) for g in grids}
    if not any(found.values()):
        return
    fonts = _fonts(path, {name for name, cells in found.items() if cells})
    for grid in grids:
        of_sheet = fonts.get(grid.name, {})
        cells = sorted({*found[grid.name], *of_sheet})
        first = {at: repair(grid.rows[at[0]][at[1]] or "", of_sheet.get(at)) for at in cells}
        kinds = Counter(kind for _, kind in first.values() if kind in ("tcvn3", "vni"))
        hint = kinds.most_common(1)[0][0] if kinds else None  # a short cell says little, the sheet around it more
        for (i, j), (text, kind) in first.items():
            was = grid.rows[i][j] or ""
            if kind is None and hint:
                text, kind = repair(was, None, hint)
            if kind:
                grid.originals[i, j] = was
                grid.rows[i][j] = text
                grid.mended[kind] += 1


def _suspects(grid: Grid) -> list[tuple[int, int]]:
    """Row and column of each suspect cell; that there is none, the different cells tell together."""
    if not suspect("\n".join(filter(None, set(chain.from_iterable(grid.rows))))):
        return []
    return [(i, j) for i, row in enumerate(grid.rows) for j, c in enumerate(row) if c and not c.isascii() and suspect(c)]


def _fonts(path: Path, sheets: set[str]) -> dict[str, dict[tuple[int, int], str]]:
    """Sheet → the text cells that stand in a legacy font, and which; empty for formats that openpyxl does not read."""
    if path.suffix.lower() not in (".xlsx", ".xlsm"):
        return {}
    import openpyxl

    try:
        book = openpyxl.load_workbook(path, read_only=True)
        return {
            name: {
                (c.row - 1, c.column - 1): c.font.name
                for row in book[name].iter_rows()
                for c in row
                if isinstance(c.value, str) and c.font and str(c.font.name).lower().startswith(LEGACY_FONTS)
            }
            for name in sheets & set(book.sheetnames)
        }
    except _STUMBLES:
        return {}
