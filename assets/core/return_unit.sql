-- One row per accepted return sheet and unit its rows name.
-- @incremental period
-- @key submission_id, unit_code
-- @col is_current | whether the return counts
-- @col unit_code | unit the rows are of
-- @col is_counted | whether the unit's rows count: a state's while it is in force at the month's cut-off, a flow's on a day of it, a cumulative list's ever after
-- @col row_count | rows with every mandatory cell
-- @col first_row | the first of them, in Excel
with named as (
    select period, 'members' as form, submission_id, sender_code, is_current, unit_code, row from typed.members where not is_rejected
    union all
    select period, 'initiatives' as form, submission_id, sender_code, is_current, unit_code, row from typed.initiatives where not is_rejected
    union all
    select period, 'aid' as form, submission_id, sender_code, is_current, unit_code, row from typed.aid where not is_rejected
    union all
    select period, 'activity' as form, submission_id, sender_code, is_current, unit_code, row from typed.activity where not is_rejected
)
select n.period, n.form, n.submission_id, n.sender_code, n.is_current, n.unit_code, count(*) as row_count, min(n.row) as first_row,
    max(case
        when u.unit_code is null then 0
        when u.valid_to is null or n.form = 'initiatives' or u.valid_to > coalesce(p.cutoff_date, month_end(n.period)) then 1
        when n.form = 'aid' and u.valid_to > cast(n.period || '-01' as date) then 1
        else 0
    end) = 1 as is_counted
from named n
left join core.unit_known u on u.period = n.period and u.unit_code = n.unit_code
left join reference.periods p on p.period = n.period
where n.period in (select period from meta.touched)
group by n.period, n.form, n.submission_id, n.sender_code, n.is_current, n.unit_code
