"""Charts of the published pages: one small function each, from a query on the public copy to a Plotly figure.

A chart's docstring is its Vietnamese title and, after a blank line, its note; `query` is the SQL of its table.
Nothing of the machine is imported here.
"""

from collections.abc import Callable
from dataclasses import dataclass
from importlib import import_module

import plotly.graph_objects as go
import plotly.io as pio
import polars as pl

# a module each, in the order of the page: of the first page, and of the one on quality
TOPICS = {"members": "Đoàn viên", "initiatives": "Sáng kiến", "aid": "Chăm lo"}
QUALITY = {"quality": "Lỗi theo thời gian và đơn vị"}
BLUE, ORANGE, GREEN, GREY = "#1F5F99", "#C8641B", "#2F7D4F", "#9AA5B1"
PALETTE = [BLUE, ORANGE, GREEN, "#8E5EA2", "#A88A1C", GREY]
WHOLE = {"tickformat": ",d", "rangemode": "tozero"}  # an axis of whole numbers: 1.000, never 1k


@dataclass(frozen=True)
class Chart:
    """A figure with its table: columns of the frame are what readers see, so they are Vietnamese."""

    id: str
    topic: str
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
        topic = draw.__module__.rpartition(".")[2]
        _CHARTS[name] = Chart(name, topic, title.strip(), " ".join(note.split()), unit, query, draw)
        return draw

    return register


def figure(*traces: go.Bar | go.Scatter, **layout: object) -> go.Figure:
    """A figure in the house style: Vietnamese separators, legend above, as wide as its place; `layout` adds to it."""
    fig = go.Figure(list(traces))
    fig.update_layout(
        template=pio.templates["none"],
        separators=",.",
        colorway=PALETTE,
        autosize=True,
        height=340,
        bargap=0.25,
        paper_bgcolor="rgba(0,0,0,0)",
        plot_bgcolor="rgba(0,0,0,0)",
        margin={"l": 8, "r": 20, "t": 8, "b": 8},
        font={"family": "Segoe UI, Roboto, Noto Sans, Arial, sans-serif", "size": 13, "color": "#1F2933"},
        hoverlabel={"font": {"size": 13}},
        legend={"orientation": "h", "y": 1.02, "yanchor": "bottom", "x": 0, "traceorder": "normal"},
        xaxis={"automargin": True, "fixedrange": True, "gridcolor": "#E4E7EB", "zeroline": False, "linecolor": "#9AA5B1"},
        yaxis={"automargin": True, "fixedrange": True, "gridcolor": "#E4E7EB", "zeroline": False, "ticksuffix": " "},
    )
    return fig.update_layout(**layout)


def charts(topics: dict[str, str] = TOPICS | QUALITY) -> dict[str, Chart]:
    """The charts of these topics by id, topic by topic; a new chart is a new function, a new topic a module named above."""
    for module in topics:
        import_module(f"{__name__}.{module}")
    return {name: found for topic in topics for name, found in _CHARTS.items() if found.topic == topic}
