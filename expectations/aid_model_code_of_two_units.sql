-- @on core.aid
-- @severity warning
-- @column model_code
-- @scope all
-- @vi mã này trước đó đã ghi cho {case when by_sender then 'công đoàn ' else 'đơn vị ' end}{first_place} (tháng {vn_month(first_period)}), nên hai nơi đang được tính là một công trình hoặc mô hình, xin ghi mã khác nếu đây là công trình hoặc mô hình khác.
-- @en One code of a house, classroom, agreement or loan model stands under two units, and counts once.
-- Loans of one model may go to several units of one sender.
with placed as (
    select period, submission_id, row, sender_code, row_key, kind, model_key,
        kind = 'mutual_loan' as by_sender, case when kind = 'mutual_loan' then sender_code else unit_code end as place
    from core.aid
    where kind in ('lodging_house', 'classroom', 'welfare_agreement', 'mutual_loan') and model_key is not null
), numbered as (
    select *, row_number() over (partition by kind, model_key, place order by period, submission_id, row) as turn
    from placed
), earliest as (
    select kind, model_key, place as first_place, period as first_period
    from placed
    qualify row_number() over (partition by kind, model_key order by period, submission_id, row) = 1
)
select n.sender_code, n.period, 'aid' as form, n.submission_id, n.row, n.row_key, n.by_sender, e.first_place, e.first_period
from numbered n
join earliest e on e.kind = n.kind and e.model_key = n.model_key
where n.turn = 1 and n.place <> e.first_place
