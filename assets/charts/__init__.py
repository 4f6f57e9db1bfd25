"""Charts of the published pages: one small function each, from a query on the public copy to a Plotly figure.

A chart's docstring is its Vietnamese title and, after a blank line, its note; `query` is the SQL of its table.
Nothing of the machine is imported here.
"""

from collections.abc import Callable
from dataclasses import dataclass
from importlib import import_module
from pkgutil import iter_modules

import plotly.graph_objects as go
import polars as pl

BLUE, ORANGE, GREEN, GREY = "#1F5F99", "#D97B29", "#3E8E5A", "#9AA5B1"
PALETTE = [BLUE, ORANGE, GREEN, "#8E5EA2", "#C2A83E", GREY]


@dataclass(frozen=True)
class Chart:
    """A figure with its table: columns of the frame are what readers see, so they are Vietnamese."""

    id: str
    title: str
    note: str
    unit: str
    query: str
    draw: Callable[[pl.DataFrame], go.Figure]


_CHARTS: dict[str, Chart] = {}


def chart(unit: str, query: str) -> Callable:
    """Registers a function as a chart; `$period` in the query is the reporting period shown."""

    def register(draw: Callable[[pl.DataFrame], go.Figure]) -> Callable:
        title, _, note = (draw.__doc__ or "").partition("\n\n")
        name = getattr(draw, "__name__", "")
        _CHARTS[name] = Chart(name, title.strip(), " ".join(note.split()), unit, query, draw)
        return draw

    return register


def figure(*traces: go.Bar | go.Scatter, **layout: object) -> go.Figure:
    """A figure in the house style: Vietnamese separators, no tool bar clutter, legend below."""
    fig = go.Figure(list(traces))
    fig.update_layout(
        template="plotly_white",
        separators=",.",
        colorway=PALETTE,
        height=380,
        margin={"l": 8, "r": 8, "t": 8, "b": 8},
        font={"family": "Segoe UI, Roboto, Noto Sans, Arial, sans-serif", "size": 13},
        legend={"orientation": "h", "y": -0.18, "x": 0},
        xaxis={"automargin": True, "fixedrange": True},
        yaxis={"automargin": True, "fixedrange": True},
    )
    return fig.update_layout(**layout)


def charts() -> dict[str, Chart]:
    """Every chart by id; a new module in this folder needs no mention here."""
    for module in sorted(m.name for m in iter_modules(__path__)):
        import_module(f"{__name__}.{module}")
    return _CHARTS
