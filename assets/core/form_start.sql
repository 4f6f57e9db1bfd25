-- One row per form: the first month in which a quarter as many senders sent it as in its fullest month.
-- @key form
-- @col first_month | month, YYYY-MM; returns for earlier months are taken, but none is due: a few senders mistype the year, and one alone starts nothing where three send
with counted as (
    select form, period, count(distinct unit_code) as sender_count
    from core.accepted_return
    group by form, period
)
select c.form, min(c.period) as first_month
from counted c
join (select form, max(sender_count) as most from counted group by form) m on m.form = c.form
where c.sender_count * 4 >= m.most and (c.sender_count > 1 or m.most <= 2)
group by c.form
