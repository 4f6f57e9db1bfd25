-- @on core.return_rows
-- @severity critical
-- @column unit_code
-- @vi có {vn_digits(row_count)} dòng của đơn vị {row_unit_code} không thuộc đơn vị gửi, xin xem lại mã đơn vị.
-- @en Rows of a unit that is not under the sender; of members and activity they count only when nobody in the unit's own line sent it.
with named as (
    select sender_code, period, 'members' as form, submission_id, row, unit_code, is_current from typed.members where not is_rejected
    union all
    select sender_code, period, 'initiatives' as form, submission_id, row, unit_code, is_current from typed.initiatives where not is_rejected
    union all
    select sender_code, period, 'aid' as form, submission_id, row, unit_code, is_current from typed.aid where not is_rejected
    union all
    select sender_code, period, 'activity' as form, submission_id, row, unit_code, is_current from typed.activity where not is_rejected
)
select n.sender_code, n.period, n.form, n.submission_id, min(n.row) as row, n.unit_code as row_key, n.unit_code as row_unit_code,
    count(*) as row_count
from named n
join core.unit_month u on u.period = n.period and u.unit_code = n.unit_code
left join core.unit_scope s on s.period = n.period and s.unit_code = n.unit_code and s.scope_code = n.sender_code
where n.is_current and s.unit_code is null
group by n.sender_code, n.period, n.form, n.submission_id, n.unit_code
