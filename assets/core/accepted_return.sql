-- One row per accepted form sheet; is_current marks those that count: the newest file of a sender, form and month.
-- @key submission_id
-- @col submission_id | sheet of a file
-- @col unit_code | the sender, who answers for the return
-- @col is_current | whether no newer file of the same sender, form and month replaced it
-- @col version_no | 1 for the first file of a sender, form and month, 2 for the one that replaced it
-- @col version_count | how many files of that sender, form and month there are
-- @col received_at | when the file came
-- @col modified_at | when the file was last written; decides between files that came together
-- @col default_unit_code | unit of the rows that name none
-- @col missing_columns | columns without a header that a finding of the sheet names, comma-separated
with numbered as (
    select
        submission_id, unit_code, form, period, sheet, file_name, received_at, modified_at, is_nil, default_unit_code, missing_columns,
        dense_rank() over (partition by unit_code, form, period order by received_at, modified_at, sha256) as version_no
    from raw.submission
    where intake_status = 'accepted'
)
select
    submission_id, unit_code, form, period, sheet, file_name, received_at, modified_at, is_nil, default_unit_code, missing_columns, version_no,
    max(version_no) over (partition by unit_code, form, period) as version_count,
    version_no = max(version_no) over (partition by unit_code, form, period) as is_current
from numbered
