-- @on typed.members
-- @severity warning
-- @column income_vnd
-- @vi có {vn_digits(short_count)} trên {vn_digits(stated_count)} ô thu nhập của đơn vị {row_unit_code} dường như ghi theo {case when thousand_count > 0 then 'nghìn' else 'triệu' end} đồng, xin ghi đủ số đồng ở cả cột.
-- @en Most incomes of a unit's list are plausible once they are read as thousands, or as millions; its rows are told as consequences.
-- From three rows on; fewer are slips of their own. members_income_implausible.sql asks the same of its rows.
with stated as (
    select sender_code, period, submission_id, unit_code, count(*) as stated_count,
        sum(case when income_vnd between 1000 and 200000 then 1 else 0 end) as thousand_count,
        sum(case when income_vnd between 1 and 200 or income_vnd between 1000 and 200000 then 1 else 0 end) as short_count,
        min(case when income_vnd between 1 and 200 or income_vnd between 1000 and 200000 then row end) as row
    from typed.members
    where is_current and income_vnd is not null
    group by sender_code, period, submission_id, unit_code
)
select sender_code, period, 'members' as form, submission_id, row, unit_code as row_key, unit_code as row_unit_code, stated_count, short_count,
    thousand_count
from stated
where short_count >= 3 and short_count * 2 > stated_count
