-- @on core.return_change
-- @severity warning
-- @vi tệp này thay tệp «{replaced_file_name}» đã gửi cho cùng kỳ và chỉ còn {vn_digits(now_count)} dòng trong khi tệp đó có {vn_digits(before_count)} dòng, xin gửi lại một tệp đủ cả cũ và mới nếu đây chỉ là phần bổ sung.
-- @en The newest file of a sender, form and month has less than half the rows of the largest before it: most likely a supplement, or a nil by mistake.
-- It is held against the largest, so that rows lost little by little are told, and the same short file sent again says nothing new.
-- Where it left out all rows of a unit, that is the matter (unit_disappeared).
with version as (
    select a.period, a.form, a.unit_code as sender_code, a.version_no, a.version_count, min(a.submission_id) as submission_id,
        min(a.file_name) as file_name, sum(r.rows_loaded + r.rows_rejected) as row_count
    from core.accepted_return a
    join core.return_rows r on r.submission_id = a.submission_id
    where a.version_count > 1 and a.period in (select period from meta.touched)
    group by a.period, a.form, a.unit_code, a.version_no, a.version_count
), largest as (
    select period, form, sender_code, file_name, row_count
    from version
    where version_no < version_count
    qualify row_number() over (partition by period, form, sender_code order by row_count desc, version_no) = 1
), left_out as (
    select period, form, sender_code, unit_code, max(case when is_current then 1 else 0 end) as is_named
    from core.return_unit
    where is_counted
    group by period, form, sender_code, unit_code
), gone as (
    select distinct period, form, sender_code from left_out where is_named = 0
), is_nil as (
    select distinct period, form, unit_code as sender_code from core.accepted_return where is_current and is_nil
)
select v.sender_code, v.period, v.form, v.submission_id, cast(null as integer) as row, '' as row_key, l.file_name as replaced_file_name,
    l.row_count as before_count, v.row_count as now_count,
    case when g.sender_code is not null and n.sender_code is null then 'unit_disappeared' end as caused_by
from version v
join largest l on l.period = v.period and l.form = v.form and l.sender_code = v.sender_code
left join gone g on g.period = v.period and g.form = v.form and g.sender_code = v.sender_code
left join is_nil n on n.period = v.period and n.form = v.form and n.sender_code = v.sender_code
where v.version_no = v.version_count and l.row_count - v.row_count >= 2 and v.row_count * 2 < l.row_count
