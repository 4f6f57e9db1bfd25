-- One row per file, sheet and form ever received, with what became of its rows.
-- @key submission_id
-- @col submission_id | sheet of a file
-- @col sha256 | of the file's bytes, as they lie in the archive
-- @col unit_code | the sender
-- @col status | accepted, accepted_with_findings, waiting, rejected, quarantined, superseded
-- @col rows_read | non-blank rows of the sheet, from title to signature
-- @col rows_loaded | rows that count (or counted, before a newer file replaced them)
-- @col rows_rejected | rows without a mandatory cell, and all data rows of a return that waits
-- @col rows_control | totals and sub-totals, compared and never loaded; and sums since the year began, which a month cannot be compared with
-- @col rows_ignored | title, header, numbering, group, note and signature rows, and those of a table of another form
with faulty as (
    select distinct submission_id from quality.finding where state = 'open'
)
select
    s.submission_id, s.sha256, s.file_name, s.sheet, s.form, s.unit_code, s.period, s.received_at,
    case
        when r.is_current and f.submission_id is not null then 'accepted_with_findings'
        when r.is_current then 'accepted'
        when r.submission_id is not null or (s.intake_status = 'waiting' and n.submission_id is not null) then 'superseded'
        else s.intake_status
    end as status,
    s.is_nil, s.rows_read, coalesce(c.rows_loaded, 0) as rows_loaded, coalesce(c.rows_rejected, s.rows_data) as rows_rejected,
    s.rows_control, s.rows_ignored
from raw.submission s
left join core.accepted_return r on r.submission_id = s.submission_id
left join core.return_rows c on c.submission_id = s.submission_id
left join faulty f on f.submission_id = s.submission_id
left join core.answered_return n on n.submission_id = s.submission_id
