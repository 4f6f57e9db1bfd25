-- One row per unit in force at a month's end, form and month for which a return is due: whether and when it came.
-- @key period, unit_code, form
-- @col due_date | the deadline day of the next month; a form is due from its first month on (core.form_start)
-- @col received_at | first accepted receipt
-- @col is_nil | the newest return says that nothing happened
-- @col status | on_time, late, missing (the deadline passed), not_due
-- @col misdated_submission_id | the sender's return of the same month of an earlier year that most likely was meant for this one
-- Such a return is before the form's first month, or replaced what was there before this month began; it came when this month had begun
-- and its own return was not in. It stays so until the stated month is sent again, or as nil.
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
), misdated as (
    select r.submission_id, r.unit_code, r.form, min(d.period) as period
    from core.accepted_return r
    join core.form_start s on s.form = r.form
    join due d on d.unit_code = r.unit_code and d.form = r.form and substr(d.period, 6) = substr(r.period, 6) and d.period > r.period
        and cast(d.period || '-01' as timestamp) <= r.received_at
    left join came c on c.unit_code = d.unit_code and c.form = d.form and c.period = d.period
    left join core.accepted_return o on o.unit_code = r.unit_code and o.form = r.form and o.period = r.period
        and o.version_no = r.version_no - 1 and o.received_at < cast(d.period || '-01' as timestamp)
    where r.is_current and not r.is_nil and (c.received_at is null or c.received_at > r.received_at)
        and (r.period < s.first_month or o.submission_id is not null)
    group by r.submission_id, r.unit_code, r.form
), meant as (
    select unit_code, form, period, max(submission_id) as submission_id from misdated group by unit_code, form, period
)
select d.period, d.unit_code, d.form, d.due_date, c.received_at, coalesce(c.is_nil, false) as is_nil,
    case
        when cast(c.received_at as date) <= d.due_date then 'on_time'
        when c.received_at is not null then 'late'
        when cast(k.now as date) > d.due_date then 'missing'
        else 'not_due'
    end as status,
    m.submission_id as misdated_submission_id
from due d
cross join meta.clock k
left join came c on c.unit_code = d.unit_code and c.form = d.form and c.period = d.period
left join meant m on m.unit_code = d.unit_code and m.form = d.form and m.period = d.period
