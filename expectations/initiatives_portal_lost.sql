-- @on core.initiative
-- @severity warning
-- @column on_portal
-- @scope year
-- @vi có {vn_digits(lost_count)} sáng kiến tháng {vn_month(month_before)} đã cập nhật Cổng nay không còn dấu x và ngày (ví dụ «{lost_title}»), xin ghi lại dấu và ngày cập nhật Cổng vì sáng kiến đã lên Cổng thì còn đó.
-- @en Five initiatives or more that the sender's list before had on the portal are no longer marked. One that keeps its date has a finding of its own, and so has a sheet without the column.
select n.sender_code, n.period, 'initiatives' as form, min(n.submission_id) as submission_id, cast(null as integer) as row, '' as row_key,
    r.month_before, count(distinct n.row_key) as lost_count, min(n.title) as lost_title
from core.return_before r
join core.initiative n on n.period = r.period and n.sender_code = r.sender_code and not n.on_portal and n.portal_date is null
join core.initiative b on b.period = r.month_before and b.row_key = n.row_key and b.on_portal
left join raw.issue i on i.submission_id = n.submission_id and i.check_id = 'column_absent' and i.column_name = 'on_portal'
where r.form = 'initiatives' and i.check_id is null
    and exists (select 1 from meta.touched t where r.period between t.period and month_add(t.period, 12))
group by n.sender_code, n.period, r.month_before
having count(distinct n.row_key) >= 5
