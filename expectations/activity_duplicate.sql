-- @on typed.activity
-- @severity critical
-- @column indicator_id
-- @vi chỉ tiêu này của đơn vị đã có ở dòng {other_row}, xin bỏ một dòng.
-- @en The same indicator of the same unit stands twice in one return; the later row is named.
with numbered as (
    select period, sender_code, submission_id, row, row_key,
        lag(row) over (partition by submission_id, unit_code, indicator_id order by row) as other_row
    from typed.activity
    where is_current and not is_rejected
)
select sender_code, period, 'activity' as form, submission_id, row, row_key, other_row
from numbered
where other_row is not null
