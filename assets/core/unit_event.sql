-- One row per event in the life of units: founded, renamed, dissolved, downgraded, merged, split, transferred.
-- @key event_id
-- @col event_date | day of the event
-- @col period | month of the event
-- @col kind | established, renamed, dissolved, downgraded, merged, split, transferred, transferred_as_is
-- @col line | line of reference/unit_events.csv
-- @col unit_code | the unit that came out of the event, else the one that ended by it
select event_id, date as event_date, month_of(date) as period, kind, decision_no, from_unit as from_unit_code,
    to_unit as to_unit_code, coalesce(to_unit, from_unit) as unit_code, line
from reference.unit_events
