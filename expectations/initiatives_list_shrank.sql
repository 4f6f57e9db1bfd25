-- @on core.return_unit
-- @severity warning
-- @column title
-- @scope next
-- @vi danh sách sáng kiến của đơn vị {row_unit_code} {case when now_count = 0 then 'không còn sáng kiến nào' else 'chỉ còn ' || vn_digits(now_count) || ' sáng kiến' end} trong khi tháng {vn_month(month_before)} có {vn_digits(before_count)} sáng kiến, xin ghi đủ cả các sáng kiến đã gửi những kỳ trước vì mẫu này cộng dồn.
-- @en The list of initiatives is cumulative, and a unit's has fewer of them than last month.
-- Counted by natural key, so that a title written twice and now once is no loss. Rows that cannot be read are none either.
with asked as (
    select period, month_add(period, -1) as month_before
    from (select period from meta.touched union select month_add(period, 1) as period from meta.touched) touched_or_next
), list as (
    select period, unit_code, sender_code, count(distinct row_key) as row_count, min(row) as first_row
    from core.initiative
    where period in (select period from asked union select month_before from asked)
    group by period, unit_code, sender_code
), answer as (
    select c.period, c.unit_code as sender_code, min(c.submission_id) as submission_id, sum(r.rows_rejected) as rejected_count
    from core.accepted_return c
    join core.return_rows r on r.submission_id = c.submission_id
    where c.form = 'initiatives' and c.is_current
    group by c.period, c.unit_code
), left_out as (
    select distinct period, sender_code, unit_code from core.return_unit where form = 'initiatives' and not is_current and is_counted
)
select b.sender_code, a.period, 'initiatives' as form, c.submission_id, n.first_row as row, b.unit_code as row_key, b.unit_code as row_unit_code,
    a.month_before, b.row_count as before_count, coalesce(n.row_count, 0) as now_count,
    case when n.unit_code is null and o.unit_code is not null then 'unit_disappeared' end as caused_by
from asked a
join list b on b.period = a.month_before
join core.unit_scope l on l.period = a.period and l.unit_code = b.unit_code and l.scope_code = b.sender_code
left join list n on n.period = a.period and n.unit_code = b.unit_code and n.sender_code = b.sender_code
join answer c on c.period = a.period and c.sender_code = b.sender_code and c.rejected_count < b.row_count - coalesce(n.row_count, 0)
left join left_out o on o.period = a.period and o.sender_code = b.sender_code and o.unit_code = b.unit_code
