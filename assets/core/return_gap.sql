-- One row per period, form and unit whose figures lack a return that is due: its own, one of a unit below, or one that may hold its rows.
-- @key period, form, unit_code
-- @col unit_code | the unit a figure is asked for
-- @col lacks_state | the return of the period's last month is not in
-- @col lacks_flow | one of a month from the start to the cut-off is not in
-- @col lacks_opening | one of a month before the start is not in
with counts_in as (
    select period, unit_code, scope_code, 1 as is_own from core.unit_scope
    union all
    select period, sender_code, unit_code, 1 from core.unit_known where sender_code <> unit_code
    union all
    select period, scope_code, unit_code, 0 from core.unit_scope where scope_code <> unit_code  -- the province's gifts are units' gifts
), absent as (
    select distinct g.period as month, g.form, c.scope_code as unit_code
    from core.due_return g
    join reference.form f on f.form = g.form
    join counts_in c on c.period = g.period and c.unit_code = g.unit_code and (c.is_own = 1 or f.holds = 'flow')
    where g.status in ('missing', 'not_due')
)
select p.period, a.form, a.unit_code,
    max(case when a.month = p.last_month then 1 else 0 end) = 1 as lacks_state,
    max(case when a.month >= p.first_month then 1 else 0 end) = 1 as lacks_flow,
    max(case when a.month < p.first_month then 1 else 0 end) = 1 as lacks_opening
from core.period p
join absent a on a.month <= p.last_month
group by p.period, a.form, a.unit_code
