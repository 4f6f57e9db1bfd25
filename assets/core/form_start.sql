-- One row per form: the first month for which anybody sent it.
-- @key form
-- @col first_month | month, YYYY-MM
select form, min(period) as first_month from core.accepted_return group by form
