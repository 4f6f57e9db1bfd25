-- @on core.member
-- @severity warning
-- @column income_vnd
-- @scope year
-- @vi mức thu nhập ở giữa danh sách của đơn vị {unit_code}{case when unit_count > 1 then ' (và ' || vn_digits(unit_count - 1) || ' đơn vị khác tương tự)' else '' end} là {vn_digits(now_vnd)} đồng trong khi tháng {vn_month(month_before)} cũng những người đó là {vn_digits(before_vnd)} đồng, xin xem lại có thừa hoặc thiếu một số 0 không.
-- @en The median income of the same people of a unit, five at least, is over five times that of the list before, or under a fifth. One finding names all such units of a sender.
with kept as (
    select n.period, n.sender_code, n.unit_code, u.month_before, min(n.submission_id) as submission_id, count(*) as person_count,
        median(n.income_vnd) as now_vnd, median(b.income_vnd) as before_vnd
    from core.unit_before u
    join core.member n on n.period = u.period and n.unit_code = u.unit_code and n.income_vnd > 0
    join core.member b on b.period = u.month_before and b.row_key = n.row_key and b.income_vnd > 0
    where u.form = 'members' and exists (select 1 from meta.touched t where u.period between t.period and month_add(t.period, 12))
    group by n.period, n.sender_code, n.unit_code, u.month_before
), scaled as (
    select period, sender_code, unit_code, month_before, submission_id, now_vnd, before_vnd,
        row_number() over (partition by period, sender_code order by unit_code) as place,
        count(*) over (partition by period, sender_code) as unit_count
    from kept
    where person_count >= 5 and (now_vnd > 5 * before_vnd or 5 * now_vnd < before_vnd)
)
select sender_code, period, 'members' as form, submission_id, cast(null as integer) as row, '' as row_key, unit_code, unit_count, month_before,
    now_vnd, before_vnd, case when now_vnd not between 1000000 and 200000000 then 'members_income_implausible' end as caused_by
from scaled
where place = 1
