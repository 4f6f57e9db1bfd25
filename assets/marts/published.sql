-- One row per figure a signed report printed.
-- @key document_no, period, metric_id, unit_code
-- @col published | as printed, in the metric's unit
-- @col line | line of reference/published.csv; of two reports with one figure the later line counts
-- @col qualifier | exact, about (gần), over (hơn, trên)
select document_no, period, metric_id, unit_code, value as published, qualifier, line from reference.published
