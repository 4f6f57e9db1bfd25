"""The published pages as a reader meets them: opened from disk in a real browser."""

import re
from itertools import pairwise

import duckdb
import plotly.graph_objects as go
import pytest
from federation import MAY, gift, member, sheet
from playwright.sync_api import sync_playwright

from assets.charts import QUALITY, TOPICS, charts
from pipelines.page_index import KPIS
from pipelines.page_parts import STATES, for_script, hundred
from pipelines.page_quality import context as quality
from pipelines.page_quality import percent, sentence, trend
from pipelines.vietnamese import number

ARGS = ["--no-sandbox", "--disable-gpu", "--disable-background-networking", "--disable-component-update", "--disable-sync"]
DESK, PHONE = {"width": 1280, "height": 800}, {"width": 390, "height": 844}
INDEX, QUALITY_PAGE = "index.html", "chat_luong.html"
THOSE = {INDEX: TOPICS, QUALITY_PAGE: QUALITY}  # page → topics of its charts


@pytest.fixture(scope="module")
def browser():
    with sync_playwright() as p:
        chromium = p.chromium.launch(executable_path="/usr/bin/chromium", args=ARGS)
        yield chromium
        chromium.close()


@pytest.fixture
def visit(browser):
    """Opens a home's page and notes what the console said and what was asked of the network."""
    contexts = []

    def visit(home, viewport, which=INDEX):
        context = browser.new_context(viewport=viewport)
        contexts.append(context)
        page = context.new_page()
        page.said, page.asked = [], []
        page.on("console", lambda m: page.said.append(m.text))
        page.on("pageerror", lambda e: page.said.append(str(e)))
        page.on("request", lambda r: page.asked.append(r.url))
        page.goto((home / "public" / which).as_uri(), wait_until="load")
        return page

    yield visit
    for context in contexts:
        context.close()


@pytest.mark.slow
@pytest.mark.browser
@pytest.mark.parametrize("viewport", [DESK, PHONE], ids=["desk", "phone"])
@pytest.mark.parametrize("home", ["demo_home", "open_home"])
@pytest.mark.parametrize("which", THOSE)
def test_it_opens_from_disk_in_silence_and_fits_the_screen(visit, viewport, home, which, request):
    page = visit(request.getfixturevalue(home), viewport, which)
    assert page.said == []
    assert [url for url in page.asked if not url.startswith(("file:", "data:"))] == []
    assert sum(url.endswith("/plotly.min.js") for url in page.asked) == 1
    assert page.evaluate("document.documentElement.scrollWidth") == viewport["width"]


@pytest.mark.slow
@pytest.mark.browser
def test_tiles_say_what_metrics_says(visit, demo_home, demo_figures):
    page = visit(demo_home, DESK)
    shown = {m: page.locator(f"#tile-{m} b").inner_text() for m in KPIS}
    assert shown == {
        m: number(demo_figures[m]["value"], 2) + "%" if demo_figures[m]["unit"] == "percent" else number(demo_figures[m]["value"])
        for m in KPIS
    }
    assert (shown["members_total"], shown["aid_gifts_total"]) == ("26.062", "5.506")


@pytest.mark.slow
@pytest.mark.browser
@pytest.mark.parametrize("viewport", [DESK, PHONE], ids=["desk", "phone"])
@pytest.mark.parametrize("which", THOSE)
def test_every_chart_is_drawn_inside_its_frame_in_vietnamese_style(visit, demo_home, viewport, which):
    page = visit(demo_home, viewport, which)
    assert {f.get_attribute("id") for f in page.locator("figure").all()} == {f"chart-{name}" for name in charts(THOSE[which])}
    for name in charts(THOSE[which]):
        plot = page.locator(f"#plot-{name}")
        assert plot.locator("svg .bars path, svg .scatterlayer path.js-line").count() > 0, name
        frame, drawn = plot.bounding_box(), plot.locator("svg.main-svg").first.bounding_box()
        assert abs(drawn["width"] - frame["width"]) < 2, name
        texts = plot.locator("svg text").all_text_contents()
        numbers = [t.strip() for t in texts if re.fullmatch(r"[\d.,]+[kMGB]?", t.strip())]
        assert numbers, name
        assert [t for t in numbers if not re.fullmatch(r"\d{1,3}(\.\d{3})*(,\d+)?", t)] == [], name


