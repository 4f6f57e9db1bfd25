-- @on core.activity
-- @severity warning
-- @column value
-- @scope year
-- @vi chỉ tiêu này cộng dồn từ đầu năm nên không thể giảm, kỳ này ghi {vn_digits(value)} trong khi tháng {vn_month(month_before)} đã ghi {vn_digits(value_before)}, xin ghi số cộng dồn hoặc báo LĐLĐ tỉnh nếu số đó ghi nhầm.
-- @en An indicator that counts what was done since the year began is less than when last reported: most likely only the month's own number.
-- Only what was done and stays done: registrations and proposals may be taken back.
with counted (indicator_id) as (values
    ('officers_trained'), ('works_completed'), ('works_plaqued'), ('works_tasks'), ('works_products'), ('tournaments'),
    ('tournament_participations'), ('propaganda_participations'), ('enterprises_visited')
), told as (
    select a.sender_code, a.period, a.submission_id, a.row, a.row_key, a.value, lag(a.value) over same as value_before,
        lag(a.period) over same as month_before
    from core.activity a
    join counted c on c.indicator_id = a.indicator_id
    where a.period >= (select month_add(min(period), -12) from meta.touched)
    window same as (partition by a.unit_code, a.indicator_id, substr(a.period, 1, 4) order by a.period, a.row)
)
select sender_code, period, 'activity' as form, submission_id, row, row_key, value, value_before, month_before
from told
where value < value_before and month_before < period
    and exists (select 1 from meta.touched t where told.period between t.period and month_add(t.period, 12))
