-- @on core.member
-- @severity critical
-- @column citizen_id
-- @vi số CCCD này đã có ở {case when other_submission_id = submission_id then 'dòng ' || other_row || ' cùng trang' else 'danh sách của đơn vị ' || other_unit_code end}, xin xem lại một trong hai dòng.
-- @en Two people of the month have the same citizen id; the later row is named.
with numbered as (
    select period, sender_code, submission_id, row, row_key, unit_code, citizen_id,
        lag(row) over same as other_row, lag(submission_id) over same as other_submission_id, lag(unit_code) over same as other_unit_code
    from core.member
    where citizen_id is not null and period in (select period from meta.touched)
    window same as (partition by period, citizen_id order by unit_code, submission_id, row)
)
select sender_code, period, 'members' as form, submission_id, row, row_key, other_row, other_submission_id, other_unit_code
from numbered
where other_row is not null
