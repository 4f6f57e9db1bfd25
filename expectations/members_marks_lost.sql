-- @on core.member
-- @severity critical
-- @column is_member
-- @scope year
-- @vi có {vn_digits(lost_count)} trên {vn_digits(before_count)} người là đoàn viên trong danh sách tháng {vn_month(month_before)} nay không có dấu x (đơn vị {first_unit_code}{case when unit_count > 1 then ' và ' || vn_digits(unit_count - 1) || ' đơn vị khác' else '' end}), xin đánh dấu x cho tất cả đoàn viên hoặc báo LĐLĐ tỉnh nếu đúng như vậy.
-- @en Of at least five members of a unit who are still in its list, more than half lost the mark since the list before: the column was left empty. One finding names all such units of a sender.
-- A mark that cannot be read has a finding of its own, and so has a sheet without the column.
with kept as (
    select n.period, n.sender_code, n.unit_code, u.month_before, min(n.submission_id) as submission_id, count(*) as before_count,
        sum(case when n.is_member then 0 when n.is_member is null then 0 else 1 end) as lost_count
    from core.unit_before u
    join core.member n on n.period = u.period and n.unit_code = u.unit_code
    join core.member b on b.period = u.month_before and b.row_key = n.row_key and b.is_member
    left join raw.issue i on i.submission_id = n.submission_id and i.check_id = 'column_absent' and i.column_name = 'is_member'
    where u.form = 'members' and i.check_id is null
        and exists (select 1 from meta.touched t where u.period between t.period and month_add(t.period, 12))
    group by n.period, n.sender_code, n.unit_code, u.month_before
)
select sender_code, period, 'members' as form, min(submission_id) as submission_id, cast(null as integer) as row, '' as row_key,
    max(month_before) as month_before, min(unit_code) as first_unit_code, count(*) as unit_count, sum(before_count) as before_count,
    sum(lost_count) as lost_count
from kept
where before_count >= 5 and lost_count * 2 > before_count
group by sender_code, period
