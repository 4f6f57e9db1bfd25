-- One row per return that counts and name its rows give a unit while nobody has confirmed it; those rows are rejected.
-- @incremental period
-- @key submission_id, name_key
-- @col sender_code | the sender, among whose units it is looked for first
-- @col name_key | the name without accents, case and double spaces
-- @col name | as one of the rows has it; anything may have been typed there, so it stays private
-- @col row_count | rows that wait for the name
-- A code that is not in the registry is a slip for the sender to mend, no name: it has digits and no space.
with named as (
    select period, submission_id, sender_code, coalesce(unit_code_text, unit_name) as name from typed.members where is_current and unit_code is null
    union all
    select period, submission_id, sender_code, unit_code_text as name from typed.initiatives where is_current and unit_code is null
    union all
    select period, submission_id, sender_code, unit_code_text as name from typed.aid where is_current and unit_code is null
    union all
    select period, submission_id, sender_code, unit_code_text as name from typed.activity where is_current and unit_code is null
)
select period, submission_id, sender_code, vn_key(name) as name_key, min(name) as name, count(*) as row_count
from named
where matches(vn_key(name), '[a-z]{2}') and not matches(name, '^[^ ]*[0-9][^ ]*$') and period in (select period from meta.touched)
group by period, submission_id, sender_code, vn_key(name)
