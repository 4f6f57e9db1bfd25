-- @on typed.members
-- @severity critical
-- @column unit_code
-- @vi tệp mới không còn người nào của đơn vị {row_unit_code} (tệp trước có {vn_digits(row_count)} người), xin gửi lại đủ danh sách hoặc báo LĐLĐ tỉnh nếu đơn vị đã giải thể.
-- @en A newer list of the same sender and month lost every person of a unit that the list before it had, and nobody else sent them.
with previous as (
    select unit_code as sender_code, period, max(received_at) as received_at
    from core.accepted_return
    where form = 'members' and not is_current
    group by unit_code, period
), lost as (
    select t.sender_code, t.period, t.unit_code, count(*) as row_count
    from typed.members t
    join previous p on p.sender_code = t.sender_code and p.period = t.period and p.received_at = t.received_at
    where not t.is_current and not t.is_rejected
    group by t.sender_code, t.period, t.unit_code
)
select l.sender_code, l.period, 'members' as form, min(c.submission_id) as submission_id, cast(null as integer) as row, l.unit_code as row_key,
    l.unit_code as row_unit_code, l.row_count
from lost l
join core.accepted_return c on c.unit_code = l.sender_code and c.period = l.period and c.form = 'members' and c.is_current
left join typed.members h on h.period = l.period and h.unit_code = l.unit_code and h.is_current and not h.is_rejected
where h.unit_code is null
group by l.sender_code, l.period, l.unit_code, l.row_count
