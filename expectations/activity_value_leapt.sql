-- @on core.activity
-- @severity warning
-- @column value
-- @scope year
-- @vi số này ({vn_digits(value)}) gấp hơn trăm lần số đã ghi tháng {vn_month(month_before)} ({vn_digits(value_before)}), xin xem lại có thừa số 0 không.
-- @en An indicator of a unit is a hundred times what was last reported, ten at least: most likely zeros too many.
with told as (
    select sender_code, period, submission_id, row, row_key, value, lag(value) over same as value_before, lag(period) over same as month_before
    from core.activity
    where period >= (select month_add(min(period), -12) from meta.touched)
    window same as (partition by unit_code, indicator_id order by period, row)
)
select sender_code, period, 'activity' as form, submission_id, row, row_key, value, value_before, month_before
from told
where value_before >= 10 and value >= 100 * value_before and month_before < period and month_before >= month_add(period, -12)
    and exists (select 1 from meta.touched t where told.period between t.period and month_add(t.period, 12))
