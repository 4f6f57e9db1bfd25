-- One row per form, unit and month with rows of it in a return that counts: the last month before it with such rows.
-- @key period, form, unit_code
-- @col unit_code | the unit the rows are of, whoever sent them
-- @col month_before | a year back at most
with listed as (
    select distinct period, form, unit_code from core.return_unit where is_current
), numbered as (
    select period, form, unit_code, lag(period) over (partition by form, unit_code order by period) as month_before from listed
)
select period, form, unit_code, month_before
from numbered
where month_before >= month_add(period, -12)
