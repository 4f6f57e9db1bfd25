-- @on core.return_unit
-- @severity critical
-- @column unit_code
-- @vi tệp mới không còn dòng nào của đơn vị {row_unit_code} mà tệp trước có, xin gửi lại đủ (nếu là tệp đã gửi thì mở và lưu lại trước khi gửi) hoặc báo LĐLĐ tỉnh nếu đúng như vậy.
-- @en A newer file of the same sender, form and month lost every row of a unit that an earlier one had, and nobody else sent them.
-- The bytes of the earlier file sent again are a repeat of it and replace nothing, so the sentence asks to save it anew.
with lost as (
    select distinct n.sender_code, n.period, n.form, n.unit_code
    from core.return_unit n
    join core.unit_scope s on s.period = n.period and s.unit_code = n.unit_code and s.scope_code = n.sender_code
    where not n.is_current and n.is_counted and n.period in (select period from meta.touched)
)
select l.sender_code, l.period, l.form, min(c.submission_id) as submission_id, cast(null as integer) as row, l.unit_code as row_key,
    l.unit_code as row_unit_code
from lost l
join core.accepted_return c on c.unit_code = l.sender_code and c.period = l.period and c.form = l.form and c.is_current
left join core.return_unit h on h.period = l.period and h.form = l.form and h.unit_code = l.unit_code and h.is_current
where h.unit_code is null and not c.is_nil
group by l.sender_code, l.period, l.form, l.unit_code
