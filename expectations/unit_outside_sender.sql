-- @on core.return_unit
-- @severity critical
-- @column unit_code
-- @vi có {vn_digits(row_count)} dòng của đơn vị {row_unit_code} không thuộc đơn vị gửi, xin xem lại mã đơn vị.
-- @en Rows of a unit that is not under the sender; of members and activity they count only when nobody in the unit's own line sent it.
select n.sender_code, n.period, n.form, n.submission_id, n.first_row as row, n.unit_code as row_key, n.unit_code as row_unit_code, n.row_count
from core.return_unit n
left join core.unit_scope s on s.period = n.period and s.unit_code = n.unit_code and s.scope_code = n.sender_code
where n.is_current and n.is_counted and s.unit_code is null and n.period in (select period from meta.touched)
