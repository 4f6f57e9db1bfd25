-- @on core.due_return
-- @severity warning
-- @scope all
-- @vi kỳ báo cáo {vn_month(period)} là trước tháng đầu tiên ({vn_month(first_month)}) mà các đơn vị gửi mẫu «{form_label}», còn kỳ {vn_month(awaited_period)} thì chưa có, xin xem lại năm đã ghi và gửi lại với kỳ đúng.
-- @en A return for a month before the form's first one, while the same month of a later year is awaited: most likely a mistyped year.
with awaited as (
    select unit_code, form, period from core.due_return where status in ('missing', 'not_due')
)
select r.unit_code as sender_code, r.period, r.form, r.submission_id, cast(null as integer) as row, '' as row_key, s.first_month,
    f.label as form_label, min(a.period) as awaited_period
from core.accepted_return r
join core.form_start s on s.form = r.form and r.period < s.first_month
join awaited a on a.unit_code = r.unit_code and a.form = r.form and substr(a.period, 5) = substr(r.period, 5)
join reference.form f on f.form = r.form
where r.is_current
group by r.unit_code, r.period, r.form, r.submission_id, s.first_month, f.label
