-- @on core.activity
-- @severity warning
-- @column indicator_id
-- @scope year
-- @vi thiếu {vn_digits(lost_count)} chỉ tiêu đã ghi trong tháng {vn_month(month_before)} (ví dụ «{lost_label}» của đơn vị {first_unit_code}), xin ghi đủ cả các chỉ tiêu không thay đổi vì mẫu này cộng dồn từ đầu năm.
-- @en Indicators that the sender's return before had in the same year are in nobody's now. One finding a sender; a zero is no loss, nor are rows that cannot be read, a unit that a newer file left out, or one that is the sender's no more.
with lost as (
    select r.period, r.sender_code, r.month_before, count(distinct b.unit_code || b.indicator_id) as lost_count, min(b.unit_code) as first_unit_code,
        min(b.unit_code || i.label_vi) as first_unit_and_label
    from core.return_before r
    join core.activity b on b.period = r.month_before and b.sender_code = r.sender_code and b.value <> 0
    join reference.indicators i on i.indicator_id = b.indicator_id
    join core.unit_scope s on s.period = r.period and s.unit_code = b.unit_code and s.scope_code = r.sender_code
    join core.unit_known u on u.period = r.period and u.unit_code = b.unit_code and (u.valid_to is null or u.valid_to > month_end(r.period))
    left join core.activity n on n.period = r.period and n.unit_code = b.unit_code and n.indicator_id = b.indicator_id
    left join core.return_unit o on o.period = r.period and o.form = r.form and o.sender_code = r.sender_code and o.unit_code = b.unit_code
        and not o.is_current
    left join core.return_unit h on h.period = r.period and h.form = r.form and h.unit_code = b.unit_code and h.is_current
    where r.form = 'activity' and n.row is null and (o.unit_code is null or h.unit_code is not null)
        and substr(r.period, 1, 4) = substr(r.month_before, 1, 4)
        and exists (select 1 from meta.touched t where r.period between t.period and month_add(t.period, 12))
    group by r.period, r.sender_code, r.month_before
), answer as (
    select c.period, c.unit_code as sender_code, min(c.submission_id) as submission_id, sum(r.rows_rejected) as rejected_count,
        sum(case when c.is_nil then 1 else 0 end) as nil_count, sum(r.rows_loaded) as loaded_count
    from core.accepted_return c
    join core.return_rows r on r.submission_id = c.submission_id
    where c.form = 'activity' and c.is_current
    group by c.period, c.unit_code
)
select l.sender_code, l.period, 'activity' as form, c.submission_id, cast(null as integer) as row, '' as row_key, l.month_before, l.lost_count,
    l.first_unit_code, substr(l.first_unit_and_label, length(l.first_unit_code) + 1) as lost_label,
    case when c.nil_count > 0 and c.loaded_count = 0 then 'nil_after_list' end as caused_by
from lost l
join answer c on c.period = l.period and c.sender_code = l.sender_code and c.rejected_count < l.lost_count
