-- One row per worker of a unit and month, union member or not, from the return that counts.
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
    period, submission_id, sheet, row, sender_code, row_key,
    pseudonym(coalesce(citizen_id, card_no, vn_key(full_name) || coalesce(vn_day(birth_date), ''))) as person_key,
    unit_code, unit_name, full_name, birth_date, birth_date_precision, sex, ethnicity, citizen_id, card_no, is_member,
    joined_date, joined_date_precision, schooling, qualification, political_theory, income_vnd, note
from typed.members
where is_current and not is_rejected and period in (select period from meta.touched)
qualify dense_rank() over (partition by period, unit_code order by received_at desc, modified_at desc, sender_code) = 1
