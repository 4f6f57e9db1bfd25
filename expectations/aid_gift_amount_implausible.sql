-- @on typed.aid
-- @severity warning
-- @column amount_vnd
-- @vi một suất quà dưới 50.000 đồng hoặc trên 20 triệu đồng, xin xem lại có thiếu hoặc thừa ba số 0 không.
-- @en Less than 50,000 or more than 20 million đồng a gift.
-- Where most gifts of the return lack zeros, aid_amounts_lack_zeros.sql says so once.
with stated as (
    select submission_id, count(*) as row_count,
        sum(case when amount_vnd between cast(gift_count as double) * 50 and cast(gift_count as double) * 20000 then 1 else 0 end) as short_count
    from typed.aid
    where is_current and kind = 'gift' and gift_count > 0 and amount_vnd is not null
    group by submission_id
)
select t.sender_code, t.period, 'aid' as form, t.submission_id, t.row, t.row_key, cast(t.gift_count as varchar) || '|' || cast(t.amount_vnd as varchar) as about,
    case when s.short_count >= 3 and s.short_count * 2 > s.row_count
            and t.amount_vnd between cast(t.gift_count as double) * 50 and cast(t.gift_count as double) * 20000
        then 'aid_amounts_lack_zeros' end as caused_by
from typed.aid t
join stated s on s.submission_id = t.submission_id
where t.is_current and t.kind = 'gift' and t.gift_count > 0
    and (t.unit_amount_vnd is null or cast(t.gift_count as double) * t.unit_amount_vnd = t.amount_vnd)
    and (t.amount_vnd < cast(t.gift_count as double) * 50000 or (t.amount_vnd > cast(t.gift_count as double) * 20000000 and coalesce(t.occasion, '') <> 'sudden'))
