-- @on typed.aid
-- @severity critical
-- @column gift_count
-- @vi tổng {vn_digits(total)} suất quà không bằng tổng theo cấp ({vn_digits(by_level)}) hoặc theo đợt ({vn_digits(by_occasion)}), vì có dòng chưa ghi cấp hoặc đợt hỗ trợ.
-- @en Gifts by level, gifts by occasion and all gifts of a return are not the same number, or the same money.
with summed as (
    select sender_code, period, min(submission_id) as submission_id, sum(gift_count) as total, sum(amount_vnd) as total_vnd,
        coalesce(sum(gift_count) filter (where given_by is not null), 0) as by_level,
        coalesce(sum(amount_vnd) filter (where given_by is not null), 0) as by_level_vnd,
        coalesce(sum(gift_count) filter (where occasion is not null), 0) as by_occasion,
        coalesce(sum(amount_vnd) filter (where occasion is not null), 0) as by_occasion_vnd,
        max(case when given_by is null and given_by_text is not null then 'aid_given_by_unreadable' end) as level_unread,
        max(case when occasion is null and occasion_text is not null then 'aid_occasion_unreadable' end) as occasion_unread
    from typed.aid
    where kind = 'gift' and is_current and not is_rejected
    group by sender_code, period
)
select sender_code, period, 'aid' as form, submission_id, cast(null as integer) as row, '' as row_key, total, by_level, by_occasion,
    case
        when total <> by_level or total_vnd <> by_level_vnd then coalesce(level_unread, 'aid_given_by_missing')
        else coalesce(occasion_unread, 'aid_occasion_missing')
    end as caused_by
from summed
where total <> by_level or total <> by_occasion or total_vnd <> by_level_vnd or total_vnd <> by_occasion_vnd
