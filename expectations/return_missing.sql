-- @on core.due_return
-- @severity warning
-- @scope all
-- @vi đã quá hạn {vn_day(due_date)} nhưng chưa nhận được mẫu «{form_label}» kỳ {vn_month(period)}, xin gửi ngay hoặc gửi mẫu có ghi «Không phát sinh».
-- @en The deadline passed without a return, not even a nil one.
select d.unit_code as sender_code, d.period, d.form, cast(null as varchar) as submission_id, cast(null as integer) as row, '' as row_key, d.due_date, f.label as form_label,
    case when d.misdated_submission_id is not null then 'period_year_mistyped' end as caused_by
from core.due_return d
join reference.form f on f.form = d.form
where d.status = 'missing'
    and not exists (
        select 1 from raw.submission s
        where s.intake_status in ('waiting', 'quarantined', 'rejected') and s.unit_code = d.unit_code
            and (s.form is null or s.form = d.form) and (s.period = d.period or s.stated_periods like ('%' || d.period || '%'))
    )
