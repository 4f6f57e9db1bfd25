-- @on core.member
-- @severity warning
-- @column card_no
-- @vi số thẻ này đã có ở {case when other_submission_id = submission_id then 'dòng ' || other_row || ' cùng trang' else 'danh sách của đơn vị ' || other_unit_code end}, xin xem lại số thẻ ở hai dòng hoặc bỏ một dòng nếu ghi lặp một người.
-- @en Two people of the month have the same card number; the later row is named.
with shared as (
    select period, card_key(card_no) as card_key
    from core.member
    where card_no is not null and period in (select period from meta.touched)
    group by period, card_key(card_no)
    having count(*) > 1
), numbered as (
    select m.period, m.sender_code, m.submission_id, m.row, m.row_key, m.citizen_id, s.card_key,
        lag(m.row) over same as other_row, lag(m.submission_id) over same as other_submission_id, lag(m.unit_code) over same as other_unit_code,
        row_number() over (partition by m.period, s.card_key, m.citizen_id order by m.unit_code, m.submission_id, m.row) as place_of_citizen
    from core.member m
    join shared s on s.period = m.period and s.card_key = card_key(m.card_no)
    window same as (partition by m.period, s.card_key order by m.unit_code, m.submission_id, m.row)
)
select sender_code, period, 'members' as form, submission_id, row, row_key, other_row, other_submission_id, other_unit_code,
    card_key as about,
    case when citizen_id is not null and place_of_citizen > 1 then 'members_citizen_id_duplicate' end as caused_by
from numbered
where other_row is not null
