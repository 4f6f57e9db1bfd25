-- @on core.activity
-- @severity warning
-- @column unit_code
-- @vi số liệu của đơn vị {row_unit_code} ở đây khác với bản do đơn vị gửi {other_sender} gửi cho cùng kỳ nên chưa được tính, xin thống nhất với đơn vị đó và chỉ để một nơi gửi bản đúng.
-- @en Two senders sent other figures of one unit and month; the one whose rows do not count is told. Where both say the same nobody is.
with shared as (
    select period, unit_code, count(distinct sender_code) as sender_count
    from typed.activity
    where is_current and not is_rejected
    group by period, unit_code
    having count(distinct sender_code) > 1
), said as (
    select t.period, t.unit_code, t.sender_code, t.submission_id, t.row, t.row_key, cast(t.value as varchar) as mark, s.sender_count
    from typed.activity t
    join shared s on s.period = t.period and s.unit_code = t.unit_code
    where t.is_current and not t.is_rejected
), unlike as (
    select period, unit_code
    from said
    group by period, unit_code, row_key, mark, sender_count
    having count(distinct sender_code) < sender_count
), held as (
    select c.period, c.unit_code, min(c.sender_code) as sender_code
    from core.activity c
    join shared s on s.period = c.period and s.unit_code = c.unit_code
    group by c.period, c.unit_code
), left_out as (
    select n.period, n.unit_code, n.sender_code, h.sender_code as other_sender, min(n.submission_id) as submission_id, min(n.row) as row
    from said n
    join held h on h.period = n.period and h.unit_code = n.unit_code and h.sender_code <> n.sender_code
    group by n.period, n.unit_code, n.sender_code, h.sender_code
)
select n.sender_code, n.period, 'activity' as form, n.submission_id, n.row, n.unit_code as row_key, n.unit_code as row_unit_code, n.other_sender,
    case when l.unit_code is null then 'unit_outside_sender' end as caused_by
from left_out n
join (select distinct period, unit_code from unlike) u on u.period = n.period and u.unit_code = n.unit_code
left join core.unit_scope l on l.period = n.period and l.unit_code = n.unit_code and l.scope_code = n.sender_code
