-- @on core.activity
-- @severity warning
-- @column value
-- @vi số này ({vn_digits(value)}) lớn hơn chỉ tiêu «{whole_label}» ({vn_digits(whole_value)}) là số bao gồm nó, xin xem lại hai số.
-- @en An indicator that counts some of another is greater than that one, of the same unit and month.
-- Works completed may be more than those registered in the half-year, since older registrations count too, so that is no pair.
with pair (part, whole) as (values
    ('blocks_signed', 'blocks_counted'),
    ('grassroots_registered', 'grassroots_counted'),
    ('grassroots_rolled_out', 'grassroots_counted'),
    ('grassroots_office_culture', 'grassroots_counted'),
    ('grassroots_sports', 'grassroots_counted'),
    ('upper_plans', 'upper_counted'),
    ('upper_rolled_out', 'upper_counted'),
    ('mutual_fund_kept', 'upper_counted'),
    ('registrations_made', 'registrations_due'),
    ('fulltime_officers_registered', 'fulltime_officers'),
    ('officers_trained', 'officers_counted')
)
select a.sender_code, a.period, 'activity' as form, a.submission_id, a.row, a.row_key, a.value, b.value as whole_value, i.label_vi as whole_label
from core.activity a
join pair p on p.part = a.indicator_id
join core.activity b on b.period = a.period and b.unit_code = a.unit_code and b.indicator_id = p.whole
join reference.indicators i on i.indicator_id = p.whole
where a.period in (select period from meta.touched) and a.value > b.value
