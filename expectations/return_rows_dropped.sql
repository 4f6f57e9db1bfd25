-- @on core.return_change
-- @severity warning
-- @vi tệp này thay tệp «{replaced_file_name}» đã gửi cho cùng kỳ và chỉ còn {vn_digits(now_count)} dòng trong khi tệp đó có {vn_digits(before_count)} dòng, xin gửi lại một tệp đủ cả cũ và mới nếu đây chỉ là phần bổ sung.
-- @en A newer file of a sender, form and month has less than half the rows of the one it replaced: most likely a supplement, or a nil by mistake.
-- Where it left out all rows of a unit, that is the matter (unit_disappeared).
with newest as (
    select period, form, unit_code, max(version_no) as version_no from core.return_change group by period, form, unit_code
), counted as (
    select c.period, c.form, c.unit_code as sender_code, c.submission_id, c.replaced_file_name,
        c.rows_removed + c.rows_changed + c.rows_unchanged as before_count, c.rows_added + c.rows_changed + c.rows_unchanged as now_count
    from core.return_change c
    join newest n on n.period = c.period and n.form = c.form and n.unit_code = c.unit_code and n.version_no = c.version_no
    where c.period in (select period from meta.touched)
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
select c.sender_code, c.period, c.form, c.submission_id, cast(null as integer) as row, '' as row_key, c.replaced_file_name, c.before_count,
    c.now_count, case when g.sender_code is not null and n.sender_code is null then 'unit_disappeared' end as caused_by
from counted c
left join gone g on g.period = c.period and g.form = c.form and g.sender_code = c.sender_code
left join is_nil n on n.period = c.period and n.form = c.form and n.sender_code = c.sender_code
where c.before_count - c.now_count >= 2 and c.now_count * 2 < c.before_count
