"""How results look on a terminal: tables, the progress line, the words of refresh and status; nothing is computed here."""

import os
import sys
from pathlib import Path
from typing import Any

from pipelines.vietnamese import spans


def say(text: str) -> None:
    """One line on stderr; stdout is for answers."""
    print(plain(text), file=sys.stderr)


def plain(text: str) -> str:
    """Without the control characters that would steer a terminal; a name may hold any."""
    return "".join(c if c.isprintable() or c == "\n" else "\ufffd" for c in text)


def progress() -> Any:
    """A context that shows the current step on a terminal, and plain nothing elsewhere."""
    from contextlib import contextmanager

    from rich.console import Console
    from rich.text import Text

    # a terminal of our own: Dagster sends file descriptor 2 elsewhere while a step runs
    console = Console(file=os.fdopen(os.dup(sys.stderr.fileno()), "w"))

    @contextmanager
    def shown():
        if not console.is_terminal:
            yield lambda step: None
            return
        with console.status("starting") as bar:
            yield lambda step: bar.update(Text(step))

    return shown()


def table(names: list[str], rows: list) -> None:
    """Rows under their names, on stdout; text stands as it is."""
    from rich import box
    from rich.console import Console
    from rich.table import Table
    from rich.text import Text

    # Text, since a name may hold [brackets], which are markup in a str
    table = Table(box=box.SIMPLE_HEAD)
    for name in names:
        table.add_column(Text(plain(name)))
    for row in rows:
        table.add_row(
            *(
                "" if v is None else f"{v:,.2f}".rstrip("0").rstrip(".") if isinstance(v, float) else Text(plain(str(v)))
                for v in row
            )
        )
    Console(width=None if sys.stdout.isatty() else 200).print(table)


def print_refresh(result: dict[str, Any]) -> None:
    """What a refresh came to."""
    from collections import Counter

    by_status = Counter(f["status"] for f in result["files"])
    say(f"{len(result['files'])} files: " + (", ".join(f"{n} {s}" for s, n in by_status.items()) or "none new") + ".")
    for name in result["repeated"]:
        newer = name in result["repeated_replaced"]
        say(
            f"{name}: the same bytes came before; kept once{', and the newer file that replaced them still counts' if newer else ''}."
        )
    say(
        f"Findings: {result['findings_opened']} opened, {result['findings_fixed']} fixed, {sum(result['findings_open'].values())} open."
    )
    if result["unmatched_names"]:
        say(f"{result['unmatched_names']} unit names that nobody has confirmed: see `congdoan match`.")
    shown = [[f["file"], x["severity"], x["message"]] for f in result["files"] for x in f["findings"]]
    if shown:
        table(["file", "severity", "finding"], shown)


CHANGES_SHOWN = 20  # newest first


def print_board(result: dict[str, Any]) -> None:
    """When returns came, late and missing ones by name; what returns that came again changed."""
    c = result["counts"]
    due = c["on_time"] + c["late"] + c["missing"]
    say(
        f"Last refresh {result['last_refresh']}."
        + (" A deadline passed since: run `congdoan refresh`." if result["refresh_overdue"] else "")
    )
    if due:
        say(
            f"{due} returns due: "
            + ", ".join(f"{c[s]} {s} ({100 * c[s] / due:.1f} %)" for s in ("on_time", "late", "missing"))
            + "."
        )
    late = [r for r in result["returns"] if r["status"] in ("late", "missing")]
    table(
        ["period", "unit", "name", "form", "due", "received", "status"],
        [[r["period"], r["unit_code"], r["unit_name"], r["form"], r["due_date"], r["received_at"], r["status"]] for r in late],
    )
    print_changes(result["changes"])
    for e in result["mail_refused"]:
        say(f"The mail server refuses {e['to']}, officer of {e['unit_code']}: {e['why']}.")


def print_changes(changes: list[dict[str, Any]]) -> None:
    """How returns differ from those they replaced, in rows."""
    if not changes:
        return
    differ = [c for c in changes if c["rows_added"] or c["rows_removed"] or c["rows_changed"]]
    shown = differ[:CHANGES_SHOWN]
    more = f"; the newest {len(shown)} stand below, --json gives all" if len(differ) > len(shown) else ""
    say(f"{len(changes)} returns replaced an earlier one, {len(changes) - len(differ)} of them with the same rows{more}.")
    if not shown:
        return
    counts = ("added", "removed", "changed", "unchanged")
    table(
        ["received", "period", "unit", "form", "file", "replaces", *counts],
        [
            [
                c["received_at"],
                c["period"],
                c["unit_code"],
                c["form"],
                c["file"],
                c["replaces"],
                *(c[f"rows_{n}"] for n in counts),
            ]
            for c in shown
        ],
    )


def print_figures(found: list[dict[str, Any]]) -> None:
    """Figures of a period; `~` marks one that is not whole, and what has no value says why."""

    def shown(value: float | None, status: str | None = "complete") -> str | None:
        if value is None:
            return None if status == "complete" else status
        return f"{'' if status == 'complete' else '~'}{value:,}"

    compared = (("value", "status"), ("previous", "previous_status"), ("last_year", "last_year_status"))
    cells = [[shown(f[value], f[status]) for value, status in compared] for f in found]
    table(
        ["section", "metric", "value", "unit", "target", "% of target", "previous", "last year", "published", "checks", "label"],
        [
            [
                f["section"],
                f["id"],
                value,
                f["unit"],
                shown(f["target"]),
                shown(f["target_pct"]),
                previous,
                last_year,
                shown(f["published"]),
                " ".join(
                    f"{n}{mark}"
                    for s, mark in (("critical", "!"), ("warning", "?"))
                    if (n := sum(c["severity"] == s for c in f["checks"]))
                ),
                f["label_vi"],
            ]
            for f, (value, previous, last_year) in zip(found, cells, strict=True)
        ],
    )
    if any(str(c).startswith("~") for row in cells for c in row):
        say("~ is not whole: returns are missing, or the data covers only part of that period.")
    if any(f["checks"] for f in found):
        say("! critical and ? warning rules have open findings under that figure; --json names them.")


