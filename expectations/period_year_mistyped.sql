-- @on core.due_return
-- @severity warning
-- @scope all
-- @vi tệp này ghi kỳ {vn_month(period)}, {problem}, trong khi lúc gửi thì kỳ {vn_month(awaited_period)} chưa có, xin xem lại năm đã ghi: nếu nhầm, xin gửi tệp này với kỳ đúng và {remedy}.
-- @en A return for a month before the form's first one, or one that replaced an older return, while the same month of a later year was awaited: most likely a mistyped year. Open until the stated month is sent again or as nil.
select d.unit_code as sender_code, r.period, d.form, r.submission_id, cast(null as integer) as row, '' as row_key, d.period as awaited_period,
    case when r.period < s.first_month then 'trước tháng đầu tiên các đơn vị gửi mẫu «' || f.label || '» (' || vn_month(s.first_month) || ')'
        else 'thay tệp đã nhận từ trước cho kỳ đó' end as problem,
    case when r.period < s.first_month then 'gửi mẫu có ghi «Không phát sinh» cho kỳ ' || vn_month(r.period)
        else 'mở, lưu rồi gửi lại tệp của kỳ ' || vn_month(r.period) end as remedy
from core.due_return d
join core.accepted_return r on r.submission_id = d.misdated_submission_id
join core.form_start s on s.form = d.form
join reference.form f on f.form = d.form
