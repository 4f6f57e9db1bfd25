-- One row per unit, month and indicator, as it stood at the cut-off.
-- @incremental period
-- @key period, submission_id, row
-- @col indicator_id | indicator of reference/indicators.csv
-- @col value | in the indicator's own unit
select period, submission_id, sheet, row, sender_code, row_key, unit_code, indicator_id, indicator_label, value, unit_of_measure
from typed.activity
where is_current and not is_rejected and period in (select period from meta.touched)
qualify dense_rank() over (partition by period, unit_code order by received_at desc, modified_at desc, sender_code) = 1
