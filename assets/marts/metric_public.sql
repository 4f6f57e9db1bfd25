-- One row per metric, period and unit as it may be published: small cells of personal metrics are empty.
-- @key metric_id, period, unit_code, structure
-- @col status | complete, incomplete (a return that counts is not in, or the data covers the period in part), suppressed (fewer than five people)
-- Personal metrics stop at upper-level unions. Where a cell, or the rest of its whole, is below five people, its whole partition hides
-- for that unit; where only one upper-level union hides, the smallest of the others hides with it, else the province minus the others
-- shows it.
with cell as (
    select v.metric_id, v.period, v.cutoff, v.unit_code, v.structure, v.value, v.numerator, v.denominator, v.target, v.status, m.is_personal,
        coalesce(m.partition_name, m.metric_id) as together, coalesce(u.level, last.level) as level,
        case when m.is_ratio_of_people and v.denominator > 0 and (v.numerator < 5 or v.denominator - v.numerator < 5) then 1
            when not m.is_ratio_of_people and v.denominator < 5 then 1 else 0 end as is_small
    from marts.metric_value v
    join reference.metric m on m.metric_id = v.metric_id
    left join core.unit_month u on u.period = month_of(v.cutoff) and u.unit_code = v.unit_code
    left join core.unit_month last on last.unit_code = v.unit_code and last.period = (select max(period) from core.unit_month)
    where not m.is_personal or coalesce(u.level, last.level) <> 'grassroots'
), whole as (
    select together, period, structure, level, unit_code, max(is_small) as is_small, max(denominator) as size
    from cell
    where is_personal
    group by together, period, structure, level, unit_code
), ranked as (
    select *, sum(is_small) over (partition by together, period, structure, level) as small_count,
        row_number() over (partition by together, period, structure, level, is_small order by size, unit_code) as place
    from whole
), hidden as (
    select together, period, structure, unit_code
    from ranked
    where is_small = 1 or (level = 'upper' and small_count = 1 and place = 1)
)
select c.metric_id, c.period, c.cutoff, c.unit_code, c.structure,
    case when h.unit_code is null then c.value end as value,
    case when h.unit_code is null then c.numerator end as numerator,
    case when h.unit_code is null then c.denominator end as denominator,
    c.target,
    case when h.unit_code is not null then 'suppressed' else c.status end as status
from cell c
left join hidden h on c.is_personal and h.together = c.together and h.period = c.period and h.structure = c.structure and h.unit_code = c.unit_code
