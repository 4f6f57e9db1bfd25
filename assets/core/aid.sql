-- One row per line of support given in a month.
-- @incremental period
-- @key period, submission_id, row
-- @col period | month in which it was given
-- @col kind | gift, lodging_house, classroom, job_fund_loan, mutual_loan, welfare_agreement; a house is never a gift
-- @col gift_count | gifts (suất quà)
-- @col unit_amount_vnd | đồng a gift
-- @col amount_vnd | đồng
-- @col counted_date | the day it counts on: given_date, kept within the month of the return; its first day where no day is told
-- @col model_code | house, classroom, model or agreement the line belongs to; several lines may share one
-- @col model_key | the same however it is written: «NLT-A-01», «nlt a 01»
select
    period, submission_id, sheet, row, sender_code, row_key, pseudonym(unit_code || '|' || vn_key(recipient)) as person_key, unit_code, recipient, hardship,
    kind, occasion, given_by, fund, gift_count, unit_amount_vnd, amount_vnd, given_date, given_date_precision,
    greatest(cast(period || '-01' as date), least(month_end(period), coalesce(given_date, cast(period || '-01' as date)))) as counted_date, model_code, model_key(model_code) as model_key, area_m2,
    rooms_count, beneficiary_count, valid_until, valid_until_precision, income_gain_min_vnd, income_gain_max_vnd, note
from typed.aid
where is_current and not is_rejected and period in (select period from meta.touched)
