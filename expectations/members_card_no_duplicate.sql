-- @on core.member
-- @severity warning
-- @column card_no
-- @vi số thẻ này đã có ở {case when other_submission_id = submission_id then 'dòng ' || other_row || ' cùng trang' else 'danh sách của đơn vị ' || other_unit_code end}, xin xem lại số thẻ ở hai dòng hoặc bỏ một dòng nếu ghi lặp một người.
-- @en Two people of the month have the same card number; the later row is named.
with numbered as (
    select period, sender_code, submission_id, row, row_key,
        lag(row) over same as other_row, lag(submission_id) over same as other_submission_id, lag(unit_code) over same as other_unit_code,
        row_number() over (partition by period, card_key(card_no), citizen_id order by unit_code, submission_id, row) as place_of_citizen,
        citizen_id
    from core.member
    where card_key(card_no) is not null and period in (select period from meta.touched)
    window same as (partition by period, card_key(card_no) order by unit_code, submission_id, row)
)
select sender_code, period, 'members' as form, submission_id, row, row_key, other_row, other_submission_id, other_unit_code,
    case when citizen_id is not null and place_of_citizen > 1 then 'members_citizen_id_duplicate' end as caused_by
from numbered
where other_row is not null
