-- The functions whose meaning differs between engines, defined once for DuckDB; models and rules call only these
-- and the plain functions that the lint in pipelines/models.py allows. One statement a paragraph.

create or replace macro vn_trim(s) as trim(s);  -- every Unicode space, no-break space included

-- white space made single spaces; the pattern spares what is one already, which is faster than replacing it by itself
create or replace macro vn_squash(s) as nullif(trim(regexp_replace(nfc_normalize(s), '[\s\p{Z}]{2,}|[\t\n\f\r\x{a0}\x{1680}\x{2000}-\x{200a}\x{2028}\x{2029}\x{202f}\x{205f}\x{3000}]', ' ', 'g')), '');

create or replace macro vn_key(s) as
    trim(regexp_replace(replace(replace(strip_accents(lower(s)), 'đ', 'd'), 'ð', 'd'), '[\s\p{Z}]{2,}|[\t\n\f\r\x{a0}\x{1680}\x{2000}-\x{200a}\x{2028}\x{2029}\x{202f}\x{205f}\x{3000}]', ' ', 'g'));

-- what a line of a list is called, without the bullet before it and the remark in brackets behind
create or replace macro vn_label_key(s) as regexp_replace(regexp_replace(vn_key(s), ' ?\([^()]*\)$', ''), '^([-+*•.]+|[0-9]{1,2}[.)]|[a-z][.)]) ?', '');

create or replace macro matches(s, pattern) as regexp_matches(s, pattern);

-- ---- what a cell says. Each parser has one contract, for any engine: it takes vn_squash(text), never fails, and for text that
-- is not empty exactly one of value and why is not NULL. A why is a key of expectations/unreadable.yml. Fast paths come first;
-- `list_transform([x], lambda k: …)[1]` names x, so that it is worked out once.

-- the key with one spelling of digits and signs: full-width, dashes and minus, apostrophes (they group, as a space does), ₫, ²
create or replace macro vn_plain(s) as vn_key(translate(s, '０１２３４５６７８９．，／－−–—＋（）％’''₫²', '0123456789.,/----+()%  d2'));

-- a number's plain text with its sign in front: «(1.000)» → «-1.000», «+ 5» → «5»
create or replace macro vn_number_key(s) as regexp_replace(
    regexp_replace(vn_plain(s), '^\(([0-9][^()]*)\)( ?[a-z]*)$', '-\1\2'), '^(?:[+] ?|(-) )([0-9])', '\1\2');

-- without its scale and unit: «1,4 ty dong» → «1,4»
create or replace macro vn_bare_number(k) as
    regexp_replace(k, '([0-9]) ?(?:(?:nghin |ngan )?t[yi]|trieu|tr|nghin|ngan|k)?(?: ?(?:dong|vnd|d|m2)[.]?)?$', '\1');

create or replace macro vn_scale(k) as
    coalesce(map {'nghin ty': 1000000000000, 'nghin ti': 1000000000000, 'ngan ty': 1000000000000, 'ngan ti': 1000000000000, 'ty': 1000000000, 'ti': 1000000000, 'trieu': 1000000, 'tr': 1000000, 'nghin': 1000, 'ngan': 1000, 'k': 1000}[
        regexp_extract(k, '[0-9] ?((?:nghin |ngan )?t[yi]|trieu|tr|nghin|ngan|k)?(?: ?(?:dong|vnd|d|m2)[.]?)?$', 1)], 1);

-- digits, and a point before decimals. Dots, spaces or two and more commas group thousands, a group never opens with 0; a comma or
-- point with other than three digits behind opens decimals; NULL for the rest, «1,234» and «1234,567» among it: they are ambiguous.
create or replace macro vn_decimal_text(n) as case
    when regexp_matches(n, '^-?[0-9]+$') then n
    when regexp_matches(n, '^-?[1-9][0-9]{0,2}([.][0-9]{3})+(,[0-9]+)?$') then replace(replace(n, '.', ''), ',', '.')
    when regexp_matches(n, '^-?[1-9][0-9]{0,2}( [0-9]{3})+([.,][0-9]+)?$') then replace(replace(n, ' ', ''), ',', '.')
    when regexp_matches(n, '^-?[1-9][0-9]{0,2}((,[0-9]{3}){2,}([.][0-9]+)?|,[0-9]{3}[.][0-9]+)$') then replace(n, ',', '')
    when regexp_matches(n, '^-?([0-9]+,([0-9]{1,2}|[0-9]{4,})|[0-9]+[.]([0-9]{1,2}|[0-9]{3,}[1-9])|0[.,][0-9]+)$') then replace(n, ',', '.') end;

