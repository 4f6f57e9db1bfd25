-- @on core.aid
-- @severity critical
-- @column gift_count
-- @vi tổng {vn_digits(total)} suất quà không bằng tổng theo cấp ({vn_digits(by_level)}) hoặc theo đợt ({vn_digits(by_occasion)}), vì có dòng chưa ghi cấp hoặc đợt hỗ trợ.
-- @en Gifts by level, gifts by occasion and all gifts of a return are not the same number, or the same money.
with summed as (
    select sender_code, period, min(submission_id) as submission_id, sum(gift_count) as total, sum(amount_vnd) as total_vnd,
        coalesce(sum(gift_count) filter (where given_by is not null), 0) as by_level,
        coalesce(sum(amount_vnd) filter (where given_by is not null), 0) as by_level_vnd,
        coalesce(sum(gift_count) filter (where occasion is not null), 0) as by_occasion,
        coalesce(sum(amount_vnd) filter (where occasion is not null), 0) as by_occasion_vnd
    from core.aid
    where kind = 'gift' and period in (select period from meta.touched)
    group by sender_code, period
)
select sender_code, period, 'aid' as form, submission_id, cast(null as integer) as row, '' as row_key, total, by_level, by_occasion,
    case when total <> by_level or total_vnd <> by_level_vnd then 'aid_given_by_missing' else 'aid_occasion_missing' end as caused_by
from summed
where total <> by_level or total <> by_occasion or total_vnd <> by_level_vnd or total_vnd <> by_occasion_vnd
