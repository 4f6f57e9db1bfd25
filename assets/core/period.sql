-- One row per reporting period that has data: months, quarters, half-years, nine months, years, campaigns, with their four dates.
-- @key period
-- @col period | 2023-05, 2023-Q2, 2023-H1, 2023-9M, 2023, or a campaign such as tet-2023
-- @col start_date | as reference/periods.csv says, else the day after the cut-off it states for the period before, or for a longer one that ends there, else the calendar's first day
-- @col cutoff_date | the day counts close (ngày chốt): as reference/periods.csv says of it, or of a longer one that ends with it, else the calendar's last day
-- @col as_of_date | the last day that counts so far: the cut-off, or the end of the last month with data where the period still runs
-- @col first_month | first month whose returns flow into the period
-- @col last_month | last month with data up to the cut-off, one that is over where there is one; the state at the cut-off is read there
-- @col is_complete | whether the month of the cut-off is over and has data
-- @col is_whole | whether the data reaches back to the start, so that flows are whole; a first month most of whose aid is older, an opening return, is not
-- @col previous_period | the period of the same kind just before; campaigns have none
-- @col last_year_period | the same period a year earlier, of campaigns too: tet-2023 → tet-2022
with bounds as (
    select * from (values
        ('01', '01', '01', '12', 1), ('02', '02', '02', '01', 0), ('03', '03', '03', '02', 0), ('04', '04', '04', '03', 0),
        ('05', '05', '05', '04', 0), ('06', '06', '06', '05', 0), ('07', '07', '07', '06', 0), ('08', '08', '08', '07', 0),
        ('09', '09', '09', '08', 0), ('10', '10', '10', '09', 0), ('11', '11', '11', '10', 0), ('12', '12', '12', '11', 0),
        ('Q1', '01', '03', 'Q4', 1), ('Q2', '04', '06', 'Q1', 0), ('Q3', '07', '09', 'Q2', 0), ('Q4', '10', '12', 'Q3', 0),
        ('H1', '01', '06', 'H2', 1), ('H2', '07', '12', 'H1', 0), ('9M', '01', '09', '9M', 1)
    ) as v (code, first_no, last_no, code_before, years_before)
), longer as (
    -- the longer periods that end with one, and those that end the day before it; the nearer of two first; nine months close for
    -- themselves
    select * from (values
        ('Q1', null, null, '-H2', '', 1), ('Q2', '-H1', null, null, null, 0), ('Q3', null, null, '-H1', null, 0),
        ('Q4', '-H2', '', null, null, 0), ('H1', null, null, '', null, 1), ('H2', '', null, null, null, 0), ('9M', null, null, '-H2', '', 1)
    ) as v (code, end_near, end_far, start_near, start_far, years_back)
), data_month as (
    select distinct period from core.accepted_return where is_current
), opening as (
    select f.first_month, count(*) filter (where a.given_date < cast(f.first_month || '-01' as date)) * 2 > count(a.given_date) as looks_back
    from (select min(first_month) as first_month from core.form_start) f
    left join core.aid a on a.period = f.first_month
    group by f.first_month
), data_year as (
    select distinct substr(period, 1, 4) as year from data_month
    union
    select distinct substr(month_add(period, 1), 1, 4) as year from data_month
), calendar as (
    select year as period, year || '-01' as first_month, year || '-12' as end_month, year_add(year, -1) as previous_period, 'year' as code
    from data_year
    union all
    select y.year || '-' || b.code, y.year || '-' || b.first_no, y.year || '-' || b.last_no,
        year_add(y.year, -b.years_before) || '-' || b.code_before, b.code
    from data_year y cross join bounds b
), dated as (
    select coalesce(r.period, c.period) as period, r.label_vi, c.previous_period,
        coalesce(r.start_date, before.cutoff_date + 1, start_near.cutoff_date + 1, start_far.cutoff_date + 1, cast(c.first_month || '-01' as date)) as start_date,
        coalesce(r.end_date, month_end(c.end_month)) as end_date,
        coalesce(r.cutoff_date, end_near.cutoff_date, end_far.cutoff_date, month_end(c.end_month)) as cutoff_date, r.issue_date
    from calendar c
    full join reference.periods r on r.period = c.period
    left join reference.periods before on before.period = c.previous_period and c.code <> '9M'
    left join longer l on l.code = c.code
    left join reference.periods end_near on end_near.period = substr(c.period, 1, 4) || l.end_near
    left join reference.periods end_far on end_far.period = substr(c.period, 1, 4) || l.end_far
    left join reference.periods start_near on start_near.period = year_add(substr(c.period, 1, 4), -l.years_back) || l.start_near
    left join reference.periods start_far on start_far.period = year_add(substr(c.period, 1, 4), -l.years_back) || l.start_far
), reached as (
    select d.period, max(m.period) as newest_month, max(case when m.period < month_of(k.now) then m.period end) as newest_over
    from dated d
    join data_month m on m.period >= month_of(d.start_date) and m.period <= month_of(d.cutoff_date)
    cross join meta.clock k
    group by d.period
)
select d.period, d.label_vi, d.start_date, d.end_date, d.cutoff_date, d.issue_date,
    least(d.cutoff_date, month_end(coalesce(r.newest_over, r.newest_month))) as as_of_date, month_of(d.start_date) as first_month,
    coalesce(r.newest_over, r.newest_month) as last_month, coalesce(r.newest_over = month_of(d.cutoff_date), false) as is_complete,
    month_of(d.start_date) > o.first_month or (month_of(d.start_date) = o.first_month and not o.looks_back) as is_whole,
    d.previous_period,
    case
        when matches(d.period, '^[0-9]{4}') then year_add(substr(d.period, 1, 4), -1) || substr(d.period, 5)
        when matches(d.period, '-[0-9]{4}$') then substr(d.period, 1, length(d.period) - 4) || year_add(substr(d.period, length(d.period) - 3), -1)
    end as last_year_period
from dated d
join reached r on r.period = d.period
cross join opening o
