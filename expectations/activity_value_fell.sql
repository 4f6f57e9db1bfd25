-- @on core.activity
-- @severity warning
-- @column value
-- @scope next
-- @vi chỉ tiêu này cộng dồn từ đầu năm nên không thể giảm, kỳ này ghi {vn_digits(value)} trong khi tháng {vn_month(month_before)} đã ghi {vn_digits(value_before)}, xin ghi số cộng dồn hoặc báo LĐLĐ tỉnh nếu tháng trước ghi nhầm.
-- @en An indicator that counts what was done since the year began is less than last month: most likely only the month's own number.
-- Only what was done and stays done: registrations and proposals may be taken back.
with asked as (
    select period, month_add(period, -1) as month_before
    from (select period from meta.touched union select month_add(period, 1) as period from meta.touched) touched_or_next
), counted (indicator_id) as (values
    ('officers_trained'), ('works_completed'), ('works_plaqued'), ('works_tasks'), ('works_products'), ('tournaments'),
    ('tournament_participations'), ('propaganda_participations'), ('enterprises_visited')
)
select n.sender_code, n.period, 'activity' as form, n.submission_id, n.row, n.row_key, n.value, b.value as value_before, a.month_before
from asked a
join core.activity n on n.period = a.period
join counted c on c.indicator_id = n.indicator_id
join core.activity b on b.period = a.month_before and b.unit_code = n.unit_code and b.indicator_id = n.indicator_id
where n.value < b.value and substr(a.period, 1, 4) = substr(a.month_before, 1, 4)