@pytest.mark.slow
@pytest.mark.browser
def test_a_chart_and_its_table_hold_the_same_numbers(visit, demo_home):
    page = visit(demo_home, DESK)
    drawn = page.evaluate("document.getElementById('plot-members_by_union').data[0].x")
    page.locator("#chart-members_by_union summary").click()
    table = page.locator("#chart-members_by_union tbody tr td:nth-child(2)").all_inner_texts()
    assert table == [number(n) for n in drawn]
    assert len(drawn) == 11


@pytest.mark.slow
@pytest.mark.browser
def test_the_matrix_names_the_state_of_twelve_senders_each_month(visit, demo_home):
    page = visit(demo_home, DESK)
    rows = page.locator("#bang-nop tbody tr")
    months = page.locator("#bang-nop thead th").all_inner_texts()[1:]
    assert months == ["12/2022", "01/2023", "02/2023", "03/2023", "04/2023", "05/2023"]
    cells = {row.locator("th").inner_text(): row.locator(".word").all_inner_texts() for row in rows.all()}
    assert len(cells) == 12
    assert {len(states) for states in cells.values()} == {len(months)}
    assert {s for states in cells.values() for s in states} <= {word for _, word in STATES.values()}
    assert cells["LĐLĐ huyện Sì Lưởng"] == ["trễ hạn"] * 6


@pytest.mark.slow
@pytest.mark.browser
def test_every_open_finding_is_counted_and_every_sender_named(visit, open_home):
    page = visit(open_home, DESK)
    for more in page.locator("section[aria-labelledby=can-xem] summary").all():
        more.click()
    found = [int(t) for t in page.locator("section[aria-labelledby=can-xem] td[data-label='Số chỗ']").all_inner_texts()]
    planted = len((open_home / "planted_errors.csv").read_text("utf-8").splitlines()) - 1
    assert sum(found) == planted
    assert page.get_by_text(f"Còn {planted} chỗ").is_visible()
    assert page.locator("#bang-nop .state.missing").count() > 0


@pytest.mark.slow
@pytest.mark.browser
@pytest.mark.parametrize("which", THOSE)
def test_a_reader_without_eyes_or_mouse_finds_everything(visit, demo_home, which):
    page = visit(demo_home, DESK, which)
    levels = [int(h.evaluate("h => h.tagName[1]")) for h in page.locator("h1, h2, h3").all()]
    assert levels[0] == 1
    assert levels.count(1) == 1
    assert all(after - before <= 1 for before, after in pairwise(levels))
    assert page.locator("table:not(:has(caption))").count() == 0
    assert page.locator("thead th:not([scope=col]), tbody th:not([scope=row])").count() == 0
    labels = [p.get_attribute("aria-label") for p in page.locator(".plot[role=img]").all()]
    assert len(set(labels)) == len(charts(THOSE[which]))
    assert page.locator("html").get_attribute("lang") == "vi"
    assert [a.get_attribute("href") for a in page.locator("nav").first.locator("a").all()] == [INDEX, QUALITY_PAGE]
    for link in page.locator("nav a[href^='#'], .skip").all():
        assert page.locator(link.get_attribute("href")).count() == 1
    page.keyboard.press("Tab")
    assert page.evaluate("document.activeElement.className") == "skip"


@pytest.mark.slow
@pytest.mark.browser
def test_on_paper_charts_are_as_wide_as_the_paper_and_grow_back(visit, demo_home):
    page = visit(demo_home, DESK)
    width = "[...document.querySelectorAll('.plot')].map(p => p._fullLayout.width)"
    before = page.evaluate(width)
    page.evaluate("dispatchEvent(new Event('beforeprint'))")
    assert set(page.evaluate(width)) == {640}
    page.evaluate("dispatchEvent(new Event('afterprint'))")
    page.wait_for_function(f"JSON.stringify({width}) === '{str(before).replace(' ', '')}'")


