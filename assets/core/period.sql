-- One row per reporting period that has data: months, quarters, half-years, nine months, years, campaigns, with their four dates.
-- @key period
-- @col period | 2023-05, 2023-Q2, 2023-H1, 2023-9M, 2023, or a campaign such as tet-2023
-- @col cutoff_date | the day counts close (ngày chốt): the calendar end unless reference/periods.csv says otherwise
-- @col first_month | first month whose returns flow into the period
-- @col last_month | last month with data up to the cut-off; the state at the cut-off is read there
-- @col is_complete | whether the data reaches the month of the cut-off
-- @col is_whole | whether the data reaches back to the start, so that flows are whole; a first month that looks further back is not
-- @col previous_period | the period of the same kind just before; campaigns have none
-- @col last_year_period | the same period a year earlier, of campaigns too: tet-2023 → tet-2022
with part as (
    select * from (values
        ('01', 'Q1', 'H1'), ('02', 'Q1', 'H1'), ('03', 'Q1', 'H1'), ('04', 'Q2', 'H1'), ('05', 'Q2', 'H1'), ('06', 'Q2', 'H1'),
        ('07', 'Q3', 'H2'), ('08', 'Q3', 'H2'), ('09', 'Q3', 'H2'), ('10', 'Q4', 'H2'), ('11', 'Q4', 'H2'), ('12', 'Q4', 'H2')
    ) as v (month_no, quarter, half)
), bounds as (
    select * from (values
        ('Q1', '01', '03', 'Q4', 1), ('Q2', '04', '06', 'Q1', 0), ('Q3', '07', '09', 'Q2', 0), ('Q4', '10', '12', 'Q3', 0),
        ('H1', '01', '06', 'H2', 1), ('H2', '07', '12', 'H1', 0), ('9M', '01', '09', '9M', 1)
    ) as v (code, first_no, last_no, code_before, years_before)
), data_month as (
    select distinct period, substr(period, 1, 4) as year, substr(period, 6, 2) as month_no from core.accepted_return where is_current
), opening as (
    select f.first_month, coalesce(max(case when a.given_date < cast(f.first_month || '-01' as date) then 1 else 0 end), 0) = 1 as looks_back
    from (select min(period) as first_month from data_month) f
    left join core.aid a on a.period = f.first_month
    group by f.first_month
), calendar as (
    select period, period as first_month, period as end_month from data_month
    union
    select year, year || '-01', year || '-12' from data_month
    union
    select d.year || '-' || b.code, d.year || '-' || b.first_no, d.year || '-' || b.last_no
    from data_month d join part p on p.month_no = d.month_no
    join bounds b on b.code in (p.quarter, p.half) or (b.code = '9M' and d.month_no <= '09')
), dated as (
    select coalesce(r.period, c.period) as period, r.label_vi,
        coalesce(r.start_date, cast(c.first_month || '-01' as date)) as start_date,
        coalesce(r.end_date, month_end(c.end_month)) as end_date,
        coalesce(r.cutoff_date, month_end(c.end_month)) as cutoff_date, r.issue_date
    from calendar c full join reference.periods r on r.period = c.period
)
select d.period, d.label_vi, d.start_date, d.end_date, d.cutoff_date, d.issue_date, month_of(d.start_date) as first_month,
    max(m.period) as last_month, max(m.period) = month_of(d.cutoff_date) as is_complete,
    month_of(d.start_date) > o.first_month or (month_of(d.start_date) = o.first_month and not o.looks_back) as is_whole,
    case
        when matches(d.period, '^[0-9]{4}-[0-9]{2}$') then month_add(d.period, -1)
        when matches(d.period, '^[0-9]{4}$') then year_add(d.period, -1)
        else year_add(substr(d.period, 1, 4), -b.years_before) || '-' || b.code_before
    end as previous_period,
    case
        when matches(d.period, '^[0-9]{4}') then year_add(substr(d.period, 1, 4), -1) || substr(d.period, 5)
        when matches(d.period, '-[0-9]{4}$') then substr(d.period, 1, length(d.period) - 4) || year_add(substr(d.period, length(d.period) - 3), -1)
    end as last_year_period
from dated d
join data_month m on m.period >= month_of(d.start_date) and m.period <= month_of(d.cutoff_date)
cross join opening o
left join bounds b on matches(d.period, '^[0-9]{4}-') and b.code = substr(d.period, 6)
group by d.period, d.label_vi, d.start_date, d.end_date, d.cutoff_date, d.issue_date, b.years_before, b.code_before,
    o.first_month, o.looks_back
