-- @on typed.members
-- @severity warning
-- @vi có {vn_digits(blank_count)} trên {vn_digits(member_count)} đoàn viên chưa ghi {pick(column_name, ['sex', 'schooling', 'qualification'], ['giới tính', 'học vấn', 'trình độ chuyên môn'])} nên các tỷ lệ theo cột này cộng lại không đủ 100%, xin ghi bổ sung.
-- @en Members of a return without sex, schooling or qualification: shares of members by that column do not add to 100 %.
-- A value that cannot be read has a finding of its own, and so has a sheet without the column.
with counted as (
    select sender_code, period, submission_id, count(*) as member_count,
        sum(case when sex is null and sex_text is null then 1 else 0 end) as sex_blank,
        sum(case when schooling is null and schooling_text is null then 1 else 0 end) as schooling_blank,
        sum(case when qualification is null and qualification_text is null then 1 else 0 end) as qualification_blank
    from typed.members
    where is_current and not is_rejected and is_member
    group by sender_code, period, submission_id
), blank as (
    select sender_code, period, submission_id, member_count, 'sex' as column_name, sex_blank as blank_count from counted
    union all
    select sender_code, period, submission_id, member_count, 'schooling' as column_name, schooling_blank as blank_count from counted
    union all
    select sender_code, period, submission_id, member_count, 'qualification' as column_name, qualification_blank as blank_count from counted
)
select b.sender_code, b.period, 'members' as form, b.submission_id, cast(null as integer) as row, b.column_name as row_key, b.column_name,
    b.member_count, b.blank_count
from blank b
left join raw.issue i on i.submission_id = b.submission_id and i.check_id = 'column_absent' and i.column_name = b.column_name
where b.blank_count > 0 and i.check_id is null
