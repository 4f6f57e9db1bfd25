-- @on core.return_unit
-- @severity critical
-- @column unit_code
-- @vi có {vn_digits(row_count)} dòng của đơn vị {row_unit_code} nhưng đơn vị này không hoạt động trong tháng báo cáo, xin ghi đúng đơn vị hoặc báo LĐLĐ tỉnh cập nhật danh mục.
-- @en Rows of a unit that was not in force: of members and activity at the month's end, of aid on a day of it, of initiatives not yet; no figure of any unit above counts them.
select n.sender_code, n.period, n.form, n.submission_id, n.first_row as row, n.unit_code as row_key, n.unit_code as row_unit_code, n.row_count
from core.return_unit n
where n.is_current and not n.is_counted and n.period in (select period from meta.touched)