def print_names(found: list[dict[str, Any]], home: Path | None) -> None:
    """Names nobody has confirmed beside the units they may mean, then what to type; `home` is the one the command was given."""
    import shlex

    if not found:
        say("No unit name waits to be confirmed.")
        return
    rows = []
    for f in found:
        files = f["files"][0] + (f" and {len(f['files']) - 1} more" if len(f["files"]) > 1 else "")
        meant = [[c["code"], c["name"], c["score"]] for c in f["candidates"]] or [["", "nothing near", None]]
        where = [f["name"], f["sender_code"], f["rows"], files]
        rows += [[*where, *meant[0]], *([None] * len(where) + c for c in meant[1:])]
    table(["name", "sender", "rows", "files", "code", "may mean", "score"], rows)
    at = ["--home", str(home)] if home else []
    say("Near is not enough: confirm the one that is meant, then run `congdoan refresh`.")
    for f in found:
        code = f["candidates"][0]["code"] if f["candidates"] else "CODE"
        options = [*at, "--"] if f["name"].startswith("-") else at
        print(plain(shlex.join(["congdoan", "match", *options, f["name"], code])))


def print_confirmed(result: dict[str, Any]) -> None:
    """What a person confirmed, and what comes next."""
    if result["is_new"]:
        say(f"«{result['name']}» means {result['code']} from now on. Run `congdoan refresh` to take what waits for it.")
    else:
        say(f"«{result['name']}» means {result['code']} already; nothing was written.")


# officers run `check`: what it says is in their language, heads included
_STATUS = {
    "accepted": "nhận được",
    "accepted_with_findings": "nhận được, có chỗ cần xem",
    "waiting": "chưa nhận được",
    "rejected": "không phải mẫu báo cáo",
    "quarantined": "không mở được",
    "superseded": "đã có tệp mới hơn",
}


ALIKE_SHOWN = 10  # faults of one rule in one column of a sheet; further ones are named by their rows


def print_check(result: dict[str, Any]) -> None:
    """What a refresh would say of files: their sheets and what became of the rows, then what to mend."""
    from pipelines.forms import forms
    from pipelines.rules import SEVERITIES

    for f in result["files"]:
        print(plain(f"{f['file']}: {_STATUS[f['status']]}"))
        keys = ("sheet", "unit_code", "period", "rows_loaded", "rows_rejected")
        if f["forms"]:
            sheets = [[forms()[s["form"]].label, *(s[k] for k in keys)] for s in f["forms"]]
            table(["mẫu", "trang", "đơn vị", "kỳ", "dòng nhận", "dòng chưa nhận"], sheets)
        if f["findings"]:
            table(["mức", "nội dung"], _to_mend(f["findings"]))
    found = [x["severity"] for f in result["files"] for x in f["findings"]]
    counts = [f"{found.count(severity)} chỗ {vi}" for severity, vi in SEVERITIES.items() if severity in found]
    say(f"{', '.join(counts) or 'Không có gì phải sửa'}.")


def _to_mend(found: list[dict[str, Any]]) -> list[list[str]]:
    """A line for each finding; of many alike the first ones, then one line that names the rows of the rest."""
    from pipelines.rules import SEVERITIES

    alike: dict[tuple, list[dict[str, Any]]] = {}
    lines = []
    for x in found:
        same = alike.setdefault((x["check_id"], x["sheet"], x["column"]), [])
        same.append(x)
        if len(same) <= ALIKE_SHOWN + 1:
            lines.append(x)
    said = [[SEVERITIES[x["severity"]], x["message"]] for x in lines]
    for same in alike.values():
        if len(rest := same[ALIKE_SHOWN:]) > 1:
            said[next(i for i, x in enumerate(lines) if x is rest[0])][1] = _rest(rest)
    return said


def _rest(rest: list[dict[str, Any]]) -> str:
    sheet, rows = rest[0]["sheet"], spans([x["row"] for x in rest if x["row"] is not None])
    place = ", ".join([f"Trang «{sheet}»"] * bool(sheet) + [f"dòng {rows}"] * bool(rows))
    return f"{place or 'Trong tệp'}: còn {len(rest)} chỗ giống {ALIKE_SHOWN} chỗ trên, xin sửa như vậy."


def print_alerts(found: list[dict[str, Any]], sent: bool) -> None:
    """Messages that are due, or what became of them."""
    if not found:
        say("Nobody has to be told anything.")
        return
    table(
        ["month", "to", "address", "about", "subject", "state"],
        [[f["period"], f["to_unit"], f["to"], f["kind"], f["subject"], f["held"] or f["state"]] for f in found],
    )
    left = sum(f["state"] == "sent" for f in found)
    say(
        f"{left} of {len(found)} messages sent."
        if sent
        else f"{len(found)} messages are due; `congdoan alerts --send` sends them."
    )
