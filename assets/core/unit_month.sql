-- One row per unit in force on a day of a month.
-- @key period, unit_code
-- @col period | month, YYYY-MM
-- @col valid_from | the unit's first day
-- @col valid_to | the day it ended, empty while it lasts; one within the month leaves it out of the state at the month's end
-- @col established_date | day of the unit's founding, where the registry's events tell it
-- @col sender_code | the unit that sends returns for it: itself when it hangs under the province, else its parent
select period, unit_code, name, level, parent_code, sector, managed, line, valid_from, valid_to, established_date, sender_code
from core.unit_known
where valid_to is null or valid_to > cast(period || '-01' as date)
