-- One row per month, unit and unit whose figures it counts in: itself and every unit above it, as the tree stood then.
-- @key period, unit_code, scope_code
-- @col period | month, YYYY-MM
-- @col unit_code | a unit in force at the end of the month
-- @col scope_code | the unit a figure is asked for; a parent that ended still leads upwards, so that nobody drops out of the province
with newest as (
    select m.period, u.unit_code, u.parent_code
    from meta.month m
    join core.unit u on u.valid_from <= month_end(m.period)
    qualify row_number() over (partition by m.period, u.unit_code order by u.valid_from desc) = 1
), up1 as (
    select s.period, s.unit_code, p.unit_code as scope_code, p.parent_code
    from core.unit_month s join newest p on p.period = s.period and p.unit_code = s.parent_code
), up2 as (
    select s.period, s.unit_code, p.unit_code as scope_code, p.parent_code
    from up1 s join newest p on p.period = s.period and p.unit_code = s.parent_code
), up3 as (
    select s.period, s.unit_code, p.unit_code as scope_code
    from up2 s join newest p on p.period = s.period and p.unit_code = s.parent_code
)
select period, unit_code, unit_code as scope_code from core.unit_month
union all
select period, unit_code, scope_code from up1
union all
select period, unit_code, scope_code from up2
union all
select period, unit_code, scope_code from up3
