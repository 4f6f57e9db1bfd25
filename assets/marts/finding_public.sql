-- One row per finding as it may be published: its message is the rule's own sentence, with «…» for what was taken from the return.
-- @key finding_id
-- @col message | which row and column, and the rule's sentence; nothing that a person typed (a header, a title)
-- What the officer reads stays in quality.finding of the private copy.
with said as (
    select f.*, concat_ws(', ', 'Dòng ' || f.row, 'cột «' || r.column_label || '»') as place,
        replace(case when r.vi = '…' then 'không đọc được nội dung.' when r.vi like '…%' then 'không đọc được nội dung' || substr(r.vi, 2) else r.vi end, '……', '…') as sentence
    from quality.finding f
    left join quality.rule r on r.check_id = f.check_id
)
select finding_id, check_id, severity, unit_code, period, form, submission_id, file_name, sheet, row, column_name,
    case when place = '' then coalesce(sentence, '') else place || ': ' || coalesce(sentence, '') end as message,
    first_seen_at, last_seen_at, state, resolved_at, caused_by
from said
