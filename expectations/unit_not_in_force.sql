-- @on core.return_rows
-- @severity critical
-- @column unit_code
-- @vi có {vn_digits(row_count)} dòng của đơn vị {row_unit_code} nhưng đơn vị này không hoạt động trong tháng báo cáo, xin ghi đúng đơn vị hoặc báo LĐLĐ tỉnh cập nhật danh mục.
-- @en Rows of a unit that was not in force at the end of the month; no figure of any unit above would count them.
with named as (
    select sender_code, period, 'members' as form, submission_id, row, unit_code from typed.members where is_current and not is_rejected
    union all
    select sender_code, period, 'initiatives' as form, submission_id, row, unit_code from typed.initiatives where is_current and not is_rejected
    union all
    select sender_code, period, 'aid' as form, submission_id, row, unit_code from typed.aid where is_current and not is_rejected
    union all
    select sender_code, period, 'activity' as form, submission_id, row, unit_code from typed.activity where is_current and not is_rejected
)
select n.sender_code, n.period, n.form, n.submission_id, min(n.row) as row, n.unit_code as row_key, n.unit_code as row_unit_code,
    count(*) as row_count
from named n
left join core.unit_month u on u.period = n.period and u.unit_code = n.unit_code
where u.unit_code is null
group by n.sender_code, n.period, n.form, n.submission_id, n.unit_code