@pytest.mark.slow
def test_no_persons_name_stands_on_the_page(demo_home):
    con = duckdb.connect(str(demo_home / "warehouse.duckdb"), read_only=True)
    names = {n for (n,) in con.execute("select distinct full_name from core.member where full_name is not null").fetchall()}
    con.close()
    html = "".join((demo_home / "public" / which).read_text("utf-8") for which in THOSE)
    assert len(names) > 1000
    assert sum(n in html for n in names) == 0  # a count: names stay out of this test's output too


@pytest.mark.slow
@pytest.mark.browser
def test_a_home_without_returns_has_a_page_that_says_so(visit, congdoan, tmp_path):
    for command in ("init", "refresh"):
        done = congdoan(command, home=tmp_path)
        assert done.returncode == 0, done.stderr
    for which in THOSE:
        page = visit(tmp_path, PHONE, which)
        assert page.said == []
        assert page.get_by_text("Chưa có báo cáo nào đến hạn").is_visible()


def test_text_cannot_leave_its_script_element():
    text = for_script(go.Figure(go.Bar(x=["</script><script>alert(1)</script>"], y=[1])).to_plotly_json())
    assert "<" not in text
    assert "\\u003c/script" in text


def test_every_chart_says_what_it_is():
    for chart in charts().values():
        assert chart.topic in TOPICS | QUALITY
        assert chart.title
        assert not chart.title.endswith(".")
        assert chart.note.endswith(".")
        assert chart.unit


# ---- the page on quality


@pytest.fixture
def ask():
    """SQL over the public copy of a home; texts as a page writes numbers."""

    def ask(home, sql):
        with duckdb.connect(str(home / "public" / "warehouse.duckdb"), read_only=True) as con:
            return [tuple(number(v) if isinstance(v, int) else v for v in row) for row in con.execute(sql).fetchall()]

    return ask


COUNTED = """count(f.finding_id) filter (where f.state = 'open'), count(f.finding_id) filter (where f.state = 'fixed'),
    count(f.finding_id) filter (where f.state = 'accepted_as_is')"""


@pytest.mark.slow
@pytest.mark.browser
@pytest.mark.parametrize("home", ["demo_home", "open_home"])
def test_every_rule_stands_there_with_its_numbers(visit, ask, home, request):
    home = request.getfixturevalue(home)
    page = visit(home, DESK, QUALITY_PAGE)
    tiles = tuple(page.locator(f"#tile-{t} b").inner_text() for t in ("open", "fixed", "accepted_as_is", "rules"))
    counts = ask(home, f"select {COUNTED} from quality.finding f where f.caused_by is null")[0]
    assert tiles == (*counts, *ask(home, "select count(*) from quality.rule")[0])
    shown = page.evaluate("""[...document.querySelectorAll('table.rules tbody tr')].map(r =>
        [r.id, r.cells[1].textContent.trim(), ...[3, 4, 5].map(i => r.cells[i].textContent.trim()), r.querySelector('.last').textContent])""")
    asked = ask(
        home,
        f"""select r.check_id, case r.severity when 'critical' then 'phải sửa' when 'warning' then 'cần xem lại' else 'để biết' end, {COUNTED},
            (select arg_max(failing_rows, refreshed_at) from quality.check_result c where c.check_id = r.check_id)
        from quality.rule r left join quality.finding f on f.check_id = r.check_id and f.caused_by is null group by r.check_id, r.severity""",
    )
    assert sorted(map(tuple, shown)) == sorted(asked)
    causes = page.locator("#bang-nguyen-nhan td[data-label='Số lỗi']").all_inner_texts()
    most = "select count(*) from quality.finding where caused_by is null group by check_id order by 1 desc limit 10"
    assert causes == [n for (n,) in ask(home, most)]


