-- @on core.return_change
-- @severity warning
-- @vi tệp này thay tệp «{replaced_file_name}» đã gửi cho cùng kỳ nhưng không còn {vn_digits(gone_count)} trong {vn_digits(before_count)} dòng của tệp đó, xin xem lại có nhầm tệp của đơn vị hoặc kỳ khác không (nếu nhầm thì mở, lưu rồi gửi lại tệp đúng), và gửi lại một tệp đủ cả cũ và mới nếu đây chỉ là phần bổ sung.
-- @en The newest file of a sender, form and month has few of the rows that one before it had: most likely another unit's or month's list, or a supplement.
-- Held against the last file that is so, unless the newest has again what was there before that one. A row is there still where its
-- natural key is, or the person, title or recipient by name: numbers, dates and amounts are what corrections correct.
-- A file with less than half the rows is the matter of return_rows_dropped, one that left out a unit that of unit_disappeared.
with said as (
    select period, 'members' as form, sender_code, version_no, version_count, submission_id, row_key, coalesce(vn_key(full_name), row_key) as name_key
    from typed.members
    where version_count > 1
    union all
    select period, 'initiatives' as form, sender_code, version_no, version_count, submission_id, row_key, coalesce(vn_key(title), row_key) as name_key
    from typed.initiatives
    where version_count > 1
    union all
    select period, 'aid' as form, sender_code, version_no, version_count, submission_id, row_key, coalesce(vn_key(recipient), row_key) as name_key
    from typed.aid
    where version_count > 1
    union all
    select period, 'activity' as form, sender_code, version_no, version_count, submission_id, row_key, row_key as name_key
    from typed.activity
    where version_count > 1
), now_key as (
    select distinct period, form, sender_code, row_key from said where version_no = version_count
), now_name as (
    select distinct period, form, sender_code, name_key from said where version_no = version_count
), version as (
    select s.period, s.form, s.sender_code, s.version_no, s.version_count, min(s.submission_id) as submission_id, count(*) as row_count,
        sum(case when k.row_key is null and n.name_key is null then 1 else 0 end) as gone_count
    from said s
    left join now_key k on k.period = s.period and k.form = s.form and k.sender_code = s.sender_code and k.row_key = s.row_key
    left join now_name n on n.period = s.period and n.form = s.form and n.sender_code = s.sender_code and n.name_key = s.name_key
    group by s.period, s.form, s.sender_code, s.version_no, s.version_count
), newest as (
    select * from version where version_no = version_count
), strange as (
    select o.period, o.form, o.sender_code, n.submission_id, o.submission_id as replaced_submission_id, o.row_count, o.gone_count
    from newest n
    join version o on o.period = n.period and o.form = n.form and o.sender_code = n.sender_code and o.version_no < n.version_no
    left join version k on k.period = o.period and k.form = o.form and k.sender_code = o.sender_code and k.version_no < o.version_no
        and k.row_count >= 5 and k.gone_count * 2 <= k.row_count
    where k.period is null and o.gone_count >= 5 and o.gone_count * 2 > o.row_count
    qualify row_number() over (partition by o.period, o.form, o.sender_code order by o.version_no desc) = 1
), most as (
    select period, form, sender_code, max(row_count) as row_count from version where version_no < version_count group by period, form, sender_code
), left_out as (
    select period, form, sender_code, unit_code, max(case when is_current then 1 else 0 end) as is_named
    from core.return_unit
    where is_counted
    group by period, form, sender_code, unit_code
), gone as (
    select distinct period, form, sender_code from left_out where is_named = 0
)
select s.sender_code, s.period, s.form, s.submission_id, cast(null as integer) as row, s.replaced_submission_id as row_key,
    a.file_name as replaced_file_name, s.row_count as before_count, s.gone_count,
    case when g.sender_code is not null then 'unit_disappeared' when d.unit_code is not null then 'period_year_mistyped' end as caused_by
from strange s
join newest n on n.period = s.period and n.form = s.form and n.sender_code = s.sender_code
join most m on m.period = s.period and m.form = s.form and m.sender_code = s.sender_code and n.row_count * 2 >= m.row_count
join core.accepted_return a on a.submission_id = s.replaced_submission_id
left join gone g on g.period = s.period and g.form = s.form and g.sender_code = s.sender_code
left join core.due_return d on d.misdated_submission_id = s.submission_id
