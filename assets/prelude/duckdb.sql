-- The functions whose meaning differs between engines, defined once for DuckDB; models and rules call only these
-- and the plain functions that the lint in pipelines/models.py allows. One statement a paragraph.

create or replace macro vn_trim(s) as trim(s);  -- every Unicode space, no-break space included

create or replace macro vn_squash(s) as nullif(trim(regexp_replace(nfc_normalize(s), '[\s\p{Z}]+', ' ', 'g')), '');

create or replace macro vn_key(s) as
    trim(regexp_replace(replace(replace(strip_accents(lower(s)), 'đ', 'd'), 'ð', 'd'), '[\s\p{Z}]+', ' ', 'g'));

create or replace macro matches(s, pattern) as regexp_matches(s, pattern);

-- a number without its currency and scale words: «4.173.000.000đ» → «4.173.000.000», «1,4 tỷ» → «1,4»
create or replace macro vn_bare_number(s) as
    replace(regexp_replace(vn_key(s), '\s*(trieu|ty|ti|nghin|ngan)?\s*(dong|vnd|d|m2)?$', ''), ' ', '');

create or replace macro vn_scale(s) as case
    when regexp_matches(vn_key(s), '[0-9]\s*(ty|ti)\s*(dong|vnd|d)?$') then 1000000000
    when regexp_matches(vn_key(s), '[0-9]\s*trieu\s*(dong|vnd|d)?$') then 1000000
    when regexp_matches(vn_key(s), '[0-9]\s*(nghin|ngan)\s*(dong|vnd|d)?$') then 1000
    else 1 end;

-- dots group thousands and a comma opens decimals; one comma before three digits is ambiguous and gives NULL
create or replace macro vn_decimal_text(n) as case
    when regexp_matches(n, '^-?[0-9]+$') then n
    when regexp_matches(n, '^-?[0-9]{1,3}([.][0-9]{3})+(,[0-9]+)?$') then replace(replace(n, '.', ''), ',', '.')
    when regexp_matches(n, '^-?[0-9]{1,3}(,[0-9]{3}){2,}([.][0-9]+)?$') then replace(n, ',', '')
    when regexp_matches(n, '^-?[0-9]{1,3}(,[0-9]{3})+[.][0-9]+$') then replace(n, ',', '')
    when regexp_matches(n, '^-?[0-9]+,([0-9]{1,2}|[0-9]{4,})$') then replace(n, ',', '.')
    when regexp_matches(n, '^-?[0-9]+[.]([0-9]{1,2}|[0-9]{4,})$') then n end;

-- at most 20 digits before the comma, so that no scale word takes the product out of range
create or replace macro vn_number(s) as case
    when regexp_matches(s, '^-?[0-9]{1,17}$') then try_cast(s as decimal(38, 4))
    else try_cast(vn_decimal_text(vn_bare_number(s)) as decimal(24, 4)) * vn_scale(s) end;

-- whole numbers below 10^15 only; a fraction of a đồng or of a gift, and more money than there is, give NULL
create or replace macro vn_whole(s) as case
    when regexp_matches(s, '^-?[0-9]{1,15}$') then try_cast(s as bigint)
    when vn_number(s) = floor(vn_number(s)) and abs(vn_number(s)) < 1000000000000000 then try_cast(vn_number(s) as bigint) end;

create or replace macro vn_date(s) as case
    when regexp_matches(s, '^[0-9]{4}-[0-9]{2}-[0-9]{2}([ T][0-9]{2}:[0-9]{2}(:[0-9]{2})?)?$') then try_cast(substr(s, 1, 10) as date)
    when regexp_matches(s, '^[0-9]{1,2}[-/.][0-9]{1,2}[-/.][0-9]{4}$')
        then cast(try_strptime(replace(replace(s, '/', '-'), '.', '-'), '%d-%m-%Y') as date)
    when regexp_matches(s, '^[0-9]{1,2}[-/.][0-9]{4}$')
        then cast(try_strptime('1-' || replace(replace(s, '/', '-'), '.', '-'), '%d-%m-%Y') as date)
    when regexp_matches(s, '^(19|20)[0-9]{2}$') then try_cast(s || '-01-01' as date)
    when regexp_matches(s, '^[2-5][0-9]{4}$') then date '1899-12-30' + try_cast(s as integer) end;

create or replace macro vn_date_precision(s) as case
    when vn_date(s) is null then null
    when regexp_matches(s, '^[0-9]{1,2}[-/.][0-9]{4}$') then 'month'
    when regexp_matches(s, '^[0-9]{4}$') then 'year'
    else 'day' end;

create or replace macro vn_yes(s) as case
    when vn_key(s) in ('x', 'co', 'yes', '1', 'true', 'v', 'da') then true
    when s is null or vn_key(s) in ('', '0', 'khong', 'no', 'false', 'chua') then false end;

-- a union card's number as compared; NULL for what is none: «chưa có», «-», a year
create or replace macro card_key(s) as case when regexp_matches(replace(vn_key(s), ' ', ''), '[0-9]{5}') then replace(vn_key(s), ' ', '') end;

create or replace macro month_of(d) as strftime(d, '%Y-%m');

create or replace macro month_end(period) as last_day(cast(period || '-01' as date));

create or replace macro month_add(period, n) as strftime(cast(period || '-01' as date) + to_months(n), '%Y-%m');

create or replace macro year_add(year, n) as cast(try_cast(year as integer) + n as varchar);

create or replace macro full_years(a, b) as cast(datesub('year', a, b) as integer);

create or replace macro days_from(a, b) as cast(datediff('day', a, b) as bigint);

create or replace macro vn_day(d) as strftime(d, '%d/%m/%Y');

create or replace macro vn_digits(n) as format('{:t.}', try_cast(n as hugeint));

-- exact half-up rounding in whole numbers: 100 × part / whole to so many decimals
create or replace macro pct(part, whole, decimals) as
    cast((cast(part as hugeint) * 200 * cast(power(10, decimals) as bigint) + cast(whole as hugeint))
         // nullif(2 * cast(whole as hugeint), 0) as double) / power(10, decimals);

-- keyed: the same person has the same key in one home and no other; the key never leaves the machine
create or replace macro pseudonym(s) as
    case when s is not null then substr(sha256(sha256(getvariable('pseudonym_key') || s) || getvariable('pseudonym_key')), 1, 24) end;

-- the days of a period that reference/periods.csv names; NULL where it does not
create schema if not exists reference;

create table if not exists reference.periods (period varchar, start_date date, end_date date);

create or replace macro period_start(p) as (select max(start_date) from reference.periods where period = p);

create or replace macro period_end(p) as (select max(end_date) from reference.periods where period = p);
