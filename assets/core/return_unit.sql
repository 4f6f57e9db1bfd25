-- One row per accepted return sheet and unit its rows name.
-- @incremental period
-- @key submission_id, unit_code
-- @col is_current | whether the return counts
-- @col unit_code | unit the rows are of
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
select period, form, submission_id, sender_code, is_current, unit_code, count(*) as row_count, min(row) as first_row
from named
where period in (select period from meta.touched)
group by period, form, submission_id, sender_code, is_current, unit_code
