-- @on typed.aid
-- @severity critical
-- @column recipient
-- @vi dòng này trùng người nhận, hình thức, đợt, ngày, số tiền và cấp hỗ trợ với {case when other_submission_id = submission_id then 'dòng ' || other_row || ' cùng trang' else 'dòng ' || other_row || ' trong bản của đơn vị gửi ' || other_sender end}, xin bỏ một dòng nếu ghi lặp.
-- @en The same line of support stands twice; the later row is named. Who gave, of what and for what tells two lines apart where both say it.
with alike as (
    select period, row_key
    from typed.aid
    where is_current and not is_rejected and recipient is not null
    group by period, row_key
    having count(*) > 1
), numbered as (
    select t.period, t.sender_code, t.submission_id, t.row, t.row_key, t.given_by, vn_key(t.hardship) as hardship_key, vn_key(t.fund) as fund_key,
        row_number() over (partition by t.period, t.row_key order by t.received_at, t.submission_id, t.row) as place
    from typed.aid t
    join alike a on a.period = t.period and a.row_key = t.row_key
    where t.is_current and not t.is_rejected
), pair as (
    select b.sender_code, b.period, b.submission_id, b.row, b.row_key, a.row as other_row, a.submission_id as other_submission_id,
        a.sender_code as other_sender, row_number() over (partition by b.period, b.row_key, b.place order by a.place desc) as nearest
    from numbered b
    join numbered a on a.period = b.period and a.row_key = b.row_key and a.place < b.place
    where coalesce(a.given_by, b.given_by, '') = coalesce(b.given_by, a.given_by, '')
        and coalesce(a.hardship_key, b.hardship_key, '') = coalesce(b.hardship_key, a.hardship_key, '')
        and coalesce(a.fund_key, b.fund_key, '') = coalesce(b.fund_key, a.fund_key, '')
)
select sender_code, period, 'aid' as form, submission_id, row, row_key, other_row, other_submission_id, other_sender
from pair
where nearest = 1
