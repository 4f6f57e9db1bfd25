-- @on typed.members
-- @severity warning
-- @column income_vnd
-- @vi có {vn_digits(blank_count)} trên {vn_digits(person_count)} người chưa ghi thu nhập nên chưa được tính vào thu nhập bình quân, xin ghi bổ sung.
-- @en People of a return without an income: the mean is of the others. A value that cannot be read has a finding of its own, and so has a sheet without the column.
with counted as (
    select sender_code, period, submission_id, count(*) as person_count,
        sum(case when income_vnd is null and income_vnd_text is null then 1 else 0 end) as blank_count
    from typed.members
    where is_current and not is_rejected
    group by sender_code, period, submission_id
)
select c.sender_code, c.period, 'members' as form, c.submission_id, cast(null as integer) as row, '' as row_key, c.person_count, c.blank_count
from counted c
left join raw.issue i on i.submission_id = c.submission_id and i.check_id = 'column_absent' and i.column_name = 'income_vnd'
where c.blank_count > 0 and i.check_id is null
