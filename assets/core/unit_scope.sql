-- One row per month, unit and unit whose figures it counts in: itself and every unit above it, as the tree stood then.
-- @key period, unit_code, scope_code
-- @col period | month, YYYY-MM
-- @col unit_code | a unit founded by the end of the month; one that ended still counts where it last stood
-- @col scope_code | the unit a figure is asked for; five steps up at most, which reference/ is checked for
with up1 as (
    select s.period, s.unit_code, p.unit_code as scope_code, p.parent_code
    from core.unit_known s join core.unit_known p on p.period = s.period and p.unit_code = s.parent_code
), up2 as (
    select s.period, s.unit_code, p.unit_code as scope_code, p.parent_code
    from up1 s join core.unit_known p on p.period = s.period and p.unit_code = s.parent_code
), up3 as (
    select s.period, s.unit_code, p.unit_code as scope_code, p.parent_code
    from up2 s join core.unit_known p on p.period = s.period and p.unit_code = s.parent_code
), up4 as (
    select s.period, s.unit_code, p.unit_code as scope_code, p.parent_code
    from up3 s join core.unit_known p on p.period = s.period and p.unit_code = s.parent_code
), up5 as (
    select s.period, s.unit_code, p.unit_code as scope_code, p.parent_code
    from up4 s join core.unit_known p on p.period = s.period and p.unit_code = s.parent_code
)
select period, unit_code, unit_code as scope_code from core.unit_known
union all
select period, unit_code, scope_code from up1
union all
select period, unit_code, scope_code from up2
union all
select period, unit_code, scope_code from up3
union all
select period, unit_code, scope_code from up4
union all
select period, unit_code, scope_code from up5
