-- One row per metric, period and unit as it may be published: small cells of personal metrics are empty.
-- @key metric_id, period, unit_code, structure
-- @col status | complete, incomplete (a return that counts is not in, or the data covers the period in part), suppressed (fewer than five people)
-- Personal metrics stop at upper-level unions. A cell below five people, or of which all but five are alike, hides with its whole
-- partition, and so does one whose partition leaves one to four people in none of its parts. What a published unit leaves over once its published unions are taken off (hidden unions and the grassroots units right
-- below it, in one sum) must be nothing, or five people and five others of two senders or more; till it is, its unions hide, smallest
-- first, each with all below it. Figures of two months are not compared: who came, left or moved in between may show there.
with personal as (
    select v.metric_id, v.period, v.structure, v.unit_code, v.numerator, v.denominator, m.is_ratio_of_people,
        coalesce(m.partition_name, m.metric_id) as together
    from marts.metric_value v
    join reference.metric m on m.metric_id = v.metric_id and m.is_personal
), part as (
    select *, 0 as least_part from personal
    union all
    -- who is in no part of a partition; nobody at all tells nothing
    select together || ' rest', period, structure, unit_code, max(denominator) - sum(numerator), max(denominator), is_ratio_of_people,
        together, 1 as least_part
    from personal
    where is_ratio_of_people and together <> metric_id
    group by together, period, structure, unit_code, is_ratio_of_people
), cell as (
    select v.metric_id, v.period, v.structure, v.unit_code, v.numerator, v.denominator, v.is_ratio_of_people, v.least_part,
        d.last_month as month, v.together, coalesce(u.level, last.level) as level, coalesce(u.parent_code, last.parent_code) as parent_code,
        case when v.is_ratio_of_people and v.denominator > 0 and (v.numerator < 5 or v.denominator - v.numerator < 5)
                and v.numerator >= v.least_part then 1
            when not v.is_ratio_of_people and v.denominator < 5 then 1 else 0 end as is_small
    from part v
    left join core.period d on d.period = v.period
    left join core.unit_month u on u.period = d.last_month and u.unit_code = v.unit_code
    left join core.unit_month last on last.unit_code = v.unit_code and last.period = (select max(period) from core.unit_month)
), direct as (
    select metric_id, period, structure, parent_code, count(*) as unit_count, sum(denominator) as size
    from cell
    where level = 'grassroots' and denominator > 0
    group by metric_id, period, structure, parent_code
), union_cell as (
    select * from cell where level <> 'grassroots'
), ranked as (
    select together, period, structure, unit_code, parent_code, max(is_small) as is_small,
        row_number() over (
            partition by together, period, structure, parent_code order by max(is_small) desc, max(denominator), unit_code
        ) as place
    from union_cell
    where level = 'upper'
    group by together, period, structure, unit_code, parent_code
), left_over as (
    select r.together, c.period, c.structure, c.parent_code, r.place, c.unit_code, c.month, c.is_ratio_of_people, c.least_part, r.is_small,
        p.denominator - sum(c.denominator) over onwards as size, p.numerator - sum(c.numerator) over onwards as part,
        coalesce(sum(case when c.denominator > 0 then 1 else 0 end) over before, 0) + coalesce(d.unit_count, 0)
            + case when p.denominator > sum(c.denominator) over siblings + coalesce(d.size, 0) then 1 else 0 end as sender_count
    from union_cell c
    join ranked r on r.together = c.together and r.period = c.period and r.structure = c.structure and r.unit_code = c.unit_code
    join union_cell p on p.metric_id = c.metric_id and p.period = c.period and p.structure = c.structure and p.unit_code = c.parent_code
    left join direct d on d.metric_id = c.metric_id and d.period = c.period and d.structure = c.structure and d.parent_code = c.parent_code
    window siblings as (partition by c.metric_id, c.period, c.structure, c.parent_code),
        onwards as (
            partition by c.metric_id, c.period, c.structure, c.parent_code order by r.place rows between current row and unbounded following
        ),
        before as (
            partition by c.metric_id, c.period, c.structure, c.parent_code order by r.place rows between unbounded preceding and 1 preceding
        )
), step as (
    -- a union in its turn: whether something is left over that must not come out, with the unions before it hidden
    select together, period, structure, parent_code, place, unit_code, month, max(case when is_small = 1 or (size > 0 and (
            sender_count = 1 or size < 5 or (is_ratio_of_people and (part < 5 or size - part < 5) and part >= least_part))
        ) then 1 else 0 end) as is_needed
    from left_over
    group by together, period, structure, parent_code, place, unit_code, month
), turn as (
    select together, period, structure, unit_code, month, min(is_needed) over (
            partition by together, period, structure, parent_code order by place rows between unbounded preceding and current row
        ) as is_hidden
    from step
), hidden as (
    select t.together, t.period, t.structure, b.unit_code
    from turn t
    join core.unit_scope b on b.period = t.month and b.scope_code = t.unit_code
    where t.is_hidden = 1
    union
    select together, period, structure, unit_code from union_cell where is_small = 1
)
select v.metric_id, v.period, v.cutoff, v.unit_code, v.structure,
    case when h.unit_code is null then v.value end as value,
    case when h.unit_code is null then v.numerator end as numerator,
    case when h.unit_code is null then v.denominator end as denominator,
    v.target,
    case when h.unit_code is not null then 'suppressed' else v.status end as status
from marts.metric_value v
join reference.metric m on m.metric_id = v.metric_id
left join cell c on c.metric_id = v.metric_id and c.period = v.period and c.structure = v.structure and c.unit_code = v.unit_code
left join hidden h on h.together = c.together and h.period = c.period and h.structure = c.structure and h.unit_code = c.unit_code
where not m.is_personal or c.level <> 'grassroots'
