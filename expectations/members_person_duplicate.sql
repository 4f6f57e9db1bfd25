-- @on core.member
-- @severity warning
-- @column full_name
-- @vi họ tên và ngày sinh ở đây giống {case when other_submission_id = submission_id then 'dòng ' || other_row || ' cùng trang' else 'dòng ' || other_row || ' trang «' || other_sheet || '»' end}, có phải một người ghi hai lần không, xin bỏ một dòng hoặc ghi đủ số CCCD của cả hai người.
-- @en The same name and birth date twice in one unit, and neither citizen id nor card number tells them apart; the later row is named.
-- Rows that share a number are the matter of the rules on that number.
with named as (
    select period, unit_code, sender_code, submission_id, sheet, row, row_key, vn_key(full_name) as name_key, birth_date, birth_date_precision,
        citizen_id, card_key(card_no) as card_key,
        count(*) over (partition by period, unit_code, vn_key(full_name), birth_date, birth_date_precision) as namesake_count
    from core.member
    where birth_date is not null and period in (select period from meta.touched)
), pair as (
    select b.sender_code, b.period, b.submission_id, b.row, b.row_key, a.row as other_row, a.submission_id as other_submission_id,
        a.sheet as other_sheet
    from named b
    join named a on a.period = b.period and a.unit_code = b.unit_code and a.name_key = b.name_key and a.birth_date = b.birth_date
        and a.birth_date_precision = b.birth_date_precision
    where b.namesake_count > 1 and a.namesake_count > 1
        and (a.submission_id < b.submission_id or (a.submission_id = b.submission_id and a.row < b.row))
        and (a.citizen_id is null or b.citizen_id is null)
        and (a.card_key is null or b.card_key is null)
    qualify row_number() over (partition by b.submission_id, b.row order by a.submission_id, a.row) = 1
)
select sender_code, period, 'members' as form, submission_id, row, row_key, other_row, other_submission_id, other_sheet
from pair
