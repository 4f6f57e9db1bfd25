-- @on core.submission
-- @severity critical
-- @machine
-- @scope all
-- @vi số dòng đọc được không bằng số dòng nạp, loại, đối chiếu và bỏ qua cộng lại.
-- @en Conservation: rows_read = rows_loaded + rows_rejected + rows_control + rows_ignored, for every file.
select unit_code as sender_code, period, form, submission_id, cast(null as integer) as row, submission_id as row_key
from core.submission
where rows_read <> rows_loaded + rows_rejected + rows_control + rows_ignored
