-- @on typed.aid
-- @severity critical
-- @column recipient
-- @vi dòng này trùng người nhận, hình thức, đợt, ngày và số tiền với {case when other_submission_id = submission_id then 'dòng ' || other_row || ' cùng trang' else 'dòng ' || other_row || ' trong bản của đơn vị gửi ' || other_sender end}, xin bỏ một dòng nếu ghi lặp.
-- @en The same line of support stands twice; the later row is named.
with numbered as (
    select period, sender_code, submission_id, row, row_key,
        lag(row) over same as other_row, lag(submission_id) over same as other_submission_id, lag(sender_code) over same as other_sender
    from typed.aid
    where is_current and not is_rejected and recipient is not null
    window same as (partition by period, row_key order by received_at, submission_id, row)
)
select sender_code, period, 'aid' as form, submission_id, row, row_key, other_row, other_submission_id, other_sender
from numbered
where other_row is not null
