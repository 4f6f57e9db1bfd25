-- One row per sender, form and month with a return that counts: the last month before it that the sender's return is in for.
-- @key period, form, sender_code
-- @col month_before | a year back at most; a month that nobody sent lies between where it is not the month right before
with sent as (
    select distinct period, form, unit_code as sender_code from core.accepted_return where is_current
), numbered as (
    select period, form, sender_code, lag(period) over (partition by form, sender_code order by period) as month_before from sent
)
select period, form, sender_code, month_before
from numbered
where month_before >= month_add(period, -12)
