-- @on core.aid
-- @severity warning
-- @column amount_vnd
-- @vi bình quân một suất quà {pick(occasion, ['tet', 'workers_month', 'other'], ['dịp Tết', 'dịp Tháng Công nhân', 'dịp khác'])} là {vn_digits(price_vnd)} đồng trong khi các đơn vị khác cùng tháng khoảng {vn_digits(usual_vnd)} đồng, xin xem lại số suất và số tiền có thừa hoặc thiếu một số 0 không.
-- @en A sender's mean gift of an occasion is four times the median of all senders in that month, or a quarter of it, where most give alike.
-- Not of what is given at an emergency, which is as large as the need. Rows whose own price is implausible have findings of their own.
-- Asked of at least five gifts, and where at least five others gave, three in four of them within twice the median: the month and the
-- occasion carry the season. On two made-up years 0 of 186 means are off; the furthest is 1.8 times the median.
with sent as (
    select period, occasion, sender_code, min(submission_id) as submission_id, sum(gift_count) as gift_count,
        pct(sum(amount_vnd), sum(gift_count) * 100, 0) as price_vnd
    from core.aid
    where kind = 'gift' and occasion is not null and occasion <> 'sudden' and gift_count > 0 and period in (select period from meta.touched)
        and amount_vnd between cast(gift_count as double) * 50000 and cast(gift_count as double) * 20000000
    group by period, occasion, sender_code
), usual as (
    select period, occasion, median(price_vnd) as usual_vnd from sent group by period, occasion
), alike as (
    select s.period, s.occasion, u.usual_vnd, count(*) as sender_count,
        sum(case when s.price_vnd <= 2 * u.usual_vnd and 2 * s.price_vnd >= u.usual_vnd then 1 else 0 end) as alike_count
    from sent s
    join usual u on u.period = s.period and u.occasion = s.occasion
    group by s.period, s.occasion, u.usual_vnd
)
select s.sender_code, s.period, 'aid' as form, s.submission_id, cast(null as integer) as row, s.occasion as row_key, s.occasion, s.price_vnd, a.usual_vnd
from sent s
join alike a on a.period = s.period and a.occasion = s.occasion
where s.gift_count >= 5 and a.sender_count > 5 and a.alike_count * 4 >= (a.sender_count - 1) * 3
    and (s.price_vnd > 4 * a.usual_vnd or 4 * s.price_vnd < a.usual_vnd)
