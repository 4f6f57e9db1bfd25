-- One row per sheet or file that could not be taken and that nobody need answer for any more.
-- @key submission_id
-- @col submission_id | the waiting, rejected or quarantined sheet
-- A later accepted return of the same sender and form answers it, for the month it stated or when it stated none that can be; a sheet that
-- is no form of ours, nor like one, needs no answer when its own file brought one that is. A file of an unknown sender stays open: another unit may well
-- send a good file of the same name.
select distinct bad.submission_id
from raw.submission bad
join core.accepted_return good
    on good.received_at > bad.received_at
    and good.unit_code = bad.unit_code
    and (bad.form is null or good.form = bad.form)
    and (bad.period = good.period or bad.stated_periods like ('%' || good.period || '%') or (bad.period is null and bad.stated_periods = '')
        or bad.submission_id in (select submission_id from raw.issue where check_id = 'period_implausible'))
where bad.intake_status <> 'accepted'
union
select distinct bad.submission_id
from raw.submission bad
join raw.submission good on good.sha256 = bad.sha256 and good.intake_status = 'accepted'
where bad.intake_status = 'rejected' and bad.form is null
    and bad.submission_id not in (select submission_id from raw.issue where check_id = 'form_incomplete')
