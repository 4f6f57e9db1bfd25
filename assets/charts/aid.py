"""Charts of support."""

import plotly.graph_objects as go
import polars as pl

from assets.charts import BLUE, WHOLE, chart, figure

OCCASION = {"tet": "Tết", "workers_month": "Tháng Công nhân", "sudden": "Đột xuất", "other": "Khác"}
GIVER = {
    "province": "LĐLĐ tỉnh",
    "upper": "Cấp trên cơ sở",
    "grassroots": "Cơ sở",
    "central": "Trung ương",
    "donor": "Nhà tài trợ",
}
_LABELS = ", ".join(f"('{code}', '{label}')" for code, label in (OCCASION | GIVER).items())


@chart(
    "suất quà",
    f"""
    with label as (select * from (values {_LABELS}) as v (code, label))
    select o.label as "Đợt", g.label as "Cấp hỗ trợ", cast(sum(a.gift_count) as bigint) as "Số suất", cast(sum(a.amount_vnd) as bigint) as "Số tiền (đồng)"
    from marts.aid_month a
    join core.period p on p.period = $period and a.period between p.first_month and p.last_month
    join label o on o.code = a.occasion
    join label g on g.code = a.given_by
    where a.kind = 'gift'
    group by all order by sum(a.gift_count) desc""",
)
def gifts_by_occasion(rows: pl.DataFrame) -> go.Figure:
    """Suất quà theo đợt và cấp hỗ trợ

    Nhà lưu trú và phòng học không phải là suất quà nên không có ở đây.
    """
    occasions = rows.group_by("Đợt", maintain_order=True).agg(pl.col("Số suất").sum()).sort("Số suất")["Đợt"].to_list()
    givers = rows.group_by("Cấp hỗ trợ", maintain_order=True).agg(pl.col("Số suất").sum()).sort("Số suất", descending=True)
    traces = []
    for giver in givers["Cấp hỗ trợ"]:
        part = rows.filter(pl.col("Cấp hỗ trợ") == giver)
        traces.append(
            go.Bar(
                x=part["Đợt"].to_list(),
                y=part["Số suất"].to_list(),
                name=giver,
                texttemplate="%{y:,}",
                textposition="outside",
                cliponaxis=False,
                hovertemplate="%{x}, " + giver + ": %{y:,} suất<extra></extra>",
            )
        )
    return figure(*traces, barmode="group", yaxis=WHOLE, xaxis={"categoryorder": "array", "categoryarray": occasions[::-1]})


@chart(
    "triệu đồng",
    """
    select u.name as "Công đoàn", cast(g.value as bigint) as "Số suất", cast(v.value as bigint) as "Số tiền (đồng)"
    from marts.metric_value v
    join marts.metric_value g on g.metric_id = 'aid_gifts_total' and g.period = v.period and g.unit_code = v.unit_code
    join core.unit u on u.unit_code = v.unit_code and u.valid_to is null
    where v.metric_id = 'aid_amount_total' and v.period = $period and u.level = 'upper'
    order by v.value, u.name""",
)
def gift_money_by_union(rows: pl.DataFrame) -> go.Figure:
    """Tiền quà tới đoàn viên của từng công đoàn cấp trên

    Gồm quà của mọi cấp trao cho người của công đoàn đó.
    """
    money = rows["Số tiền (đồng)"].to_list()
    return figure(
        go.Bar(
            y=rows["Công đoàn"].to_list(),
            x=[m / 1e6 for m in money],
            orientation="h",
            customdata=rows["Số suất"].to_list(),
            hovertemplate="%{y}: %{x:,.1f} triệu đồng, %{customdata:,} suất<extra></extra>",
            texttemplate="%{x:,.0f}",
            textposition="inside",
            insidetextanchor="end",
            insidetextfont={"color": "white", "size": 11},
            constraintext="none",
            marker_color=BLUE,
        ),
        height=400,
        xaxis=WHOLE | {"nticks": 5},
    )
