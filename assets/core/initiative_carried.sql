-- One row per initiative and month for which its sender owes no list with it any more: the last list with it stays what it reached.
-- @key period, submission_id, row
-- @col period | a month after the list
-- @col decision_date | day of recognition
-- @col benefit_vnd | đồng
-- @col on_portal | entered on the national portal of the programme
-- A sender owes none once it ended or hangs under another union, and none of a unit that hangs under another sender now, for as long as
-- nobody's list names that unit. An initiative that another list of the month has is not carried.
with last_list as (
    select m.period, r.unit_code as sender_code, max(r.period) as list_period
    from meta.month m
    join core.accepted_return r on r.form = 'initiatives' and r.is_current and r.period < m.period
    left join core.due_return d on d.form = r.form and d.period = m.period and d.unit_code = r.unit_code
    left join core.accepted_return n on n.form = r.form and n.period = m.period and n.unit_code = r.unit_code and n.is_current
    where d.unit_code is null and n.unit_code is null
    group by m.period, r.unit_code
), named as (
    select distinct period, unit_code, sender_code from core.return_unit where form = 'initiatives' and is_current and is_counted
), left_behind as (
    select u.period, u.unit_code, b.sender_code, max(b.period) as list_period
    from core.unit_known u
    join named b on b.unit_code = u.unit_code and b.period < u.period and b.sender_code <> u.sender_code
    join core.unit_known was on was.period = b.period and was.unit_code = b.unit_code and was.sender_code = b.sender_code
    left join named n on n.period = u.period and n.unit_code = u.unit_code
    where n.unit_code is null
    group by u.period, u.unit_code, b.sender_code
), carried as (
    select l.period, i.submission_id, i.row
    from last_list l
    join core.initiative i on i.period = l.list_period and i.sender_code = l.sender_code
    union
    select b.period, i.submission_id, i.row
    from left_behind b
    join core.initiative i on i.period = b.list_period and i.sender_code = b.sender_code and i.unit_code = b.unit_code
)
select c.period, i.submission_id, i.sheet, i.row, i.sender_code, i.row_key, i.unit_code, i.title, i.authors, i.field, i.recognised_level,
    i.decision_no, i.decision_date, i.decision_date_precision, i.benefit_vnd, i.on_portal, i.portal_date, i.portal_date_precision
from carried c
join core.initiative i on i.submission_id = c.submission_id and i.row = c.row
left join core.initiative n on n.period = c.period and n.row_key = i.row_key
where n.row_key is null
