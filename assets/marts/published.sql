-- One row per figure a signed report printed.
-- @key document_no, period, metric_id, unit_code
-- @col published | as printed, in the metric's unit
-- @col qualifier | exact, about (gần), over (hơn, trên)
select document_no, period, metric_id, unit_code, value as published, qualifier from reference.published
