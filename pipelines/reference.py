"""The files a federation keeps itself in `reference/`: read, validated by name and line, loaded; only `matching` writes one.

A file that is absent counts as empty, except units.csv; lines are modelled in `reference_rows`, compared in `reference_rules`.
"""

import csv
import difflib
import hashlib
import io
from dataclasses import dataclass, field
from functools import cached_property
from pathlib import Path

from pydantic import ValidationError

from pipelines.config import UserError
from pipelines.reference_rows import CONTROL, FILES, Alias, Row, sentence
from pipelines.reference_rules import disagreements
from pipelines.vietnamese import fold

FORGIVEN = (".", "~")  # what editors leave beside a file starts or ends so
TOGETHER = (
    "{code} - {name}",
    "{code}-{name}",
    "{code} {name}",
    "{name} - {code}",
    "{name} ({code})",
)  # code and name in one cell

FEDERATION = ("ldld ", "lien doan lao dong ")  # and that of one of a province or district
UNION = ("cdcs ", "cong doan co so ", "cong doan ", "cd ")  # how the name of a grassroots union may begin


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
        return code if code in self.parents else self.called.get(fold(text))

    @cached_property
    def spellings(self) -> dict[str, str]:
        """Folded → code: every name, alone and with the code of its unit beside it."""
        short, long = FEDERATION
        names = {
            name.replace(a, b, 1): code
            for name, code in self.names.items()
            for a, b in ((short, long), (long, short))
            if name.startswith(a)
        }
        names |= self.names
        return {t.format(code=fold(code), name=name): code for name, code in names.items() for t in TOGETHER} | names

    @cached_property
    def called(self) -> dict[str, str]:
        """Folded → code: the spellings, and a grassroots union without the word for one, or with another, where no other is called so."""
        found: dict[str, set[str]] = {}
        for name, code in self.names.items():
            if self.levels.get(code) == "grassroots" and (said := next((w for w in UNION if name.startswith(w)), None)):
                for word in ("", *UNION):
                    found.setdefault(word + name.removeprefix(said), set()).add(code)
        return {name: min(codes) for name, codes in found.items() if len(codes) == 1} | self.spellings

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
    rows: dict[str, list] = {name: [] for name in FILES}
    problems = _misnamed(folder)
    digest = hashlib.sha256()
    files: dict[str, bytes] = {}
    for name, model in FILES.items():
        path = folder / f"{name}.csv"
        if path.is_file():
            files[name] = path.read_bytes()
            digest.update(name.encode() + files[name])
            rows[name], wrong = _read(path.name, files[name], model)
            problems += wrong
            if name == "units" and not rows[name] and not wrong:
                problems.append(f"{path.name} names no unit: a home needs its unit registry.")
        elif path.exists():
            problems.append(f"{path.name} is no file.")
        elif name == "units":
            problems.append(f"{path.name} is missing: a home needs its unit registry.")
    if rows["units"]:  # where its header is wrong, everything else would disagree with it
        problems += disagreements(rows)
    units = sorted(rows["units"], key=lambda u: u.valid_from)
    names = {fold(u.name): u.code for u in units} | {fold(a.name): a.unit_code for a in rows["aliases"]}
    return Registry(
        rows, problems, digest.hexdigest(), {u.code: u.parent for u in units}, {u.code: u.level for u in units}, names, files
    )


def _read(name: str, raw: bytes, model: type[Row]) -> tuple[list[Row], list[str]]:
    """The lines of one file, and what is wrong with it; lines without any cell are no lines."""
    try:
        text = raw.decode("utf-8-sig")
        text = io.StringIO(text, newline="").readlines() if text.strip() else []  # splitlines would end a line at \x0b, \x1c, …
        reader = csv.DictReader(text, delimiter=delimiter(text[0] if text else ""))
        header = [h.strip() for h in reader.fieldnames or []]
        reader.fieldnames = header
        lines = [(reader.line_num, line) for line in reader]
    except (UnicodeDecodeError, csv.Error):
        return [], [f"{name} is not a UTF-8 csv file; in Excel, save it as «CSV UTF-8»."]
    rows: list[Row] = []
    problems = _header_problem(name, header, list(model.model_fields))
    if problems:  # `match` writes the header where aliases still want one
        return [], [] if model is Alias and not text else problems
    for i, line in lines:
        cells = [*(v for k, v in line.items() if k), *(line.get(None) or [])]  # DictReader keeps surplus cells under None
        if not any((cell or "").strip() for cell in cells):
            continue
        if any("\n" in (cell or "") for cell in cells):
            return [], [f"{name}: a quotation mark opened before line {i} is not closed."]
        if any(cell.strip() for cell in line.pop(None, None) or []):
            problems.append(f"{name} line {i}: there are more cells than columns.")
            continue
        if at := next((k for k, v in line.items() if CONTROL.search((v or "").strip(" \t\r\n"))), None):
            problems.append(f"{name} line {i}, {at}: the cell holds a control character that nobody sees; type it again.")
            continue
        try:
            row = model.model_validate(line)
            row._at, row._line = f"{name} line {i}", i
            rows.append(row)
        except ValidationError as e:
            problems.append(f"{name} line {i}, {sentence(e.errors()[0])}.")
    return rows, problems


def _header_problem(name: str, header: list[str], wanted: list[str]) -> list[str]:
    if sorted(header) == sorted(wanted):
        return []
    if header and header[0].lower().startswith("sep="):
        return [
            f"{name} line 1: «sep=» only tells Excel how cells are separated; delete this line, so that the header is the first."
        ]
    if not header:
        return [f"{name} is empty; its first line names the columns: {', '.join(wanted)}."]
    missing, unknown = [c for c in wanted if c not in header], [c or "(empty)" for c in header if c not in wanted]
    said = [f"{what} {', '.join(columns)}" for what, columns in (("lacks", missing), ("has unknown", unknown)) if columns]
    return [f"{name} line 1: the header {' and '.join(said) or 'names a column twice'}; the columns are {', '.join(wanted)}."]


def _misnamed(folder: Path) -> list[str]:
    """Files that look like one of ours under another name: they would be passed over in silence."""
    found = []
    for path in sorted(folder.iterdir()) if folder.is_dir() else []:
        if (path.stem in FILES and path.suffix == ".csv") or path.name.startswith(FORGIVEN) or path.name.endswith(FORGIVEN):
            continue
        near = difflib.get_close_matches(path.stem.lower(), FILES, 1, 0.75)
        if near:
            found.append(f"{path.name} is not read; the file of that kind is called {near[0]}.csv.")
    return found


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
