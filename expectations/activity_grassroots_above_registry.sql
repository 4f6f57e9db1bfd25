-- @on core.activity
-- @severity warning
-- @column value
-- @vi số này ({vn_digits(value)}) lớn hơn số công đoàn cơ sở của đơn vị trong danh mục ({vn_digits(unit_count)}), xin ghi lại hoặc báo LĐLĐ tỉnh cập nhật danh mục.
-- @en More grassroots unions are reported than the registry has of that unit on a day of the month.
with known as (
    select s.period, s.scope_code, count(*) as unit_count
    from core.unit_scope s
    join core.unit_month u on u.period = s.period and u.unit_code = s.unit_code and u.level = 'grassroots'
    where s.period in (select period from meta.touched)
    group by s.period, s.scope_code
)
select a.sender_code, a.period, 'activity' as form, a.submission_id, a.row, a.row_key, a.value, k.unit_count
from core.activity a
join known k on k.period = a.period and k.scope_code = a.unit_code
where a.indicator_id = 'grassroots_counted' and a.value > k.unit_count
