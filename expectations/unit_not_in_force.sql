-- @on core.return_unit
-- @severity critical
-- @column unit_code
-- @vi có {vn_digits(row_count)} dòng của đơn vị {row_unit_code} nhưng đơn vị này không hoạt động trong tháng báo cáo, xin ghi đúng đơn vị hoặc báo LĐLĐ tỉnh cập nhật danh mục.
-- @en Rows of a unit that was not in force at the end of the month; no figure of any unit above would count them.
select n.sender_code, n.period, n.form, n.submission_id, n.first_row as row, n.unit_code as row_key, n.unit_code as row_unit_code, n.row_count
from core.return_unit n
left join core.unit_month u on u.period = n.period and u.unit_code = n.unit_code
where n.is_current and u.unit_code is null and n.period in (select period from meta.touched)
