-- One row per unit and month: how many workers and members it has.
-- @incremental period
-- @key period, unit_code
-- @col worker_count | people on the list
-- @col member_count | union members among them
select m.period, m.unit_code, u.parent_code, u.sector, u.managed, count(*) as worker_count,
    count(*) filter (where m.is_member) as member_count
from core.member m
join core.unit_month u on u.period = m.period and u.unit_code = m.unit_code and (u.valid_to is null or u.valid_to > month_end(m.period))
where m.period in (select period from meta.touched)
group by m.period, m.unit_code, u.parent_code, u.sector, u.managed
