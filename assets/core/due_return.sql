-- One row per unit in force at a month's end, form and month for which a return is due: whether and when it came.
-- @key period, unit_code, form
-- @col due_date | the deadline day of the next month; a form is due from its first month on (core.form_start)
-- @col received_at | first accepted receipt
-- @col is_nil | the newest return says that nothing happened
-- @col status | on_time, late, missing (the deadline passed), not_due
with due as (
    select u.period, u.unit_code, f.form, month_end(u.period) + k.deadline_day as due_date
    from core.unit_month u
    join reference.form_due f on f.level = u.level
    join core.form_start s on s.form = f.form and u.period >= s.first_month
    cross join meta.clock k
    where u.sender_code = u.unit_code and (u.valid_to is null or u.valid_to > month_end(u.period)) and u.period < month_of(k.now)
), came as (
    select unit_code, form, period, min(received_at) as received_at, max(case when is_current and is_nil then 1 else 0 end) = 1 as is_nil
    from core.accepted_return
    group by unit_code, form, period
)
select d.period, d.unit_code, d.form, d.due_date, c.received_at, coalesce(c.is_nil, false) as is_nil,
    case
        when cast(c.received_at as date) <= d.due_date then 'on_time'
        when c.received_at is not null then 'late'
        when cast(k.now as date) > d.due_date then 'missing'
        else 'not_due'
    end as status
from due d
cross join meta.clock k
left join came c on c.unit_code = d.unit_code and c.form = d.form and c.period = d.period
