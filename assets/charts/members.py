"""Charts of workers and members."""

import plotly.graph_objects as go
import polars as pl

from assets.charts import BLUE, GREY, WHOLE, chart, figure


@chart(
    "người",
    """
    select u.name as "Công đoàn", cast(v.value as bigint) as "Đoàn viên", cast(w.value - v.value as bigint) as "Chưa là đoàn viên"
    from marts.metric_value v
    join marts.metric_value w on w.metric_id = 'workers_total' and w.period = v.period and w.unit_code = v.unit_code
    join core.unit u on u.unit_code = v.unit_code and u.valid_to is null
    where v.metric_id = 'members_total' and v.period = $period and u.level = 'upper'
    order by v.value, u.name""",
)
def members_by_union(rows: pl.DataFrame) -> go.Figure:
    """Đoàn viên theo công đoàn cấp trên trực tiếp cơ sở

    Chưa kể các công đoàn cơ sở trực thuộc tỉnh và đơn vị Trung ương đóng trên địa bàn.
    """
    name = rows["Công đoàn"].to_list()
    return figure(
        go.Bar(
            y=name,
            x=rows["Đoàn viên"].to_list(),
            orientation="h",
            name="Đoàn viên",
            marker_color=BLUE,
            texttemplate="%{x:,}",
            textposition="inside",
            insidetextanchor="end",
            insidetextfont={"color": "white", "size": 11},
            constraintext="none",
            hovertemplate="%{y}: %{x:,} đoàn viên<extra></extra>",
        ),
        go.Bar(
            y=name,
            x=rows["Chưa là đoàn viên"].to_list(),
            orientation="h",
            name="Chưa là đoàn viên",
            marker_color=GREY,
            hovertemplate="%{y}: %{x:,} người chưa là đoàn viên<extra></extra>",
        ),
        barmode="stack",
        height=400,
        xaxis=WHOLE | {"nticks": 5},
    )


@chart(
    "người",
    """
    select substr(v.period, 6, 2) || '/' || substr(v.period, 1, 4) as "Tháng", cast(w.value as bigint) as "CNVCLĐ", cast(v.value as bigint) as "Đoàn viên"
    from marts.metric_value v
    join marts.metric_value w on w.metric_id = 'workers_total' and w.period = v.period and w.unit_code = v.unit_code
    join core.unit u on u.unit_code = v.unit_code and u.valid_to is null and u.level = 'province'
    where v.metric_id = 'members_total' and length(v.period) = 7 and substr(v.period, 6, 1) in ('0', '1')
    order by v.period""",
)
def members_over_time(rows: pl.DataFrame) -> go.Figure:
    """CNVCLĐ và đoàn viên toàn tỉnh qua các tháng

    Số có mặt tại ngày chốt của mỗi tháng. Trục đứng không bắt đầu từ 0.
    """
    month = rows["Tháng"].to_list()
    return figure(
        *(
            go.Scatter(
                x=month,
                y=rows[name].to_list(),
                name=name,
                mode="lines+markers+text",
                texttemplate="%{y:,}",
                textposition="top center",
                cliponaxis=False,
                line={"color": color, "width": 3},
                hovertemplate="%{x}: %{y:,} " + name + "<extra></extra>",
            )
            for name, color in (("CNVCLĐ", GREY), ("Đoàn viên", BLUE))
        ),
        yaxis=WHOLE | {"rangemode": "normal"},
        xaxis={"type": "category"},
    )
