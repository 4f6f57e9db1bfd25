"""Charts of what the rules found; a finding that another one explains is not counted apart."""

import plotly.graph_objects as go
import polars as pl

from assets.charts import GREEN, GREY, ORANGE, WHOLE, chart, figure

UNITS_DRAWN = 20
_FAULT = """fault as (
        select coalesce(u.name, f.unit_code, 'Chưa rõ đơn vị gửi') as unit, f.state, f.first_seen_at,
            case when f.state = 'fixed' then f.resolved_at end as fixed_at
        from quality.finding f
        left join (select unit_code, arg_max(name, valid_from) as name from core.unit group by unit_code) u on u.unit_code = f.unit_code
        where f.caused_by is null
    )"""


@chart(
    "lỗi",
    f"""
    with {_FAULT}, happened as (
        select unit, first_seen_at as moment, 1 as opened, 0 as fixed from fault
        union all select unit, fixed_at, 0, 1 from fault where fixed_at is not null
    ), named as (
        select *, case when (select count(distinct cast(moment as date)) from happened) <= 12 then strftime(moment, '%d/%m/%Y')
            else strftime(moment, '%m/%Y') end as time
        from happened
    )
    select time as "Thời gian", unit as "Đơn vị gửi", cast(sum(opened) as bigint) as "Mới phát hiện", cast(sum(fixed) as bigint) as "Đã sửa xong"
    from named group by all order by min(moment), 3 desc, 4 desc, unit""",
)
def findings_over_time(rows: pl.DataFrame) -> go.Figure:
    """Lỗi mới phát hiện và lỗi đã sửa xong

    Cộng mọi đơn vị gửi theo ngày kiểm tra, hoặc theo tháng khi đã có hơn 12 ngày; bảng số liệu ghi từng đơn vị.
    """
    sums = rows.group_by("Thời gian", maintain_order=True).agg(pl.col("Mới phát hiện", "Đã sửa xong").sum())
    return figure(
        *(
            go.Bar(
                x=sums["Thời gian"].to_list(),
                y=sums[name].to_list(),
                name=name,
                marker_color=color,
                texttemplate=["%{y:,}" if n else "" for n in sums[name]],
                textposition="outside",
                cliponaxis=False,
                hovertemplate="%{x}: %{y:,} lỗi " + name.lower() + "<extra></extra>",
            )
            for name, color in (("Mới phát hiện", ORANGE), ("Đã sửa xong", GREEN))
        ),
        barmode="group",
        yaxis=WHOLE,
        xaxis={"type": "category"},
    )


@chart(
    "lỗi",
    f"""
    with {_FAULT}
    select unit as "Đơn vị gửi", count(*) filter (where state = 'open') as "Chưa sửa", count(*) filter (where state = 'fixed') as "Đã sửa",
        count(*) filter (where state = 'accepted_as_is') as "Chấp nhận"
    from fault group by unit order by count(*) desc, 2 desc, unit""",
)
def findings_by_unit(rows: pl.DataFrame) -> go.Figure:
    """Lỗi của từng đơn vị gửi tới nay

    Biểu đồ vẽ nhiều nhất 20 đơn vị có nhiều lỗi nhất; bảng số liệu có đủ các đơn vị.
    """
    most = rows.head(UNITS_DRAWN)
    tallest = most.select(pl.sum_horizontal("Chưa sửa", "Đã sửa", "Chấp nhận").max()).item()
    return figure(
        *(
            go.Bar(
                y=most["Đơn vị gửi"].to_list(),
                x=most[name].to_list(),
                orientation="h",
                name=name,
                marker_color=color,
                texttemplate=["%{x:,}" if n else "" for n in most[name]],
                textposition="inside",
                insidetextanchor="end",
                insidetextfont={"color": "white", "size": 11},
                textangle=0,
                constraintext="none",
                hovertemplate="%{y}: %{x:,} lỗi " + name.lower() + "<extra></extra>",
            )
            for name, color in (("Chưa sửa", ORANGE), ("Đã sửa", GREEN), ("Chấp nhận", GREY))
            if most[name].sum()
        ),
        barmode="stack",
        showlegend=True,
        height=100 + 24 * most.height,
        xaxis=WHOLE | ({"dtick": 1} if tallest < 6 else {"nticks": 5}),
        yaxis={"autorange": "reversed"},
    )
