-- @on core.aid
-- @severity warning
-- @column model_code
-- @scope all
-- @vi mã này đã dùng cho hình thức khác ở dòng {other_row} trong báo cáo tháng {vn_month(other_period)} của đơn vị gửi {other_sender}, xin ghi mỗi công trình hoặc mô hình một mã riêng hoặc sửa lại hình thức.
-- @en One code stands for things of two kinds, a house and a classroom; the first line of the later kind is named.
with used as (
    select period, sender_code, submission_id, row, row_key, kind, model_key
    from core.aid
    where kind <> 'gift' and model_key is not null
    qualify row_number() over (partition by model_key, kind order by period, submission_id, row) = 1
), numbered as (
    select period, sender_code, submission_id, row, row_key, lag(row) over same as other_row, lag(period) over same as other_period,
        lag(sender_code) over same as other_sender
    from used
    window same as (partition by model_key order by period, submission_id, row)
)
select sender_code, period, 'aid' as form, submission_id, row, row_key, other_row, other_period, other_sender
from numbered
where other_row is not null
