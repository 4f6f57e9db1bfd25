-- One row per metric, period and unit with a target to hold its figure against: the period's own, else its year's, else the programme's.
-- @key metric_id, period, unit_code
-- @col period | the period asked about; of flows, a year's target is held only against what counts since the year began
-- @col target | in the metric's unit
-- @col line | line of reference/targets.csv
select t.metric_id, p.period, t.unit_code, t.target, t.line
from core.target t
join reference.metric m on m.metric_id = t.metric_id
join core.period p on t.period = p.period
    or (t.period = substr(p.period, 1, 4) and not m.is_flow)
    or (t.period = substr(p.period, 1, 4) and exists (select 1 from core.period y where y.period = t.period and y.start_date = p.start_date))
    or (t.period = 'programme' and not m.is_flow)
qualify row_number() over (
    partition by t.metric_id, p.period, t.unit_code
    order by case when t.period = p.period then 1 when t.period = 'programme' then 3 else 2 end
) = 1
