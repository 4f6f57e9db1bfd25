-- @on core.aid
-- @severity warning
-- @scope all
-- @column amount_vnd
-- @vi số tiền {vn_digits(amount_vnd)} đồng chưa tới 1% của công trình {vn_digits(model_amount_vnd)} đồng, xin xem lại có thiếu ba số 0 không.
-- @en A named funder of a house or classroom gives less than 1 % of it (our rule of thumb; the seed printed 250.000 of 969.000.000).
-- Funders give in different months and are told from different returns, so any month may decide over a line of any other.
with model as (
    select model_key, kind, sum(amount_vnd) as model_amount_vnd, count(*) as funder_count
    from core.aid
    where kind in ('lodging_house', 'classroom') and model_key is not null
    group by model_key, kind
)
select a.sender_code, a.period, 'aid' as form, a.submission_id, a.row, a.row_key, a.amount_vnd, m.model_amount_vnd
from core.aid a
join model m on m.model_key = a.model_key and m.kind = a.kind
where m.funder_count > 1 and a.amount_vnd * 100 < m.model_amount_vnd
