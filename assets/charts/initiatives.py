"""Charts of initiatives."""

import plotly.graph_objects as go
import polars as pl

from assets.charts import BLUE, ORANGE, WHOLE, chart, figure


@chart(
    "sáng kiến",
    """
    select substr(period, 6, 2) || '/' || substr(period, 1, 4) as "Tháng", cast(sum(portal_count) as bigint) as "Đã cập nhật Cổng (lũy kế)",
        cast(sum(recognised_count) as bigint) as "Được công nhận trong tháng"
    from marts.initiative_month group by period order by period""",
)
def initiatives_over_time(rows: pl.DataFrame) -> go.Figure:
    """Sáng kiến cập nhật Cổng và được công nhận

    Đường là tổng số đã lên Cổng tới cuối tháng, cột là số được công nhận trong tháng. Hai số đo khác nhau, không cộng với nhau.
    """
    month = rows["Tháng"].to_list()
    return figure(
        go.Scatter(
            x=month,
            y=rows["Đã cập nhật Cổng (lũy kế)"].to_list(),
            name="Đã cập nhật Cổng (lũy kế)",
            mode="lines+markers+text",
            texttemplate="%{y:,}",
            textposition="top center",
            cliponaxis=False,
            line={"color": BLUE, "width": 3},
            hovertemplate="%{x}: %{y:,} sáng kiến trên Cổng<extra></extra>",
        ),
        go.Bar(
            x=month,
            y=rows["Được công nhận trong tháng"].to_list(),
            name="Được công nhận trong tháng",
            marker_color=ORANGE,
            texttemplate="%{y:,}",
            textposition="outside",
            hovertemplate="%{x}: %{y:,} được công nhận<extra></extra>",
        ),
        yaxis=WHOLE,
        xaxis={"type": "category"},
    )
