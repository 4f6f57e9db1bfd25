"""The published pages, made from the public copy alone: what people look at. Which tables are public is said elsewhere.

What a page shows is in its own module: page_index, page_quality; what they share in page_parts.
"""

import os
from pathlib import Path

from pipelines import page_index, page_quality
from pipelines.config import Home
from pipelines.models import ASSETS
from pipelines.warehouse import read_only

PAGES = {
    "chat_luong.html": page_quality.context,
    "index.html": page_index.context,
}  # the first page last: it says that all are there


def publish_pages(home: Home) -> int:
    """Writes the pages of public/ and their script from the public copy; returns the pages' size in bytes."""
    from jinja2 import Environment, FileSystemLoader
    from plotly.offline import get_plotlyjs

    templates = Environment(loader=FileSystemLoader(ASSETS / "templates"), autoescape=True, trim_blocks=True, lstrip_blocks=True)
    con = read_only(home.published)
    try:
        made = {page: templates.get_template(f"{page}.j2").render(context(con), file=page) for page, context in PAGES.items()}
    finally:
        con.close()
    script = home.public / "plotly.min.js"
    if not script.is_file() or script.stat().st_size != len(get_plotlyjs().encode()):
        _write(script, get_plotlyjs())
    for page, text in made.items():
        _write(home.public / page, text)
    return sum(len(text.encode()) for text in made.values())


def _write(path: Path, text: str) -> None:
    partial = path.with_name(f".{path.name}.partial")
    with partial.open("w", encoding="utf-8") as f:
        f.write(text)
        f.flush()
        os.fsync(f.fileno())
    os.chmod(partial, 0o644)
    os.replace(partial, path)
