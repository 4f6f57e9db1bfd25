-- @on core.member
-- @severity warning
-- @column citizen_id
-- @scope year
-- @vi số CCCD này trước đây là của một người khác cả họ tên lẫn ngày sinh ({case when other_sender_code = sender_code then 'dòng ' || other_row || ' của báo cáo tháng ' || vn_month(month_before) else 'trong danh sách của đơn vị ' || other_unit_code || ' tháng ' || vn_month(month_before) end}), xin xem lại số CCCD ở dòng này.
-- @en In the sender's last month before, or the month right before, the citizen id was another person's, by name and by birth date: a list sorted in part, or a row written over.
-- Where two people share the number within a month, the rule on that says so. Where last month's holder now has a number that nobody had,
-- last month's was the slip, and it is mended. Few numbers change hands, and only their names are folded (`<>` would fold all to join on).
with asked as (
    select distinct r.period, r.unit_code as sender_code, coalesce(b.month_before, month_add(r.period, -1)) as month_before
    from core.accepted_return r
    left join core.return_before b on b.form = r.form and b.period = r.period and b.sender_code = r.unit_code
    where r.form = 'members' and r.is_current
        and exists (select 1 from meta.touched t where r.period between t.period and month_add(t.period, 12))
), person as (
    select period, sender_code, unit_code, submission_id, row, row_key, citizen_id, full_name, birth_date, birth_date_precision
    from core.member
    where citizen_id is not null and period in (select period from asked union select month_before from asked)
), pair as (
    select n.sender_code, n.period, n.submission_id, n.row, n.row_key, n.citizen_id, a.month_before, o.sender_code as other_sender_code,
        o.unit_code as other_unit_code, o.submission_id as other_submission_id, o.row as other_row, o.birth_date as other_birth_date,
        vn_key(o.full_name) as other_name_key, vn_key(n.full_name) || '|' || vn_key(o.full_name) as about
    from asked a
    join person n on n.period = a.period and n.sender_code = a.sender_code
    join person o on o.period = a.month_before and o.citizen_id = n.citizen_id and o.full_name <> n.full_name and o.birth_date <> n.birth_date
    where nullif(vn_key(o.full_name), vn_key(n.full_name)) is not null
        and (substr(month_of(o.birth_date), 1, 4) <> substr(month_of(n.birth_date), 1, 4)
            or (o.birth_date_precision = 'day' and n.birth_date_precision = 'day'))
), explained as (
    select p.submission_id, p.row
    from pair p
    join person t on t.citizen_id = p.citizen_id and (t.period = p.period or t.period = p.month_before)
    where (t.submission_id <> p.submission_id or t.row <> p.row) and (t.submission_id <> p.other_submission_id or t.row <> p.other_row)
    union
    select p.submission_id, p.row
    from pair p
    join person t on t.period = p.period and t.birth_date = p.other_birth_date and vn_key(t.full_name) = p.other_name_key
    left join person b on b.period = p.month_before and b.citizen_id = t.citizen_id
    where b.citizen_id is null
)
select p.sender_code, p.period, 'members' as form, p.submission_id, p.row, p.row_key, p.month_before, p.other_sender_code,
    p.other_unit_code, p.other_row, p.about
from pair p
left join explained e on e.submission_id = p.submission_id and e.row = p.row
where e.row is null
