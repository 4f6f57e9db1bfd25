-- One row per unit and stretch of time in which its name, parent, level, sector and management did not change.
-- @key unit_code, valid_from
-- @col unit_code | code of the unit, never used again for another
-- @col name | official Vietnamese name
-- @col level | confederation, province, upper (directly above the grassroots), grassroots
-- @col parent_code | the unit above
-- @col sector | public (HCSN) or business (SXKD); empty above the grassroots
-- @col managed | direct, or central: located in the province, led by a central union
-- @col valid_from | first day
-- @col line | line of reference/units.csv
-- @col valid_to | first day no longer, empty while it lasts
select code as unit_code, name, level, parent as parent_code, sector, managed, officer_email, valid_from, valid_to, line
from reference.units
