-- One row per unit and month: initiatives on its list, recognised in that month, entered on the portal so far.
-- @incremental period
-- @key period, unit_code
-- @col listed_count | initiatives on the cumulative list
-- @col recognised_count | decided in that month
-- @col portal_count | entered on the portal up to that month
-- @col benefit_vnd | đồng, of those decided in that month
select period, unit_code, count(*) as listed_count, count(*) filter (where month_of(decision_date) = period) as recognised_count,
    count(*) filter (where on_portal) as portal_count,
    cast(sum(benefit_vnd) filter (where month_of(decision_date) = period) as bigint) as benefit_vnd
from core.initiative
where period in (select period from meta.touched)
group by period, unit_code
