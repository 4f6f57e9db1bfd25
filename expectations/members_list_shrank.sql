-- @on core.return_unit
-- @severity warning
-- @column unit_code
-- @scope year
-- @vi danh sách của đơn vị {row_unit_code} {case when now_count = 0 then 'không còn ai' else 'chỉ còn ' || vn_digits(now_count) || ' người' end} trong khi tháng {vn_month(month_before)} có {vn_digits(before_count)} người, xin gửi lại danh sách đầy đủ hoặc báo LĐLĐ tỉnh nếu đúng như vậy.
-- @en A unit's list lost all its people since it was last sent, or a fifth of them and at least five, and no event of the unit says why.
-- Rows that cannot be read are no loss: their own findings name them. A unit that a newer file of the month left out is the matter of unit_disappeared.
with asked as (
    select distinct m.period
    from meta.month m
    join meta.touched t on m.period between t.period and month_add(t.period, 12)
), placed as (
    select period, unit_code, sender_code, row_count, first_row,
        row_number() over (partition by period, unit_code order by row_count desc, sender_code) as place
    from core.return_unit
    where form = 'members' and is_current and is_counted
), list as (
    select period, unit_code, sender_code, row_count, first_row, lag(period) over same as month_before, lag(row_count) over same as before_count
    from placed
    where place = 1
    window same as (partition by unit_code order by period)
), shrunk as (
    select period, month_before, unit_code, sender_code, first_row, before_count, row_count as now_count
    from list
    where month_before >= month_add(period, -12) and before_count - row_count >= 5 and (before_count - row_count) * 5 > before_count
    union all
    select r.period, r.month_before, b.unit_code, b.sender_code, cast(null as integer), b.row_count, 0
    from core.return_before r
    join list b on b.period = r.month_before and b.sender_code = r.sender_code
    left join list n on n.period = r.period and n.unit_code = b.unit_code
    where r.form = 'members' and n.unit_code is null
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
left join core.unit_event e on e.from_unit_code = s.unit_code and e.period > s.month_before and e.period <= s.period
left join left_out o on o.period = s.period and o.sender_code = s.sender_code and o.unit_code = s.unit_code
where e.event_id is null and s.period in (select period from asked)