-- «3 tỷ 200 triệu», «1 triệu 500 nghìn»: whole parts, each smaller scale below 1000; «4 triệu rưỡi», «4tr5», «1 tỷ 2»: tenths of the scale
create or replace macro vn_number_in_parts(k) as case
    when regexp_matches(k, '^([0-9]{1,6} ?t[yi])?( ?[0-9]{1,3} ?(trieu|tr))?( ?[0-9]{1,3} ?(nghin|ngan|k))?( ?(dong|vnd|d)[.]?)?$')
        and regexp_matches(k, '[a-z] ?[0-9]')
    then coalesce(try_cast(regexp_extract(k, '([0-9]+) ?t[yi]', 1) as bigint), 0) * 1000000000
        + coalesce(try_cast(regexp_extract(k, '([0-9]+) ?tr', 1) as bigint), 0) * 1000000
        + coalesce(try_cast(regexp_extract(k, '([0-9]+) ?[nk]', 1) as bigint), 0) * 1000
    when regexp_matches(k, '^[0-9]{1,6} ?(?:(?:t[yi]|trieu|tr|nghin|ngan) ?ruoi|(?:t[yi]|trieu|tr) ?[0-9])(?: ?(?:dong|vnd|d)[.]?)?$')
    then list_transform([vn_scale('1 ' || regexp_extract(k, '^[0-9]+ ?(t[yi]|trieu|tr|nghin|ngan)', 1))], lambda m:
        cast(regexp_extract(k, '^[0-9]+') as bigint) * m + coalesce(try_cast(regexp_extract(k, '[a-z] ?([0-9])', 1) as bigint), 5) * m // 10)[1] end;

-- decimal(38, 4), rounded to four decimals; at most 20 digits before the scale, so that no product leaves the range.
-- A range, «hơn 400», «50%» and «1e6» (Excel's short form, which has lost digits) are no values.
create or replace macro vn_number(s) as case
    when s is null then null
    when regexp_matches(s, '^-?[0-9]{1,17}$') then try_cast(s as decimal(38, 4))
    when regexp_matches(s, '^-?[0-9]+,[0-9]{1,2}$') then cast(try_cast(replace(s, ',', '.') as decimal(24, 4)) as decimal(38, 4))
    else list_transform([vn_number_key(s)], lambda k: coalesce(
        cast(list_transform([vn_bare_number(k)], lambda n: try_cast(vn_decimal_text(n) as decimal(24, 4)))[1] * vn_scale(k) as decimal(38, 4)),
        cast(vn_number_in_parts(k) as decimal(38, 4))))[1] end;

create or replace macro vn_number_why(s) as case
    when coalesce(vn_key(s), '') = '' or vn_number(s) is not null then null
    else list_transform([vn_number_key(s)], lambda k: case
        when starts_with(k, '#') then 'error'
        when not regexp_matches(k, '[0-9]') then 'no_digits'
        when contains(k, '%') then 'percent'
        when regexp_matches(k, '^-?[0-9.,]+ ?e ?[+-]?[0-9]+$') then 'scientific'
        when regexp_matches(k, '^-?([0-9]{1,3},[0-9]{3}|[0-9]{4,}[.,][0-9]{3})$') then 'ambiguous'
        when vn_bare_number(k) <> k and regexp_matches(vn_bare_number(k), '^-?([0-9]{1,3},[0-9]{3}|[0-9]{4,}[.,][0-9]{3})$') then 'ambiguous'
        when regexp_matches(k, '[0-9][a-z0-9 ]*(-|/|;|:|&|[+]|, | x | den | toi | va | hoac )[a-z ]*[0-9]') then 'several'
        when regexp_matches(k, '[~≈±<>≤≥]|^[a-z ]*\b(hon|khoang|gan|tren|duoi|tu|it nhat|nhieu nhat|toi da|toi thieu|chung|uoc|den)\b') then 'approximate'
        when vn_decimal_text(vn_bare_number(k)) is not null then 'too_large'
        when regexp_matches(vn_bare_number(k), '^[0-9 .,+()-]+$') then 'grouping'
        else 'words' end)[1] end;

-- a figure of a list of indicators may bear what it counts: «1.250 lượt», «3 giải»
create or replace macro vn_figure(s) as coalesce(vn_number(s), vn_number(
    regexp_replace(vn_key(s), '([0-9]) ?(luot|luot nguoi|nguoi|giai|tap the|ca nhan|cong trinh|ct|phan viec|don vi|cdcs|cong doan|doan vien|sang kien|lop|cuoc|buoi|bai|khoa|mo hinh|suat|phong|gian)[.]?$', '\1')));

create or replace macro vn_figure_why(s) as case when vn_figure(s) is null then vn_number_why(s) end;

-- whether a figure says that there is none
create or replace macro vn_says_none(s) as regexp_matches(vn_key(s), '^(-|/|(khong|chua)( co)?( phat sinh)?)$');

-- for counts and money: whole and below 10^15, so that products stay in range; a sign is the form's to judge
create or replace macro vn_whole(s) as case
    when s is null then null
    when regexp_matches(s, '^-?[0-9]{1,15}$') then try_cast(s as bigint)
    when regexp_matches(s, '^[1-9][0-9]{0,2}([.][0-9]{3}){1,4}$') then try_cast(replace(s, '.', '') as bigint)
    else list_transform([vn_number(s)], lambda n: case when n = floor(n) and abs(n) < 1000000000000000 then cast(n as bigint) end)[1] end;

create or replace macro vn_whole_why(s) as case
    when vn_whole(s) is not null then null
    else list_transform([vn_number(s)], lambda n: case
        when n is null then vn_number_why(s)
        when abs(n) >= 1000000000000000 then 'too_large'
        else 'fraction' end)[1] end;

-- whole numbers with their unit judged: no money or area is a count, no area is money
create or replace macro vn_written_unit(s) as
    regexp_extract(vn_number_key(s), '[0-9] ?(t[yi]|trieu|tr|nghin|ngan|k|dong|vnd|d|m2)(?: ?(?:dong|vnd|d))?[.]?$', 1);

-- «5 suất quà», «12 người»: the word says what is counted, which the column does too
create or replace macro vn_count(s) as case
    when regexp_matches(s, '^-?[0-9.]+$') then vn_whole(s)
    else list_transform([regexp_replace(vn_key(s), '([0-9]) ?(suat|phan|nguoi|ho|phong|gian)( qua)?[.]?$', '\1')], lambda k: case when vn_written_unit(k) = '' then vn_whole(k) end)[1] end;

create or replace macro vn_count_why(s) as case
    when vn_count(s) is not null then null
    when vn_whole(s) is not null then 'unit'
    else vn_whole_why(s) end;

-- «500.000đ/người», «9.500.000 đồng/tháng», «500.000 (năm trăm nghìn)», «1.500.000.»: the same sum without what stands behind
create or replace macro vn_sum_alone(s) as regexp_replace(regexp_replace(vn_plain(s), '( ?/ ?(1 |mot )?(suat|nguoi|phan|ho|thang))+[.]?$', ''),
    ' ?[(][^0-9()]*(nghin|ngan|trieu|tram|muoi|dong)[^0-9()]*[)][.]?$|([0-9]{3})[.]$', '\2');

create or replace macro vn_money(s) as case
    when regexp_matches(s, '^-?[0-9.]+$') then coalesce(vn_whole(s), vn_whole(vn_sum_alone(s)))
    when vn_written_unit(vn_sum_alone(s)) <> 'm2' then coalesce(vn_whole(s), vn_whole(vn_sum_alone(s))) end;

create or replace macro vn_money_why(s) as case
    when vn_money(s) is not null then null when vn_whole(s) is not null then 'unit' else vn_whole_why(s) end;

-- a date's plain text without time of day, words and stray spaces: «Ngày 15 tháng 8 năm 1985» → «15/8/1985»
create or replace macro vn_date_key(s) as
    regexp_replace(regexp_replace(regexp_replace(regexp_replace(regexp_replace(vn_plain(s),
        '([0-9])[ t][0-9]{1,2}:[0-9]{2}(:[0-9]{2}([.][0-9]+)?)? ?(z|am|pm|sa|ch)?$', '\1'),
        ' ?([-/.]) ?([0-9])', '\1\2', 'g'),
        '^(?:ngay )?([0-9]{1,2}) ?thang ?([0-9]{1,2})(?:[ ,]*nam ?|, ?|[ /-])([0-9]{2,4})$', '\1/\2/\3'),
        '^(?:thang ?|t)([0-9]{1,2})[ ,]*nam ?([0-9]{4})$', '\1/\2'),
        '^(?:ngay ?|thang ?|nam ?|t)?([0-9][0-9/.-]*?)[ .,;]*$', '\1');

-- year[-month[-day]] as the text states it, the date possible or not; NULL where the text has no form of ours. Vietnamese order,
-- one kind of separator; years 00–29 are 20xx and 30–99 are 19xx; 15081985 too, since no reading of it as yyyymmdd exists; five
-- digits are days of Excel's 1900 system, which they can only be.
create or replace macro vn_date_stated(s) as list_transform([vn_date_key(s)], lambda k: case
    when regexp_matches(k, '^[0-9]+(/[0-9]+)+$|^[0-9]+(-[0-9]+)+$|^[0-9]{1,4}([.][0-9]+)+$') then list_transform([translate(k, '.-', '//')], lambda d: case
        when regexp_matches(d, '^[0-9]{1,2}/[0-9]{1,2}/[0-9]{4}$') then regexp_replace(d, '(.*)/(.*)/(.*)', '\3-\2-\1')
        when regexp_matches(d, '^[0-9]{4}/[0-9]{1,2}(/[0-9]{1,2})?$') then replace(d, '/', '-')
        when regexp_matches(d, '^[0-9]{1,2}/[0-9]{4}$') then regexp_replace(d, '(.*)/(.*)', '\2-\1')
        when regexp_matches(d, '^[0-9]{1,2}/[0-9]{1,2}/[0-2][0-9]$') then regexp_replace(d, '(.*)/(.*)/(.*)', '20\3-\2-\1')
        when regexp_matches(d, '^[0-9]{1,2}/[0-9]{1,2}/[3-9][0-9]$') then regexp_replace(d, '(.*)/(.*)/(.*)', '19\3-\2-\1') end)[1]
    when regexp_matches(k, '^[0-9]{4}$') then k
    when regexp_matches(k, '^[1-7][0-9]{4}([.,][0-9]+)?$') then strftime(date '1899-12-30' + try_cast(substr(k, 1, 5) as integer), '%Y-%m-%d')
    when regexp_matches(k, '^(19|20)[0-9]{2}(0[1-9]|1[0-2])$') then regexp_replace(k, '^(....)(..)$', '\1-\2')
    when regexp_matches(k, '^(19|20)[0-9]{2}(0[1-9]|1[0-2])[0-9]{2}$') then regexp_replace(k, '^(....)(..)(..)$', '\1-\2-\3')
    when regexp_matches(k, '^[0-9]{4}(19|20)[0-9]{2}$') then regexp_replace(k, '^(..)(..)(....)$', '\3-\2-\1') end)[1];

-- a partial date is its first day; years 1900 to 2100
create or replace macro vn_date(s) as case
    when s is null then null
    when regexp_matches(s, '^(19|20)[0-9]{2}-[0-9]{2}-[0-9]{2}$') then try_cast(s as date)
    when regexp_matches(s, '^[0-9]{1,2}/[0-9]{1,2}/(19|20)[0-9]{2}$') then cast(try_strptime(s, '%d/%m/%Y') as date)
    when regexp_matches(s, '^(0?[1-9]|1[0-2])/(19|20)[0-9]{2}$') then cast(try_strptime('1/' || s, '%d/%m/%Y') as date)
    when regexp_matches(s, '^(19|20)[0-9]{2}$') then try_cast(s || '-01-01' as date)
    else list_transform([vn_date_stated(s)], lambda d: case
        when substr(d, 1, 4) not between '1900' and '2100' then null
        when regexp_matches(d, '^[0-9]{4}$') then try_cast(d || '-01-01' as date)
        when regexp_matches(d, '^[0-9]{4}-[0-9]+$') then try_cast(d || '-01' as date)
        else try_cast(d as date) end)[1] end;

-- day, month or year; NULL without a date
create or replace macro vn_date_precision(s) as case
    when vn_date(s) is null then null
    when regexp_matches(s, '^[0-9]{4}-[0-9]{2}-[0-9]{2}$|^[0-9]{1,2}/[0-9]{1,2}/[0-9]{4}$') then 'day'
    when regexp_matches(s, '^[0-9]{1,2}/[0-9]{4}$') then 'month'
    when regexp_matches(s, '^[0-9]{4}$') then 'year'
    else list_transform([vn_date_stated(s)], lambda d: case
        when regexp_matches(d, '^[0-9]{4}$') then 'year'
        when regexp_matches(d, '^[0-9]{4}-[0-9]+$') then 'month'
        else 'day' end)[1] end;

create or replace macro vn_date_why(s) as case
    when coalesce(vn_key(s), '') = '' or vn_date(s) is not null then null
    when vn_date_stated(s) is not null then list_transform([string_split(vn_date_stated(s), '-')], lambda d: case
        when d[1] not between '1900' and '2100' then 'year'
        when cast(d[2] as integer) not between 1 and 12 and cast(d[3] as integer) between 1 and 12 and cast(d[2] as integer) between 13 and 31 then 'swapped'
        when cast(d[2] as integer) not between 1 and 12 then 'month'
        else 'day' end)[1]
    else list_transform([vn_date_key(s)], lambda k: case
        when starts_with(k, '#') then 'error'
        when not regexp_matches(k, '[0-9]') then 'no_digits'
        when regexp_matches(k, '^[0-9]{1,2}[-/.][0-9]{1,2}[-/.]([0-9]{3}|[0-9]{5,})$') then 'year'
        when regexp_matches(k, '^(ngay )?[0-9]{1,2}([-/.]| ?thang ?)[0-9]{1,2}$') then 'no_year'
        when regexp_matches(k, '[0-9]{4}\b.*\b[0-9]{4}|^[0-9]{1,2} ?[-,;&+] ?[0-9]{1,2}/|[0-9] ?(;|&|, | den | toi | va | hoac ).*[0-9]|[0-9] .*[0-9][-/.][0-9]') then 'several'
        else 'format' end)[1] end;

-- «Tháng CN 2023», «Tết năm 2023» is the same answer every year
create or replace macro vn_code_key(s) as regexp_replace(
    regexp_replace(regexp_replace(vn_key(s), ' ?([-/]) ?', '\1', 'g'), '[ .,;]+$', ''), '([a-z]) (nam )?20[0-9][0-9]$', '\1');

-- where a cell may be empty, «-» and «không tính được bằng tiền» are as good; of a code only the dash, since «Không» may be one
create or replace macro vn_no_dash(s) as case when s not in ('-', '–', '—', '/', '//', '.', '..', '...') then s end;
create or replace macro vn_said(s) as case when ascii(s) between 48 and 57 then s when not (vn_says_none(s)
    or regexp_matches(vn_key(s), '^([-–—./]+|khong (the )?(tinh|quy)( duoc)?( (ra|thanh|bang))* tien|(khong|chua) xac dinh)$')) then s end;

-- «NLT-A-01», «nlt a 01» are one code of a house or model
create or replace macro model_key(s) as nullif(trim(regexp_replace(vn_key(s), '[^a-z0-9]+', ' ', 'g')), '');

-- empty is no; a word that needs a guess («sắp vào», «đoàn viên», «-») is neither
create or replace macro vn_yes(s) as case
    when s is null then false
    when s in ('x', 'X') then true
    else list_transform([vn_code_key(s)], lambda k: case
        when k in ('x', 'co', 'yes', '1', 'true', 'v', '✓', '✔', '√', '☑', 'da', 'roi', 'da co', 'da cap nhat', 'da len cong') then true
        when k in ('0', 'khong', 'no', 'false', 'chua') or vn_key(s) = '' then false end)[1] end;

create or replace macro vn_yes_why(s) as case when vn_yes(s) is null then 'unclear' end;

-- the value that stands where the key stands among the keys
create or replace macro pick(key, keys, vals) as vals[list_position(keys, key)];

-- for a message, never for a value: the one of `shown` whose spelling is a slip or a bracketed remark away, NULL when two are
create or replace macro vn_nearest(s, spelled, shown) as list_transform(
    [list_transform([regexp_replace(vn_code_key(s), ' ?[(].*$', '')], lambda k: list_distinct(list_transform(
        list_filter(range(len(spelled)), lambda i: levenshtein(k, spelled[i + 1]) <= len(spelled[i + 1]) // 4), lambda i: shown[i + 1])))[1]],
    lambda near: case when len(near) = 1 then near[1] end)[1];

-- a union card's number as compared; NULL for what is none: «chưa có», «-», a year
create or replace macro card_key(s) as case when regexp_matches(replace(vn_key(s), ' ', ''), '[0-9]{5}') then replace(vn_key(s), ' ', '') end;

create or replace macro month_of(d) as strftime(d, '%Y-%m');

create or replace macro month_end(period) as last_day(cast(period || '-01' as date));

create or replace macro month_add(period, n) as strftime(cast(period || '-01' as date) + to_months(n), '%Y-%m');

create or replace macro year_add(year, n) as cast(try_cast(year as integer) + n as varchar);

create or replace macro full_years(a, b) as cast(datesub('year', a, b) as integer);

create or replace macro days_from(a, b) as cast(datediff('day', a, b) as bigint);

create or replace macro vn_day(d) as strftime(d, '%d/%m/%Y');

create or replace macro vn_month(period) as substr(period, 6) || '/' || substr(period, 1, 4);

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
