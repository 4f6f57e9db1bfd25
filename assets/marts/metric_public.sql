-- One row per metric, period and unit as it may be published: small cells of personal metrics are empty.
-- @key metric_id, period, unit_code, structure
-- @col status | complete, incomplete (the data does not reach the cut-off), suppressed (fewer than five people)
-- Personal metrics stop at upper-level unions. A cell hides below five people, or when the rest of its whole is below
-- five; where one cell of a partition hides, the smallest of the others hides with it, else subtraction shows it.
with cell as (
    select v.metric_id, v.period, v.cutoff, v.unit_code, v.structure, v.value, v.numerator, v.denominator, v.target, v.status, m.is_personal,
        coalesce(m.partition_name, m.metric_id) as together,
        m.is_personal and (
            (m.is_ratio_of_people and (v.numerator < 5 or v.denominator - v.numerator < 5) and v.denominator > 0)
            or (not m.is_ratio_of_people and v.denominator < 5)
        ) as is_small
    from marts.metric_value v
    join reference.metric m on m.metric_id = v.metric_id
    left join core.unit_month u on u.period = month_of(v.cutoff) and u.unit_code = v.unit_code
    left join core.unit_month last on last.unit_code = v.unit_code and last.period = (select max(period) from core.unit_month)
    where not m.is_personal or coalesce(u.level, last.level) <> 'grassroots'
), grouped as (
    select *, sum(case when is_small then 1 else 0 end) over (partition by together, period, unit_code, structure) as small_count,
        row_number() over (partition by together, period, unit_code, structure, is_small order by numerator, metric_id) as place
    from cell
)
select metric_id, period, cutoff, unit_code, structure,
    case when not is_hidden then value end as value,
    case when not is_hidden then numerator end as numerator,
    case when not is_hidden or not is_personal then denominator end as denominator,
    target,
    case when is_hidden then 'suppressed' else status end as status
from (
    select *, coalesce(is_small, false) or (is_personal and small_count = 1 and not coalesce(is_small, false) and place = 1 and together <> metric_id) as is_hidden
    from grouped
) g
