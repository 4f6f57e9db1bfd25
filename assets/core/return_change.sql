-- One row per accepted return that replaced an earlier one of the same sender, form and month: how its rows differ from those before.
-- @incremental period
-- @key submission_id
-- @col period | month of the return
-- @col unit_code | the sender
-- @col version_no | 2 for the first replacement, counting up
-- @col submission_id | the return that came; one sheet of it where the file has several of the form
-- @col file_name | file it came in
-- @col received_at | when that file came
-- @col replaced_submission_id | the return it replaced
-- @col replaced_file_name | file that one came in
-- @col rows_added | rows that the return before had not, by natural key
-- @col rows_removed | rows that only the return before had
-- @col rows_changed | rows of both in which some other cell differs
-- @col rows_unchanged | rows of both that say the same
-- Rejected rows count too: filling the missing cell is a change. Rows that share a natural key are told apart by their cells as far as
-- that goes, and paired off for the rest.
with version as (
    select period, form, unit_code, version_no, min(submission_id) as submission_id, min(file_name) as file_name, min(received_at) as received_at
    from core.accepted_return
    where version_count > 1 and period in (select period from meta.touched)
    group by period, form, unit_code, version_no
), pair as (
    select n.period, n.form, n.unit_code, n.version_no, n.submission_id, n.file_name, n.received_at,
        o.submission_id as replaced_submission_id, o.file_name as replaced_file_name
    from version n
    join version o on o.period = n.period and o.form = n.form and o.unit_code = n.unit_code and o.version_no = n.version_no - 1
), said as (
    select period, 'members' as form, sender_code, version_no, row_key, cells_key from typed.members where version_count > 1
    union all
    select period, 'initiatives' as form, sender_code, version_no, row_key, cells_key from typed.initiatives where version_count > 1
    union all
    select period, 'aid' as form, sender_code, version_no, row_key, cells_key from typed.aid where version_count > 1
    union all
    select period, 'activity' as form, sender_code, version_no, row_key, cells_key from typed.activity where version_count > 1
), alike as (
    select p.submission_id, s.row_key, s.cells_key, count(*) filter (where s.version_no = p.version_no) as now_count,
        count(*) filter (where s.version_no < p.version_no) as before_count
    from pair p
    join said s on s.period = p.period and s.form = p.form and s.sender_code = p.unit_code
        and (s.version_no = p.version_no or s.version_no = p.version_no - 1)
    group by p.submission_id, s.row_key, s.cells_key
), keyed as (
    select submission_id, row_key, sum(least(now_count, before_count)) as same_count,
        sum(now_count) - sum(least(now_count, before_count)) as now_left, sum(before_count) - sum(least(now_count, before_count)) as before_left
    from alike
    group by submission_id, row_key
)
select p.period, p.form, p.unit_code, p.version_no, p.submission_id, p.file_name, p.received_at, p.replaced_submission_id, p.replaced_file_name,
    cast(coalesce(sum(k.now_left - least(k.now_left, k.before_left)), 0) as bigint) as rows_added,
    cast(coalesce(sum(k.before_left - least(k.now_left, k.before_left)), 0) as bigint) as rows_removed,
    cast(coalesce(sum(least(k.now_left, k.before_left)), 0) as bigint) as rows_changed,
    cast(coalesce(sum(k.same_count), 0) as bigint) as rows_unchanged
from pair p
left join keyed k on k.submission_id = p.submission_id
group by p.period, p.form, p.unit_code, p.version_no, p.submission_id, p.file_name, p.received_at, p.replaced_submission_id, p.replaced_file_name
