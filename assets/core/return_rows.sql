-- One row per accepted return sheet: how many of its data rows were loaded and how many rejected.
-- @incremental period
-- @key submission_id
-- @col rows_loaded | rows with every mandatory cell
-- @col rows_rejected | rows that lack one
with rows_of as (
    select submission_id, period, is_rejected from typed.members
    union all
    select submission_id, period, is_rejected from typed.initiatives
    union all
    select submission_id, period, is_rejected from typed.aid
    union all
    select submission_id, period, is_rejected from typed.activity
)
select r.period, r.submission_id, count(*) filter (where not d.is_rejected) as rows_loaded, count(*) filter (where d.is_rejected) as rows_rejected
from core.accepted_return r
left join rows_of d on d.submission_id = r.submission_id
where r.period in (select period from meta.touched)
group by r.period, r.submission_id
