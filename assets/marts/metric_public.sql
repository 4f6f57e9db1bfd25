-- One row per metric, period and unit as it may be published: small cells of personal metrics are empty.
-- @key metric_id, period, unit_code, structure
-- @col status | complete, incomplete (a return that counts is not in, or the data covers the period in part), suppressed (fewer than five people)
-- Personal metrics stop at upper-level unions. Where a cell, or the rest of its whole, is below five people, its whole partition hides
-- for that unit. What hides must not come out of the unit above minus its other upper-level unions: where one thing alone would, the
-- smallest of the others hides with it. Such a thing is also the rest of a unit, its grassroots units without a union between, where
-- that is small or a single unit.
with cell as (
    select v.metric_id, v.period, v.cutoff, v.unit_code, v.structure, v.value, v.numerator, v.denominator, v.target, v.status, m.is_personal,
        coalesce(m.partition_name, m.metric_id) as together, coalesce(u.level, last.level) as level,
        coalesce(u.parent_code, last.parent_code) as parent_code, m.is_ratio_of_people, d.last_month as month,
        case when m.is_ratio_of_people and v.denominator > 0 and (v.numerator < 5 or v.denominator - v.numerator < 5) then 1
            when not m.is_ratio_of_people and v.denominator < 5 then 1 else 0 end as is_small
    from marts.metric_value v
    join reference.metric m on m.metric_id = v.metric_id
    left join core.period d on d.period = v.period
    left join core.unit_month u on u.period = d.last_month and u.unit_code = v.unit_code
    left join core.unit_month last on last.unit_code = v.unit_code and last.period = (select max(period) from core.unit_month)
    where not m.is_personal or coalesce(u.level, last.level) <> 'grassroots'
), remainder as (
    select p.together, p.period, p.structure, p.unit_code as parent_code, p.is_ratio_of_people, p.month,
        p.denominator - sum(c.denominator) as size, p.numerator - sum(c.numerator) as part
    from cell p
    join cell c on c.metric_id = p.metric_id and c.period = p.period and c.structure = p.structure and c.parent_code = p.unit_code
    where p.is_personal
    group by p.metric_id, p.together, p.period, p.structure, p.unit_code, p.is_ratio_of_people, p.month, p.denominator, p.numerator
), lone as (
    select period, parent_code from core.unit_month where level = 'grassroots' group by period, parent_code having count(*) = 1
), rest as (
    select r.together, r.period, r.structure, r.parent_code, max(case
            when r.size <= 0 then 0
            when r.size < 5 or l.parent_code is not null or (r.is_ratio_of_people and (r.part < 5 or r.size - r.part < 5)) then 1
            else 0
        end) as is_small
    from remainder r
    left join lone l on l.period = r.month and l.parent_code = r.parent_code
    group by r.together, r.period, r.structure, r.parent_code
), whole as (
    select together, period, structure, level, unit_code, max(parent_code) as parent_code, max(is_small) as is_small, max(denominator) as size
    from cell
    where is_personal
    group by together, period, structure, level, unit_code
), ranked as (
    select w.together, w.period, w.structure, w.level, w.unit_code, w.is_small,
        sum(w.is_small) over siblings + coalesce(r.is_small, 0) as small_count,
        row_number() over (partition by w.together, w.period, w.structure, w.level, w.parent_code, w.is_small order by w.size, w.unit_code) as place
    from whole w
    left join rest r on r.together = w.together and r.period = w.period and r.structure = w.structure and r.parent_code = w.parent_code
    window siblings as (partition by w.together, w.period, w.structure, w.level, w.parent_code)
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
