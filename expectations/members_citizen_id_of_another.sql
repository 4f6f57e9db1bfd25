-- @on core.member
-- @severity warning
-- @column citizen_id
-- @scope next
-- @vi số CCCD này tháng trước là của một người khác cả họ tên lẫn ngày sinh ({case when other_sender_code = sender_code then 'dòng ' || other_row || ' của báo cáo tháng ' || substr(month_before, 6) || '/' || substr(month_before, 1, 4) else 'trong danh sách của đơn vị ' || other_unit_code end}), xin xem lại số CCCD ở dòng này.
-- @en Last month the citizen id was another person's, by name and by birth date: a list sorted in part, or a row written over.
-- Where two people share the number within a month, the rule on that says so. Where last month's holder now has a number that nobody had,
-- last month's was the slip, and it is mended.
with person as (
    select period, sender_code, unit_code, submission_id, row, row_key, citizen_id, vn_key(full_name) as name_key, birth_date,
        birth_date_precision, substr(month_of(birth_date), 1, 4) as birth_year, month_add(period, -1) as month_before,
        count(*) over (partition by period, citizen_id) as holder_count
    from core.member
    where citizen_id is not null and (period in (select period from meta.touched)
        or month_add(period, -1) in (select period from meta.touched) or month_add(period, 1) in (select period from meta.touched))
), renumbered as (
    select distinct n.period, n.name_key, n.birth_date
    from person n
    left join person b on b.period = n.month_before and b.citizen_id = n.citizen_id
    where b.citizen_id is null
)
select n.sender_code, n.period, 'members' as form, n.submission_id, n.row, n.row_key, n.month_before, o.sender_code as other_sender_code,
    o.unit_code as other_unit_code, o.row as other_row
from person n
join person o on o.period = n.month_before and o.citizen_id = n.citizen_id and o.name_key <> n.name_key
    and (o.birth_year <> n.birth_year
        or (o.birth_date <> n.birth_date and o.birth_date_precision = 'day' and n.birth_date_precision = 'day'))
left join renumbered r on r.period = n.period and r.name_key = o.name_key and r.birth_date = o.birth_date
where n.holder_count = 1 and o.holder_count = 1 and r.period is null
    and (n.period in (select period from meta.touched) or n.month_before in (select period from meta.touched))
