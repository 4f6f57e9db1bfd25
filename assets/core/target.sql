-- One row per target a unit is to reach on a metric in a period.
-- @key metric_id, period, unit_code
-- @col period | a period, its year, or programme
-- @col target | in the metric's unit
-- @col line | line of reference/targets.csv
select metric_id, period, unit_code, target, line from reference.targets
