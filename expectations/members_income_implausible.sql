-- @on typed.members
-- @severity warning
-- @column income_vnd
-- @lasts
-- @vi thu nhập dưới 1 triệu hoặc trên 200 triệu đồng/tháng, xin xem lại có thiếu hoặc thừa ba số 0 không.
-- @en Monthly income below 1 or above 200 million đồng; often three zeros are missing.
-- Where most incomes of the unit's list lack zeros, members_incomes_lack_zeros.sql says so once.
with stated as (
    select submission_id, unit_code, count(*) as stated_count,
        sum(case when income_vnd between 1 and 200 or income_vnd between 1000 and 200000 then 1 else 0 end) as short_count
    from typed.members
    where is_current and income_vnd is not null
    group by submission_id, unit_code
    having sum(case when income_vnd between 1 and 200 or income_vnd between 1000 and 200000 then 1 else 0 end) >= 3
)
select t.sender_code, t.period, 'members' as form, t.submission_id, t.row, t.row_key, cast(t.income_vnd as varchar) as about,
    case when s.short_count * 2 > s.stated_count and (t.income_vnd between 1 and 200 or t.income_vnd between 1000 and 200000)
        then 'members_incomes_lack_zeros' end as caused_by
from typed.members t
left join stated s on s.submission_id = t.submission_id and coalesce(s.unit_code, '') = coalesce(t.unit_code, '')
where t.is_current and t.income_vnd not between 1000000 and 200000000
