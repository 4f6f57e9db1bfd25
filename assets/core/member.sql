-- One row per worker of a unit and month, union member or not, from the return that counts: of two senders the newer one, a sender in the unit's own line first.
-- @incremental period
-- @key period, submission_id, row
-- @col period | month of the return, YYYY-MM
-- @col sender_code | unit that sent the row
-- @col row | row number in Excel
-- @col row_key | keyed hash of the natural key: the same row in every version of a return
-- @col person_key | keyed hash that stands for the person wherever the name may not go
-- @col is_member | union member at the cut-off
-- @col birth_date_precision | day, month or year: how much of the date the return gave
-- @col joined_date_precision | day, month or year
-- @col income_vnd | đồng a month
select
    t.period, t.submission_id, t.sheet, t.row, t.sender_code, t.row_key,
    pseudonym(coalesce(t.citizen_id, card_key(t.card_no), vn_key(t.full_name) || coalesce(vn_day(t.birth_date), ''))) as person_key,
    t.unit_code, t.unit_name, t.full_name, t.birth_date, t.birth_date_precision, t.sex, t.ethnicity, t.citizen_id, t.card_no, t.is_member,
    t.joined_date, t.joined_date_precision, t.schooling, t.qualification, t.political_theory, t.income_vnd, t.note
from typed.members t
left join core.unit_scope l on l.period = t.period and l.unit_code = t.unit_code and l.scope_code = t.sender_code
where t.is_current and not t.is_rejected and t.period in (select period from meta.touched)
qualify dense_rank() over (
    partition by t.period, t.unit_code
    order by case when l.scope_code is null then 1 else 0 end, t.received_at desc, t.modified_at desc, t.sender_code
) = 1
