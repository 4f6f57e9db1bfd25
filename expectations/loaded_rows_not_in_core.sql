-- @on core.return_rows
-- @severity critical
-- @machine
-- @vi số dòng nạp của báo cáo không bằng số dòng có trong kho.
-- @en Rows loaded of a current return are not the rows core holds of it (members and activity of a unit with two senders count once).
with held as (
    select submission_id, count(*) as row_count from core.initiative group by submission_id
    union all
    select submission_id, count(*) as row_count from core.aid group by submission_id
)
select a.unit_code as sender_code, a.period, a.form, a.submission_id, cast(null as integer) as row, a.submission_id as row_key
from core.accepted_return a
join core.return_rows r on r.submission_id = a.submission_id
left join held h on h.submission_id = a.submission_id
where a.form in ('initiatives', 'aid') and r.rows_loaded <> case when a.is_current then coalesce(h.row_count, 0) else r.rows_loaded end
