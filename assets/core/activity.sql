-- One row per unit, month and indicator, as it stood at the cut-off.
-- @incremental period
-- @key period, submission_id, row
-- @col indicator_id | indicator of reference/indicators.csv
-- @col value | in the indicator's own unit
select t.period, t.submission_id, t.sheet, t.row, t.sender_code, t.row_key, t.unit_code, t.indicator_id, t.indicator_label, t.value,
    t.unit_of_measure
from typed.activity t
left join core.unit_scope l on l.period = t.period and l.unit_code = t.unit_code and l.scope_code = t.sender_code
where t.is_current and not t.is_rejected and t.period in (select period from meta.touched)
qualify dense_rank() over (
    partition by t.period, t.unit_code
    order by case when l.scope_code is null then 1 else 0 end, t.received_at desc, t.modified_at desc, t.sender_code
) = 1
