-- @on typed.aid
-- @severity warning
-- @column amount_vnd
-- @vi có {vn_digits(short_count)} trên {vn_digits(gift_count)} dòng quà dường như ghi số tiền theo nghìn đồng, xin ghi đủ số đồng ở cả cột.
-- @en Most gifts of a return are plausible once their amounts are read as thousands; its rows are told as consequences.
-- From three rows on; fewer are slips of their own. aid_gift_amount_implausible.sql asks the same of its rows.
with stated as (
    select sender_code, period, submission_id, count(*) as gift_count,
        sum(case when amount_vnd between cast(gift_count as double) * 50 and cast(gift_count as double) * 20000 then 1 else 0 end) as short_count,
        min(case when amount_vnd between cast(gift_count as double) * 50 and cast(gift_count as double) * 20000 then row end) as row
    from typed.aid
    where is_current and kind = 'gift' and gift_count > 0 and amount_vnd is not null
    group by sender_code, period, submission_id
)
select sender_code, period, 'aid' as form, submission_id, row, '' as row_key, gift_count, short_count
from stated
where short_count >= 3 and short_count * 2 > gift_count
