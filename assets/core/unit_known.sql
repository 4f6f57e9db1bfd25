-- One row per month and unit founded by its end, units that ended included: what each was at the end of that month, or when it ended.
-- @key period, unit_code
-- @col period | month, YYYY-MM
-- @col valid_from | the unit's first day, after a break the first day after it
-- @col valid_to | the day it ended, empty while it lasts; a change of name or parent ends nothing
-- @col established_date | day of the unit's founding, where the registry's events tell it
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
    select to_unit_code as unit_code, min(event_date) as established_date from core.unit_event where kind = 'established' group by to_unit_code
) e on e.unit_code = u.unit_code
