-- @on core.return_unit
-- @severity warning
-- @column title
-- @scope year
-- @vi thiếu {vn_digits(lost_count)} sáng kiến của đơn vị {row_unit_code} đã có trong danh sách tháng {vn_month(month_before)} (ví dụ «{lost_title}»), xin ghi đủ cả các sáng kiến đã gửi những kỳ trước vì mẫu này cộng dồn.
-- @en The list of initiatives is cumulative, and some that a sender's last one had are in nobody's list now.
-- One with the same decision or the same authors as a new one was corrected, with both it may stand under another unit, as after a merger. Rows that cannot be read are no loss: they have findings.
with asked as (
    select b.period, b.sender_code, b.month_before
    from core.return_before b
    where b.form = 'initiatives' and exists (select 1 from meta.touched t where b.period between t.period and month_add(t.period, 12))
), list as (
    select period, unit_code, sender_code, row_key, title, vn_key(decision_no) as decision_key, vn_key(authors) as authors_key
    from core.initiative
    where period in (select period from asked union select month_before from asked)
), gone as (
    select a.period, a.month_before, b.*
    from asked a
    join list b on b.period = a.month_before and b.sender_code = a.sender_code
    left join list n on n.period = a.period and n.row_key = b.row_key
    where n.row_key is null
), come as (
    select a.period, a.sender_code, n.unit_code, n.sender_code as by_code, n.decision_key, n.authors_key
    from asked a
    join list n on n.period = a.period
    left join list b on b.period = a.month_before and b.row_key = n.row_key
    where b.row_key is null
), lost as (
    select g.period, g.month_before, g.sender_code, g.unit_code, count(distinct g.row_key) as lost_count, min(g.title) as lost_title
    from gone g
    left join come c on c.period = g.period and c.sender_code = g.sender_code and (
        (c.unit_code = g.unit_code and (c.decision_key = g.decision_key or c.authors_key = g.authors_key))
        or (c.by_code = g.sender_code and c.decision_key = g.decision_key and c.authors_key = g.authors_key))
    where c.period is null
    group by g.period, g.month_before, g.sender_code, g.unit_code
), answer as (
    select c.period, c.unit_code as sender_code, min(c.submission_id) as submission_id, sum(r.rows_rejected) as rejected_count,
        sum(case when c.is_nil then 1 else 0 end) as nil_count, sum(r.rows_loaded) as loaded_count
    from core.accepted_return c
    join core.return_rows r on r.submission_id = c.submission_id
    where c.form = 'initiatives' and c.is_current
    group by c.period, c.unit_code
), named as (
    select period, sender_code, unit_code, max(case when is_current then 1 else 0 end) as is_named
    from core.return_unit
    where form = 'initiatives' and is_counted
    group by period, sender_code, unit_code
)
select l.sender_code, l.period, 'initiatives' as form, c.submission_id, cast(null as integer) as row, l.unit_code as row_key,
    l.unit_code as row_unit_code, l.month_before, l.lost_count, l.lost_title,
    case when c.nil_count > 0 and c.loaded_count = 0 then 'nil_after_list' when d.is_named = 0 then 'unit_disappeared' end as caused_by
from lost l
join core.unit_scope s on s.period = l.period and s.unit_code = l.unit_code and s.scope_code = l.sender_code
join answer c on c.period = l.period and c.sender_code = l.sender_code and c.rejected_count < l.lost_count
left join named d on d.period = l.period and d.sender_code = l.sender_code and d.unit_code = l.unit_code
