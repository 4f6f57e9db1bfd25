-- One row per month and unit founded by its end, units that ended included: what each was at the end of that month, or when it ended.
-- @key period, unit_code
-- @col period | month, YYYY-MM
-- @col valid_from | the unit's first day, after a break the first day after it
-- @col valid_to | the day it ended, empty while it lasts; a change of name or parent ends nothing
-- @col established_date | day of the unit's founding, after a break of its last one, where the registry's events tell it
-- @col sender_code | the unit that sends returns for it: itself when it hangs under the province, else its parent
with stretch as (
    select *, case when lag(valid_to) over (partition by unit_code order by valid_from) = valid_from then null else valid_from end as begun_date
    from core.unit
), newest as (
    select m.period, u.unit_code, u.name, u.level, u.parent_code, u.sector, u.managed, u.line, u.valid_to,
        max(u.begun_date) over (partition by m.period, u.unit_code) as valid_from
    from meta.month m
    join stretch u on u.valid_from <= month_end(m.period)
    qualify row_number() over (partition by m.period, u.unit_code order by u.valid_from desc) = 1
)
select u.period, u.unit_code, u.name, u.level, u.parent_code, u.sector, u.managed, u.line, u.valid_from, u.valid_to, e.established_date,
    case when u.level = 'grassroots' and p.level = 'upper' then u.parent_code else u.unit_code end as sender_code
from newest u
left join newest p on p.period = u.period and p.unit_code = u.parent_code and (p.valid_to is null or p.valid_to > month_end(p.period))
left join (
    select s.unit_code, s.begun_date, min(v.event_date) as established_date
    from stretch s
    join core.unit_event v on v.kind = 'established' and v.to_unit_code = s.unit_code and v.event_date >= s.begun_date
    group by s.unit_code, s.begun_date
) e on e.unit_code = u.unit_code and e.begun_date = u.valid_from
