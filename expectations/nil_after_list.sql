-- @on core.return_rows
-- @severity warning
-- @scope year
-- @vi mẫu này ghi «Không phát sinh» nhưng mẫu gồm cả những gì còn đến ngày chốt, mà tháng {vn_month(month_before)} có {vn_digits(row_count)} dòng, xin gửi lại đủ cả những dòng không thay đổi.
-- @en A nil return of a form that holds the state at the cut-off, after a month with rows: nothing new is not nothing. Activity begins anew with a year.
with asked as (
    select b.period, b.form, b.sender_code, b.month_before
    from core.return_before b
    where exists (select 1 from meta.touched t where b.period between t.period and month_add(t.period, 12))
), sent as (
    select a.period, a.form, a.unit_code as sender_code, min(a.submission_id) as submission_id,
        sum(case when a.is_nil then 1 else 0 end) as nil_count, sum(r.rows_loaded) as rows_loaded, sum(r.rows_rejected) as rows_rejected
    from core.accepted_return a
    join reference.form f on f.form = a.form and f.holds = 'state'
    join core.return_rows r on r.submission_id = a.submission_id
    where a.is_current and a.period in (select period from asked union select month_before from asked)
    group by a.period, a.form, a.unit_code
)
select n.sender_code, n.period, n.form, n.submission_id, cast(null as integer) as row, '' as row_key, a.month_before, o.rows_loaded as row_count
from asked a
join sent n on n.period = a.period and n.form = a.form and n.sender_code = a.sender_code and n.nil_count > 0 and n.rows_loaded + n.rows_rejected = 0
join sent o on o.period = a.month_before and o.form = n.form and o.sender_code = n.sender_code and o.rows_loaded > 0
where n.form <> 'activity' or substr(a.period, 1, 4) = substr(a.month_before, 1, 4)
