-- One row per sheet and unit name in it that nobody has confirmed: its rows are rejected, or the whole sheet waits for its sender.
-- @key submission_id, name_key
-- @col period | month of the return; empty where that is unclear too
-- @col sender_code | the sender; empty while the sheet waits for it
-- @col name_key | the name without accents, case and double spaces
-- @col name | as it was written; anything may have been typed there, so it stays private
-- @col row_count | rows that wait for the name
with waiting as (
    select s.period, n.submission_id, s.unit_code as sender_code, s.file_name, vn_key(n.name) as name_key, min(n.name) as name,
        max(n.row_count) as row_count
    from raw.unit_name n
    join raw.submission s on s.submission_id = n.submission_id
    left join core.answered_return a on a.submission_id = n.submission_id
    where s.intake_status = 'waiting' and a.submission_id is null
        and matches(vn_key(n.name), '[a-z]{2}') and not matches(n.name, '^[^ ]*[0-9][^ ]*$')
    group by s.period, n.submission_id, s.unit_code, s.file_name, vn_key(n.name)
)
select r.period, r.submission_id, r.sender_code, s.file_name, r.name_key, r.name, r.row_count
from core.unmatched_row r
join raw.submission s on s.submission_id = r.submission_id
union all
select period, submission_id, sender_code, file_name, name_key, name, row_count
from waiting
