-- @on core.return_unit
-- @severity critical
-- @column unit_code
-- @scope all
-- @vi đơn vị {row_unit_code} {case when month_before is null then 'thành lập ngày ' || vn_day(valid_from) else 'nay thuộc đơn vị mình, tháng ' || vn_month(month_before) || ' còn trong danh sách của đơn vị khác' end} nhưng không có trong danh sách tháng này của đơn vị nào, xin gửi lại danh sách có cả đơn vị này hoặc báo LĐLĐ tỉnh nếu đúng như vậy.
-- @en A unit that hangs under another sender than the one that last listed it, or that was founded since returns are due, is in nobody's list.
-- A unit that its own sender no longer lists is the matter of members_list_shrank and unit_disappeared.
with named as (
    select distinct period, unit_code from core.return_unit where form = 'members' and is_current and is_counted
), answer as (
    select period, unit_code as sender_code, min(submission_id) as submission_id
    from core.accepted_return
    where form = 'members' and is_current
    group by period, unit_code
), unlisted as (
    select u.period, u.unit_code, u.sender_code, u.valid_from, a.submission_id, max(b.period) as month_before
    from core.unit_known u
    join answer a on a.period = u.period and a.sender_code = u.sender_code
    left join named n on n.period = u.period and n.unit_code = u.unit_code
    left join named b on b.unit_code = u.unit_code and b.period < u.period
    where u.level = 'grassroots' and n.unit_code is null and (u.valid_to is null or u.valid_to > month_end(u.period))
    group by u.period, u.unit_code, u.sender_code, u.valid_from, a.submission_id
)
select x.sender_code, x.period, 'members' as form, x.submission_id, cast(null as integer) as row, x.unit_code as row_key,
    x.unit_code as row_unit_code, x.month_before, x.valid_from
from unlisted x
left join core.unit_known was on was.period = x.month_before and was.unit_code = x.unit_code
cross join core.form_start s
where s.form = 'members' and (
    was.sender_code <> x.sender_code
    or (x.month_before is null and month_of(x.valid_from) > s.first_month and month_of(x.valid_from) < x.period)
)
