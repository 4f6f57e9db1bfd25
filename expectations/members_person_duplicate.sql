-- @on core.member
-- @severity warning
-- @column full_name
-- @vi họ tên và ngày sinh ở đây giống {case when other_submission_id = submission_id then 'dòng ' || other_row || ' cùng trang' else 'dòng ' || other_row || ' trang «' || other_sheet || '»' end}, có phải một người ghi hai lần không, xin bỏ một dòng hoặc ghi đủ số CCCD của cả hai người.
-- @en The same name and birth date twice in one unit, and neither citizen id nor card number tells them apart; the later row is named.
-- Rows that share a number are the matter of the rules on that number.
with shared as (
    select period, unit_code, birth_date, birth_date_precision
    from core.member
    where birth_date is not null and period in (select period from meta.touched)
    group by period, unit_code, birth_date, birth_date_precision
    having count(*) > 1
), named as (
    select m.period, m.unit_code, m.sender_code, m.submission_id, m.sheet, m.row, m.row_key, vn_key(m.full_name) as name_key, m.birth_date,
        m.birth_date_precision, m.citizen_id, card_key(m.card_no) as card_key
    from core.member m
    join shared s on s.period = m.period and s.unit_code = m.unit_code and s.birth_date = m.birth_date
        and s.birth_date_precision = m.birth_date_precision
), pair as (
    select b.sender_code, b.period, b.submission_id, b.row, b.row_key, a.row as other_row, a.submission_id as other_submission_id,
        a.sheet as other_sheet, b.name_key || '|' || vn_day(b.birth_date) as about
    from named b
    join named a on a.period = b.period and a.unit_code = b.unit_code and a.name_key = b.name_key and a.birth_date = b.birth_date
        and a.birth_date_precision = b.birth_date_precision
    where (a.submission_id < b.submission_id or (a.submission_id = b.submission_id and a.row < b.row))
        and (a.citizen_id is null or b.citizen_id is null)
        and (a.card_key is null or b.card_key is null)
    qualify row_number() over (partition by b.submission_id, b.row order by a.submission_id, a.row) = 1
)
select sender_code, period, 'members' as form, submission_id, row, row_key, other_row, other_submission_id, other_sheet, about
from pair
