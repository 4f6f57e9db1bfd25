-- @on core.return_unit
-- @severity warning
-- @column unit_code
-- @scope next
-- @vi danh sách của đơn vị {row_unit_code} {case when now_count = 0 then 'không còn ai' else 'chỉ còn ' || vn_digits(now_count) || ' người' end} trong khi tháng {vn_month(month_before)} có {vn_digits(before_count)} người, xin gửi lại danh sách đầy đủ hoặc báo LĐLĐ tỉnh nếu đúng như vậy.
-- @en A unit's list lost all its people since last month, or a fifth of them and at least five, and no event of the unit says why.
-- Rows that cannot be read are no loss: their own findings name them. A unit that a newer file of the month left out is the matter of unit_disappeared.
with asked as (
    select period, month_add(period, -1) as month_before
    from (select period from meta.touched union select month_add(period, 1) as period from meta.touched) touched_or_next
), list as (
    select period, unit_code, sender_code, row_count, first_row,
        row_number() over (partition by period, unit_code order by row_count desc, sender_code) as place
    from core.return_unit
    where form = 'members' and is_current and is_counted and period in (select period from asked union select month_before from asked)
), shrunk as (
    select a.period, a.month_before, b.unit_code, coalesce(n.sender_code, b.sender_code) as sender_code, n.first_row,
        b.row_count as before_count, coalesce(n.row_count, 0) as now_count
    from asked a
    join list b on b.period = a.month_before and b.place = 1
    left join list n on n.period = a.period and n.unit_code = b.unit_code and n.place = 1
    where n.unit_code is null or (b.row_count - n.row_count >= 5 and (b.row_count - n.row_count) * 5 > b.row_count)
), answer as (
    select c.period, c.unit_code as sender_code, min(c.submission_id) as submission_id, sum(r.rows_rejected) as rejected_count,
        sum(case when c.is_nil then 1 else 0 end) as nil_count, sum(r.rows_loaded) as loaded_count
    from core.accepted_return c
    join core.return_rows r on r.submission_id = c.submission_id
    where c.form = 'members' and c.is_current
    group by c.period, c.unit_code
), left_out as (
    select distinct period, sender_code, unit_code from core.return_unit where form = 'members' and not is_current and is_counted
)
select s.sender_code, s.period, 'members' as form, c.submission_id, s.first_row as row, s.unit_code as row_key, s.unit_code as row_unit_code,
    s.month_before, s.before_count, s.now_count,
    case
        when c.nil_count > 0 and c.loaded_count = 0 then 'nil_after_list'
        when s.now_count = 0 and o.unit_code is not null then 'unit_disappeared'
    end as caused_by
from shrunk s
join answer c on c.period = s.period and c.sender_code = s.sender_code and c.rejected_count < s.before_count - s.now_count
join core.unit_scope l on l.period = s.period and l.unit_code = s.unit_code and l.scope_code = s.sender_code
join core.unit_known u on u.period = s.period and u.unit_code = s.unit_code and (u.valid_to is null or u.valid_to > month_end(s.period))
left join core.unit_event e on e.period = s.period and e.from_unit_code = s.unit_code
left join left_out o on o.period = s.period and o.sender_code = s.sender_code and o.unit_code = s.unit_code
where e.event_id is null
