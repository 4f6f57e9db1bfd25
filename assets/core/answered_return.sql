-- One row per sheet or file that could not be taken, and that a later accepted return of the same sender answered.
-- @key submission_id
-- @col submission_id | the waiting, rejected or quarantined sheet
select distinct bad.submission_id
from raw.submission bad
join core.accepted_return good
    on good.received_at > bad.received_at
    and good.unit_code = bad.unit_code
    and (bad.form is null or good.form = bad.form)
    and (bad.period = good.period or bad.stated_periods like ('%' || good.period || '%'))
where bad.intake_status <> 'accepted'
