-- One row per unit, month, kind, occasion and giver of support.
-- @incremental period
-- @key period, unit_code, kind, occasion, given_by
-- @col line_count | lines of support
-- @col gift_count | gifts; NULL where the kind has none
-- @col amount_vnd | đồng
select period, unit_code, kind, occasion, given_by, count(*) as line_count, cast(sum(gift_count) as bigint) as gift_count,
    cast(sum(amount_vnd) as bigint) as amount_vnd
from core.aid
where period in (select period from meta.touched)
group by period, unit_code, kind, occasion, given_by
