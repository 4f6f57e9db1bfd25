-- @on core.aid
-- @severity warning
-- @column model_code
-- @scope all
-- @vi diện tích hoặc số phòng ghi ở dòng này khác với dòng {other_row} của cùng công trình trong báo cáo tháng {vn_month(other_period)} của đơn vị gửi {other_sender}, xin ghi thống nhất diện tích và số phòng của cả công trình.
-- @en Two lines of one house or classroom state another area or number of rooms, of which figures take one; the later line is named. A blank cell states nothing.
with stated as (
    select period, sender_code, submission_id, row, row_key, kind, model_key, area_m2, rooms_count
    from core.aid
    where kind in ('lodging_house', 'classroom') and model_key is not null and (area_m2 is not null or rooms_count is not null)
)
select b.sender_code, b.period, 'aid' as form, b.submission_id, b.row, b.row_key, a.row as other_row, a.period as other_period, a.sender_code as other_sender
from stated b
join stated a on a.kind = b.kind and a.model_key = b.model_key and (a.area_m2 <> b.area_m2 or a.rooms_count <> b.rooms_count)
    and (a.period < b.period or (a.period = b.period and (a.submission_id < b.submission_id or (a.submission_id = b.submission_id and a.row < b.row))))
qualify row_number() over (partition by b.submission_id, b.row order by a.period, a.submission_id, a.row) = 1
