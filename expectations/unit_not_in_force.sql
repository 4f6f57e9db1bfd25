-- @on core.return_unit
-- @severity critical
-- @column unit_code
-- @vi có {vn_digits(row_count)} dòng của đơn vị {row_unit_code} nhưng đơn vị này {case when ended_date is null then 'không hoạt động trong tháng báo cáo' else 'đã ngừng hoạt động từ ngày ' || vn_day(ended_date) end}, xin ghi đúng đơn vị hoặc báo LĐLĐ tỉnh cập nhật danh mục.
-- @en Rows of a unit that was not in force: of members and activity at the month's cut-off, of aid on a day of it, of initiatives not yet; no figure of any unit above counts them.
select n.sender_code, n.period, n.form, n.submission_id, n.first_row as row, n.unit_code as row_key, n.unit_code as row_unit_code, n.row_count,
    u.valid_to as ended_date
from core.return_unit n
left join core.unit_known u on u.period = n.period and u.unit_code = n.unit_code
where n.is_current and not n.is_counted and n.period in (select period from meta.touched)
