-- @on core.due_return
-- @severity warning
-- @scope all
-- @vi đã quá hạn {vn_day(due_date)} nhưng chưa nhận được mẫu «{form_label}» kỳ {vn_month(period)}, xin gửi ngay hoặc gửi mẫu có ghi «Không phát sinh».
-- @en The deadline passed without a return, not even a nil one.
select d.unit_code as sender_code, d.period, d.form, cast(null as varchar) as submission_id, cast(null as integer) as row, '' as row_key, d.due_date, f.label as form_label,
    case when y.unit_code is not null then 'period_year_mistyped' end as caused_by
from core.due_return d
join reference.form f on f.form = d.form
left join (
    select distinct r.unit_code, r.form, substr(r.period, 5) as month_no
    from core.accepted_return r
    join core.form_start s on s.form = r.form and r.period < s.first_month
    where r.is_current
) y on y.unit_code = d.unit_code and y.form = d.form and y.month_no = substr(d.period, 5)
where d.status = 'missing'
    and not exists (
        select 1 from raw.submission s
        where s.intake_status in ('waiting', 'quarantined', 'rejected') and s.unit_code = d.unit_code
            and (s.form is null or s.form = d.form) and (s.period = d.period or s.stated_periods like ('%' || d.period || '%'))
    )