@pytest.mark.slow
@pytest.mark.browser
def test_faults_over_time_and_by_unit_are_those_of_the_public_copy(visit, ask, demo_home):
    page = visit(demo_home, DESK, QUALITY_PAGE)
    for column, name in (("first_seen_at", "Mới phát hiện"), ("resolved_at", "Đã sửa xong")):
        drawn = page.evaluate("n => { const t = document.getElementById('plot-findings_over_time').data.find(t => t.name === n); return t.x.map((x, i) => [x, t.y[i]]) }", name)  # fmt: skip
        by_day = f"select strftime({column}, '%d/%m/%Y'), count(*) from quality.finding where caused_by is null and {column} is not null group by 1"
        assert sorted((day, number(n)) for day, n in drawn if n) == sorted(ask(demo_home, by_day))
    rows = page.evaluate("[...document.querySelectorAll('#chart-findings_by_unit tbody tr')].map(r => r.cells[2].textContent)")
    by_unit = (
        "select count(*) from quality.finding where state = 'fixed' and caused_by is null group by unit_code order by 1 desc"
    )
    assert rows == [n for (n,) in ask(demo_home, by_unit)]


@pytest.mark.slow
@pytest.mark.browser
def test_shares_of_each_month_are_those_of_the_returns_and_add_to_a_hundred(visit, ask, open_home):
    page = visit(open_home, DESK, QUALITY_PAGE)
    shares = [row.locator("td").all_inner_texts() for row in page.locator("#bang-nop tfoot tr").all()]
    months = ask(open_home, """select count(*) filter (where status = 'on_time'), count(*) filter (where status = 'late'),
        count(*) filter (where status = 'missing') from marts.return_status group by period order by period""")  # fmt: skip
    assert len(months) == len(shares[0])
    for said, counted in zip(zip(*shares, strict=True), months, strict=True):
        tenths = [int(s.removesuffix("%").replace(",", "")) for s in said]
        due = sum(map(int, counted))
        assert sum(tenths) == 1000
        assert all(abs(t - 1000 * int(n) / due) < 1 for t, n in zip(tenths, counted, strict=True))


def test_percents_add_to_a_hundred():
    assert hundred([1, 1, 1]) == [33.4, 33.3, 33.3]
    assert hundred([0, 5, 0]) == [0.0, 100.0, 0.0]
    assert hundred([0, 0]) == [0.0, 0.0]
    assert hundred([]) == []


def test_what_waits_is_told_of_the_union_above_with_most_to_mend_first(federation):
    wrong = {"full_name": None}
    federation.send(f"{MAY}/an.xlsx", sheet("members", "MM-A", [member("MM-A-01", n, income_vnd=7) for n in (1, 2)]))
    federation.send(f"{MAY}/b.xlsx", sheet("members", "MM-B", [member("MM-B-01") | wrong, member("MM-B-01", 2) | wrong]))
    federation.send(f"{MAY}/a1.xlsx", sheet("aid", "MM-A-01", [gift("MM-A-01", gift_count=2)]))
    federation.send(f"{MAY}/c.xlsx", sheet("members", "MM-C-01", [member("MM-C-01") | wrong]))
    federation.refresh()
    with duckdb.connect(str(federation.home.published), read_only=True) as con:
        shown = quality(con)["waiting"]
    assert [tuple(r.values()) for r in shown] == [
        ("LĐLĐ huyện Bình", "05/2023", "Đoàn viên", "2", "–"),
        ("LĐLĐ huyện An", "05/2023", "Chăm lo", "1", "–"),
        ("LĐLĐ huyện An", "05/2023", "Đoàn viên", "–", "2"),
        ("CĐCS Bệnh viện Tưởng Tượng", "05/2023", "Đoàn viên", "1", "–"),
    ]


def test_equal_counts_have_equal_shares():
    assert [percent(n, 14) for n in (1, 1, 2, 10)] == [7.1, 7.1, 14.3, 71.4]
    assert [percent(n, 8) for n in (1, 7)] == [12.5, 87.5]
    assert percent(1, 16) == 6.3  # half up


def test_a_rule_reads_as_a_sentence_and_its_trend_as_words():
    assert sentence("…", None) == "Không đọc được nội dung."
    assert sentence("…, xin ghi một số nguyên.", "Số gian") == "Cột «Số gian»: không đọc được nội dung, xin ghi một số nguyên."
    assert [trend(t)["word"] for t in ([], [3], [3, 3], [1500, 3], [0, 3, 9])] == [
        "lần đầu",
        "lần đầu",
        "không đổi",
        "tăng 1.497",
        "giảm 3",
    ]
