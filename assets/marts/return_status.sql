-- One row per unit, form and month for which a return is due: when it came and what is still wrong with it.
-- @key period, unit_code, form
-- @col unit_name | official Vietnamese name
-- @col due_date | the deadline
-- @col received_at | first accepted receipt
-- @col status | on_time, late, missing (the deadline passed), not_due
-- @col open_finding_count | critical and warning findings open on the newest return
with faulty as (
    select unit_code, form, period, count(*) as open_finding_count
    from quality.finding
    where state = 'open' and severity <> 'info'
    group by unit_code, form, period
)
select d.period, d.unit_code, u.name as unit_name, d.form, d.due_date, d.received_at, d.is_nil, d.status,
    coalesce(f.open_finding_count, 0) as open_finding_count
from core.due_return d
join core.unit_month u on u.period = d.period and u.unit_code = d.unit_code
left join faulty f on f.unit_code = d.unit_code and f.form = d.form and f.period = d.period
