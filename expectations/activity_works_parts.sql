-- @on core.activity
-- @severity warning
-- @column value
-- @vi tổng số hoàn thiện là {vn_digits(total)} nhưng công trình gắn biển, phần việc và sản phẩm cộng lại là {vn_digits(parts)}, xin sửa số sai.
-- @en Works completed are not plaqued works plus tasks plus products of that unit.
with summed as (
    select period, unit_code,
        max(case when indicator_id = 'works_completed' then value end) as total,
        sum(case when indicator_id in ('works_plaqued', 'works_tasks', 'works_products') then value end) as parts
    from core.activity
    where period in (select period from meta.touched)
    group by period, unit_code
)
select a.sender_code, a.period, 'activity' as form, a.submission_id, a.row, a.row_key, s.total, s.parts
from core.activity a
join summed s on s.period = a.period and s.unit_code = a.unit_code
where a.indicator_id = 'works_completed' and s.total <> s.parts
