-- One row per initiative and month in the sender's cumulative list of that month.
-- @incremental period
-- @key period, submission_id, row
-- @col period | month of the list
-- @col decision_date | day of recognition
-- @col benefit_vnd | đồng
-- @col on_portal | entered on the national portal of the programme
select
    period, submission_id, sheet, row, sender_code, row_key, unit_code, title, authors, field, recognised_level, decision_no,
    decision_date, decision_date_precision, benefit_vnd, coalesce(on_portal, false) as on_portal, portal_date, portal_date_precision
from typed.initiatives
where is_current and not is_rejected and period in (select period from meta.touched)
