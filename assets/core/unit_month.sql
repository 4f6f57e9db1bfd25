-- One row per unit in force at the end of a month.
-- @key period, unit_code
-- @col period | month, YYYY-MM
-- @col established_date | day of the unit's founding, where the registry's events tell it
-- @col sender_code | the unit that sends returns for it: itself when it hangs under the province, else its parent
select m.period, u.unit_code, u.name, u.level, u.parent_code, u.sector, u.managed, u.line,
    e.established_date,
    case when u.level = 'grassroots' and p.level = 'upper' then u.parent_code else u.unit_code end as sender_code
from meta.month m
join core.unit u on u.valid_from <= month_end(m.period) and (u.valid_to is null or u.valid_to > month_end(m.period))
left join core.unit p on p.unit_code = u.parent_code
    and p.valid_from <= month_end(m.period) and (p.valid_to is null or p.valid_to > month_end(m.period))
left join (
    select to_unit_code as unit_code, min(event_date) as established_date from core.unit_event where kind = 'established' group by to_unit_code
) e on e.unit_code = u.unit_code
